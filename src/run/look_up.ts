/** Third stage: is there an earlier run with this signature whose outputs are all there, unharmed? If not, why not? */
import { JSON } from "../intrinsics.ts";
import { digestFiles, type StoredArtifact } from "../artifacts/mod.ts";
import {
  canonicalJson,
  explain,
  type IdentityTexts,
  identityTexts,
  type Refusal,
  type StepIdentity,
  type StoredIdentity,
  storedIdentity,
  whyMiss,
} from "../identity/mod.ts";
import { identitiesOf, type IdentityRow, ownRunsById, prunedBySignature, recentRuns } from "../ledger/mod.ts";
import type { Miss, Run } from "../types.ts";
import { InputError } from "../errors.ts";
import { type Standing, standingRuns } from "./accepted.ts";
import { findCopy, recover } from "./copies.ts";
import { changedWriter } from "./driver_versions.ts";
import { isKept, isMarkedKept } from "./ingested.ts";
import { knownServables, learnServables } from "./known_servables.ts";
import { isNewSignature, isNewStep, learnSignatures } from "./known_signatures.ts";
import type { ImplicitRead } from "./implicit_inputs.ts";
import { otherPaths } from "./output_paths.ts";
import { Rereading } from "./read_again.ts";
import type { EarlierRun, RunServices, StepRequest } from "./request.ts";
import { toRun } from "../query/mod.ts";
import { unfinishedRun } from "./interrupted.ts";
import { type Verdict, verdictNote } from "./verification.ts";
import { type Servable, servableOf, servables, servablesOf, storedArtifact } from "./servable.ts";

/** An earlier run that can be served. */
export interface Hit {
  readonly source: Servable;
  readonly outputs: ReadonlyMap<string, StoredArtifact>;
  /** Output key → size. */
  readonly bytes: ReadonlyMap<string, number>;
  /** What it read without having declared it, as it is now. */
  readonly reads: readonly ImplicitRead[];
  /** Output key → path of the copy that was asked for. */
  readonly copied?: ReadonlyMap<string, string>;
  /** What the user has to know of its files, in words. */
  readonly notes?: readonly string[];
  /** By which acceptances it is served, where its code is another one. */
  readonly standing?: Standing;
}

/** Why a step executes. */
export interface Explained {
  readonly miss: Miss;
  /** The same as text. */
  readonly words: string;
}

/** Why no earlier run can be served. */
export interface NoHit {
  /** Compares the earlier runs when it is first called: nothing waits for that before the step executes. */
  readonly explained: () => Explained;
  /** How long the nearest earlier run took, in seconds. */
  readonly lastSeconds: number | undefined;
  /** What is known of the step besides: that it was seen to give different outputs. */
  readonly notes: readonly string[];
}

/** How many earlier runs of one signature are tried, and of one step compared. */
const TRIED = 5;
const COMPARED = 20;
/** Of how many steps the earlier runs are remembered. */
const STEPS_REMEMBERED = 64;

/** Looks the signature up. A run whose outputs are missing or damaged is passed over; the refusal says which and why. */
export async function lookUp(
  services: RunServices,
  request: StepRequest,
  identity: StepIdentity,
): Promise<Hit | { refusal: Refusal | undefined }> {
  const mode = request.cache.cacheMode ?? "reuse";
  if (mode === "off" || mode === "overwrite") return { refusal: { kind: mode === "off" ? "cache_off" : "overwrite" } };
  const { signature } = identity;
  if (signature === null) return { refusal: undefined };
  if (isNewSignature(services, request.model, signature)) return { refusal: undefined };
  const own = await ownServed(services, request, signature);
  if (own !== undefined) return own;
  const known = knownServables(services, signature);
  const runs = known !== undefined ? servablesOf(known, TRIED) : await services.ledger.lookUp(
    (db) => servables(db, signature, TRIED, () => learnServables(services, db, signature)),
    signature,
  );
  if (runs === "unaccepted") return { refusal: undefined };
  if (runs === "unknown") return await lookUpAccepted(services, request, identity);
  const found = await firstServed(services, request, runs);
  return "source" in found || found.refusal !== undefined ? found : { refusal: await unservedRun(services, signature) };
}

/** A run that this process has just executed, where it can be served: that needs no ledger. */
async function ownServed(services: RunServices, request: StepRequest, signature: string): Promise<Hit | undefined> {
  const runs = services.ledger.serving(signature).map(servableOf);
  const found = runs.length === 0 ? undefined : await firstServed(services, request, runs);
  return found !== undefined && "source" in found ? found : undefined;
}

