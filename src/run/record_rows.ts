/** The rows of a run, as the ledger's tables want them. */
import { parseCanonicalJson, type StepIdentity } from "../identity/mod.ts";
import type { ArtifactRow, IdentityRow, LinkRow, OwnRunRow, RunRow } from "../ledger/mod.ts";
import type { Meta } from "../types.ts";
import type { ActiveRun } from "./active_run.ts";
import { hashSemantics } from "./input_rows.ts";
import { type Recipe, withRecipe } from "./recipe.ts";
import type { MadeOutput, RunServices, StepRequest } from "./request.ts";

/** The row of a run as far as its request and identity say. */
export function runRow(services: RunServices, request: StepRequest, identity: StepIdentity, id: string, more: Partial<RunRow>): RunRow {
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

/** What is noted of a run before it begins. */
export function metaOf(services: RunServices, request: StepRequest, identity: StepIdentity): Meta {
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

/** The row of what Python's table has no columns for. */
export function ownRow(request: StepRequest, id: string, more: Partial<OwnRunRow>): OwnRunRow {
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

/** The row of what a run's signature was made of. */
export function identityRow(identity: StepIdentity, id: string, outputs: readonly MadeOutput[], recipe?: Recipe): IdentityRow {
  return {
    run_id: id,
    config: parseCanonicalJson(identity.config.canonical),
    code: identity.code,
    call: recipe === undefined ? identity.call : withRecipe(identity, recipe),
    inputs: identity.inputs,
    outputs: outputs.map(({ key, driver, hash, bytes }) => ({ key, driver, hash, bytes })),
  };
}

/** The row of an output. */
export function outputRow(
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

/** The row that says that a run has an output. */
export function outputLink(runId: string, artifactId: string): LinkRow {
  return { run_id: runId, artifact_id: artifactId, direction: "output", is_implicit: false };
}
