/** What a process was writing when it died: files beside their targets, which nobody will rename any more. */
import { basename, dirname, join } from "@std/path";
import { isAside, safeName } from "../artifacts/mod.ts";
import { type RunRow, snapshotPath } from "../ledger/mod.ts";

/** A copy in a folder of the user's that was not written to for so long is nobody's any more. */
const DEAD_MS = 24 * 3600 * 1000;

/** Removes what runs whose process is dead were writing: in their own folders, and their snapshots. */
export async function removeHalfWritten(runDir: string, dead: readonly Pick<RunRow, "id" | "model_name" | "meta">[]): Promise<void> {
  if (dead.length === 0) return;
  for (const { id, model_name, meta } of dead) {
    const step = typeof meta.step === "string" ? meta.step : model_name;
    await removeBelow(join(runDir, "outputs", safeName(step), safeName(id)), isAside);
  }
  const snapshots = dead.map(({ id }) => `.${basename(snapshotPath(runDir, id))}.`);
  const isOfDead = (name: string) => name.endsWith(".tmp") && snapshots.some((start) => name.startsWith(start));
  await removeBelow(dirname(snapshotPath(runDir, dead[0]!.id)), isOfDead);
}

/** Removes old half-written copies of one file, beside it. */
export async function removeOldAsides(path: string, now: number): Promise<void> {
  const start = `${basename(path)}.`;
  const isOld = async (file: string) => now - ((await Deno.stat(file)).mtime?.getTime() ?? now) > DEAD_MS;
  await removeBelow(dirname(path), (name) => isAside(name) && name.slice(0, -"01234567.tmp".length) === start, { isOld, isDeep: false });
}

async function removeBelow(
  folder: string,
  isMeant: (name: string) => boolean,
  { isOld, isDeep = true }: { readonly isOld?: (path: string) => Promise<boolean>; readonly isDeep?: boolean } = {},
): Promise<void> {
  try {
    for await (const { name, isDirectory } of Deno.readDir(folder)) {
      const path = join(folder, name);
      if (isDirectory && isDeep) await removeBelow(path, isMeant, isOld === undefined ? {} : { isOld });
      else if (!isDirectory && isMeant(name) && (isOld === undefined || await isOld(path))) await Deno.remove(path);
    }
  } catch (error) {
    // No such folder, or another process removes the same: nothing depends on it.
    if (!(error instanceof Error)) throw error;
  }
}