/** Another code's run that a user lets stand for this one. What is wrong with it is no reason of this step's. */
async function lookUpAccepted(services: RunServices, request: StepRequest, identity: StepIdentity): Promise<Hit | { refusal: undefined }> {
  const standing = await standingRuns(services, request, identity, TRIED);
  const found = standing === undefined ? undefined : await firstServed(services, request, standing.runs);
  if (found === undefined || !("source" in found)) return { refusal: undefined };
  return { ...found, standing: standing! };
}

/** Why there is a run with this signature and nothing to serve. */
async function unservedRun(services: RunServices, signature: string): Promise<Refusal | undefined> {
  const unfinished = await unfinishedRun(services, signature);
  if (unfinished !== undefined) return unfinished;
  const pruned = await services.ledger.lookUp((db) => prunedBySignature(db, signature));
  return pruned === undefined ? undefined : { kind: "outputs_pruned", run: { id: pruned.run_id }, at: pruned.pruned_at };
}

/** The newest run that read what is there now, and whose outputs are unharmed. Harm is the better reason: there all else is as it was. */
async function firstServed(
  services: RunServices,
  request: StepRequest,
  runs: readonly Servable[],
): Promise<Hit | { refusal: Refusal | undefined }> {
  const again = new Rereading(services, request);
  let [harm, changed]: (Refusal | undefined)[] = [];
  for (const source of runs) {
    const compared = source.implicit.length === 0 ? { reads: [] } : await again.compare(source.implicit);
    if ("changes" in compared) {
      changed ??= { kind: "implicit_inputs_changed", run: { id: source.id }, inputs: compared.changes };
      continue;
    }
    const path = otherPaths(request, source);
    if (path !== undefined) {
      changed ??= { kind: "paths_changed", run: { id: source.id }, key: path };
      continue;
    }
    const writer = await changedWriter(source.outputs);
    if (writer !== undefined) {
      changed ??= { kind: "writer_changed", run: { id: source.id }, ...writer };
      continue;
    }
    const outputs = source.outputs.map((output) => storedArtifact(services, output));
    const found = await unharmed(services, source.id, outputs);
    if ("outputs" in found) return { source, ...found, ...compared };
    harm ??= found;
  }
  return { refusal: harm ?? changed };
}

/** A run's outputs with their sizes, each where it has the content that was recorded: in its own place, or in an archive. Else what is wrong. */
async function unharmed(
  services: RunServices,
  id: string,
  outputs: readonly StoredArtifact[],
): Promise<Pick<Hit, "outputs" | "bytes"> | Refusal & { kind: "outputs_missing" | "outputs_damaged" }> {
  const found = await sizesOrHarm(services, id, outputs);
  if (found instanceof Map) return { bytes: found, outputs: byKey(outputs) };
  const recovered = await recover(services, outputs);
  if (recovered === undefined) return await withRows(services, outputs) ?? found;
  const bytes = await sizesOrHarm(services, id, recovered);
  return bytes instanceof Map ? { bytes, outputs: byKey(recovered) } : found;
}

/**
 * A run's outputs where the ledger has the rows of those whose files are gone: their content is what was recorded, and they have no size. A
 * file that was changed is harm.
 */
async function withRows(services: RunServices, outputs: readonly StoredArtifact[]): Promise<Pick<Hit, "outputs" | "bytes"> | undefined> {
  if (!outputs.some(isMarkedKept)) return undefined;
  const found: StoredArtifact[] = [];
  const bytes = new Map<string, number>();
  for (const output of outputs) {
    const path = await findCopy(services, output);
    if (path !== undefined) bytes.set(output.key, (await digestFiles([path], services.digests))[0]!.bytes);
    else if (isThere(output.path) || !await isKept(services.ledger, output)) return undefined;
    found.push(path === undefined || path === output.path ? output : output.at(path));
  }
  return { bytes, outputs: byKey(found) };
}

const byKey = (outputs: readonly StoredArtifact[]): Hit["outputs"] => new Map(outputs.map((artifact) => [artifact.key, artifact]));

