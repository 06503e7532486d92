/** Every error of the library: what failed, why, how to mend it, in which run and step. Imports from no floor. */

/** Stable codes, one for each kind of failure. They never change their meaning. */
export type ErrorCode =
  | "unknown_option"
  | "option_invalid"
  | "name_missing"
  | "config_not_plain"
  | "input_missing"
  | "input_unreadable"
  | "input_ambiguous"
  | "missing_outputs"
  | "output_mismatch"
  | "output_not_storable"
  | "unknown_key"
  | "step_failed"
  | "cancelled"
  | "not_importable"
  | "worker_failed"
  | "no_active_run"
  | "identity_unknown"
  | "run_not_found"
  | "run_ambiguous"
  | "run_exists"
  | "content_mismatch"
  | "artifact_missing"
  | "schema_mismatch"
  | "storage_failed"
  | "ledger_locked"
  | "ledger_too_new"
  | "ledger_unreadable"
  | "access_refused"
  | "cache_in_use"
  | "accept_refused"
  | "query_failed"
  | "notebook_failed"
  | "program_failed"
  | "container_failed";

/** What an error is made from. */
export interface ErrorDetails {
  /** What was attempted and did not work, as one sentence. */
  readonly problem: string;
  /** Why it did not work. */
  readonly why: string;
  /** What to do about it. */
  readonly fix: string;
  /** The run's id, where there is one. */
  readonly run?: string | undefined;
  /** The step's name, where there is one. */
  readonly step?: string | undefined;
  /** The file or the option that the error is about. */
  readonly path?: string | undefined;
  /** The original error. */
  readonly cause?: unknown;
}

/**
 * The base of every error of this library.
 *
 * @example Reading an error
 * ```ts
 * import { ConsistError } from "consist";
 * import assert from "node:assert/strict";
 *
 * const error = new ConsistError("input_missing", { problem: "Cannot read \"raw.csv\".", why: "There is no such file.", fix: "Check the path." });
 * assert.equal(error.code, "input_missing");
 * ```
 */
export class ConsistError extends Error {
  /** Which kind of failure this is. */
  readonly code: ErrorCode;
  /** What was attempted and did not work. */
  readonly problem: string;
  /** Why it did not work. */
  readonly why: string;
  /** What to do about it. */
  readonly fix: string;
  /** The run it happened in. */
  declare readonly run?: string;
  /** The step it happened in. */
  declare readonly step?: string;
  /** The file or the option that the error is about. */
  declare readonly path?: string;

  /** Makes an error from its fields; the message is composed from them. */
  constructor(code: ErrorCode, details: ErrorDetails) {
    super(messageOf(details), details.cause === undefined ? undefined : { cause: details.cause });
    this.code = code;
    this.problem = details.problem;
    this.why = details.why;
    this.fix = details.fix;
    if (details.run !== undefined) this.run = details.run;
    if (details.step !== undefined) this.step = details.step;
    if (details.path !== undefined) this.path = details.path;
    if (showsStacks()) this.stack = callersStack(this);
  }

  /** The class's name, also where the code is minified. */
  override get name(): string {
    return CLASS_NAMES.find(([type]) => this instanceof type)?.[1] ?? "ConsistError";
  }
}

/** Does what an error is shown with consist of its stack? So it is in a notebook; a program shows the message first. */
function showsStacks(): boolean {
  try {
    return (globalThis as { readonly Deno?: { readonly jupyter?: unknown } }).Deno?.jupyter !== undefined;
  } catch {
    return false; // outside of a kernel the property is a getter that throws
  }
}

/** An error's stack. None where no file handle is left: Deno opens files to make its text, and ends the process where it cannot. */
export function stackOf(error: Error): string | undefined {
  return hasFreeHandle() ? error.stack : undefined;
}

const ANY_FILE = "/dev/null";

function hasFreeHandle(): boolean {
  if (Deno.build.os === "windows" || Deno.permissions.querySync({ name: "read", path: ANY_FILE }).state !== "granted") return true;
  try {
    Deno.openSync(ANY_FILE).close();
    return true;
  } catch (error) {
    return !/too many open files/i.test(String(error));
  }
}

/** What the library's own modules begin with. */
const LIBRARY = new URL(".", import.meta.url).href;
/** So many frames are looked through for the caller's own. */
const FRAMES = 64;

/** An error's message and the frames of the user's own code. */
function callersStack(error: Error): string {
  const { stackTraceLimit } = Error;
  Error.stackTraceLimit = FRAMES;
  Error.captureStackTrace(error, callersStack);
  Error.stackTraceLimit = stackTraceLimit;
  const frames = (error.stack ?? "").split("\n").filter((line) => /^\s+at /.test(line));
  return [`${error.name}: ${error.message}`, ...ownFrames(frames)].join("\n");
}

