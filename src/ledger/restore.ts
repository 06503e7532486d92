/** Brings back what snapshots have and a ledger lacks: after it was lost, or when it could not be had while a run ended. */
import { LedgerError } from "../errors.ts";
import { JSON } from "../intrinsics.ts";
import { artifactsById, insertArtifacts, insertLinks, type LinkRow } from "./artifacts.ts";
import type { Db } from "./connection.ts";
import { insertArtifactFacets, insertFacets } from "./facets.ts";
import { displayOf, type DisplayRow, insertDisplays } from "./displays.ts";
import { insertIdentities } from "./identities.ts";
import { insertOwnRuns, ownRunsById } from "./own_runs.ts";
import { finishRun, insertRuns, type RunRow, runsById } from "./runs.ts";
import { readSnapshotFile, type Snapshot } from "./snapshot.ts";

/** A run that has not ended, or of which the ledger does not know it. */
const OPEN: readonly string[] = ["running", "interrupted"];

/** Does a ledger that has a run with this status, or none, lack what its snapshot says? */
export function isLacking(known: string | undefined, inSnapshot: string): boolean {
  return known === undefined || (OPEN.includes(known) && !OPEN.includes(inSnapshot));
}

/**
 * Inserts the runs that the ledger lacks, with their artifacts, links, facets and identities. What is there stays as it is, but a run that the
 * ledger saw only begin ends as its snapshot says.
 *
 * @param db a transaction
 * @param snapshots of runs, in any order
 * @param now stands in for times that a snapshot of another program lacks
 * @returns the ids of the runs that came back, in the order in which they were made
 */
export async function restoreSnapshots(db: Db, snapshots: readonly Snapshot[], now: Date): Promise<string[]> {
  const known = new Map((await runsById(db, snapshots.map((snapshot) => snapshot.run.id))).map((run) => [run.id, run.status]));
  const lost = new Map<string, Snapshot>();
  for (const snapshot of snapshots) {
    const status = known.get(snapshot.run.id);
    if (isLacking(status, snapshot.run.status) && isLacking(lost.get(snapshot.run.id)?.run.status, snapshot.run.status)) {
      lost.set(snapshot.run.id, { ...snapshot, run: complete(snapshot.run, now) });
    }
  }
  const inOrder = [...lost.values()].sort((a, b) => a.run.created_at.getTime() - b.run.created_at.getTime());
  await insertRuns(db, inOrder.map((snapshot) => snapshot.run).filter(({ id }) => !known.has(id)));
  for (const { run } of inOrder.filter(({ run }) => known.has(run.id))) await finishRun(db, run.id, run);
  await restoreArtifacts(db, inOrder);
  await insertLinks(db, inOrder.flatMap(linksOf));
  await insertFacets(db, inOrder.flatMap(facetOf));
  await insertArtifactFacets(db, inOrder.flatMap(({ deno }) => deno?.artifact_facets ?? []));
  await restoreOwn(db, inOrder);
  return inOrder.map((snapshot) => snapshot.run.id);
}

/** Inserts the row of a run that begins, where the ledger lacks it. */
export async function restoreRun(db: Db, run: RunRow): Promise<void> {
  if ((await runsById(db, [run.id])).length === 0) await insertRuns(db, [run]);
}

/** What became of files of snapshots. */
export interface Restored {
  /** Those whose run the ledger has now. */
  readonly done: ReadonlyMap<string, RunRow>;
  /** Those that hold no run that could be read. */
  readonly unreadable: readonly string[];
}

/** Inserts the runs whose snapshots are in these files, where the ledger lacks them. */
export async function restoreFiles(db: Db, files: readonly string[]): Promise<Restored> {
  const snapshots = new Map<string, Snapshot>();
  const unreadable: string[] = [];
  for (const file of files) {
    try {
      const snapshot = await readSnapshotFile(file);
      if (snapshot !== undefined) snapshots.set(file, snapshot);
    } catch (error) {
      if (!(error instanceof LedgerError)) throw error;
      unreadable.push(file);
    }
  }
  await restoreSnapshots(db, [...snapshots.values()], new Date());
  return { done: new Map([...snapshots].map(([file, { run }]) => [file, run])), unreadable };
}