/** The sizes of a run's outputs where each file has the content that was recorded; else what is wrong. */
async function sizesOrHarm(
  services: RunServices,
  id: string,
  outputs: readonly StoredArtifact[],
): Promise<Map<string, number> | Refusal & { kind: "outputs_missing" | "outputs_damaged" }> {
  try {
    const digests = await digestFiles(outputs.map((output) => output.path), services.digests);
    const harmed = outputs.findIndex((output, index) => digests[index]!.digest !== output.hash);
    if (harmed < 0) return new Map(outputs.map((output, index) => [output.key, digests[index]!.bytes]));
    return { kind: "outputs_damaged", run: { id }, key: outputs[harmed]!.key, path: outputs[harmed]!.path };
  } catch (error) {
    if (!(error instanceof InputError)) throw error;
    const gone = outputs.find((output) => output.path === error.path) ?? outputs[0]!;
    return {
      kind: error.code === "input_missing" ? "outputs_missing" : "outputs_damaged",
      run: { id },
      key: gone.key,
      path: gone.path,
    };
  }
}

function isThere(path: string): boolean {
  try {
    Deno.lstatSync(path);
    return true;
  } catch (error) {
    // What may not be looked at may be there.
    return !(error instanceof Deno.errors.NotFound);
  }
}

/** Why the step has to execute, against the nearest earlier runs. */
export async function explainMiss(
  services: RunServices,
  request: StepRequest,
  identity: StepIdentity,
  refusal: Refusal | undefined,
): Promise<NoHit> {
  const [candidates] = await Promise.all([earlierRuns(services, request.model), learnSignatures(services, request.model)]);
  let found: Explained | undefined;
  const explained = (): Explained => {
    if (found !== undefined) return found;
    const miss = whyMiss({ step: request.name, now: identity, candidates, refusal });
    return found = { miss, words: explain(miss) };
  };
  return { explained, lastSeconds: candidates[0]?.seconds, notes: differedBefore(candidates) };
}

/** The newest earlier run of the step that was executed twice and gave different outputs. */
function differedBefore(candidates: readonly EarlierRun[]): string[] {
  for (const { run } of candidates) {
    const verdict = run.meta.verified as Verdict | undefined;
    if (verdict?.verdict === "different") return [`run ${run.id} of this step ${verdictNote(verdict)}`];
  }
  return [];
}

/** The newest completed runs of a step, with their identities. Remembered until another process may have written to the ledger. */
async function earlierRuns(services: RunServices, model: string): Promise<readonly EarlierRun[]> {
  const written = services.ledger.foreignWrites();
  const known = services.earlier.get(model);
  if (known !== undefined && known.written === written) return known.runs;
  if (isNewStep(services, model)) {
    remember(services, model, { written, runs: [] });
    return [];
  }
  const runs = await services.ledger.lookUp(async (db) => {
    const rows = await recentRuns(db, model, COMPARED);
    const ids = rows.map((row) => row.id);
    const [identities, own] = [await identitiesOf(db, ids), await ownRunsById(db, ids)];
    return rows.flatMap((row) => {
      const identity = identities.find(({ run_id }) => run_id === row.id);
      const ownRow = own.find(({ run_id }) => run_id === row.id);
      if (identity === undefined) return [];
      return [{
        run: toRun({ row, own: ownRow }),
        identity: { ...identityOfRow(identity), configHash: row.config_hash ?? undefined },
        seconds: ownRow?.seconds ?? undefined,
      }];
    });
  }, model);
  remember(services, model, { written, runs });
  return runs;
}

/** Puts a run that was just recorded before the earlier ones of its step. */
export function noteEarlier(services: RunServices, run: Run, identity: StepIdentity, seconds: number): void {
  const known = services.earlier.get(run.model);
  if (known === undefined) return;
  const stored = storedIdentity(identityTexts(identity));
  remember(services, run.model, { ...known, runs: [{ run, identity: stored, seconds }, ...known.runs].slice(0, COMPARED) });
}

/** A long session has many steps: those that were not asked for are forgotten first. */
function remember(services: RunServices, model: string, known: { written: number; runs: readonly EarlierRun[] }): void {
  services.earlier.delete(model);
  services.earlier.set(model, known);
  if (services.earlier.size > STEPS_REMEMBERED) services.earlier.delete(services.earlier.keys().next().value!);
}

/** The identity that was recorded with a run. */
export function identityOfRow(row: IdentityRow): StoredIdentity {
  return storedIdentity(textsOf(row));
}

function textsOf({ config, code, call, inputs }: IdentityRow): IdentityTexts {
  return { config: canonicalJson(config ?? {}), code: JSON.stringify(code), call: JSON.stringify(call), inputs: JSON.stringify(inputs) };
}
