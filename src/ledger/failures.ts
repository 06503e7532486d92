/** What DuckDB says, turned into errors that name the cause and the fix. Its texts are recognised here and nowhere else. */
import { basename } from "@std/path";
import { LedgerError } from "../errors.ts";

/** The kinds of failure that a ledger's file can have. */
type Failure = "locked" | "too_new" | "full" | "handles" | "refused" | "unreadable";

/** First match decides; DuckDB 1.4 to 2.0, on Linux, macOS and Windows. */
const SIGNS: readonly (readonly [Failure, RegExp])[] = [
  ["locked", /could not set lock|conflicting lock|is already open in|being used by another process/i],
  ["too_new", /version number \d+|newer (?:version of )?duckdb/i],
  ["full", /no space left|not enough space|disk (?:is )?full|ENOSPC|out of disk|quota exceeded/i],
  ["handles", /too many open files|EMFILE|ENFILE/i],
  [
    "refused",
    /permission denied|read-only|access is denied|cannot (?:open|create) (?:file|directory)|no such file|is a directory|not a directory|EACCES|EROFS|ENOTDIR|EISDIR/i,
  ],
  [
    "unreadable",
    /not a valid duckdb|corrupt|checksum|replaying wal|deserializ|serialization|could not read|INTERNAL Error|fatal error|invalidated/i,
  ],
];

/** The kind of failure that a text speaks of, if it is one of the file's own. */
export function failureOf(error: unknown): Failure | undefined {
  if (isOf(error, ["PermissionDenied", "AlreadyExists", "NotADirectory", "IsADirectory", "ReadOnlyFilesystem", "NotCapable"])) {
    return "refused";
  }
  const text = textOf(error);
  return SIGNS.find(([, sign]) => sign.test(text))?.[0];
}

/** Errors of the file system, by name: `instanceof` would miss those of another realm. */
const isOf = (error: unknown, names: readonly string[]): boolean => error instanceof Error && names.includes(error.name);
const textOf = (error: unknown): string => error instanceof Error ? error.message : String(error);

/** After these the instance serves nothing any more and must be opened anew. */
export function endsInstance(error: unknown): boolean {
  if (error instanceof LedgerError) return error.code === "storage_failed" || endsInstance(error.cause);
  return /database has been invalidated|fatal error|INTERNAL Error/i.test(textOf(error));
}

/** The error for a ledger that could not be opened. */
export function openFailure(path: string, cause: unknown, waitedMs: number): LedgerError {
  if (cause instanceof LedgerError) return cause;
  const kind = failureOf(cause);
  if (kind === "locked") return lockedFailure(path, cause, waitedMs);
  return fileFailure(kind, `Cannot open the ledger "${path}".`, path, cause);
}

/** An error inside a transaction: a full disk becomes a ledger error, all others stay what they are. */
export function writeFailure(path: string, cause: unknown): unknown {
  if (cause instanceof LedgerError || failureOf(cause) !== "full") return cause;
  return fileFailure("full", `Cannot write to the ledger "${path}".`, path, cause);
}

/** The error for a snapshot that could not be written: its run is in the ledger already. */
export function snapshotFailure(path: string, cause: unknown): LedgerError {
  const kind = failureOf(cause);
  const why = kind === "full" ? "The disk is full" : kind === "handles" ? "Too many files are open" : "The folder cannot be written";
  return new LedgerError("storage_failed", {
    problem: `Cannot write the snapshot "${path}".`,
    why: `${why}: ${firstLine(cause)}`,
    fix: "Mend that, then run the step again: its run is in the ledger, so that it is a hit. Only a rebuilt ledger would lack it.",
    path,
    cause,
  });
}

function fileFailure(kind: Exclude<Failure, "locked"> | undefined, problem: string, path: string, cause: unknown): LedgerError {
  if (kind === "too_new") return tooNewFailure(problem, path, cause);
  if (kind === "full") {
    const why = `The disk is full: ${firstLine(cause)}`;
    return new LedgerError("storage_failed", {
      problem,
      why,
      fix: "Free some space on the disk, then try again: what was recorded before is whole.",
      path,
      cause,
    });
  }
  if (kind === "handles") {
    return new LedgerError("storage_failed", {
      problem,
      why: `This process has too many files open: ${firstLine(cause)}`,
      fix: "Close files, or allow more of them (`ulimit -n`), then try again: what was recorded before is whole.",
      path,
      cause,
    });
  }
  if (kind === "refused") {
    const why = `The file or its folder cannot be written: ${firstLine(cause)}`;
    return new LedgerError("storage_failed", {
      problem,
      why,
      fix: "Choose a folder that can be written with `dbPath`, or give this user the right to write there.",
      path,
      cause,
    });
  }
  return new LedgerError("ledger_unreadable", {
    problem,
    why: kind === "unreadable"
      ? `The file is damaged or is not a DuckDB file: ${firstLine(cause)}`
      : `DuckDB could not use it: ${firstLine(cause)}`,
    fix: "The file was left as it is. Put a copy of it back, or call `tracker.rebuild()` (`consist db rebuild` on the command line): " +
      "it moves the file aside and brings back the runs that have a snapshot in `consist_runs`.",
    path,
    cause,
  });
}

