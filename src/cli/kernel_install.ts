/** `consist kernel install`: writes the kernelspec where Jupyter looks for it. */
import { installKernel } from "../jupyter/mod.ts";
import { type PlaceFlags, placeOf } from "./kernel_place.ts";
import type { Output } from "./output.ts";

/** Does it. */
export async function kernelInstall(output: Output, flags: PlaceFlags): Promise<boolean> {
  const folder = await installKernel(placeOf(flags));
  output.answer({
    json: () => ({ folder }),
    text: () => `Installed "Deno (Consist)" in ${folder}\nChoose it in Jupyter's launcher, or for an open notebook in the kernel menu.`,
  });
  return true;
}
