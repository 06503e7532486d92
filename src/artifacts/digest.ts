/** Content hashes of files. An unchanged file is read once. */
import { resolve } from "@std/path";
import { InputError } from "../errors.ts";
import { JSON } from "../intrinsics.ts";
import { type DigestMemo, type FileStat, sameState } from "./digest_memo.ts";
import { AT_ONCE, hashSmall } from "./hash_file.ts";
import { HashPool } from "./hash_pool.ts";
import { wordsOf } from "./storage_errors.ts";

/** A file's content, in short. */
export interface FileDigest {
  /** Absolute path. */
  readonly path: string;
  /** SHA-256 in hex. */
  readonly digest: string;
  /** Size in bytes. */
  readonly bytes: number;
}

/** How often a file that changes while it is read is read again. */
const ATTEMPTS = 3;
/** Of so many files the states are asked for in this thread, and those that are small are read in it: the way to another one takes longer. */
const FEW = 4;
/** How many files are open at a time. */
const MOST_OPEN = 8;

/**
 * SHA-256 of a file's content in hex; from the memo where the file has not changed since it was read.
 *
 * @throws {InputError} `input_missing`, or `input_unreadable` where it is no ordinary file, may not be read, or keeps changing
 */
export async function digestFile(path: string, memo: DigestMemo): Promise<string> {
  return (await digestFiles([path], memo))[0]!.digest;
}

/** Digests of several files in their order, with one question to the memo's store. */
export async function digestFiles(paths: readonly string[], memo: DigestMemo): Promise<FileDigest[]> {
  const absolute = paths.map((path) => resolve(path));
  const states = new Map<string, FileStat>();
  const each = new Set(absolute);
  const areFew = each.size <= FEW;
  const stat = areFew ? memo.statFew : memo.stat;
  await forEach(each, async (path) => void states.set(path, await stateOf(path, stat)));
  const isReadAtOnce = ({ size }: FileStat): boolean => areFew && size <= AT_ONCE;
  const known = await memo.recall(states, isReadAtOnce);
  const unknown = [...states].filter(([path]) => !known.has(path));
  const read = new Map<string, FileDigest>();
  using pool = new HashPool(unknown.map(([, { size }]) => size));
  const atOnce = Math.max(MOST_OPEN, pool.workers + 1);
  await forEach(unknown, async ([path, state]) => void read.set(path, await readDigest(path, state, { memo, pool, isReadAtOnce })), atOnce);
  return absolute.map((path) => read.get(path) ?? { path, digest: known.get(path)!, bytes: states.get(path)!.size });
}

/** Does the work for each item, a few at a time. After a failure nothing new is begun, and what was begun is waited for. */
export async function forEach<T>(items: Iterable<T>, work: (item: T) => Promise<void>, atOnce = MOST_OPEN): Promise<void> {
  const rest = items[Symbol.iterator]();
  let failed = false;
  const lane = async () => {
    for (let next = rest.next(); !next.done && !failed; next = rest.next()) {
      await work(next.value).catch((error: unknown) => {
        failed = true;
        throw error;
      });
    }
  };
  const lanes = await Promise.allSettled(Array.from({ length: atOnce }, lane));
  const failure = lanes.find((each) => each.status === "rejected");
  if (failure) throw failure.reason;
}

interface Means {
  readonly memo: DigestMemo;
  readonly pool: HashPool;
  readonly isReadAtOnce: (state: FileStat) => boolean;
}

async function readDigest(path: string, state: FileStat, { memo, pool, isReadAtOnce }: Means): Promise<FileDigest> {
  let before = state;
  for (let attempt = 0; attempt < ATTEMPTS; attempt++) {
    const takenAt = memo.clock();
    const isSmall = isReadAtOnce(before);
    const { hash, bytes } = await (isSmall ? hashSmall(path, before.size) : pool.hash(path, before.size)).catch((error: unknown) => {
      throw readError(path, error);
    });
    const after = await stateOf(path, isSmall ? memo.statFew : memo.stat);
    if (sameState(before, after) && after.size === bytes) {
      memo.remember(path, after, hash, takenAt, !isSmall);
      return { path, digest: hash, bytes };
    }
    before = after;
  }
  throw new InputError("input_unreadable", {
    problem: `Cannot hash ${JSON.stringify(path)}.`,
    why: `It changed each of the ${ATTEMPTS} times that it was read.`,
    fix: "Wait until the program that writes it is done.",
    path,
  });
}

/** The state of an ordinary file. Folders and devices are refused: a pipe would wait for ever. */
async function stateOf(path: string, stat: DigestMemo["stat"]): Promise<FileStat> {
  const state = await statOrError(path, stat);
  if (state.isFile) return state;
  throw new InputError("input_unreadable", {
    problem: `Cannot read ${JSON.stringify(path)}.`,
    why: state.isDirectory ? "It is a folder, and a file was wanted." : "It is no ordinary file.",
    fix: "Give the path of a file.",
    path,
  });
}

async function statOrError(path: string, stat: DigestMemo["stat"]): Promise<FileStat> {
  try {
    return await stat(path);
  } catch (error) {
    throw readError(path, error);
  }
}

/** The error for a file that cannot be opened. */
export function readError(path: string, cause: unknown): InputError {
  const problem = `Cannot read ${JSON.stringify(path)}.`;
  if (isMissing(cause)) {
    return new InputError("input_missing", { problem, why: "There is no such file.", fix: "Check the path.", path, cause });
  }
  const refused = cause instanceof Deno.errors.NotCapable;
  const why = refused ? "This program may not read it." : `The file system refused it: ${wordsOf(cause)}`;
  const fix = refused ? "Run it with --allow-read." : "Check that the file can be read.";
  return new InputError("input_unreadable", { problem, why, fix, path, cause });
}

/** Is this the error for a path where nothing is? */
export function isMissing(error: unknown): boolean {
  if (error instanceof Deno.errors.NotFound || error instanceof Deno.errors.NotADirectory) return true;
  const code = (error as { code?: unknown } | null)?.code;
  return code === "ENOENT" || code === "ENOTDIR";
}
