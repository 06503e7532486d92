/** Executes a recorded step again beside the original, compares what the outputs contain, and keeps the verdict with the original. */
import { firstDifference, type StoredArtifact } from "../../artifacts/mod.ts";
import { ConsistError, listNames } from "../../errors.ts";
import {
  changedMeanwhile,
  type CodeIdentity,
  differences,
  parseCanonicalJson,
  type PlainObject,
  type StepIdentity,
  type StoredIdentity,
} from "../../identity/mod.ts";
import {
  changeOwnRun,
  finishRun,
  identitiesOf,
  ownRunsById,
  prunedAmong,
  readSnapshot,
  runsById,
  writeSnapshot,
} from "../../ledger/mod.ts";
import { runIdOf, type RunLike } from "../../query/mod.ts";
import { findRun } from "../../query/answers/mod.ts";
import type { Run } from "../../types.ts";
import { ActiveRun } from "../active_run.ts";
import { isCodeAfter, rememberCodeAfter, rememberedCall } from "../calls.ts";
import { executeHere } from "../execute.ts";
import { codeOf, identify } from "../identify.ts";
import { callAgain, type Recall, recipeIn } from "../recipe.ts";
import { newRunId } from "../ids.ts";
import { identityOfRow } from "../look_up.ts";
import { Rereading } from "../read_again.ts";
import { runFolder } from "../run_folders.ts";
import type { RunServices, StepRequest } from "../request.ts";
import { type RawOptions, resolveRequest } from "../resolve.ts";
import { type Servable, servableOf, storedArtifact, withVerdict } from "../servable.ts";
import { changedInputs } from "../steady_inputs.ts";
import type { Verdict, Verification } from "../verification.ts";
import { type OutputDifference, StepVerification } from "./step_verification.ts";

/** A recorded run with all that its repetition is compared with. */
interface Original {
  readonly run: Run;
  readonly served: Servable;
  readonly identity: StoredIdentity;
  readonly configHash: string;
}

/** Why there is nothing to compare. */
class NotRepeatable extends Error {}

/**
 * Executes a recorded step again and compares. `options` are those of its call, where this process does not remember it; with `recall` the
 * function of a call that is neither given nor remembered is looked for in its module.
 *
 * @throws {FindError} `run_not_found`.
 */
export async function verifyRun(services: RunServices, asked: RunLike, options?: unknown, recall?: Recall): Promise<Verification> {
  services.access.toWrite("execute a run again");
  const run = await executedRun(services, asked);
  try {
    const original = await originalOf(services, run);
    const call = await callOf(services, asked, original, options as RawOptions | undefined, recall);
    const request = repetitionOf(services, call);
    const identity = await sameIdentity(services, call, request, original);
    const verification = await repeat(services, original, request, identity);
    rememberCodeAfter(call, (await codeOf(services, request)).hash);
    return verification;
  } catch (error) {
    if (error instanceof NotRepeatable) return new StepVerification("not_repeatable", run, { reason: error.message });
    throw error;
  }
}

// ── what is repeated ────────────────────────────────────────────────────────────────────────────────────────────────────────

/** The run that executed: of a hit the one that its outputs come from. */
async function executedRun(services: RunServices, asked: RunLike): Promise<Run> {
  const run = await findRun(services, { id: runIdOf(asked), history: true });
  const [own] = await services.ledger.read((db) => ownRunsById(db, [run.id]));
  return typeof own?.source_run_id === "string" ? await findRun(services, { id: own.source_run_id, history: true }) : run;
}

async function originalOf(services: RunServices, run: Run): Promise<Original> {
  if (run.status !== "completed") throw new NotRepeatable(`The run is ${run.status}: only what was completed has outputs to compare.`);
  const { own, identity, row, pruned } = await services.ledger.read(async (db) => ({
    own: (await ownRunsById(db, [run.id]))[0],
    identity: (await identitiesOf(db, [run.id]))[0],
    row: (await runsById(db, [run.id]))[0],
    pruned: (await prunedAmong(db, [run.id]))[0],
  }));
  if (pruned !== undefined) throw new NotRepeatable("Its cached files were pruned: there is nothing left to compare with.");
  if (typeof own?.result !== "string" || identity === undefined || row?.config_hash == null) {
    throw new NotRepeatable(
      "What decides its result was not recorded: it is no step, or another program recorded it. Verify runs that this library made.",
    );
  }
  return { run, served: servableOf({ ...own, result: own.result }), identity: identityOfRow(identity), configHash: row.config_hash };
}

