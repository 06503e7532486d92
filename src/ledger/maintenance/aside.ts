/** Files beside a ledger: those that are made and then take its place, and what is left of them after a kill. */
import { basename, dirname, join } from "@std/path";
import { crypto } from "../../intrinsics.ts";
import { synced } from "../whole_file.ts";

/** A name beside the ledger for a file that is not whole yet. */
export const asideOf = (path: string): string => `${path}.${crypto.randomUUID()}.new`;

/** Files that a killed process left beside the ledger. Only whoever has the ledger's lock may remove them. */
export async function leftBeside(path: string): Promise<string[]> {
  const names = (await Array.fromAsync(Deno.readDir(dirname(path)))).map(({ name }) => name);
  const isAside = (name: string): boolean => name.startsWith(`${basename(path)}.`) && /\.[0-9a-f-]{36}\.new(?:\.wal)?$/.test(name);
  return names.filter(isAside).map((name) => join(dirname(path), name)).sort();
}

/** Removes files that may be gone. */
export async function removeAll(paths: readonly string[]): Promise<void> {
  for (const path of paths) {
    await Deno.remove(path).catch((error) => {
      if (!(error instanceof Deno.errors.NotFound)) throw error;
    });
  }
}

/** A new file takes the place of the one at a path, at once: on the disk before its name is. */
export async function takePlace(aside: string, path: string): Promise<void> {
  await synced(aside);
  await Deno.rename(aside, path);
  await synced(dirname(path));
}
