/** The flow of one step: resolve, identify, look up, then serve the hit or execute and record. */
import { inStep } from "../errors.ts";
import type { Refusal, StepIdentity } from "../identity/mod.ts";
import type { RunPromise, RunResult, TraceResult } from "../types.ts";
import { activeRun, readsOfActiveRun } from "./active_run.ts";
import { rememberCall } from "./calls.ts";
import { pathOrNone, recoveryRoots } from "./copies.ts";
import { executeAndRecord } from "./execute_and_record.ts";
import { hydrateHit } from "./hydrate.ts";
import { identify } from "./identify.ts";
import { knownServables } from "./known_servables.ts";
import { isKnownStep, isNewSignature } from "./known_signatures.ts";
import { explainMiss, type Hit, lookUp, type NoHit } from "./look_up.ts";
import { resultOf } from "./outcome.ts";
import { recordHit } from "./record.ts";
import { inKernel } from "../notebook/mod.ts";
import { noteInnerFiles } from "./inner_files.ts";
import { isRehearsal, refuseInRehearsal } from "./rehearsal.ts";
import { replay } from "./replay.ts";
import type { RunPlace, RunServices, StepRequest } from "./request.ts";
import { type RawOptions, resolveRequest } from "./resolve.ts";
import { noted } from "./step_notes.ts";
import { keepTablesOfHit } from "./tables.ts";
import { traceHit } from "./trace_hit.ts";
import { seenSoFar, Turn } from "./turn.ts";

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
  let step: string | undefined;
  try {
    const request = await resolveRequest(services, mode, options, body, place);
    step = request.name;
    readsOfActiveRun()?.innerInputs(request);
    noteInnerFiles(request.cache.codeIdentityExtraDeps ?? []);
    return await services.tracking.step(services, request);
  } catch (error) {
    throw inStep(error, step ?? nameOf(options));
  }
}

/** What the step is called, before its options are checked. */
const nameOf = (options: RawOptions | undefined): string | undefined =>
  typeof options?.name === "string" && options.name !== "" ? options.name : undefined;

/** The step in words, before its options are checked. */
const stepWords = (options: RawOptions | undefined): string => {
  const name = nameOf(options);
  return name === undefined ? "a step" : `the step "${name}"`;
};

/** Serves a step from the ledger, or executes it and records what it made. */
export async function trackedStep(services: RunServices, request: StepRequest): Promise<RunResult> {
  if (!isKnownStep(services, request.model)) services.ledger.prepare(); // while the step is identified
  const identity = await identify(services, request);
  const result = await noted(request.name, perform(services, request, identity).finally(() => request.place.ahead?.leave()));
  rememberCall(services, request, identity.signature, result);
  return result;
}

/** Looks up until there is a hit, or until it is this step's turn to execute. */
async function perform(services: RunServices, request: StepRequest, identity: StepIdentity): Promise<RunResult> {
  const turn = new Turn(services, request);
  for (;;) {
    await opened(services, request, identity);
    const seen = seenSoFar(services);
    const { found, explained } = await atItsTurn(services, request, identity, await lookUp(services, request, identity));
    if ("source" in found) return await hitOf(services, request, identity, found);
    refuseInRehearsal(request);
    const claim = await turn.take(identity.signature);
    if (claim === "waited") continue;
    try {
      // Between the look and the claim another one may have been completed.
      const again = claim === undefined || seenSoFar(services) === seen ? found : await lookUp(services, request, identity);
      if ("source" in again) return await hitOf(services, request, identity, again);
      const noHit = again === found && explained !== undefined ? explained : await explainMiss(services, request, identity, again.refusal);
      const work = () => executeAndRecord(services, request, identity, noHit);
      return await (claim === undefined ? work() : claim.computing(work));
    } finally {
      claim?.release();
    }
  }
}

/** A row that was looked up ahead waits for its turn. What it would be served may have been harmed meanwhile. */
async function atItsTurn(
  services: RunServices,
  request: StepRequest,
  identity: StepIdentity,
  found: Hit | { refusal: Refusal | undefined },
): Promise<{ readonly found: typeof found; readonly explained?: NoHit }> {
  const { ahead } = request.place;
  if (ahead === undefined || ahead.holds) return { found };
  const explained = "source" in found ? undefined : await explainMiss(services, request, identity, found.refusal);
  if (explained !== undefined) ahead.makeFolder(services, request);
  await ahead.turn(services, request, identity);
  return explained === undefined ? { found: await lookUp(services, request, identity) } : { found, explained };
}

/**
 * Waits for the ledger where the look that follows would: others may have written before it is open, and what is seen of that after the look
 * would ask for a second one.
 */
async function opened(services: RunServices, { cache: { cacheMode }, model }: StepRequest, { signature }: StepIdentity): Promise<void> {
  const { ledger } = services;
  if (inKernel()) await ledger.whenMade(); // what is opened while a step cell executes is taken for the cell's
  if (ledger.isHeld || signature === null || cacheMode === "off" || cacheMode === "overwrite" || ledger.serving(signature).length > 0) {
    return;
  }
  if (!isNewSignature(services, model, signature) && knownServables(services, signature) === undefined) {
    await ledger.lookUp(() => Promise.resolve(), null);
  }
}

async function hitOf(services: RunServices, request: StepRequest, identity: StepIdentity, found: Hit): Promise<RunResult> {
  await keepTablesOfHit(services, request, found);
  const hydrated = await hydrateHit(services, request, found);
  const hit = {
    ...found,
    notes: [...fromRows(found), ...fromElsewhere(services, found), ...hydrated.notes, ...await replay(services, request, found)],
    ...(hydrated.copied.size === 0 ? {} : { copied: hydrated.copied }),
  };
  return request.mode === "run" ? serve(services, request, identity, hit) : await traceHit(services, request, identity, hit);
}

/** A hit: its outputs at once; its row follows behind the caller's back. */
function serve(services: RunServices, request: StepRequest, identity: StepIdentity, hit: Hit): RunResult {
  for (const [key, artifact] of hit.outputs) request.place.onOutput?.(key, artifact);
  request.place.onSaved?.((hit.source.seconds ?? 0) - (performance.now() - request.clockedAt) / 1000, hit.source.seconds);
  return resultOf(request, identity, { hit, outputs: hit.outputs, recorded: recordHit(services, request, identity, hit) });
}

/** The outputs that are not in their own place: in an archive, or where their run executed before the project was copied or moved. */
function fromElsewhere({ roots }: RunServices, { outputs }: Hit): string[] {
  return [...outputs.values()].flatMap(({ key, uri, path, meta }) => {
    const own = pathOrNone(uri, roots);
    if (own === undefined || own === path) return [];
    const isArchived = recoveryRoots(meta).some((root) => path.startsWith(root));
    const where = isArchived ? "an archive" : "the folder in which its run executed";
    return [`"${key}" comes from ${where}, ${path}: there is no unharmed file in its own place, ${own}`];
  });
}

/** The outputs whose files are gone and whose rows the ledger has, in words. */
function fromRows({ outputs, bytes }: Hit): string[] {
  const gone = [...outputs.values()].filter(({ key }) => !bytes.has(key));
  return gone.map(({ key, path }) => `"${key}" comes from rows in the ledger: its file ${path} is gone`);
}