/** The call, from the options given, from memory, or from what the ledger keeps of it. */
async function callOf(
  services: RunServices,
  asked: RunLike,
  original: Original,
  options: RawOptions | undefined,
  recall: Recall | undefined,
): Promise<StepRequest> {
  const { run } = original;
  const remembered = (): StepRequest | undefined => rememberedCall(services, asked, run.id, run.signature);
  const request = options !== undefined
    ? await resolveRequest(services, "run", options, options.fn, {})
    : remembered() ?? (recall === undefined ? undefined : await recalled(services, original, recall, remembered));
  if (request === undefined) {
    throw new NotRepeatable(
      "Its step was not run in this process, so that its function is not at hand. Run it here first, or give its options: verifyRun(run, { name, fn, inputs, config, outputs }).",
    );
  }
  if (request.mode === "trace") {
    throw new NotRepeatable("It is a trace, whose body runs each time: each run compares what it logs with what the cache holds.");
  }
  return request;
}

/** What the ledger keeps of the call, with its function; a module that makes the call itself when it is imported is as good. */
async function recalled(
  services: RunServices,
  { identity }: Original,
  recall: Recall,
  remembered: () => StepRequest | undefined,
): Promise<StepRequest> {
  const recipe = recipeIn(identity);
  if (recipe === undefined) throw new NotRepeatable("How it was called was not recorded: an older version of this library made it.");
  const found = await callAgain(services, identity, recipe, recall).catch((error) => ({ why: whyNot(error) }));
  const request = "why" in found ? remembered() : found;
  if (request === undefined) throw new NotRepeatable((found as { readonly why: string }).why);
  return request;
}

/** What stands in the way of a call, as that an input is gone; other errors are no verdict. */
function whyNot(error: unknown): string {
  if (error instanceof ConsistError) return `It cannot be called again: ${error.problem}`;
  throw error;
}

/** The call once more, by itself: its inputs are looked at anew, and nothing of it reaches a scenario or a folder of the user's. */
function repetitionOf(services: RunServices, request: StepRequest): StepRequest {
  const { outputDir: _copies, ...settings } = request.settings;
  const [inputs, dependencies] = [request.inputs, request.dependencies].map((list) => list.map((input) => ({ ...input })));
  return {
    ...request,
    settings,
    inputs: inputs!,
    dependencies: dependencies!,
    place: {},
    isRepeated: true,
    calledAt: services.now(),
    clockedAt: performance.now(),
  };
}

/** The identity of the call, which has to be that of the original: else it is another step, and nothing follows from a difference. */
async function sameIdentity(
  services: RunServices,
  call: StepRequest,
  request: StepRequest,
  original: Original,
): Promise<StepIdentity> {
  const identity = await identify(services, request);
  const { code, call: asked, inputs } = original.identity;
  // What a step changes itself is another value by now, in the same step.
  const isSameCode = code.hash === identity.code.hash || isCodeAfter(call, identity.code.hash);
  const others = [
    ...(isSameCode && asked.hash === identity.call.hash ? [] : ["code"]),
    ...(original.configHash === identity.config.hash ? [] : ["config"]),
    ...(inputs.hash === identity.inputs.hash ? [] : ["inputs"]),
  ];
  const present = { ...identity, config: parseCanonicalJson(identity.config.canonical) as PlainObject };
  const names = others.length === 0 ? [] : differences(original.identity, present).map(({ change }) => change.name);
  if (others.length > 0) throw changedSince(names.length === 0 ? others : names);
  const changed = await changedInputs(services, request, original.configHash, []);
  if (changed.length > 0) throw changedSince(changed);
  const compared = await new Rereading(services, request).compare(original.served.implicit);
  if ("changes" in compared) throw changedSince(compared.changes.map(({ label }) => label));
  return identity;
}

function changedSince(names: readonly string[]): NotRepeatable {
  return new NotRepeatable(`What decides its result is not what it was: ${listNames(names)}. Verify the run that is made now.`);
}

// ── repeating ───────────────────────────────────────────────────────────────────────────────────────────────────────────────

async function repeat(services: RunServices, original: Original, request: StepRequest, identity: StepIdentity): Promise<Verification> {
  const id = newRunId(request.name);
  const run = new ActiveRun(services, request, id, runFolder(services, request, id));
  let isKept = false;
  try {
    await services.ledger.release();
    await executeAgain(run);
    const changed = await changedInputs(services, request, original.configHash, run.implicit.all);
    if (changed.length > 0) throw changedSince(changed);
    const found = await compare(services, original, run);
    isKept = found.length > 0;
    const verification = new StepVerification(found.length === 0 ? "equal" : "different", original.run, {
      found,
      repeated: repeatedRun(original, run, isKept),
      ...(found.length === 0 ? {} : { reason: likelyCauses(original.identity.code, identity.code) }),
    });
    await keepVerdict(services, original, verification);
    return verification;
  } finally {
    if (!isKept) await Deno.remove(run.dir, { recursive: true }).catch(ignoreMissing);
  }
}

