/** Last stage: what the ledger keeps of a run, a hit or a failure. */
import { basename, join } from "@std/path";
import { safeName } from "../artifacts/mod.ts";
import { parseCanonicalJson, type StepIdentity } from "../identity/mod.ts";
import {
  type ArtifactRow,
  type Db,
  finishRun,
  gathering,
  type IdentityRow,
  insertArtifactFacets,
  insertArtifacts,
  insertDisplays,
  insertFacets,
  insertIdentities,
  insertLinks,
  insertOwnRuns,
  insertRuns,
  type Ledger,
  type LinkRow,
  type OwnRunRow,
  type PreparedSnapshot,
  prepareSnapshot,
  runIdsByLabel,
  type RunRow,
  runsById,
  writeSnapshot,
} from "../ledger/mod.ts";
import type { Facet, Meta, Miss, Run, RunFailure } from "../types.ts";
import type { ActiveRun } from "./active_run.ts";
import { describe } from "./check_options.ts";
import { facetOf } from "./facets.ts";
import { newRunId } from "./ids.ts";
import { readsNote } from "./in_use.ts";
import { hashSemantics, inputArtifactIds, inputLink, inputRows } from "./input_rows.ts";
import type { Hit } from "./look_up.ts";
import type { MadeOutput, RunServices, StepRequest } from "./request.ts";
import { labelTaken } from "./label.ts";
import { type Recipe, recipeOf, withRecipe } from "./recipe.ts";
import { beforeFirstWrite } from "./interrupted.ts";
import type { ProcessMark } from "./presence.ts";
import { type Scalars, servableText, servedOf } from "./servable.ts";
import { toRun } from "../query/mod.ts";

/** A run as it was recorded. */
export interface Recorded {
  /** The public form of its row. */
  readonly run: Run;
}

/** The id of a new run, and its label where the user gave one. A label that is taken names no second execution; a hit gets a fresh id. */
export async function takeRunId(
  services: RunServices,
  request: StepRequest,
  how: "execute" | "hit",
): Promise<{ id: string; label: string | null }> {
  const label = request.settings.runId ?? null;
  if (label === null || how === "hit") return { id: newRunId(request.name), label };
  const isTaken = await services.ledger.lookUp(async (db) =>
    (await runsById(db, [label])).length > 0 || (await runIdsByLabel(db, label)).length > 0
  );
  if (isTaken) throw labelTaken(label);
  return { id: label, label };
}

/** The folder of one run, which no other run has. */
export function runFolder(services: RunServices, request: StepRequest, id: string): string {
  return join(services.runDir, "outputs", safeName(request.name), safeName(id));
}

// ── rows ────────────────────────────────────────────────────────────────────────────────────────────────────────────────────

/** The row of a run as far as its request and identity say. */
function runRow(services: RunServices, request: StepRequest, identity: StepIdentity, id: string, more: Partial<RunRow>): RunRow {
  const { settings, place, cache } = request;
  const began = new Date(request.calledAt);
  const isServed = (cache.cacheMode ?? "reuse") !== "off";
  return {
    id,
    parent_run_id: settings.parentRunId ?? place.parentId ?? null,
    status: "running",
    model_name: request.model,
    description: settings.description ?? null,
    year: settings.year ?? null,
    iteration: settings.iteration ?? null,
    stage: settings.stage ?? null,
    phase: settings.phase ?? null,
    tags: request.tags,
    config_hash: identity.config.hash,
    git_hash: identity.codeHash,
    input_hash: identity.inputs.hash,
    signature: isServed ? identity.signature : null,
    meta: metaOf(services, request, identity),
    started_at: began,
    ended_at: null,
    created_at: began,
    updated_at: began,
    ...more,
  };
}

function metaOf(services: RunServices, request: StepRequest, identity: StepIdentity): Meta {
  return {
    code_identity: identity.code.mode,
    _physical_run_dir: services.runDir,
    mounts: services.roots.mounts ?? {},
    declared_outputs: request.outputs.map((output) => output.key),
    ...(request.name === request.model ? {} : { step: request.name }),
    ...(request.settings.stage === undefined ? {} : { stage: request.settings.stage }),
    ...(request.settings.phase === undefined ? {} : { phase: request.settings.phase }),
    ...(identity.code.opaque.length === 0 ? {} : { identity_opaque: identity.code.opaque }),
    ...(identity.code.outside.length === 0 ? {} : { identity_outside: identity.code.outside }),
  };
}

function ownRow(request: StepRequest, id: string, more: Partial<OwnRunRow>): OwnRunRow {
  const { scenario } = request.place;
  return {
    run_id: id,
    scenario_name: scenario?.name ?? null,
    header_id: scenario?.headerId ?? null,
    source_run_id: null,
    seconds: null,
    label: null,
    hit: false,
    signature: null,
    result: null,
    ...more,
  };
}

