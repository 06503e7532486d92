/** The content of several files in a given order. */
import { dirname, relative } from "@std/path";
import { digestFiles, type DigestMemo, hashValue } from "../artifacts/mod.ts";

const SEPARATOR = Deno.build.os === "windows" ? "\\" : "/";

/**
 * Content and size of a list of files. Their order counts, and as in a folder their names from the folder above them all: the step gets their
 * paths, and may read a year in one. Where that folder is does not count.
 */
export async function hashOfList(files: readonly string[], memo: DigestMemo): Promise<{ readonly hash: string; readonly bytes: number }> {
  const digests = await digestFiles(files, memo);
  const folder = folderAbove(files);
  const members = digests.map(({ digest, path }) => [relative(folder, path).replaceAll("\\", "/"), digest]);
  return { hash: hashValue(members), bytes: digests.reduce((sum, digest) => sum + digest.bytes, 0) };
}

function folderAbove([first = "", ...others]: readonly string[]): string {
  let folder = dirname(first);
  const isAbove = (path: string) => path.startsWith(folder.endsWith(SEPARATOR) ? folder : folder + SEPARATOR);
  while (!others.every(isAbove) && dirname(folder) !== folder) folder = dirname(folder);
  return folder;
}