function complete(run: RunRow, now: Date): RunRow {
  const created_at = run.created_at ?? run.started_at ?? now;
  return {
    ...run,
    created_at,
    started_at: run.started_at ?? created_at,
    updated_at: run.updated_at ?? run.ended_at ?? created_at,
    tags: run.tags ?? [],
    meta: run.meta ?? {},
  };
}

async function restoreArtifacts(db: Db, snapshots: readonly Snapshot[]): Promise<void> {
  // Of an artifact that one run made and another one read the maker's snapshot says more.
  const rows = [...snapshots.flatMap(({ inputs }) => inputs), ...snapshots.flatMap(({ outputs }) => outputs)];
  const all = new Map(rows.map((artifact) => [artifact.id, artifact]));
  const known = new Set((await artifactsById(db, [...all.keys()])).map((artifact) => artifact.id));
  // Content ids are this ledger's own: they are found or made anew.
  await insertArtifacts(
    db,
    [...all.values()].filter(({ id }) => !known.has(id)).map((artifact) => ({
      ...artifact,
      content_id: null,
      meta: withoutRows(artifact.meta),
    })),
  );
}

/** Ingested rows are in the ledger alone: what comes back from a snapshot has none. */
function withoutRows(meta: Readonly<Record<string, unknown>> | null): Record<string, unknown> {
  const { is_ingested: _, dlt_table_name: __, rows_in_ledger: ___, ...rest } = meta ?? {};
  return rest;
}

/** The text of what a run serves, with artifacts that have no rows in the ledger. */
function servedWithoutRows(text: string | null): string | null {
  if (text === null || !/"(?:is_ingested|rows_in_ledger)"/.test(text)) return text;
  const served = JSON.parse(text) as { readonly outputs: readonly { readonly meta: Record<string, unknown> }[] };
  return JSON.stringify({ ...served, outputs: served.outputs.map((output) => ({ ...output, meta: withoutRows(output.meta) })) });
}

function linksOf({ run, inputs, outputs, deno }: Snapshot): LinkRow[] {
  const implicit = new Set(deno?.implicit ?? []);
  const link = (direction: "input" | "output") => ({ id }: { id: string }): LinkRow => ({
    run_id: run.id,
    artifact_id: id,
    direction,
    is_implicit: direction === "input" && implicit.has(id),
  });
  const kept = (deno?.kept ?? []).map((id) => ({ id }));
  return [...inputs.map(link("input")), ...[...outputs, ...kept].map(link("output"))];
}

function facetOf({ run, facet, deno }: Snapshot) {
  if (typeof facet !== "object" || facet === null || Array.isArray(facet)) return [];
  if (deno !== undefined && Object.keys(facet).length === 0) return []; // ours had none
  const { config_facet_namespace: namespace, config_facet_schema: schema, config_facet_schema_version: version } = run.meta;
  return [{
    run_id: run.id,
    namespace: typeof namespace === "string" ? namespace : run.model_name,
    facet: facet as Record<string, unknown>,
    schema_name: typeof schema === "string" ? schema : undefined,
    schema_version: typeof version === "string" ? version : null,
    created_at: run.ended_at ?? run.created_at,
    ...deno?.facet,
  }];
}

/** Our rows may have outlived a run that another program took away. */
async function restoreOwn(db: Db, snapshots: readonly Snapshot[]): Promise<void> {
  const known = new Set((await ownRunsById(db, snapshots.map(({ run }) => run.id))).map((row) => row.run_id));
  const lost = snapshots.filter(({ run }) => !known.has(run.id));
  await insertOwnRuns(
    db,
    lost.flatMap(({ deno }) => deno?.run === undefined ? [] : [{ ...deno.run, result: servedWithoutRows(deno.run.result) }]),
  );
  await insertIdentities(db, lost.flatMap(({ deno }) => deno?.identity ?? []));
  await restoreDisplays(db, lost.flatMap(({ deno }) => deno?.display ?? []));
}

/** Large, so that they are not asked for all at once. */
async function restoreDisplays(db: Db, rows: readonly DisplayRow[]): Promise<void> {
  for (const row of rows) {
    if (await displayOf(db, row.run_id) === undefined) await insertDisplays(db, [row]);
  }
}
