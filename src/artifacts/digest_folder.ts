/** Content of folders and of all files that match a pattern: sorted relative paths, each with its digest. */
import { createHash } from "node:crypto";
import { isAbsolute, join, relative, resolve } from "@std/path";
import { InputError } from "../errors.ts";
import { JSON } from "../intrinsics.ts";
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
  /** SHA-256 in hex over the relative paths and the digests, where links to folders lead, and which folders of a folder are empty. */
  readonly digest: string;
  /** The files, sorted by their relative paths. */
  readonly files: readonly MemberDigest[];
  /** Links to folders that were not followed, by their relative paths. */
  readonly links: readonly string[];
}

/** What of a folder counts. */
export interface FolderOptions {
  /** Patterns of relative paths that do not count; a folder that matches is not entered. */
  readonly exclude?: readonly string[];
}

/**
 * The content of all files below a folder, hidden ones too. A link counts as the file that it points to if that lies in the folder; one to a
 * folder by where it leads, and a folder without files by its name, since who has the folder's path sees both.
 *
 * @throws {InputError} where the folder is missing, holds no file, or has a link that leads out of it
 */
export async function digestFolder(dir: string, memo: DigestMemo, { exclude = [] }: FolderOptions = {}): Promise<TreeDigest> {
  const root = resolve(dir);
  const excluded = exclude.map(readGlob);
  const counts = (name: string) => !excluded.some((glob) => glob.matches(name));
  return await digestTree(root, memo, { enters: counts, counts, isWhole: true }, () => {
    throw nothing(root, "The folder holds no files.", "Check that it is filled before the step runs.");
  });
}

/**
 * The content of all files that match a pattern. A folder above them whose very name looks like a pattern is that folder.
 *
 * @throws {InputError} `input_missing` where nothing matches
 */
export async function digestGlob(pattern: string, memo: DigestMemo): Promise<TreeDigest> {
  const { base, rest } = splitGlob(Deno.build.os === "windows" ? pattern.replaceAll("\\", "/") : pattern, isFolder);
  const glob = readGlob(rest);
  const none = (cause?: unknown) => {
    throw nothing(pattern, "No file matches the pattern.", "Check the pattern and the folder that it begins in.", cause);
  };
  const choice = { enters: (name: string) => glob.reaches(name), counts: (name: string) => glob.matches(name), isWhole: false };
  try {
    return await digestTree(resolve(base), memo, choice, none);
  } catch (error) {
    if (error instanceof InputError && error.code === "input_missing" && error.path === resolve(base)) return none(error);
    throw error;
  }
}

interface Choice {
  readonly enters: (folder: string) => boolean;
  readonly counts: (file: string) => boolean;
  /** Does the folder itself count, and not only what matches in it? */
  readonly isWhole: boolean;
}

async function digestTree(root: string, memo: DigestMemo, choice: Choice, none: () => never): Promise<TreeDigest> {
  const tree = new Tree(choice, await reading(root, () => Deno.realPath(root)));
  await tree.enter(root, "");
  const members = tree.members.sort((one, other) => one.name < other.name ? -1 : 1);
  if (members.length === 0) none();
  const digests = await digestFiles(members.map(({ path }) => path), memo);
  const files = members.map(({ name }, index) => ({ name, ...digests[index]! }));
  const text = JSON.stringify([...files.map(({ name, digest }) => [name, digest]), ...tree.rest.sort(byName)]);
  return { digest: createHash("sha256").update(text).digest("hex"), files, links: tree.links };
}

const byName = ([one]: readonly string[], [other]: readonly string[]): number => one! < other! ? -1 : 1;

interface Member {
  readonly name: string;
  readonly path: string;
}

/** What is found in a folder. */
class Tree {
  /** The files that count. */
  readonly members: Member[] = [];
  /** What counts besides: links to folders, and folders without files. */
  readonly rest: (readonly string[])[] = [];
  /** Names of the links to folders. */
  readonly links: string[] = [];

  /** `real` is the folder's own path, without links. */
  constructor(readonly choice: Choice, readonly real: string) {}

  /** Looks through a folder; `prefix` is its name in the tree, with a slash. */
  async enter(folder: string, prefix: string): Promise<void> {
    const before = this.#size;
    for (const entry of await reading(folder, () => Array.fromAsync(Deno.readDir(folder)))) {
      const [path, name] = [join(folder, entry.name), prefix + entry.name];
      if (entry.isSymlink) await this.#link(path, name);
      else if (entry.isDirectory) { if (this.choice.enters(name)) await this.enter(path, `${name}/`); }
      else if (this.choice.counts(name)) this.members.push({ name, path });
    }
    if (this.choice.isWhole && prefix !== "" && this.#size === before) this.rest.push([prefix, "empty", ""]);
  }

  get #size(): number {
    return this.members.length + this.rest.length;
  }

  /** A link to a file inside counts as the file; one to a folder is not followed, since that folder's files count already where they are. */
  async #link(path: string, name: string): Promise<void> {
    const { counts, enters } = this.choice;
    if (counts(name)) {
      const target = await reading(path, () => Deno.realPath(path));
      refuseOutside(path, target, this.real);
      if ((await reading(path, () => Deno.stat(path))).isFile) return void this.members.push({ name, path });
    }
    if (!enters(name) || !isFolder(path)) return;
    this.links.push(name);
    this.rest.push([name, "link", relative(this.real, await reading(path, () => Deno.realPath(path))).replaceAll("\\", "/")]);
  }
}

function refuseOutside(path: string, target: string, root: string): void {
  const inner = relative(root, target);
  if (inner !== ".." && !/^\.\.[\\/]/.test(inner) && !isAbsolute(inner)) return;
  throw new InputError("input_unreadable", {
    problem: `Cannot take ${JSON.stringify(path)} as part of an input.`,
    why: `It is a link to ${JSON.stringify(target)}, outside the folder ${JSON.stringify(root)}.`,
    fix: "Replace it by a copy, or give the target as an input of its own.",
    path,
  });
}

function isFolder(path: string): boolean {
  try {
    return Deno.statSync(path).isDirectory;
  } catch (error) {
    if (error instanceof Error) return false; // nothing there, or closed to us: then nothing is read from it
    throw error;
  }
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
