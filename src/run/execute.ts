/** Calls the step's function with its inputs, and keeps what it makes. */
import { ConsistError, ownFrames, stackOf, StepFailedError } from "../errors.ts";
import { inKernel, interruptSignal } from "../notebook/mod.ts";
import type { ActiveRun } from "./active_run.ts";
import { bindInputs } from "./bind_inputs.ts";
import { describe } from "./check_options.ts";
import { collectOutputs, statesBefore } from "./collect_outputs.ts";
import { SHORT_STEP_SECONDS } from "./gap.ts";
import { hearPolars } from "./polars_reads.ts";
import { takeLateChanges } from "./late_changes.ts";
import { capture, stepOf } from "./step_context.ts";
import type { CodeThere } from "./elsewhere/mod.ts";
import { untilAborted } from "./until_aborted.ts";
import { type CodeIdentity, readOwedSources } from "../identity/mod.ts";

/** What came of a body. */
export interface Executed {
  /** What the body of a trace returned. */
  readonly value: unknown;
  /** How long it took, inputs and outputs included, in seconds. */
  readonly seconds: number;
  /** The code that another process executed; none where it was this one. */
  readonly code?: CodeThere;
}

/**
 * Runs the body inside its run, then stores its outputs. A body that throws rejects with `StepFailedError`. With an executor the body runs
 * where that says; `code` is what was identified.
 */
export async function execute(run: ActiveRun, code: CodeIdentity, cacheHit = false): Promise<Executed> {
  const { executor } = run.request;
  run.beginProgress(run.expectedSeconds);
  if (executor === undefined) {
    // By the age of its folder is told which files a step made itself: one that was made ahead is made again.
    if (await hearPolars(code) && run.request.place.ahead !== undefined) await run.removeEmptyFolder();
    return await executeHere(run, cacheHit);
  }
  let here: Executed | undefined;
  let isDone = false;
  const call = async (): Promise<void> => void (here = await executeHere(run, cacheHit));
  try {
    const { executeBy } = await import("./elsewhere/mod.ts");
    const manifest = await executeBy(executor, run, code, call);
    isDone = true;
    return here ?? { value: undefined, seconds: manifest!.seconds, code: manifest!.code };
  } catch (error) {
    if (!run.ended) await run.removeEmptyFolder();
    throw error;
  } finally {
    if (!run.ended) await run.end(isDone ? "done" : "failed");
  }
}

/** The same in this process. */
export async function executeHere(run: ActiveRun, cacheHit = false): Promise<Executed> {
  const began = performance.now();
  const { request } = run;
  const seconds = (): number => (performance.now() - began) / 1000;
  const held = request.executor === undefined ? () => holdUntilNext(run, seconds()) : undefined;
  let isDone = false;
  run.beginProgress();
  try {
    await run.folder();
    const before = await statesBefore(run);
    const value = await run.within(async () => {
      const inputs = request.mode === "run" ? await bindInputs(run) : {};
      let returned: unknown;
      const body = async (): Promise<void> => void (returned = await callBody(run, inputs, cacheHit));
      const { captureDir, capturePattern } = request.settings;
      if (captureDir === undefined) await body();
      else await capture(run, captureDir, { pattern: capturePattern ?? "*" }, body);
      await takeLateChanges(run);
      await collectOutputs(run, returned, before, held);
      await run.implicit.settled();
      return returned;
    });
    isDone = true;
    // While the outputs of a row get to the disk the next one executes: that is not this one's time.
    const whole = request.mode === "trace" ? value : undefined; // it may be large, and what a step returned is stored
    return { value: whole, seconds: (request.place.isRow === true ? run.heldSeconds : undefined) ?? seconds() };
  } catch (error) {
    await run.removeEmptyFolder();
    throw error;
  } finally {
    await run.end(isDone ? "done" : "failed");
  }
}

/** What is to be kept of a short step is safe: the next row of a sweep begins before the disk is asked. */
async function holdUntilNext(run: ActiveRun, seconds: number): Promise<void> {
  run.hold(seconds);
  if (seconds <= SHORT_STEP_SECONDS) await run.request.place.handedOver?.();
}

async function callBody(run: ActiveRun, inputs: { readonly [key: string]: unknown }, cacheHit: boolean): Promise<unknown> {
  const { request } = run;
  const step = stepOf(run, cacheHit);
  try {
    run.signal.throwIfAborted(); // a listener that is added later would never be called
    request.place.onBegins?.();
    run.isInBody = true;
    readOwedSources();
    if (request.mode === "run") {
      const call = (): Promise<unknown> => untilInterrupted(async () => await request.body(inputs, step));
      return await (run.recording === undefined ? call() : run.recording.during(call));
    }
    return await untilInterrupted(async () => await (request.body as unknown as (step: unknown) => unknown)(step));
  } catch (cause) {
    throw stepFailed(run, cause);
  } finally {
    run.isInBody = false;
  }
}

/** The run of a cell that is interrupted ends as failed, and its claim is free. */
async function untilInterrupted<T>(body: () => Promise<T>): Promise<T> {
  const signal = interruptSignal();
  return await (signal === undefined ? body() : untilAborted(signal, body));
}

/** A kernel shows the stack alone. A program that ends with an error says its message, and then all of the stack but the first line. */
function headOf(error: StepFailedError): string {
  const head = `${error.name}: ${error.message}`;
  return inKernel() ? head : head.slice(0, /\n|$/.exec(head)!.index);
}

/** The original error with the step around it; its stack stays the original's, which points into the user's code. */
function stepFailed(run: ActiveRun, cause: unknown): StepFailedError {
  const [message, thrown] = cause instanceof Error
    ? [cause instanceof ConsistError ? cause.problem : cause.message, `${/^[AEIOU]/i.test(cause.name) ? "an" : "a"} ${cause.name}`]
    : [typeof cause === "string" ? cause : describe(cause), describe(cause)];
  const error = new StepFailedError("step_failed", {
    problem: `Step "${run.request.name}" failed: ${message}`,
    why: cause instanceof ConsistError ? cause.why : `Its function threw ${thrown}.`,
    fix: cause instanceof ConsistError ? cause.fix : "See the stack: it points to the place in the step's own code.",
    run: run.id,
    step: run.request.name,
    cause,
  });
  const stack = cause instanceof Error ? stackOf(cause) : undefined;
  if (stack !== undefined) {
    const all = stack.split("\n").filter((line) => /^\s+at /.test(line));
    const frames = (inKernel() ? ownFrames(all) : all).join("\n");
    if (frames !== "") error.stack = `${headOf(error)}\n${frames}`;
  }
  return error;
}
