/** `consist kernel install`: writes the kernelspec where Jupyter looks for it. */
import { installKernel } from "../jupyter/mod.ts";
import { placeIn } from "./kernel_place.ts";

/** Does it. */
export async function kernelInstall(args: readonly string[]): Promise<boolean> {
  const folder = await installKernel(placeIn("kernel install", args).place);
  console.log(`Installed "Deno (Consist)" in ${folder}`);
  console.log("Choose it in Jupyter's launcher, or for an open notebook in the kernel menu.");
  return true;
}
