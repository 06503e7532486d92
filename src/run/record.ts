/** Last stage: what the ledger keeps of a run, a hit or a failure. */
import { basename } from "@std/path";
import { stackOf } from "../errors.ts";
import type { StepIdentity } from "../identity/mod.ts";
import {
  type ArtifactFacet,
  type ArtifactRow,
  type Db,
  finishRun,
  insertArtifactFacets,
  insertArtifacts,
  insertDisplays,
  insertFacets,
  insertIdentities,
  insertLinks,
  insertOwnRuns,
  insertRuns,
  type LinkRow,
  prepareSnapshot,
  type RunFacet,
  type RunRow,
  runsById,
} from "../ledger/mod.ts";
import { toRun } from "../query/mod.ts";
import { noteHit } from "../relations/mod.ts";
import type { Artifact, Facet, Meta, Miss, Run, RunFailure } from "../types.ts";
import type { ActiveRun } from "./active_run.ts";
import { describe } from "./check_options.ts";
import { facetOf } from "./facets.ts";
import { newRunId } from "./ids.ts";
import { readsNote } from "./in_use.ts";
import { inputArtifactIds, inputLink, type InputRows, inputRows } from "./input_rows.ts";
import { beforeFirstWrite } from "./interrupted.ts";
import { forgetServables } from "./known_servables.ts";
import { noteSignature } from "./known_signatures.ts";
import type { Hit } from "./look_up.ts";
import type { ProcessMark } from "./presence.ts";
import { recipeOf } from "./recipe.ts";
import { inputsRestOn, restingNote } from "./rests_on.ts";
import { identityRow, metaOf, outputLink, outputRow, ownRow, runRow } from "./record_rows.ts";
import type { MadeOutput, RunServices, StepRequest } from "./request.ts";
import { type Scalars, servableText, servedOf } from "./servable.ts";

/** A run as it was recorded. */
export interface Recorded {
  /** The public form of its row. */
  readonly run: Run;
}

/** Says that a run has begun, and in which process, so that one whose process dies is found. */
export async function recordStart(services: RunServices, run: ActiveRun, identity: StepIdentity, mark: ProcessMark): Promise<void> {
  await beforeFirstWrite(services);
  const meta = { ...metaOf(services, run.request, identity), ...readsNote(services, run.request), _process: mark };
  const row = runRow(services, run.request, identity, run.id, { meta });
  noteSignature(services, row.model_name, row.signature);
  // A label is taken in the ledger before the step executes, or is another one's.
  if (run.request.settings.runId === undefined) await services.ledger.begin(row);
  else await services.ledger.writeRows((db) => insertRuns(db, [row]));
  run.hasBegun = true;
}

/** What an execution came to. */
export interface Completion {
  readonly seconds: number;
  readonly miss: Miss;
  /** `false` leaves no trace in the ledger. */
  readonly write: boolean;
  /** The `runId` that the user gave. */
  readonly label: string | null;
}

/** Completes a run: its artifacts, links, facets and identity in one transaction, then its snapshot. */
export async function recordExecuted(
  services: RunServices,
  run: ActiveRun,
  identity: StepIdentity,
  completion: Completion,
): Promise<Recorded> {
  const { request } = run;
  const now = new Date(services.now());
  const outputs = [...run.outputs.values()];
  const scalars = scalarsOf(outputs);
  const facet = facetOf(request, identity.config.value as Facet, scalars);
  const meta = metaOfExecuted(run, identity, completion.miss, scalars);
  const row = runRow(services, request, identity, run.id, { status: "completed", meta, ended_at: now, updated_at: now });
  const recorded = { run: toRun({ row, facet, own: ownRow(request, run.id, {}) }) };
  if (!completion.write) return recorded;
  const read = await inputRows(run, now);
  const made = outputs.map((output) => outputRow(run, output, now));
  const kept = [...run.cached?.values() ?? []].filter(({ key }) => !run.outputs.has(key));
  const shown = row.signature === null ? undefined : run.recording?.text;
  const result = textOfExecuted(run, { read, made, kept, scalars, startedAt: row.started_at, isShown: shown !== undefined });
  const own = ownRow(request, run.id, { seconds: completion.seconds, label: completion.label, signature: row.signature, result });
  const parts = identityRow(identity, run.id, outputs, await recipeOf(services, request));
  const display = shown === undefined ? {} : { display: { run_id: run.id, shown } };
  noteSignature(services, row.model_name, row.signature);
  const facets = outputs.flatMap(({ artifact, facet }) => facetRows(request, artifact.id, facet, now));
  const snapshot = prepareSnapshot(services.runDir, {
    run: row,
    inputs: [...read.rows, ...read.known],
    outputs: made,
    cached_run: null,
    config: identity.config.value,
    facet: facet ?? {},
    deno: {
      run: own,
      identity: parts,
      ledger: basename(services.ledger.path),
      ...display,
      ...implicitOf(read),
      ...besides(request.settings, facets, kept),
    },
  });
  snapshot.catch(() => {}); // told below, unless the ledger's own failure comes first
  await services.ledger.record({
    id: run.id,
    snapshot,
    about: aboutOf(row),
    serves: row.signature === null ? undefined : { run_id: run.id, signature: row.signature, seconds: completion.seconds, result },
    write: async (db) => {
      await insertArtifacts(db, [...read.rows, ...made]);
      await insertLinks(db, [...read.links, ...[...made, ...kept].map(({ id }) => outputLink(run.id, id))], { areNew: true });
      await insertRunFacet(db, request, run.id, facet, now);
      await insertArtifactFacets(db, facets);
      await insertIdentities(db, [parts]);
      await insertOwnRuns(db, [own]);
      if (display.display !== undefined) await insertDisplays(db, [display.display]);
      await writeEnd(db, run, row);
    },
  });
  if (row.signature !== null) forgetServables(services, row.signature);
  run.isCompleted = true;
  await (await snapshot).publish();
  return recorded;
}