function identityRow(identity: StepIdentity, id: string, outputs: readonly MadeOutput[], recipe?: Recipe): IdentityRow {
  return {
    run_id: id,
    config: parseCanonicalJson(identity.config.canonical),
    code: identity.code,
    call: recipe === undefined ? identity.call : withRecipe(identity, recipe),
    inputs: identity.inputs,
    outputs: outputs.map(({ key, driver, hash, bytes }) => ({ key, driver, hash, bytes })),
  };
}

function outputRow(
  run: ActiveRun,
  made: MadeOutput & { readonly artifact: { readonly id: string; readonly uri: string } },
  now: Date,
): ArtifactRow {
  const { year, iteration } = run.request.settings;
  return {
    id: made.artifact.id,
    key: made.key,
    container_uri: made.artifact.uri,
    table_path: null,
    array_path: null,
    driver: made.driver,
    hash: made.hash,
    content_id: null,
    parent_artifact_id: null,
    run_id: run.id,
    meta: {
      hash_semantics: hashSemantics("file"),
      ...(year === undefined ? {} : { year }),
      ...(iteration === undefined ? {} : { iteration }),
      ...made.meta,
    },
    created_at: now,
  };
}

function outputLink(runId: string, artifactId: string): LinkRow {
  return { run_id: runId, artifact_id: artifactId, direction: "output", is_implicit: false };
}

// ── writing ─────────────────────────────────────────────────────────────────────────────────────────────────────────────────

/** Says that a run has begun, and in which process, so that one whose process dies is found. */
export async function recordStart(services: RunServices, run: ActiveRun, identity: StepIdentity, mark: ProcessMark): Promise<void> {
  await beforeFirstWrite(services);
  const meta = { ...metaOf(services, run.request, identity), ...readsNote(services, run.request), _process: mark };
  const row = runRow(services, run.request, identity, run.id, { meta });
  await services.ledger.write((db) => insertRuns(db, [row]));
  run.hasRow = true;
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
  const read = await inputRows(run, now);
  const outputRows = outputs.map((made) => outputRow(run, made, now));
  const scalars = scalarsOf(outputs);
  const facet = facetOf(request, identity.config.value as Facet, scalars);
  const meta: Meta = {
    ...metaOf(services, request, identity),
    cache_miss_explanation: {
      reason: completion.miss.code,
      explanation: completion.miss.reason,
      candidate_run_id: completion.miss.nearest?.id ?? null,
    },
    ...(Object.keys(scalars).length === 0 ? {} : { output_values: scalars }),
    ...(run.warnings.length === 0 ? {} : { warnings: run.warnings }),
    ...run.meta,
  };
  const row = runRow(services, request, identity, run.id, { status: "completed", meta, ended_at: now, updated_at: now });
  if (completion.write) {
    const identityParts = identityRow(identity, run.id, outputs, await recipeOf(services, request));
    const kept = [...run.cached?.values() ?? []].filter(({ key }) => !run.outputs.has(key));
    const links = [
      ...read.links,
      ...[...outputRows, ...kept].map(({ id }) => outputLink(run.id, id)),
    ];
    const served = [
      ...outputRows.map(servedOf),
      ...kept.map(({ id, key, uri, driver, hash, meta, runId }) => ({ id, key, uri, driver, hash, meta, runId: runId ?? null })),
    ];
    const { external, implicit } = read;
    const paths = Object.keys(request.outputPaths);
    const shown = row.signature === null ? undefined : run.recording?.text;
    const servable = servableText({
      ...{ startedAt: row.started_at, scalars, outputs: served, external, implicit, program: run.meta.program },
      ...(paths.length === 0 ? {} : { paths }),
      ...(shown === undefined ? {} : { shown: true }),
    });
    const display = shown === undefined ? undefined : { run_id: run.id, shown };
    const own = ownRow(request, run.id, {
      seconds: completion.seconds,
      label: completion.label,
      signature: row.signature,
      result: servable,
    });
    // Aside, while the ledger commits: it gets its name afterwards.
    const snapshot = prepareSnapshot(services.runDir, {
      run: row,
      inputs: read.rows,
      outputs: outputRows,
      cached_run: null,
      config: identity.config.value,
      facet: facet ?? {},
      deno: {
        ...{ run: own, identity: identityParts, ledger: basename(services.ledger.path) },
        ...(display === undefined ? {} : { display }),
      },
    });
    snapshot.catch(() => {}); // told below, unless the ledger's own failure comes first
    await discardingOnFailure(snapshot, () =>
      writeTogether(services.ledger, async (db) => {
        await insertArtifacts(db, [...read.rows, ...outputRows]);
        await insertLinks(db, links, { areNew: true });
        await insertRunFacet(db, request, run.id, facet, now);
        await insertArtifactFacets(
          db,
          outputs.flatMap((made) =>
            made.facet === undefined
              ? []
              : [{ artifact_id: made.artifact.id, namespace: request.model, facet: made.facet, created_at: now }]
          ),
        );
        await insertIdentities(db, [identityParts]);
        await insertOwnRuns(db, [own]);
        if (display !== undefined) await insertDisplays(db, [display]);
        await writeEnd(db, run, row);
      }));
    run.isCompleted = true;
    await (await snapshot).publish();
  }
  return { run: toRun({ row, facet, own: ownRow(request, run.id, {}) }) };
}

