/** `consist kernel uninstall`: removes the kernelspec. */
import { kernelspecFolder, uninstallKernel } from "../jupyter/mod.ts";
import { placeIn } from "./kernel_place.ts";

/** Does it; `false` where there was none. */
export async function kernelUninstall(args: readonly string[]): Promise<boolean> {
  const { place } = placeIn("kernel uninstall", args);
  const folder = await uninstallKernel(place);
  if (folder === undefined) console.error(`There is no kernel of ours in ${await kernelspecFolder(place)}.`);
  else console.log(`Removed ${folder}`);
  return folder !== undefined;
}
