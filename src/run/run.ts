/** The flow of one step: resolve, identify, look up, then serve the hit or execute and record. */
import { changedMeanwhile, explain, PACKAGE_STATE, type StepIdentity } from "../identity/mod.ts";
import { listNames } from "../errors.ts";
import { acceptanceOf } from "../query/mod.ts";
import type { Artifact, Miss, RunPromise, RunResult, TraceResult } from "../types.ts";
import { ActiveRun, activeRun, readsOfActiveRun } from "./active_run.ts";
import { rememberCall, rememberCodeAfter } from "./calls.ts";
import { execute, type Executed } from "./execute.ts";
import { hydrateHit } from "./hydrate.ts";
import { codeOf, identify } from "./identify.ts";
import { explainMiss, type Hit, lookUp, type NoHit, noteEarlier } from "./look_up.ts";
import { changedParts, programIdentity } from "./program.ts";
import { type Recorded, recordExecuted, recordFailed, recordHit, recordStart } from "./record.ts";
import { takeRunId } from "./label.ts";
import { runFolder } from "./run_folders.ts";
import { isRehearsal, refuseInRehearsal } from "./rehearsal.ts";
import type { RunPlace, RunServices, StepRequest } from "./request.ts";
import { type RawOptions, resolveRequest } from "./resolve.ts";
import { changedInputs } from "./steady_inputs.ts";
import { StepResult } from "./result.ts";
import { noted } from "./step_notes.ts";
import type { CodeThere } from "./task_spec.ts";
import { verdictNote } from "./verification.ts";
import { claimsOf } from "./claim.ts";
import { markOfProcess, type ProcessMark } from "./presence.ts";
import { keepTablesOfHit, withTables } from "./tables.ts";
import { beforeFirstWrite } from "./interrupted.ts";
import { Recording } from "./recording.ts";
import { replay } from "./replay.ts";
import { StartRow } from "./start_row.ts";
import { seenSoFar, Turn } from "./turn.ts";

/**
 * A step shorter than this keeps the ledger; a longer one gives it back first, so that other processes can have it. Its execution is as long
 * as the gap after a stretch.
 */
const SHORT_STEP_SECONDS = 0.3;

/** Runs a step, or takes its outputs from the cache. */
export function runStep(services: RunServices, options: unknown, place: RunPlace): RunPromise {
  return withLoad(flow(services, "run", options as RawOptions, (options as RawOptions | undefined)?.fn, place));
}

/** Runs a body in any case, with its provenance cached. */
export async function traceStep(services: RunServices, options: unknown, body: unknown, place: RunPlace): Promise<TraceResult> {
  return await flow(services, "trace", options as RawOptions, body, place) as TraceResult;
}

/** Where an ambient or tracker's `run` takes place: inside the active run, which becomes its parent, or by itself. */
export function placeOf(options: unknown): RunPlace {
  const around = activeRun();
  const parentId = (options as RawOptions | undefined)?.parentRunId ?? around?.id;
  return { ...(parentId === undefined ? {} : { parentId }), ...(around === undefined ? {} : { signal: around.signal }) };
}

/** The promise of a result, with the way straight to a value. */
function withLoad(result: Promise<RunResult>): RunPromise {
  const load = async (key?: string): Promise<unknown> => await (await result).load(key as string);
  return Object.assign(result, { load }) as RunPromise;
}

async function flow(
  given: RunServices,
  mode: StepRequest["mode"],
  options: RawOptions,
  body: unknown,
  place: RunPlace,
): Promise<RunResult> {
  if (!isRehearsal()) given.access.toRecord(`run ${stepWords(options)}`); // what a step runs that is executed again is recorded by nobody
  const services = activeRun()?.services.tracking.isOn === false ? given.untracked() : given; // what runs inside follows what is around it
  const request = await resolveRequest(services, mode, options, body, place);
  readsOfActiveRun()?.innerInputs(request);
  return await services.tracking.step(services, request);
}

/** The step in words, before its options are checked. */
const stepWords = (options: RawOptions | undefined): string =>
  typeof options?.name === "string" && options.name !== "" ? `the step "${options.name}"` : "a step";

/** Serves a step from the ledger, or executes it and records what it made. */
export async function trackedStep(services: RunServices, request: StepRequest): Promise<RunResult> {
  if (!services.ledger.isHeld) openMeanwhile(services);
  const identity = await identify(services, request);
  const result = await noted(request.name, perform(services, request, identity));
  rememberCall(services, request, identity.signature, result);
  return result;
}