/** The frames that are none of the library's or the runtime's; all, where no other is known. */
export function ownFrames(frames: readonly string[]): readonly string[] {
  const own = frames.filter((frame) =>
    !frame.includes(LIBRARY) && !/[( ](?:ext|node):|^\s+at (?:async )?[\w.]+ \(<anonymous>\)$/.test(frame)
  );
  return own.length === 0 ? frames : own;
}

/**
 * Says in which step and run an error happened, where it does not say so itself.
 *
 * @internal
 */
export function inStep<E>(error: E, step: string | undefined, run?: string): E {
  if (step === undefined || !(error instanceof ConsistError) || error.step !== undefined || error.run !== undefined) return error;
  const { message, problem, why, fix } = error;
  const place = { step, ...(run === undefined ? {} : { run }) };
  Object.assign(error, { ...place, message: messageOf({ problem, why, fix, ...place }) });
  if (showsStacks() && error.stack !== undefined) error.stack = error.stack.replace(message, () => error.message);
  return error;
}

/** The one place where a message is made: problem, why, fix, and where it happened. */
function messageOf({ problem, why, fix, run, step }: ErrorDetails): string {
  const place = step === undefined ? undefined : run === undefined ? `step "${step}"` : `step "${step}", run ${run}`;
  return [problem, `Why: ${why}`, `Fix: ${fix}`, ...(place === undefined ? [] : [`In: ${place}`])].join("\n");
}

/** An option, a name or an argument that does not exist or does not fit. */
export class OptionError extends ConsistError {}
/** A config that is not plain data, or does not fit its schema. */
export class ConfigError extends ConsistError {}
/** An input that is missing, ambiguous or cannot be read. */
export class InputError extends ConsistError {}
/** An output that is missing, undeclared or cannot be stored. */
export class OutputError extends ConsistError {}
/** A key that a coupler, a registry or a result does not have. */
export class KeyError extends ConsistError {}
/** A step threw: the original error is the `cause`. */
export class StepFailedError extends ConsistError {}
/** A step could not be executed where it was to be: its function is not to be had there, or the process died. */
export class ExecutorError extends ConsistError {}
/** A run was looked for, and none or several were found. */
export class FindError extends ConsistError {}
/** A file is gone, or does not contain what the ledger says. */
export class ContentError extends ConsistError {}
/** The ledger or the run folder cannot be opened, read or written. */
export class LedgerError extends ConsistError {}
/** A query that failed. */
export class QueryError extends ConsistError {}
/** A notebook that cannot be read, or a kernel that died or hung. */
export class NotebookError extends ConsistError {}
/** A program that is missing, cannot be run, or ended with another exit code than 0. */
export class ProgramError extends ConsistError {}
/** A container whose engine or image is missing, or that ended with another exit code than 0. */
export class ContainerError extends ConsistError {}

const CLASS_NAMES: readonly (readonly [new (code: ErrorCode, details: ErrorDetails) => ConsistError, string])[] = [
  [OptionError, "OptionError"],
  [ConfigError, "ConfigError"],
  [InputError, "InputError"],
  [OutputError, "OutputError"],
  [KeyError, "KeyError"],
  [StepFailedError, "StepFailedError"],
  [ExecutorError, "ExecutorError"],
  [FindError, "FindError"],
  [ContentError, "ContentError"],
  [LedgerError, "LedgerError"],
  [QueryError, "QueryError"],
  [NotebookError, "NotebookError"],
  [ProgramError, "ProgramError"],
  [ContainerError, "ContainerError"],
];

/** An error of the class with this name, as another process reported it. */
export function errorOfClass(name: string, code: ErrorCode, details: ErrorDetails): ConsistError {
  const Class = CLASS_NAMES.find(([, known]) => known === name)?.[0] ?? ConsistError;
  return new Class(code, details);
}

/** The candidate that a misspelt name most likely means, or none where nothing is near. */
export function nearestName(name: string, candidates: Iterable<string>): string | undefined {
  let best: string | undefined;
  let least = mostEdits(name) + 1;
  for (const candidate of candidates) {
    const distance = editDistance(name.toLowerCase(), candidate.toLowerCase(), least);
    if (distance < least) [best, least] = [candidate, distance];
  }
  return best;
}

/** So many edits may lie between a word and what was meant: a word of two letters is near to every other. */
function mostEdits({ length }: string): number {
  return length < 3 ? length - 1 : Math.max(Math.min(2, length - 2), Math.floor(length / 3));
}

/** Edits between two words (insert, delete, replace, swap of neighbours), or `limit` where there are more. */
function editDistance(a: string, b: string, limit: number): number {
  if (Math.abs(a.length - b.length) >= limit) return limit;
  let before: number[] = [];
  let previous = Array.from({ length: b.length + 1 }, (_, index) => index);
  for (let i = 1; i <= a.length; i++) {
    const row = [i];
    for (let j = 1; j <= b.length; j++) {
      const same = a[i - 1] === b[j - 1];
      const edits = [row[j - 1]! + 1, previous[j]! + 1, previous[j - 1]! + (same ? 0 : 1)];
      if (i > 1 && j > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1]) edits.push(before[j - 2]! + 1);
      row.push(Math.min(...edits));
    }
    [before, previous] = [previous, row];
  }
  return previous[b.length]!;
}

/** `"a", "b" and 3 more`: names for a sentence, never more than eight of them. */
export function listNames(names: readonly string[], none = "none"): string {
  if (names.length === 0) return none;
  const shown = names.slice(0, 8).map((name) => JSON.stringify(name));
  return names.length > 8 ? `${shown.join(", ")} and ${names.length - 8} more` : shown.join(", ");
}

/**
 * Refuses a member of `options` that the call does not know.
 *
 * @throws {OptionError} `unknown_option`, with the nearest name that it knows
 */
export function checkMembers(options: object, known: readonly string[], call: string, why = `Its options are ${listNames(known)}.`): void {
  const unknown = Object.keys(options).find((name) => !known.includes(name));
  if (unknown === undefined) return;
  const near = nearestName(unknown, known);
  throw new OptionError("unknown_option", {
    problem: `${call} has no option "${unknown}".`,
    why,
    fix: near === undefined ? "Remove it, or check its spelling." : `Did you mean ${near}?`,
    path: unknown,
  });
}
