/** The table `deno_run`: what we know of a run beyond Python's columns. */
import type { Db } from "./connection.ts";
import { insertRows } from "./insert.ts";
import { quoteName } from "./schema.ts";
import { runsById } from "./runs.ts";
import { among, rowsOfKeys } from "./select.ts";
import type { SqlScalar } from "./values.ts";

/** A row of `deno_run`. */
export interface OwnRunRow {
  /** The run. */
  readonly run_id: string;
  /** Name of the scenario. */
  readonly scenario_name: string | null;
  /** Header of the scenario's execution. */
  readonly header_id: string | null;
  /** The run whose outputs a hit serves. */
  readonly source_run_id: string | null;
  /** How long it took. */
  readonly seconds: number | null;
  /** The `runId` that the user gave. */
  readonly label: string | null;
  /** Did its outputs come from an earlier run? */
  readonly hit: boolean;
  /** The signature of a run that executed; null for a hit, so that lookups never wade through hits. */
  readonly signature: string | null;
  /** JSON of what a hit on this run serves; null until the run is completed. With it a lookup is one question. */
  readonly result: string | null;
}

/** What a completed run can serve. */
export interface ServableRow {
  /** The run. */
  readonly run_id: string;
  /** How long it took. */
  readonly seconds: number | null;
  /** JSON of what it serves. */
  readonly result: string;
}

/** The completed runs with this signature that executed, in the order in which they were recorded, last first: a clock may be set back. */
export async function servableRuns(db: Db, signature: string): Promise<ServableRow[]> {
  type Row = ServableRow & { readonly place: number };
  const { where } = among("signature", [signature]);
  const rows = await db.all<Row>(`SELECT run_id, seconds, result, rowid AS place FROM deno_run WHERE ${where}`);
  const recorded = rows.filter((row) => row.result !== null).sort((a, b) => b.place - a.place);
  return recorded.map(({ place: _, ...row }) => row);
}

/** Inserts rows; a second one of a run is an error. */
export async function insertOwnRuns(db: Db, rows: readonly OwnRunRow[]): Promise<void> {
  await insertRows(db, "deno_run", rows as readonly (OwnRunRow & Record<string, unknown>)[]);
}

/** Changes the named columns of one run. */
export async function changeOwnRun(db: Db, runId: string, changes: Partial<Omit<OwnRunRow, "run_id">>): Promise<void> {
  const entries = Object.entries(changes).filter(([, value]) => value !== undefined).sort(([a], [b]) => a < b ? -1 : 1);
  if (entries.length === 0) return;
  const sets = entries.map(([name], index) => `${quoteName(name)} = $${index + 2}`).join(", ");
  await db.run(`UPDATE deno_run SET ${sets} WHERE run_id = $1`, [runId, ...entries.map(([, value]) => value as SqlScalar)]);
}

/** The rows of these runs; runs of Python have none. */
export async function ownRunsById(db: Db, runIds: readonly string[]): Promise<OwnRunRow[]> {
  return await rowsOfKeys(db, "deno_run", "run_id", runIds);
}

/** The ids of the runs with this label, newest first. */
export async function runIdsByLabel(db: Db, label: string): Promise<string[]> {
  const found = await db.all<{ id: string }>("SELECT run_id AS id FROM deno_run WHERE label = $1", [label]);
  return (await runsById(db, found.map((row) => row.id))).map((row) => row.id);
}
