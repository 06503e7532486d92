/** `consist kernel status`: where the kernelspec is, and whether what it names is there. */
import { type InstalledKernel, installedKernel, type KernelPlace } from "../jupyter/mod.ts";
import { type PlaceFlags, placeOf } from "./kernel_place.ts";
import type { Output } from "./output.ts";

/** Does it; `false` where the kernel is nowhere, or does not work somewhere. */
export async function kernelStatus(output: Output, flags: PlaceFlags): Promise<boolean> {
  const place = placeOf(flags);
  const places: KernelPlace[] = place.kind === "user" ? [place, { kind: "sys-prefix" }] : [place];
  const found = (await Promise.all(places.map(findAt))).filter((kernel) => kernel !== undefined);
  output.answer({
    json: () => found,
    text: () => found.length === 0 ? "The kernel is not installed: consist kernel install does it." : found.map(line).join("\n"),
  });
  return found.length > 0 && found.every(({ faults }) => faults.length === 0);
}

async function findAt(place: KernelPlace): Promise<InstalledKernel | undefined> {
  try {
    return await installedKernel(place);
  } catch (error) {
    if (place.kind === "sys-prefix") return undefined; // there is no Python here, so that there is no environment to look into
    throw error;
  }
}

function line({ folder, spec, faults }: InstalledKernel): string {
  const state = faults.length === 0 ? "works" : `does not work: ${faults.join("; ")}. Install it again`;
  return `${folder}\n  ${spec?.display_name ?? "?"}: ${state}\n  ${spec?.argv.join(" ") ?? ""}`.trimEnd();
}