/** Who looks for one of these has to find the run. */
const aboutOf = ({ model_name, signature }: RunRow): string[] => [model_name, ...(signature === null ? [] : [signature])];

/** Why it executed, as the ledger has it. */
const missNote = ({ code, reason, nearest }: Miss) => ({ reason: code, explanation: reason, candidate_run_id: nearest?.id ?? null });

/** Which inputs were read without being declared. */
function implicitOf({ links }: InputRows): { readonly implicit?: readonly string[] } {
  const implicit = links.filter(({ is_implicit }) => is_implicit).map(({ artifact_id }) => artifact_id);
  return implicit.length === 0 ? {} : { implicit };
}

/** What a snapshot has besides, so that it says all that the ledger does. */
function besides(settings: StepRequest["settings"], facets: readonly ArtifactFacet[], kept: readonly Artifact[]) {
  const facet = facetOptions(settings);
  return {
    ...(facets.length === 0 ? {} : { artifact_facets: facets }),
    ...(kept.length === 0 ? {} : { kept: kept.map(({ id }) => id) }),
    ...(Object.keys(facet).length === 0 ? {} : { facet }),
  };
}

/** What is noted of a run that executed. */
function metaOfExecuted(run: ActiveRun, identity: StepIdentity, miss: Miss, scalars: Scalars): Meta {
  return {
    ...metaOf(run.services, run.request, identity),
    cache_miss_explanation: missNote(miss),
    ...restingNote(inputsRestOn(run.request, run.implicit.all)),
    ...(Object.keys(scalars).length === 0 ? {} : { output_values: scalars }),
    ...(run.warnings.length === 0 ? {} : { warnings: run.warnings }),
    ...run.meta,
  };
}

interface ExecutedRows {
  readonly read: InputRows;
  readonly made: readonly ArtifactRow[];
  /** What a trace that hit left as it was in the cache. */
  readonly kept: readonly Artifact[];
  readonly scalars: Scalars;
  readonly startedAt: Date;
  readonly isShown: boolean;
}

/** The text that serves a run which executed. */
function textOfExecuted(run: ActiveRun, { read, made, kept, scalars, startedAt, isShown }: ExecutedRows): string {
  const paths = Object.keys(run.request.outputPaths);
  const cached = kept.map(({ id, key, uri, driver, hash, meta, runId }) => ({ id, key, uri, driver, hash, meta, runId: runId ?? null }));
  return servableText({
    startedAt,
    scalars,
    outputs: [...made.map(servedOf), ...cached],
    external: read.external,
    implicit: read.implicit,
    program: run.meta.program,
    ...(paths.length === 0 ? {} : { paths }),
    ...(isShown ? { shown: true as const } : {}),
  });
}

function facetRows({ model }: StepRequest, id: string, facet: Facet | undefined, now: Date): ArtifactFacet[] {
  return facet === undefined ? [] : [{ artifact_id: id, namespace: model, facet, created_at: now }];
}

/** The row as it is at the end: changed where it was written since the run began, else as a whole. */
async function writeEnd(db: Db, { id, hasBegun }: ActiveRun, row: RunRow): Promise<void> {
  if (!hasBegun || (await runsById(db, [id])).length === 0) return await insertRuns(db, [row]);
  const { status, meta, ended_at, updated_at, signature } = row;
  await finishRun(db, id, { status, meta, ended_at, updated_at, ...(signature === null ? { signature } : {}) });
}

/** The values in one cell among the outputs, by key. */
export function scalarsOf(outputs: readonly MadeOutput[]): Scalars {
  return Object.fromEntries(outputs.flatMap(({ key, scalar }) => scalar === undefined || scalar === null ? [] : [[key, scalar]]));
}

async function insertRunFacet(
  db: Db,
  request: StepRequest,
  runId: string,
  facet: Facet | undefined,
  now: Date,
): Promise<void> {
  if (facet === undefined) return;
  const row = { run_id: runId, namespace: request.model, facet, created_at: now, ...facetOptions(request.settings) };
  await insertFacets(db, [row], { areNew: true });
}

/** How a facet is to be stored. */
function facetOptions({ facetSchemaVersion, facetIndex }: StepRequest["settings"]): Pick<RunFacet, "schema_version" | "index"> {
  return {
    ...(facetSchemaVersion === undefined ? {} : { schema_version: String(facetSchemaVersion) }),
    ...(facetIndex === undefined ? {} : { index: facetIndex }),
  };
}

