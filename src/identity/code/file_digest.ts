/** Digests of files and folders whose content counts as code. */
import { walk } from "@std/fs";
import { join, relative } from "@std/path";
import { createHash } from "node:crypto";
import { JSON } from "../../intrinsics.ts";
import { byCodePoint, sha256 } from "../digest.ts";

/** What stands for a path at which nothing is. */
export const MISSING = "MISSING";

/** The digest of a file, of a folder (sorted relative paths, each with its digest; links by their text and by what they lead to), or "MISSING". */
export async function pathDigest(path: string): Promise<string> {
  return await followed(path, []);
}

/** `around` are the real paths of the folders that this one was reached through: a link to one of them leads in a circle. */
async function followed(path: string, around: readonly string[]): Promise<string> {
  try {
    const { isDirectory } = await Deno.stat(path);
    if (!isDirectory) return await fileDigest(path);
    const real = await Deno.realPath(path);
    if (around.includes(real)) return "around";
    return await folderDigest(path, async (link) => `link ${await Deno.readLink(link)} ${await followed(link, [...around, real])}`);
  } catch (error) {
    if (error instanceof Deno.errors.NotFound || error instanceof Deno.errors.NotADirectory) return MISSING;
    throw error;
  }
}

async function folderDigest(folder: string, linkText = async (link: string) => `link ${await Deno.readLink(link)}`): Promise<string> {
  const files: [string, string][] = [];
  for await (const { path, isSymlink } of walk(folder, { includeDirs: false })) {
    files.push([relative(folder, path).replaceAll("\\", "/"), isSymlink ? await linkText(path) : await fileDigest(path)]);
  }
  return sha256(JSON.stringify(files.sort(([a], [b]) => byCodePoint(a, b))));
}

/** SHA-256 of a file's bytes, read in pieces. */
async function fileDigest(path: string): Promise<string> {
  const digest = createHash("sha256");
  using file = await Deno.open(path);
  const piece = new Uint8Array(256 * 1024);
  for (let length = await file.read(piece); length !== null; length = await file.read(piece)) digest.update(piece.subarray(0, length));
  return digest.digest("hex");
}

/** The digest of a file or link below a folder, by its relative path. */
export async function entryDigest(folder: string, path: string): Promise<string> {
  const full = join(folder, path);
  const { isSymlink, isDirectory } = await Deno.lstat(full);
  if (isSymlink) return `link ${await Deno.readLink(full)}`;
  return isDirectory ? await folderDigest(full) : await fileDigest(full);
}
