/** A run while its body executes: its folder, what was logged so far, and which run is the current one. */
import { AsyncLocalStorage } from "node:async_hooks";
import { join } from "@std/path";
import { safeName, type StoredArtifact } from "../artifacts/mod.ts";
import { ConsistError, OutputError } from "../errors.ts";
import { interruptSignal } from "../notebook/mod.ts";
import type { Artifact, ZodObject } from "../types.ts";
import { ImplicitReads } from "./implicit_inputs.ts";
import type { LoggedInPlace } from "./late_changes.ts";
import { OutputNames } from "./output_names.ts";
import { type ProgressState, StepProgress } from "./progress.ts";
import type { Recording } from "./recording.ts";
import type { MadeOutput, RunServices, StepRequest } from "./request.ts";

/** The run inside which code executes, through every `await`. */
const current = new AsyncLocalStorage<ActiveRun>();

/**
 * The run inside which this code executes, or none. A dynamic import leaves its context to what the runtime calls next, another test or cell:
 * there a run that has ended is none.
 */
export function activeRun(): ActiveRun | undefined {
  const run = current.getStore();
  return run === undefined || run.ended ? undefined : run;
}

/** What is read inside a run is noted here; nowhere outside of runs. */
export function readsOfActiveRun(): ImplicitReads | undefined {
  return activeRun()?.implicit;
}

/** A value that is loaded inside a run is read by it. */
export function noteLoaded(artifact: Artifact): void {
  readsOfActiveRun()?.artifact(artifact);
}

/** The run inside which this code executes; an error that names the caller where there is none. */
export function requireActiveRun(call: string): ActiveRun {
  const run = activeRun();
  if (run !== undefined) return run;
  throw new ConsistError("no_active_run", {
    problem: `Cannot log artifact: ${call}() was called outside a run.`,
    why: "What is logged belongs to the run that is executing, and none is.",
    fix: `Call it inside a step: run({ fn: async (inputs, step) => { await step.${call}(...) } }), or in the body of sc.trace.`,
  });
}

/** An output of an earlier run that a trace found in the cache. */
export type CachedOutputs = ReadonlyMap<string, Artifact>;

/** A run while its body executes. */
export class ActiveRun {
  /** What it made so far, by key. */
  readonly outputs: Map<string, MadeOutput & { readonly artifact: StoredArtifact }> = new Map();
  /** Files it said it read, by key. */
  readonly logged: Map<string, StoredArtifact> = new Map();
  /** What it made or logged and wants to keep the rows of, by the artifact's id. */
  readonly ingested: Map<string, { readonly artifact: StoredArtifact; readonly schema?: ZodObject }> = new Map();
  /** Of which of them the first rows are to be looked at, and how many. */
  readonly profiled: Map<string, { readonly artifact: StoredArtifact; readonly sampleRows: number | undefined }> = new Map();
  /** Files that were logged where they are, in the run's own folder, by key. */
  readonly inPlace: Map<string, LoggedInPlace> = new Map();
  /** What it read without having declared it. */
  readonly implicit: ImplicitReads = new ImplicitReads(this);
  /** Notes. */
  readonly meta: Record<string, unknown> = {};
  /** What it told the user. */
  readonly warnings: string[] = [];
  /** Keys whose content differs from what the cache holds: the hit is no hit any more. */
  readonly changedKeys: string[] = [];
  /** Aborted when the run is cancelled. */
  readonly signal: AbortSignal;
  /** How long the step took the last time, in seconds. */
  expectedSeconds: number | undefined;
  /** Keeps what its body shows, where that is to be shown again. */
  recording: Recording | undefined;
  /** Is its body executing? */
  isInBody = false;
  /** Nothing can be logged any more. */
  ended = false;
  /** The ledger has its result. */
  isCompleted = false;
  /** It was recorded that it began. */
  hasBegun = false;
  /** The names of files in its folder. */
  readonly names: OutputNames;
  /** How long its body took, as soon as what it returned is safe from whatever happens next, in seconds. */
  heldSeconds: number | undefined;
  /** The working directory when it began; none where it may not be asked for. */
  readonly cwd: string | undefined = workingDirectory();
  readonly #held = Promise.withResolvers<number>();
  #folder: Promise<void> | undefined;
  /** The run whose body runs this one: it shows how far this one is. */
  readonly #around: ActiveRun | undefined = activeRun();
  #progress: StepProgress | undefined;