/** A hit reads what it was given, and what the run that it comes from read besides. */
function linksOfHit(id: string, request: StepRequest, { source }: Hit): LinkRow[] {
  const declared = new Set([...inputArtifactIds(request), ...source.external]);
  const implicit = new Set(source.implicit.flatMap((input) => input.id ?? []).filter((artifactId) => !declared.has(artifactId)));
  return [
    ...[...declared].map((artifactId) => inputLink(id, artifactId, false)),
    ...[...implicit].map((artifactId) => inputLink(id, artifactId, true)),
  ];
}

/** Records a hit as a run of its own, behind the caller's back: linked to the producer's outputs, with facets of its own. */
export function recordHit(services: RunServices, request: StepRequest, asked: StepIdentity, hit: Hit, active?: ActiveRun): Recorded {
  // Where another code stands for this one the row has that one's signature: after a revocation nothing knows this one's.
  const identity = hit.standing?.identity ?? asked;
  const now = new Date(services.now());
  const id = active?.id ?? newRunId(request.name);
  noteHit(id, { id: hit.source.id });
  const { scalars } = hit.source;
  const facet = facetOf(request, identity.config.value as Facet, scalars);
  const meta: Meta = {
    ...metaOf(services, request, identity),
    cache_hit: true,
    cache_source: hit.source.id,
    ...(hit.standing === undefined ? {} : { accepted: hit.standing.chain.map(({ id }) => id) }),
    ...restingNote(inputsRestOn(request, hit.reads)),
    ...(hit.copied === undefined ? {} : { materialized_outputs: Object.fromEntries(hit.copied) }),
    ...(Object.keys(scalars).length === 0 ? {} : { output_values: scalars }),
    ...(request.settings.runId === undefined ? {} : { label: request.settings.runId }),
    ...(hit.source.program === undefined ? {} : { program: hit.source.program }),
    ...active?.meta,
  };
  const row = runRow(services, request, identity, id, { status: "completed", meta, ended_at: now, updated_at: now });
  if (request.cache.cacheMode !== "readonly") {
    const links = [
      ...linksOfHit(id, request, hit),
      ...[...hit.outputs.values()].map((artifact) => outputLink(id, artifact.id)),
    ];
    const seconds = (performance.now() - request.clockedAt) / 1000;
    noteSignature(services, row.model_name, row.signature);
    services.ledger.later(async (db) => {
      await insertRuns(db, [row]);
      await insertOwnRuns(db, [
        ownRow(request, id, { hit: true, source_run_id: hit.source.id, seconds, label: request.settings.runId ?? null }),
      ]);
      await insertLinks(db, links, { areNew: true });
      await insertRunFacet(db, request, id, facet, now);
    });
  }
  return { run: toRun({ row, facet, own: ownRow(request, id, { hit: true }) }) };
}

/** What is recorded of a run that threw. */
export interface Failed {
  /** What was thrown. */
  readonly error: unknown;
  /** The id that the caller gave it. */
  readonly label: string | null;
  /** Why it executed, where that was looked for. */
  readonly miss?: Miss;
}

/** Completes a run that threw: what it failed with, and none of its outputs. */
export async function recordFailed(run: ActiveRun, identity: StepIdentity, { error, label, miss }: Failed): Promise<void> {
  const { services } = run;
  const now = new Date(services.now());
  const failure = failureOf(error);
  const meta: Meta = {
    ...metaOf(services, run.request, identity),
    ...(miss === undefined ? {} : { cache_miss_explanation: missNote(miss) }),
    error: failure.message,
    error_name: failure.name,
    ...(failure.stack === undefined ? {} : { error_stack: failure.stack }),
    ...run.meta,
  };
  const row = runRow(services, run.request, identity, run.id, { status: "failed", meta, ended_at: now, updated_at: now });
  const [own, parts] = [ownRow(run.request, run.id, { label }), identityRow(identity, run.id, [])];
  noteSignature(services, row.model_name, row.signature);
  const deno = { run: own, identity: parts, ledger: basename(services.ledger.path) };
  const config = identity.config.value;
  const snapshot = prepareSnapshot(services.runDir, { run: row, inputs: [], outputs: [], cached_run: null, config, facet: {}, deno });
  snapshot.catch(() => {}); // as where a run is completed
  await services.ledger.record({
    id: run.id,
    snapshot,
    about: aboutOf(row),
    write: async (db) => {
      await insertIdentities(db, [parts]);
      await insertOwnRuns(db, [own]);
      await writeEnd(db, run, row);
    },
  });
  await (await snapshot).publish();
}

/** What a run failed with: the step's own error, not the one around it. */
export function failureOf(error: unknown): RunFailure {
  const original = error instanceof Error && error.name === "StepFailedError" && error.cause !== undefined ? error.cause : error;
  if (!(original instanceof Error)) return { name: "Error", message: typeof original === "string" ? original : describe(original) };
  const stack = stackOf(original);
  return { name: original.name, message: original.message, ...(stack === undefined ? {} : { stack }) };
}