/** The row as it is at the end: changed where it was written when the run began, else as a whole. */
async function writeEnd(db: Db, { id, hasRow }: ActiveRun, row: RunRow): Promise<void> {
  if (!hasRow) return await insertRuns(db, [row]);
  const { status, meta, ended_at, updated_at, signature } = row;
  await finishRun(db, id, { status, meta, ended_at, updated_at, ...(signature === null ? { signature } : {}) });
}

/** One transaction whose inserts travel in one text. */
const writeTogether = (ledger: Ledger, work: (db: Db) => Promise<void>): Promise<void> => ledger.write((db) => gathering(db, work));

/** What could not be recorded leaves no snapshot aside. */
async function discardingOnFailure(snapshot: Promise<PreparedSnapshot>, work: () => Promise<void>): Promise<void> {
  try {
    await work();
  } catch (error) {
    await snapshot.then(({ discard }) => discard(), () => {}); // nothing is left of one that could not be written
    throw error;
  }
}

/** The values in one cell among the outputs, by key. */
export function scalarsOf(outputs: readonly MadeOutput[]): Scalars {
  return Object.fromEntries(outputs.flatMap(({ key, scalar }) => scalar === undefined || scalar === null ? [] : [[key, scalar]]));
}

async function insertRunFacet(
  db: Parameters<typeof insertFacets>[0],
  request: StepRequest,
  runId: string,
  facet: Facet | undefined,
  now: Date,
): Promise<void> {
  if (facet === undefined) return;
  const { facetSchemaVersion, facetIndex } = request.settings;
  await insertFacets(db, [{
    run_id: runId,
    namespace: request.model,
    facet,
    created_at: now,
    ...(facetSchemaVersion === undefined ? {} : { schema_version: String(facetSchemaVersion) }),
    ...(facetIndex === undefined ? {} : { index: facetIndex }),
  }], { areNew: true });
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
  const { scalars } = hit.source;
  const facet = facetOf(request, identity.config.value as Facet, scalars);
  const meta: Meta = {
    ...metaOf(services, request, identity),
    cache_hit: true,
    cache_source: hit.source.id,
    ...(hit.standing === undefined ? {} : { accepted: hit.standing.chain.map(({ id }) => id) }),
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

/** Completes a run that threw: what it failed with, and none of its outputs. */
export async function recordFailed(
  services: RunServices,
  run: ActiveRun,
  identity: StepIdentity,
  error: unknown,
  label: string | null,
): Promise<void> {
  const now = new Date(services.now());
  const failure = failureOf(error);
  const meta: Meta = {
    ...metaOf(services, run.request, identity),
    error: failure.message,
    error_name: failure.name,
    ...(failure.stack === undefined ? {} : { error_stack: failure.stack }),
    ...run.meta,
  };
  const row = runRow(services, run.request, identity, run.id, { status: "failed", meta, ended_at: now, updated_at: now });
  const [own, parts] = [ownRow(run.request, run.id, { label }), identityRow(identity, run.id, [])];
  await writeTogether(services.ledger, async (db) => {
    await insertIdentities(db, [parts]);
    await insertOwnRuns(db, [own]);
    await writeEnd(db, run, row);
  });
  const deno = { run: own, identity: parts, ledger: basename(services.ledger.path) };
  const config = identity.config.value;
  await writeSnapshot(services.runDir, { run: row, inputs: [], outputs: [], cached_run: null, config, facet: {}, deno });
}

/** What a run failed with: the step's own error, not the one around it. */
export function failureOf(error: unknown): RunFailure {
  const original = error instanceof Error && error.name === "StepFailedError" && error.cause !== undefined ? error.cause : error;
  if (!(original instanceof Error)) return { name: "Error", message: typeof original === "string" ? original : describe(original) };
  return { name: original.name, message: original.message, ...(original.stack === undefined ? {} : { stack: original.stack }) };
}
