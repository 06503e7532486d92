/** `consist kernel uninstall`: removes the kernelspec. */
import { kernelspecFolder, uninstallKernel } from "../jupyter/mod.ts";
import { type PlaceFlags, placeOf } from "./kernel_place.ts";
import type { Output } from "./output.ts";

/** Does it; `false` where there was none. */
export async function kernelUninstall(output: Output, flags: PlaceFlags): Promise<boolean> {
  const place = placeOf(flags);
  const folder = await uninstallKernel(place);
  if (folder === undefined) output.note(`There is no kernel of ours in ${await kernelspecFolder(place)}.`);
  if (folder !== undefined || output.json) output.answer({ json: () => ({ folder: folder ?? null }), text: () => `Removed ${folder}` });
  return folder !== undefined;
}
