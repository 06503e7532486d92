/** A scenario's header: the run that its steps are children of. */
import { basename } from "@std/path";
import { digestFile, driverForPath, StoredArtifact, toUri } from "../artifacts/mod.ts";
import { hashConfig, plainConfig } from "../identity/mod.ts";
import {
  finishRun,
  insertArtifacts,
  insertFacets,
  insertOwnRuns,
  insertRuns,
  type OwnRunRow,
  type RunRow,
  writeSnapshot,
} from "../ledger/mod.ts";
import type { Artifact, Facet, Meta, RunResult } from "../types.ts";
import { readsOfActiveRun } from "./active_run.ts";
import { newId, newRunId } from "./ids.ts";
import { artifactRow } from "./input_rows.ts";
import { localFile } from "./local_file.ts";
import { markOfProcess } from "./presence.ts";
import { failureOf } from "./record.ts";
import { isRehearsal } from "./rehearsal.ts";
import type { RunServices } from "./request.ts";
import { artifactOptions } from "./servable.ts";

/** A header that is open. */
export interface Header {
  /** Its id. */
  readonly id: string;
  /** When the scenario began. */
  readonly startedAt: Date;
  /** Its row. */
  readonly row: RunRow;
  /** Its config. */
  readonly config: object;
}

/** What a header takes from the options of a scenario. */
export interface HeaderOptions {
  /** The header's model. @default "scenario" */
  readonly model?: string;
  /** What the scenario is for. */
  readonly description?: string;
  /** Words to find it by. */
  readonly tags?: readonly string[];
  /** Plain data kept with it. */
  readonly config?: Facet;
  /** Its queryable values. */
  readonly facet?: Facet;
}

/** Begins a scenario. */
export async function openHeader(services: RunServices, name: string, options: HeaderOptions): Promise<Header> {
  const [id, now] = [newRunId(name), new Date(services.now())];
  const model = options.model ?? "scenario";
  const config = plainConfig(options.config ?? {}) as object;
  const row: RunRow = {
    id,
    parent_run_id: null,
    status: "running",
    model_name: model,
    description: options.description ?? null,
    year: null,
    iteration: null,
    stage: null,
    phase: null,
    tags: [...new Set(["scenario_header", ...options.tags ?? []])],
    config_hash: hashConfig(options.config ?? {}, { model }).hash,
    git_hash: null,
    input_hash: null,
    signature: null,
    meta: { scenario: name, _physical_run_dir: services.runDir, mounts: services.roots.mounts ?? {} },
    started_at: now,
    ended_at: null,
    created_at: now,
    updated_at: now,
  };
  const header = { id, startedAt: now, row, config };
  await services.tracking.begin(services, header, options.facet ?? (options.config === undefined ? undefined : config as Facet));
  return header;
}

/** What is queryable of a scenario. */
export type HeaderFacet = Facet | undefined;

/** Records that a scenario begins. */
export async function recordBeginning(services: RunServices, { id, startedAt, row }: Header, facet: HeaderFacet): Promise<void> {
  if (isRehearsal()) return;
  await services.ledger.writeRows(async (db) => {
    await insertRuns(db, [{ ...row, meta: { ...row.meta, _process: markOfProcess() } }]);
    await insertOwnRuns(db, [ownHeader(id, String(row.meta.scenario))]);
    if (facet !== undefined) await insertFacets(db, [{ run_id: id, namespace: row.model_name, facet, created_at: startedAt }]);
  });
}

function ownHeader(id: string, name: string): OwnRunRow {
  const nothing = { source_run_id: null, seconds: null, label: null, signature: null, result: null };
  return { run_id: id, scenario_name: name, header_id: id, hit: false, ...nothing };
}

/** How a scenario ended. */
export interface Ending {
  /** Whether all went well. */
  readonly status: "completed" | "failed";
  /** Its steps, in the order in which they ended. */
  readonly steps: readonly RunResult[];
  /** What it failed with. */
  readonly error?: Error;
  /** The step that failed. */
  readonly failedStep?: string;
}

/** Ends a scenario. */
export async function finishHeader(services: RunServices, header: Header, ending: Ending): Promise<void> {
  await services.tracking.end(services, header, ending);
}

/** Records that a scenario ended. */
export async function recordEnding(services: RunServices, header: Header, ending: Ending): Promise<void> {
  if (isRehearsal()) return;
  const now = new Date(services.now());
  const failure = ending.error === undefined ? undefined : failureOf(ending.error);
  const meta: Meta = {
    ...header.row.meta,
    steps: ending.steps.map(stepNote),
    ...(failure === undefined ? {} : { error: failure.message, error_name: failure.name, failed_with: failure.message }),
    ...(ending.failedStep === undefined ? {} : { failed_step: ending.failedStep }),
  };
  const changes = { status: ending.status, meta, ended_at: now, updated_at: now } as const;
  await services.ledger.writeRows((db) => finishRun(db, header.id, changes));
  const row = { ...header.row, ...changes };
  const deno = { run: ownHeader(header.id, String(header.row.meta.scenario)), ledger: basename(services.ledger.path) };
  await writeSnapshot(services.runDir, { run: row, inputs: [], outputs: [], cached_run: null, config: header.config, facet: {}, deno });
}

function stepNote({ run, outputs }: RunResult): object {
  return {
    id: run.id,
    model: run.model,
    status: run.status,
    description: run.description ?? null,
    started_at: run.startedAt.toISOString(),
    ended_at: run.endedAt?.toISOString() ?? null,
    duration_seconds: run.endedAt === undefined ? null : (run.endedAt.getTime() - run.startedAt.getTime()) / 1000,
    outputs: Object.fromEntries(Object.values(outputs).filter(Boolean).map((artifact) => [artifact.id, artifact.key])),
  };
}

/** A file from outside as an artifact, hashed. */
export async function artifactFromFile(services: RunServices, key: string, path: string | URL): Promise<Artifact> {
  const { path: file, written, url } = await localFile(services, path, `the key "${key}"`);
  const hash = await digestFile(file, services.digests);
  const fields = { id: newId(), key, path: file, uri: toUri(file, services.roots), driver: driverForPath(file).name, hash };
  const meta = { file: basename(file), ...(url === undefined ? {} : { source_url: url }) };
  const artifact = new StoredArtifact({ ...fields, meta }, artifactOptions(services));
  const reads = readsOfActiveRun();
  if (reads !== undefined) reads.logged(written, artifact);
  else services.ledger.later((db) => insertArtifacts(db, [artifactRow(artifact, artifact.id, new Date(services.now()))]));
  return artifact;
}