  /** `dir` is the run's own folder; `cached` are the outputs of a trace that hit. */
  constructor(
    readonly services: RunServices,
    readonly request: StepRequest,
    readonly id: string,
    readonly dir: string,
    readonly cached?: CachedOutputs,
  ) {
    this.names = new OutputNames(dir);
    this.signal = AbortSignal.any([request.place.signal, interruptSignal()].filter((signal) => signal !== undefined));
  }

  /** Resolves when what its body returned is safe, where that is told. */
  get held(): Promise<number> {
    return this.#held.promise;
  }

  /** What its body returned is safe from whatever happens next: written aside, though not yet on the disk. */
  hold(seconds: number): void {
    this.heldSeconds = seconds;
    this.#held.resolve(seconds);
  }

  /** Runs `body` with this run as the current one. */
  async within<T>(body: () => T | Promise<T>): Promise<T> {
    return await current.run(this, async () => await body());
  }

  /** Makes the run's folder, once. */
  folder(): Promise<void> {
    return this.#folder ??= madeFolder(this.dir).catch((cause) => {
      throw new OutputError("storage_failed", {
        problem: `Cannot make the run folder ${this.dir}.`,
        why: cause instanceof Error ? cause.message : String(cause),
        fix: "Make the folder writable, free space on its disk, or give the tracker another runDir.",
        run: this.id,
        step: this.request.name,
        path: this.dir,
        cause,
      });
    });
  }

  /** A folder in the run's own folder. */
  outputDir(namespace?: string): string {
    const dir = namespace === undefined ? this.dir : join(this.dir, safeName(namespace));
    Deno.mkdirSync(dir, { recursive: true });
    return dir;
  }

  /** Removes the run's folder if nothing was put into it. */
  async removeEmptyFolder(): Promise<void> {
    try {
      await Deno.remove(this.dir);
    } catch (error) {
      // Not empty, or never made: then it stays as it is.
      if (!(error instanceof Error)) throw error;
    }
  }

  /** Shows that the step runs, unless somebody else does: a sweep, or the run around it. `expected` is how long it took the last time. */
  beginProgress(expected?: number): void {
    if (this.#progress !== undefined || this.request.place.onProgress !== undefined || this.#around !== undefined) return;
    const { request: { name, calledAt } } = this;
    this.#progress = new StepProgress({ id: this.id, step: name, startedAt: new Date(calledAt) }, expected);
    this.#progress.begin();
  }

  /** Says how far the step is. */
  progress(done: number, total?: number, note?: string): void {
    const state = { done, ...(total === undefined ? {} : { total }), ...(note === undefined ? {} : { note }) };
    const { onProgress } = this.request.place;
    if (onProgress !== undefined) return onProgress(this.request.name, state);
    this.#progress?.update(state);
    this.#around?.innerProgress(this.request.name, state);
  }

  /** Says how far a run inside of it is; nothing where that has ended. */
  innerProgress(name: string, state: ProgressState | undefined): void {
    this.#progress?.inner(name, state);
  }

  /** Says what the step's program printed last. */
  printed(tail: () => string): void {
    this.#progress?.printed(tail);
  }

  /** Nothing can be logged any more, and the live display stands still. */
  async end(how: "done" | "failed" = "failed"): Promise<void> {
    this.ended = true;
    this.#around?.innerProgress(this.request.name, undefined);
    await this.#progress?.end(how);
  }

  /** Tells the user something; it is shown on the card as well. */
  warn(message: string): void {
    this.warnings.push(message);
    this.services.warn(`${this.request.name}: ${message}`);
  }
}

function workingDirectory(): string | undefined {
  try {
    return Deno.cwd();
  } catch (error) {
    if (error instanceof Error) return undefined; // it is gone, or closed to us: no path can be relative to it
    throw error;
  }
}

/** At once: the way to another thread and back takes ten times as long. */
// deno-lint-ignore require-await -- what it throws is a rejection
async function madeFolder(path: string): Promise<void> {
  Deno.mkdirSync(path, { recursive: true });
}
