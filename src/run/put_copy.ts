/** Puts the content of an output at a path that the user named, whole or not at all. */
import { basename } from "@std/path";
import { copyFile, type Published } from "../artifacts/mod.ts";
import { ConsistError, OutputError } from "../errors.ts";
import { artifactsByHash } from "../ledger/mod.ts";
import { contentAt, findCopy } from "./copies.ts";
import { pictured } from "./copied_file.ts";
import { removeOldAsides } from "./half_written.ts";
import type { RunServices } from "./request.ts";
import { artifactOf } from "./servable.ts";

/** What is to be put where. */
export interface Copying {
  /** The output's key. */
  readonly key: string;
  /** A file with its content. */
  readonly from: string;
  /** Writes it anew where there is no such file: `undefined` where that is not possible either. */
  readonly anew?: (to: string) => Promise<Published | undefined>;
  /** SHA-256 of that content. */
  readonly hash: string;
  /** Absolute path of the copy. */
  readonly to: string;
}

/** What came of it: copied, or the content was there already; and where a file that stood in the way is now. */
export interface PutCopy {
  readonly status: "copied" | "kept";
  readonly aside?: string;
}

/** Path → the content that this process put there last: nobody's but ours, whatever the ledger knows. */
const placed = new Map<string, string>();

/**
 * Copies an output to a path of the user's. A file with other content that stands there is replaced where the ledger knows it as an output and
 * an unharmed copy of it is elsewhere; else it may be the only one of its kind, and is kept beside it, as `<name>.replaced-1`.
 *
 * @throws {OutputError} `storage_failed` where a folder stands there
 * @throws {LedgerError} `storage_failed` where it cannot be written
 * @throws {ContentError} `content_mismatch` where the file changed while it was copied
 */
async function putCopy(services: RunServices, { key, from, hash, to, anew }: Copying): Promise<PutCopy> {
  const there = await lookAt(to);
  if (there?.isDirectory) throw folderInTheWay(key, to);
  const found = there === undefined ? undefined : await contentAt(services, to);
  if (found === hash) return { status: "kept" };
  let aside: string | undefined;
  const before = async () => void (aside = await putAside(services, to, found));
  await removeOldAsides(to, services.now());
  let made: Published | undefined;
  if (anew === undefined || await lookAt(from) !== undefined) {
    made = await copyFile(from, to, { expect: hash, ...(there === undefined ? {} : { before }) });
  } else {
    if (there !== undefined) await before();
    made = await anew(to);
  }
  if (made === undefined) throw gone(key, from);
  placed.set(to, made.hash);
  return { status: "copied", ...(aside === undefined ? {} : { aside }) };
}

async function lookAt(path: string): Promise<Deno.FileInfo | undefined> {
  try {
    return await Deno.lstat(path);
  } catch (error) {
    // Nothing there; whatever else keeps it from being looked at keeps it from being written, and says so then.
    if (error instanceof Error) return undefined;
    throw error;
  }
}

/** A link is replaced as a link: what it leads to stays as it is. */
async function putAside(services: RunServices, path: string, content: string | undefined): Promise<string | undefined> {
  const there = await lookAt(path);
  if (there === undefined || there.isSymlink) return undefined;
  if (content !== undefined && (placed.get(path) === content || await isOurs(services, path, content))) return undefined;
  for (let n = 1;; n++) {
    const aside = `${path}.replaced-${n}`;
    if (await lookAt(aside) !== undefined) continue;
    return await renamed(path, aside) ? aside : undefined;
  }
}

/** Somebody else may have put the same file aside in the meantime. */
async function renamed(path: string, aside: string): Promise<boolean> {
  try {
    await Deno.rename(path, aside);
    return true;
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return false;
    throw error;
  }
}

/** Did a run make this content, and is it still there without this file? */
async function isOurs(services: RunServices, path: string, content: string): Promise<boolean> {
  for (const hash of [content, await pictured(path)]) {
    for (const row of hash === undefined ? [] : await services.ledger.lookUp((db) => artifactsByHash(db, hash))) {
      if (row.run_id === null) continue;
      const copy = await findCopy(services, artifactOf(services, row));
      if (copy !== undefined && copy !== path) return true;
    }
  }
  return false;
}

function gone(key: string, path: string): OutputError {
  return new OutputError("artifact_missing", {
    problem: `Cannot copy the output "${key}".`,
    why: `Its file ${path} is gone.`,
    fix: "Run the step again: it will execute and make the file anew.",
    path,
  });
}

function folderInTheWay(key: string, path: string): OutputError {
  return new OutputError("storage_failed", {
    problem: `Cannot put a copy of the output "${key}" at ${path}.`,
    why: "A folder stands there.",
    fix: "Move the folder, or give another path.",
    path,
  });
}

/** Copies several outputs, one after the other; a failure says which are done. */
export async function putCopies(services: RunServices, copies: readonly Copying[]): Promise<Map<string, PutCopy>> {
  refuseCollisions(copies);
  const done = new Map<string, PutCopy>();
  for (const copying of copies) {
    try {
      done.set(copying.key, await putCopy(services, copying));
    } catch (error) {
      throw failedAt(copying, error, [...done.keys()], copies.map(({ key }) => key));
    }
  }
  return done;
}

function refuseCollisions(copies: readonly Copying[]): void {
  for (const [to, same] of Map.groupBy(copies, (copying) => copying.to)) {
    if (new Set(same.map(({ hash }) => hash)).size < 2) continue;
    throw new OutputError("storage_failed", {
      problem: `Cannot put copies of ${same.map(({ key }) => `"${key}"`).join(" and ")} at ${to}.`,
      why: "They have different content, and it is one path.",
      fix: "Give each a path of its own: outputPaths: { key: path }.",
      path: to,
    });
  }
}

function failedAt({ key, to }: Copying, cause: unknown, done: readonly string[], all: readonly string[]): OutputError {
  const names = (keys: readonly string[]) => keys.length === 0 ? "none" : keys.map((name) => `"${name}"`).join(", ");
  const open = all.filter((name) => !done.includes(name));
  const [why, fix] = cause instanceof ConsistError
    ? [cause.why, cause.fix]
    : [cause instanceof Error ? cause.message : String(cause), "Check that the path can be written to."];
  return new OutputError(cause instanceof ConsistError ? cause.code : "storage_failed", {
    problem: `Cannot put a copy of the output "${key}" at ${to}.`,
    why: `${why} No part of it was left there. Done: ${names(done)}; not done: ${names(open)}.`,
    fix,
    path: to,
    cause,
  });
}

/** What is said of a file that stood in the way. */
export function asideNote(to: string, { aside }: PutCopy): string[] {
  return aside === undefined ? [] : [`the file that stood at ${to} with other content is now ${basename(aside)} beside it`];
}
