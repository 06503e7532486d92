/** The part of `jsr:@std/fs` that this project uses, over Deno's own file functions, for machines that reach no JSR. Same names, same results. */
import { basename, join } from "node:path";

/** Makes a folder and its parents where they are missing. */
export async function ensureDir(dir: string | URL): Promise<void> {
  await Deno.mkdir(dir, { recursive: true });
}

/** Does something exist at this path? */
export async function exists(path: string | URL): Promise<boolean> {
  try {
    await Deno.stat(path);
    return true;
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return false;
    throw error;
  }
}

/** The same, at once. */
export function existsSync(path: string | URL): boolean {
  try {
    Deno.statSync(path);
    return true;
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return false;
    throw error;
  }
}

/** What `walk` yields. */
export interface WalkEntry extends Deno.DirEntry {
  path: string;
}

/** Files and folders below a folder, itself first; links are not followed. */
export async function* walk(root: string, options: { includeDirs?: boolean; includeFiles?: boolean } = {}): AsyncGenerator<WalkEntry> {
  const { includeDirs = true, includeFiles = true } = options;
  if (includeDirs) yield { path: root, name: basename(root), ...kinds(await Deno.lstat(root)) };
  for await (const entry of Deno.readDir(root)) {
    const path = join(root, entry.name);
    if (entry.isDirectory) yield* walk(path, options);
    else if (includeFiles) yield { path, ...entry };
  }
}

function kinds({ isFile, isDirectory, isSymlink }: Deno.FileInfo) {
  return { isFile, isDirectory, isSymlink };
}
