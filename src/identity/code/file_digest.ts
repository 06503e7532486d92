/** Digests of files and folders whose content counts as code. */
import { walk } from "@std/fs";
import { join, relative } from "@std/path";
import { createHash } from "node:crypto";
import { InputError } from "../../errors.ts";
import { JSON } from "../../intrinsics.ts";
import { byCodePoint, sha256 } from "../digest.ts";

/** What stands for a path at which nothing is. */
export const MISSING = "MISSING";

/** The digest of a file, of a folder (sorted relative paths, each with its digest; links by their text and by what they lead to; empty folders), or "MISSING". */
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
  const found: [string, string][] = [];
  const empty = new Set<string>();
  for await (const { path, isSymlink, isDirectory } of walk(folder)) {
    const name = relative(folder, path).replaceAll("\\", "/");
    if (name === "") continue;
    for (let end = name.lastIndexOf("/"); end > 0; end = name.lastIndexOf("/", end - 1)) empty.delete(name.slice(0, end));
    if (isDirectory && !isSymlink) empty.add(name);
    else found.push([name, isSymlink ? await linkText(path) : await listedDigest(path)]);
  }
  found.push(...[...empty].map((name): [string, string] => [`${name}/`, "empty"]));
  return sha256(JSON.stringify(found.sort(([a], [b]) => byCodePoint(a, b))));
}

/** A file that its folder lists and that cannot be opened has a name that is no UTF-8, or went just now: nothing says what the folder holds. */
async function listedDigest(path: string): Promise<string> {
  try {
    return await fileDigest(path);
  } catch (cause) {
    if (!(cause instanceof Deno.errors.NotFound)) throw cause;
    throw new InputError("input_unreadable", {
      problem: `Cannot read ${JSON.stringify(path)}, which counts as code.`,
      why: "Its folder lists it, and nothing is there by that name: it was removed just now, or its name is not UTF-8.",
      fix: "Give it a name in UTF-8, or name the files that count one by one.",
      path,
      cause,
    });
  }
}

/** SHA-256 of a file's bytes, read in pieces. A pipe, socket or device has no content of its own, and a pipe would be waited for without end. */
async function fileDigest(path: string): Promise<string> {
  if (!(await Deno.stat(path)).isFile) return "no ordinary file";
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