/** Opens the ledger while the step is identified. Where that fails, the look that follows says why. */
function openMeanwhile({ ledger }: RunServices): void {
  ledger.lookUp(() => Promise.resolve()).catch(() => {});
}

/** Looks up until there is a hit, or until it is this step's turn to execute. */
async function perform(services: RunServices, request: StepRequest, identity: StepIdentity): Promise<RunResult> {
  const turn = new Turn(services, request);
  for (;;) {
    const seen = seenSoFar(services);
    const found = await lookUp(services, request, identity);
    if ("source" in found) return await hitOf(services, request, identity, found);
    refuseInRehearsal(request);
    const claim = await turn.take(identity.signature);
    if (claim === "waited") continue;
    try {
      // Between the look and the claim another one may have been completed.
      const again = claim === undefined || seenSoFar(services) === seen ? found : await lookUp(services, request, identity);
      if ("source" in again) return await hitOf(services, request, identity, again);
      const noHit = await explainMiss(services, request, identity, again.refusal);
      const work = () => executeAndRecord(services, request, identity, noHit);
      return await (claim === undefined ? work() : claim.computing(work));
    } finally {
      claim?.release();
    }
  }
}

async function hitOf(services: RunServices, request: StepRequest, identity: StepIdentity, found: Hit): Promise<RunResult> {
  await keepTablesOfHit(services, request, found);
  const hydrated = await hydrateHit(services, request, found);
  const hit = {
    ...found,
    notes: [...fromRows(found), ...hydrated.notes, ...await replay(services, request, found)],
    ...(hydrated.copied.size === 0 ? {} : { copied: hydrated.copied }),
  };
  return request.mode === "run" ? serve(services, request, identity, hit) : await traceHit(services, request, identity, hit);
}

/** A hit: its outputs at once; its row follows behind the caller's back. */
function serve(services: RunServices, request: StepRequest, identity: StepIdentity, hit: Hit): RunResult {
  for (const [key, artifact] of hit.outputs) request.place.onOutput?.(key, artifact);
  request.place.onSaved?.((hit.source.seconds ?? 0) - (performance.now() - request.clockedAt) / 1000);
  return resultOf(request, identity, { hit, outputs: hit.outputs, recorded: recordHit(services, request, identity, hit) });
}

