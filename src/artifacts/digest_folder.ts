/** Content of folders and of all files that match a pattern: sorted relative paths, each with its digest. */
import { createHash } from "node:crypto";
import { isAbsolute, join, relative, resolve } from "@std/path";
import { InputError } from "../errors.ts";
import { digestFiles, type FileDigest, isMissing, readError } from "./digest.ts";
import type { DigestMemo } from "./digest_memo.ts";
import { readGlob, splitGlob } from "./glob.ts";

/** A file of a folder. */
export interface MemberDigest extends FileDigest {
  /** Its path from the folder, with slashes. */
  readonly name: string;
}

/** The content of several files. */
export interface TreeDigest {
  /** SHA-256 in hex over the relative paths and the digests. */
  readonly digest: string;
  /** The files, sorted by their relative paths. */
  readonly files: readonly MemberDigest[];
}

/** What of a folder counts. */
export interface FolderOptions {
  /** Patterns of relative paths that do not count; a folder that matches is not entered. */
  readonly exclude?: readonly string[];
}

/**
 * The content of all files below a folder, hidden ones too. A link counts as what it points to if that lies in the folder.
 *
 * @throws {InputError} where the folder is missing, holds no file, or has a link that leads out of it
 */
export async function digestFolder(dir: string, memo: DigestMemo, { exclude = [] }: FolderOptions = {}): Promise<TreeDigest> {
  const root = resolve(dir);
  const excluded = exclude.map(readGlob);
  const counts = (name: string) => !excluded.some((glob) => glob.matches(name));
  return await digestTree(root, memo, { enters: counts, counts }, () => {
    throw nothing(root, "The folder holds no files.", "Check that it is filled before the step runs.");
  });
}

/**
 * The content of all files that match a pattern.
 *
 * @throws {InputError} `input_missing` where nothing matches
 */
export async function digestGlob(pattern: string, memo: DigestMemo): Promise<TreeDigest> {
  const { base, rest } = splitGlob(Deno.build.os === "windows" ? pattern.replaceAll("\\", "/") : pattern);
  const glob = readGlob(rest);
  const none = (cause?: unknown) => {
    throw nothing(pattern, "No file matches the pattern.", "Check the pattern and the folder that it begins in.", cause);
  };
  try {
    return await digestTree(resolve(base), memo, { enters: (name) => glob.reaches(name), counts: (name) => glob.matches(name) }, none);
  } catch (error) {
    if (error instanceof InputError && error.code === "input_missing" && error.path === resolve(base)) return none(error);
    throw error;
  }
}

interface Choice {
  readonly enters: (folder: string) => boolean;
  readonly counts: (file: string) => boolean;
}

async function digestTree(root: string, memo: DigestMemo, choice: Choice, none: () => never): Promise<TreeDigest> {
  const members = await membersOf(root, choice);
  if (members.length === 0) none();
  const digests = await digestFiles(members.map(({ path }) => path), memo);
  const files = members.map(({ name }, index) => ({ name, ...digests[index]! }));
  const text = JSON.stringify(files.map(({ name, digest }) => [name, digest]));
  return { digest: createHash("sha256").update(text).digest("hex"), files };
}

interface Member {
  readonly name: string;
  readonly path: string;
}

/** The files that count, sorted by name. */
async function membersOf(root: string, choice: Choice): Promise<Member[]> {
  const found: Member[] = [];
  const real = await reading(root, () => Deno.realPath(root));
  const enter = async (folder: string, prefix: string): Promise<void> => {
    for (const entry of await reading(folder, () => Array.fromAsync(Deno.readDir(folder)))) {
      const [path, name] = [join(folder, entry.name), prefix + entry.name];
      if (entry.isDirectory && choice.enters(name)) await enter(path, `${name}/`);
      if (entry.isSymlink ? !(choice.counts(name) && await isFileInside(path, real)) : entry.isDirectory || !choice.counts(name)) continue;
      found.push({ name, path });
    }
  };
  await enter(root, "");
  return found.sort((one, other) => one.name < other.name ? -1 : 1);
}

/** A link to a file inside counts; one to a folder inside does not, because that folder's files count already where they are. */
async function isFileInside(path: string, root: string): Promise<boolean> {
  const target = await reading(path, () => Deno.realPath(path));
  const inner = relative(root, target);
  if (inner === ".." || /^\.\.[\\/]/.test(inner) || isAbsolute(inner)) {
    throw new InputError("input_unreadable", {
      problem: `Cannot take ${JSON.stringify(path)} as part of an input.`,
      why: `It is a link to ${JSON.stringify(target)}, outside the folder ${JSON.stringify(root)}.`,
      fix: "Replace it by a copy, or give the target as an input of its own.",
      path,
    });
  }
  return (await reading(path, () => Deno.stat(path))).isFile;
}

async function reading<T>(path: string, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    throw readError(path, error);
  }
}

function nothing(path: string, why: string, fix: string, cause?: unknown): InputError {
  return new InputError("input_missing", { problem: `Cannot read ${JSON.stringify(path)}.`, why, fix, path, cause });
}

/** What a path as an input means. */
export type PathKind = "file" | "folder" | "missing";

/** What lies at a path; a file whose name looks like a pattern is a file. */
export async function pathKind(path: string): Promise<PathKind> {
  try {
    return (await Deno.stat(path)).isDirectory ? "folder" : "file";
  } catch (error) {
    if (isMissing(error)) return "missing";
    throw readError(path, error);
  }
}
