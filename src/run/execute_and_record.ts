/** A miss: executes the step, and records what came of it. */
import { inStep } from "../errors.ts";
import type { StepIdentity } from "../identity/mod.ts";
import type { Artifact, RunResult } from "../types.ts";
import { ActiveRun, readsOfActiveRun } from "./active_run.ts";
import { claimsOf } from "./claim.ts";
import { execute, type Executed } from "./execute.ts";
import { isGapDue, SHORT_STEP_SECONDS } from "./gap.ts";
import { beforeFirstWrite } from "./interrupted.ts";
import { takeRunId } from "./label.ts";
import { type NoHit, noteEarlier } from "./look_up.ts";
import { resultOf } from "./outcome.ts";
import type { ProcessMark } from "./presence.ts";
import { type Failed, recordExecuted, recordFailed, recordStart } from "./record.ts";
import { Recording } from "./recording.ts";
import type { RunServices, StepRequest } from "./request.ts";
import { runFolder } from "./run_folders.ts";
import { StartRow } from "./start_row.ts";
import { steadyIdentity } from "./steady_identity.ts";
import { withTables } from "./tables.ts";

/** Executes a step that is no hit, in a folder of its own. */
export async function executeAndRecord(
  services: RunServices,
  request: StepRequest,
  identity: StepIdentity,
  noHit: NoHit,
): Promise<RunResult> {
  const { id, label } = await takeRunId(services, request, "execute");
  const run = new ActiveRun(services, request, id, runFolder(services, request, id));
  const isRecorded = request.cache.cacheMode !== "readonly";
  run.recording = recordingOf(request, identity);
  const lastSeconds = noHit.lastSeconds ?? request.place.expectedSeconds;
  run.expectedSeconds = lastSeconds;
  const alive = isRecorded ? claimsOf(services.runDir).enter() : undefined;
  const start = alive === undefined ? undefined : new StartRow(() => begin(run, identity, alive.mark, label));
  let isBegun = false;
  let resting: Promise<void> | undefined;
  try {
    const isShort = lastSeconds !== undefined && lastSeconds <= SHORT_STEP_SECONDS;
    // The gap that is due is best while the step executes: no lookup waits for what is over by then.
    const isDue = isShort && isRecorded && isGapDue(services.ledger, lastSeconds, request.place.rowsAfter);
    if (isShort && label === null) await beginShortly(services, start, lastSeconds);
    else await start?.now();
    isBegun = isRecorded;
    if (isDue) resting = services.ledger.rest().catch(() => {}); // what is queued stays so, and its own timer tells why
    else if (!isShort) await services.ledger.leave();
    return await resultOfExecution(run, identity, noHit, { isRecorded, label, start });
  } catch (error) {
    if (isBegun && !run.isCompleted) await recordFailure(run, identity, { error, label, miss: noHit.explained().miss });
    throw isRecorded ? inStep(error, request.name, id) : error;
  } finally {
    await resting;
    alive?.leave();
  }
}

/** What the step shows is kept where a hit may show it again. */
function recordingOf({ mode, settings, cache }: StepRequest, { signature }: StepIdentity): Recording | undefined {
  const isServed = signature !== null && mode === "run" && cache.cacheMode !== "readonly" && cache.cacheMode !== "off";
  return isServed && settings.displayOutputs !== false ? new Recording() : undefined;
}

/** Records that a run begins. Where another one took its label in the meantime the row is the other one's, and this one has none. */
async function begin(run: ActiveRun, identity: StepIdentity, mark: ProcessMark, label: string | null): Promise<void> {
  try {
    await recordStart(run.services, run, identity, mark);
  } catch (error) {
    if (label !== null) await takeRunId(run.services, run.request, "execute"); // throws where the label is taken
    throw error;
  }
}

async function beginShortly(services: RunServices, start: StartRow | undefined, expectedSeconds: number): Promise<void> {
  if (start === undefined) return;
  await beforeFirstWrite(services);
  start.soon(expectedSeconds * 1000);
}

async function resultOfExecution(
  run: ActiveRun,
  identity: StepIdentity,
  { explained, notes }: NoHit,
  { isRecorded, label, start }: { isRecorded: boolean; label: string | null; start: StartRow | undefined },
): Promise<RunResult> {
  const { services, request } = run;
  let executed: Executed;
  const held = checkedWhenHeld(run, identity);
  held.catch(() => {}); // awaited below, unless the run fails before
  try {
    executed = await execute(run, identity.code);
    request.place.onStored?.();
    await start?.settle();
  } catch (error) {
    await start?.settle().catch(() => {}); // the step's own error is the one to be told
    readsOfActiveRun()?.innerReads([], run.implicit.all, run.implicit.doubts);
    throw error;
  }
  const steady = await (run.heldSeconds === undefined ? steadyIdentity(run, identity, executed.code) : held);
  if (run.heldSeconds === undefined) request.place.onExecuted?.(executed.seconds);
  if (executed.seconds <= SHORT_STEP_SECONDS) await request.place.handedOver?.();
  const { miss, words } = explained();
  const completion = { seconds: executed.seconds, miss, write: isRecorded, label };
  const recorded = await withTables(run, isRecorded, () => recordExecuted(services, run, steady, completion));
  if (isRecorded) noteEarlier(services, recorded.run, steady, executed.seconds);
  await services.ledger.whenMade(); // whoever has a result finds the ledger that it is in
  const outputs = new Map([...run.outputs].map(([key, made]) => [key, made.artifact as Artifact]));
  return resultOf(request, identity, { outputs, recorded, active: run, miss, words, notes, value: executed.value });
}

/**
 * What a body returned is safe before it is on the disk: meanwhile its identity is looked at, and the next row of a sweep begins. Never resolves
 * for runs of which something has still to be found when all is stored.
 */
async function checkedWhenHeld(run: ActiveRun, identity: StepIdentity): Promise<StepIdentity> {
  const seconds = await run.held;
  await run.implicit.settled();
  const steady = await steadyIdentity(run, identity);
  run.request.place.onExecuted?.(seconds, steady.signature === null ? undefined : run.request);
  return steady;
}

/** What went wrong is thrown in any case: a disk that refuses the result may refuse to take its failure as well. */
export async function recordFailure(run: ActiveRun, identity: StepIdentity, failed: Failed): Promise<void> {
  try {
    await recordFailed(run, identity, failed);
  } catch (second) {
    run.warn(
      `the failure of run ${run.id} could not be recorded: ${second instanceof Error ? second.message.split("\n")[0] : String(second)}`,
    );
  }
}