async function executeAndRecord(services: RunServices, request: StepRequest, identity: StepIdentity, noHit: NoHit): Promise<RunResult> {
  const { id, label } = await takeRunId(services, request, "execute");
  const run = new ActiveRun(services, request, id, runFolder(services, request, id));
  const isRecorded = request.cache.cacheMode !== "readonly";
  run.recording = recordingOf(request, identity);
  run.expectedSeconds = noHit.lastSeconds;
  const alive = isRecorded ? claimsOf(services.runDir).enter() : undefined;
  const start = alive === undefined ? undefined : new StartRow(() => begin(run, identity, alive.mark, label));
  let isBegun = false;
  try {
    const { lastSeconds } = noHit;
    const isShort = lastSeconds !== undefined && lastSeconds <= SHORT_STEP_SECONDS;
    // The gap that is due is best while the step executes: no lookup waits for what is over by then.
    const isDue = isShort && isRecorded && services.ledger.isDueWithin(lastSeconds * 1000);
    if (isShort && !isDue && label === null) await beginShortly(services, start);
    else await start?.now();
    isBegun = isRecorded;
    if (isDue) await services.ledger.rest();
    else if (!isShort) await services.ledger.release();
    return await resultOfExecution(run, identity, noHit, { isRecorded, label, start });
  } catch (error) {
    if (isBegun && !run.isCompleted) await recordFailure(run, identity, error, label);
    throw error;
  } finally {
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

async function beginShortly(services: RunServices, start: StartRow | undefined): Promise<void> {
  if (start === undefined) return;
  await beforeFirstWrite(services);
  start.soon();
}

async function resultOfExecution(
  run: ActiveRun,
  identity: StepIdentity,
  { miss, words, notes }: NoHit,
  { isRecorded, label, start }: { isRecorded: boolean; label: string | null; start: StartRow | undefined },
): Promise<RunResult> {
  const { services, request } = run;
  let executed: Executed;
  try {
    executed = await execute(run, identity.code);
    await start?.settle();
  } catch (error) {
    await start?.settle().catch(() => {}); // the step's own error is the one to be told
    readsOfActiveRun()?.innerReads([], run.implicit.all, run.implicit.doubts);
    throw error;
  }
  const steady = await steadyIdentity(run, identity, executed.code);
  request.place.onExecuted?.(executed.seconds);
  const completion = { seconds: executed.seconds, miss, write: isRecorded, label };
  const recorded = await withTables(run, isRecorded, () => recordExecuted(services, run, steady, completion));
  if (isRecorded) noteEarlier(services, recorded.run, steady, executed.seconds);
  const outputs = new Map([...run.outputs].map(([key, made]) => [key, made.artifact as Artifact]));
  return resultOf(request, identity, { outputs, recorded, active: run, miss, words, notes, value: executed.value });
}

/** What went wrong is thrown in any case: a disk that refuses the result may refuse to take its failure as well. */
async function recordFailure(run: ActiveRun, identity: StepIdentity, error: unknown, label: string | null): Promise<void> {
  try {
    await recordFailed(run.services, run, identity, error, label);
  } catch (second) {
    run.warn(
      `the failure of run ${run.id} could not be recorded: ${second instanceof Error ? second.message.split("\n")[0] : String(second)}`,
    );
  }
}

/** The identity of a run whose inputs are still what they were when it began; else it has no signature, so that nobody is served its result. */
async function steadyIdentity(run: ActiveRun, identity: StepIdentity, there?: CodeThere): Promise<StepIdentity> {
  const { own, foreign, differs } = there ?? await codeHere(run, identity);
  if (differs.length > 0) {
    run.warn(
      `the worker process executed other code than was identified (${
        listNames(differs)
      }): a file changed, or an earlier run there changed ` +
        "what the step reads. The result is kept, and will not be served again.",
    );
  }
  if (own.length > 0 && there === undefined) {
    run.warn(`this step changes ${listNames(own)}, which it also reads: it will execute again in this process.`);
  }
  const captured = foreign.map((name) => `the captured "${name}"`);
  const changed = [
    ...captured,
    ...await changedInputs(run.services, run.request, identity.config.hash, run.implicit.all),
    ...await changedProgram(run, identity),
  ];
  if (changed.length > 0) run.warn(`${changed.join(", ")} changed while the step ran. The result is kept, and will not be served again.`);
  // The body of a trace runs in any case: a doubt about it serves nothing stale.
  const doubts = run.request.mode === "run" ? [...run.implicit.doubts] : [];
  if (doubts.length > 0) run.warn(`${doubts.join("; ")}. The result is kept, and will not be served again.`);
  return changed.length + doubts.length + differs.length === 0 ? identity : { ...identity, signature: null };
}

/** What became of the code of a step that executed in this process. */
async function codeHere(run: ActiveRun, identity: StepIdentity): Promise<CodeThere> {
  const after = await codeOf(run.services, run.request);
  rememberCodeAfter(run.request, after.hash);
  return { ...changedMeanwhile(identity.code, after), differs: [] };
}

/** What of a step's program, its arguments and the files that they name is another one by now. */
async function changedProgram({ services, request }: ActiveRun, { call }: StepIdentity): Promise<string[]> {
  const after = await programIdentity(services, request);
  return after === undefined ? [] : changedParts(call, after);
}

/** A trace that hit: its cached outputs are there before the body runs; other content for a key makes it an execution. */
async function traceHit(services: RunServices, request: StepRequest, identity: StepIdentity, hit: Hit): Promise<RunResult> {
  for (const [key, artifact] of hit.outputs) request.place.onOutput?.(key, artifact);
  const { id, label } = await takeRunId(services, request, "hit");
  const run = new ActiveRun(services, request, id, runFolder(services, request, id), hit.outputs);
  const isRecorded = request.cache.cacheMode !== "readonly";
  let executed: Executed;
  try {
    executed = await execute(run, identity.code, true);
  } catch (error) {
    if (isRecorded) await recordLateFailure(run, identity, error, label);
    throw error;
  }
  if (run.changedKeys.length === 0) {
    await run.removeEmptyFolder();
    return resultOf(request, identity, {
      hit,
      outputs: hit.outputs,
      active: run,
      recorded: recordHit(services, request, identity, hit, run),
      value: executed.value,
    });
  }
  run.warn(
    `the body logged other content than the cache holds for ${
      run.changedKeys.map((key) => `"${key}"`).join(", ")
    }; the new content is recorded. Make the step depend on what changed, as an input or in its config.`,
  );
  const miss = demotion(run, hit);
  const steady = await steadyIdentity(run, identity);
  if (isRecorded) await recordStart(services, run, steady, markOfProcess());
  const completion = { seconds: executed.seconds, miss, write: isRecorded, label };
  const recorded = await withTables(run, isRecorded, () => recordExecuted(services, run, steady, completion));
  const outputs = new Map<string, Artifact>([...hit.outputs, ...[...run.outputs].map(([key, made]) => [key, made.artifact] as const)]);
  return resultOf(request, identity, { outputs, recorded, active: run, miss, words: explain(miss), value: executed.value });
}

/** The failure of a body that ran on a hit: nothing was recorded of its run so far. */
async function recordLateFailure(run: ActiveRun, identity: StepIdentity, error: unknown, label: string | null): Promise<void> {
  await recordStart(run.services, run, identity, markOfProcess());
  await recordFailure(run, identity, error, label);
}

/** The outputs whose files are gone and whose rows the ledger has, in words. */
function fromRows({ outputs, bytes }: Hit): string[] {
  const gone = [...outputs.values()].filter(({ key }) => !bytes.has(key));
  return gone.map(({ key, path }) => `"${key}" comes from rows in the ledger: its file ${path} is gone`);
}

/** What came of executing again the step that a hit comes from. */
function verdictOf(hit: Hit | undefined): string[] {
  return hit?.source.verified === undefined ? [] : [verdictNote(hit.source.verified)];
}

function demotion(run: ActiveRun, hit: Hit): Miss {
  return {
    code: "trace_changed",
    changed: [],
    reason: `The run ${hit.source.id} has the same signature, but the body made other content for ${
      run.changedKeys.map((key) => `"${key}"`).join(", ")
    }.`,
    changes: [],
  };
}

interface Outcome {
  readonly hit?: Hit;
  readonly outputs: ReadonlyMap<string, Artifact>;
  readonly recorded: Recorded;
  readonly active?: ActiveRun;
  readonly miss?: Miss;
  readonly words?: string;
  readonly notes?: readonly string[];
  readonly value?: unknown;
}

function resultOf(request: StepRequest, identity: StepIdentity, outcome: Outcome): RunResult {
  const { hit, outputs, recorded, active, miss } = outcome;
  const made = active === undefined ? [] : [...active.outputs.values()];
  const reads = hit?.reads ?? active?.implicit.all ?? [];
  readsOfActiveRun()?.innerReads(outputs.values(), reads, active?.implicit.doubts);
  const result = new StepResult({
    request,
    run: recorded.run,
    outputs: Object.fromEntries(outputs),
    seconds: (performance.now() - request.clockedAt) / 1000,
    words: outcome.words ?? "",
    notes: [...outsideNotes(identity), ...verdictOf(hit), ...hit?.notes ?? [], ...outcome.notes ?? []],
    warnings: active?.warnings ?? [],
    bytes: new Map([...(hit?.bytes ?? []), ...made.map((output) => [output.key, output.bytes] as const)]),
    logged: active === undefined ? [] : [...active.logged.values()],
    reads,
    ...(hit?.copied === undefined ? {} : { copied: hit.copied }),
    ...(miss === undefined ? {} : { miss }),
    ...(hit?.standing === undefined ? {} : { accepted: hit.standing.chain.map(acceptanceOf) }),
    ...(hit === undefined ? {} : {
      source: {
        id: hit.source.id,
        at: hit.source.startedAt,
        ...(hit.source.seconds === undefined ? {} : { seconds: hit.source.seconds }),
      },
    }),
  });
  return (request.mode === "trace" ? Object.assign(result, { value: outcome.value }) : result) as RunResult;
}

/** What lies outside, in words. That packages have states of their own is true of every package, and would be said on nearly every card. */
function outsideNotes({ code }: StepIdentity): string[] {
  return code.outside.filter(({ why }) => why !== PACKAGE_STATE).map(({ name, why }) => `${name}: ${why}`);
}