/** A folder that was never made need not be removed. */
function ignoreMissing(error: unknown): void {
  if (!(error instanceof Deno.errors.NotFound)) throw error;
}

async function executeAgain(run: ActiveRun): Promise<void> {
  try {
    await executeHere(run);
  } catch (error) {
    if (!(error instanceof ConsistError)) throw error;
    throw new NotRepeatable(`It failed when it was executed again: ${error.message}`);
  }
}

/** The outputs with other content, in the order of their keys. */
async function compare(services: RunServices, { served }: Original, run: ActiveRun): Promise<OutputDifference[]> {
  const before = new Map(served.outputs.map((output) => [output.key, storedArtifact(services, output)]));
  const after = new Map([...run.outputs].map(([key, { artifact }]) => [key, artifact]));
  const keys = [...new Set([...before.keys(), ...after.keys()])].sort();
  const found = await Promise.all(keys.map((key) => difference(key, before.get(key), after.get(key))));
  return found.filter((each) => each !== undefined);
}

/** The first difference of two outputs of one key, of which one may be missing; none where they are the same. */
export async function difference(
  key: string,
  before: StoredArtifact | undefined,
  after: StoredArtifact | undefined,
): Promise<OutputDifference | undefined> {
  if (before === undefined || after === undefined) {
    const [made, not] = ["made", "not made"];
    return { key, place: "the output", before: before === undefined ? not : made, after: after === undefined ? not : made };
  }
  if (before.driver !== after.driver) return { key, place: "driver", before: before.driver, after: after.driver };
  if (before.hash === after.hash) return undefined;
  const path = await before.check() === undefined ? before.path : await before.copy();
  if (path === undefined) {
    // The original's file is gone or was edited, and was not archived: what is left of it is its hash.
    return { key, place: "content", before: before.hash.slice(0, 12), after: after.hash.slice(0, 12) };
  }
  return { key, ...await firstDifference(before.driver, path, after.path) };
}

function likelyCauses(before: CodeIdentity, now: CodeIdentity): string {
  const { outside, parts } = now;
  const changing = parts.filter(({ kind }) => kind === "changing").map(({ name }) => name);
  const state = [...new Set([...changing, ...changedMeanwhile(before, now).own])].map((name) => `${name} (changed by the step itself)`);
  const causes = [...state, ...outside.map(({ name, why }) => `${name} (${why})`)];
  return causes.length === 0
    ? "Its code names no clock, no randomness and nothing else outside: look for the order of parallel work, or for state inside a package."
    : `Likely causes in its code: ${causes.slice(0, 8).join(", ")}.`;
}

/** The execution as a run: of the original's step, with files of its own where these are kept. */
function repeatedRun({ run }: Original, active: ActiveRun, isKept: boolean): Run {
  const paths = Object.fromEntries([...active.outputs].map(([key, { path }]) => [key, path]));
  const { parentId: _parent, scenarioId: _scenario, ...same } = run;
  return {
    ...same,
    id: active.id,
    cacheHit: false,
    meta: { repeats: run.id, ...(isKept ? { outputs: paths } : {}) },
    startedAt: new Date(active.request.calledAt),
    endedAt: new Date(active.services.now()),
  };
}

// ── keeping the verdict ─────────────────────────────────────────────────────────────────────────────────────────────────────

/** With the run, for whoever looks at it, and in what it serves, so that a hit shows it without another question. */
async function keepVerdict(services: RunServices, { run }: Original, { verdict, differences }: Verification): Promise<void> {
  const now = new Date(services.now());
  const kept: Verdict = { verdict: verdict as Verdict["verdict"], at: now.toISOString(), differences };
  await services.ledger.write(async (db) => {
    const [row] = await runsById(db, [run.id]);
    const [own] = await ownRunsById(db, [run.id]);
    await finishRun(db, run.id, { meta: { ...row!.meta, verified: kept }, updated_at: now });
    if (typeof own?.result === "string") await changeOwnRun(db, run.id, { result: withVerdict(own.result, kept) });
  });
  services.earlier.delete(run.model);
  await keepInSnapshot(services, run.id, kept);
}

/** A ledger that is rebuilt from snapshots knows the verdict too. */
async function keepInSnapshot({ runDir }: RunServices, id: string, kept: Verdict): Promise<void> {
  const snapshot = await readSnapshot(runDir, id);
  if (snapshot === undefined) return;
  const { run, deno } = snapshot;
  const own = typeof deno?.run?.result === "string" ? { ...deno.run, result: withVerdict(deno.run.result, kept) } : deno?.run;
  await writeSnapshot(runDir, {
    ...snapshot,
    run: { ...run, meta: { ...run.meta, verified: kept } },
    ...(deno === undefined ? {} : { deno: { ...deno, ...(own === undefined ? {} : { run: own }) } }),
  });
}