function tooNewFailure(problem: string, path: string, cause: unknown): LedgerError {
  return new LedgerError("ledger_too_new", {
    problem,
    why: `The file was created by a newer DuckDB than the one in use here: ${firstLine(cause)}`,
    fix: "Copy it with the newer DuckDB: ATTACH a new file with (STORAGE_VERSION 'v1.0.0'), then COPY FROM DATABASE. " +
      "A ledger that is created here first keeps a format that all of them read.",
    path,
    cause,
  });
}

/** A ledger whose own tables are newer than this library knows. */
export function schemaTooNew(path: string, found: number, known: number): LedgerError {
  return new LedgerError("ledger_too_new", {
    problem: `Cannot open the ledger "${path}".`,
    why: `Its tables have version ${found}, and this library knows versions up to ${known}.`,
    fix: "Update this library to the version that wrote the ledger, or a later one.",
    path,
  });
}

function lockedFailure(path: string, cause: unknown, waitedMs: number): LedgerError {
  const holder = holderOf(textOf(cause));
  const who = holder === undefined ? "another process" : `${holder.program} (PID ${holder.pid})`;
  if (holder?.pid === Deno.pid) return ownFailure(path, cause, who);
  return new LedgerError("ledger_locked", {
    problem: `Cannot open the ledger "${path}".`,
    why: `It is held by ${who}, and was not given back within ${Math.round(waitedMs / 100) / 10} s.`,
    fix: `Close the ledger there, or end that process${holder ? ` (PID ${holder.pid})` : ""}, then try again.`,
    path,
    cause,
  });
}

/** Two instances in one process lose rows without an error, so that ours waits until the other one is closed. */
function ownFailure(path: string, cause: unknown, who: string): LedgerError {
  return new LedgerError("ledger_locked", {
    problem: `Cannot open the ledger "${path}".`,
    why: `It is held by ${who}: with two instances of DuckDB on one file, a process loses rows without an error.`,
    fix: "Close that instance and its connections. `await tracker.connection()` gives a connection of the ledger's own instance.",
    path,
    cause,
  });
}

/** One file is open in one way at a time: who may only read it waits for those who write, and they for him. */
export function otherUseFailure(path: string): LedgerError {
  return new LedgerError("ledger_locked", {
    problem: `Cannot open the ledger "${path}".`,
    why: "In this process a connection, or a query that is not at its end, keeps it: one tracker writes to it, and one is read_only.",
    fix: "Disconnect that connection first (`disconnectSync()`), or use one tracker for both.",
    path,
  });
}

/** The error for whoever asks a ledger that is only read to write. */
export function readOnlyFailure(path: string, cause?: unknown): LedgerError {
  return new LedgerError("access_refused", {
    problem: `Cannot write to the ledger "${path}".`,
    why: 'The tracker has accessMode "read_only": nothing is written to its ledger or its run folder.',
    fix: 'Use a tracker with accessMode "standard", or leave the option out.',
    path,
    ...(cause === undefined ? {} : { cause }),
  });
}

/** Does DuckDB refuse a statement because the file is only read? */
export const isReadOnlyRefusal = (error: unknown): boolean => /attached in read-only mode/i.test(textOf(error));

/** Program and process that hold the file, as DuckDB names them. */
export function holderOf(text: string): { program: string; pid: number } | undefined {
  const match = /(?:held in|already open in)\s+(.+?)\s+\(PID (\d+)\)/is.exec(text);
  return match === null ? undefined : { program: match[1]!, pid: Number(match[2]) };
}

/** Is the file held by a program that is not of this kind, as Python is? In doubt it is of this kind. */
export function isOtherProgram(error: unknown): boolean {
  const holder = holderOf(textOf(error));
  try {
    return holder !== undefined && basename(holder.program) !== basename(Deno.execPath());
  } catch {
    return false; // this program may not know what it is called
  }
}

/** A Worker shares the process: its own instance would succeed, and rows would vanish without an error. */
export function inWorkerFailure(path: string): LedgerError {
  return new LedgerError("ledger_locked", {
    problem: `Cannot open the ledger "${path}" in a Worker.`,
    why: "One process opens a ledger once, and that is the main thread's part: a second instance would lose rows without an error.",
    fix: "Use the ledger on the main thread, and pass plain values to and from the Worker.",
    path,
  });
}

const firstLine = (cause: unknown): string => textOf(cause).split("\n")[0]!.trim();
