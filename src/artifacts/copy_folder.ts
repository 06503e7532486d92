/** Copies whole folders: aside, looked at, renamed. */
import { basename, dirname, join, resolve } from "@std/path";
import { ContentError } from "../errors.ts";
import { crypto, JSON } from "../intrinsics.ts";
import { digestFolder } from "./digest_folder.ts";
import type { DigestMemo } from "./digest_memo.ts";
import { storageError } from "./storage_errors.ts";

/**
 * Copies all files of a folder to a path where nothing is: a reader sees nothing, or the whole folder. Folders without files are left out, as
 * they are when a folder's content is hashed.
 *
 * @throws {ContentError} `content_mismatch` where the copy has not the expected content
 * @throws {LedgerError} `storage_failed` where it cannot be written
 */
export async function copyFolder(from: string, to: string, expect: string | undefined, memo: DigestMemo): Promise<void> {
  const target = resolve(to);
  const aside = join(dirname(target), `${basename(target)}.${crypto.randomUUID().slice(0, 8)}.tmp`);
  const { files } = await digestFolder(from, memo);
  try {
    for (const { name, path } of files) {
      await Deno.mkdir(dirname(join(aside, name)), { recursive: true });
      await Deno.copyFile(path, join(aside, name));
      using copy = await Deno.open(join(aside, name), { read: true, write: Deno.build.os === "windows" });
      await copy.sync();
    }
    const { digest } = await digestFolder(aside, memo);
    if (expect !== undefined && digest !== expect) throw changed(from, expect, digest);
    await Deno.rename(aside, target);
  } catch (error) {
    await Deno.remove(aside, { recursive: true }).catch(() => {}); // it may never have been made; the first error is the one to tell
    throw error instanceof ContentError ? error : storageError(target, error);
  }
}

function changed(from: string, expect: string, found: string): ContentError {
  return new ContentError("content_mismatch", {
    problem: `Cannot copy the folder ${JSON.stringify(from)}.`,
    why: `Its copy has the hash ${found.slice(0, 12)}…, and ${expect.slice(0, 12)}… was wanted.`,
    fix: "Wait until nothing writes into it, or take another copy.",
    path: from,
  });
}
