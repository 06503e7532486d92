/** Small files beside the ledger: each is there whole or not at all. */
import { basename, dirname, join } from "@std/path";
import { ensureDir } from "@std/fs";
import { crypto, TextEncoder } from "../intrinsics.ts";
import { snapshotFailure } from "./failures.ts";

/** A file that is on the disk, and does not have its name yet. */
export interface PreparedFile {
  /** The name that it will have. */
  readonly path: string;
  /** Gives it its name; on the disk when it resolves, with its path. */
  publish(): Promise<string>;
  /** Gives it one more name, which stays whatever becomes of the first; on the disk when it resolves. */
  keepAs(other: string): Promise<void>;
  /** Takes it away again. */
  discard(): Promise<void>;
}

/** Writes a file: whole or not at all, and on the disk when it resolves. */
export async function writeWhole(path: string, text: string): Promise<string> {
  return await (await prepareFile(path, text)).publish();
}

/** Writes a file aside: it is none before it is published. */
export async function prepareFile(path: string, text: string): Promise<PreparedFile> {
  const aside = join(dirname(path), `.${basename(path)}.${crypto.randomUUID()}.tmp`);
  const discard = () => Deno.remove(aside).catch(() => {}); // it may never have been made, or have its name already
  const orNothing = async <T>(work: () => Promise<T>): Promise<T> => {
    try {
      return await work();
    } catch (error) {
      await discard();
      throw snapshotFailure(path, error);
    }
  };
  await orNothing(async () => {
    await ensureDir(dirname(path));
    await writeDurably(aside, text);
  });
  const publish = () =>
    orNothing(async () => {
      await Deno.rename(aside, path);
      await synced(dirname(path));
      return path;
    });
  const keepAs = async (other: string): Promise<void> => {
    if (linkIfPossible(aside, other)) await synced(dirname(other));
    else await writeWhole(other, text);
  };
  return { path, publish, keepAs, discard };
}

/** Writes a small file at once, while nothing else happens: whole or not at all, and on the disk when it returns. */
export function writeWholeAtOnce(path: string, text: string): void {
  const aside = join(dirname(path), `.${basename(path)}.${crypto.randomUUID()}.tmp`);
  try {
    {
      using file = Deno.openSync(aside, { write: true, createNew: true });
      const bytes = new TextEncoder().encode(text);
      for (let done = 0; done < bytes.length;) done += file.writeSync(bytes.subarray(done));
      file.syncSync();
    }
    Deno.renameSync(aside, path);
  } catch (error) {
    removeIfPossible(aside);
    throw error;
  }
  try {
    using folder = Deno.openSync(dirname(path));
    folder.syncSync();
  } catch {
    // as in `synced`
  }
}

/** Gives a file one more name, at once. Says whether it has it: there may be such a file, another disk, or one that knows no second names. */
export function linkIfPossible(file: string, name: string): boolean {
  try {
    Deno.linkSync(file, name);
    return true;
  } catch {
    return false;
  }
}

/** Removes a file or an empty folder, at once. */
export function removeIfPossible(path: string): void {
  try {
    Deno.removeSync(path);
  } catch {
    // gone already, never made, not empty, or not ours to remove
  }
}

async function writeDurably(path: string, text: string): Promise<void> {
  using file = await Deno.open(path, { write: true, createNew: true });
  const bytes = new TextEncoder().encode(text);
  for (let done = 0; done < bytes.length;) done += await file.write(bytes.subarray(done));
  await file.sync();
}

/** Forces a file to the disk, or the names in a folder: a rename is there when its folder is. */
export async function synced(path: string): Promise<void> {
  try {
    using file = await Deno.open(path);
    await file.sync();
  } catch {
    // Windows opens no folders; there the rename is in the log of the file system already.
  }
}
