/** Takes the runs of another ledger into this one. */
import { LedgerError } from "../../errors.ts";
import type { Db } from "../connection.ts";
import { openFailure } from "../failures.ts";
import type { Ledger } from "../ledger.ts";
import { INGESTED_TABLE, LATER_TABLES, OWN_TABLES, quoteName, SHARED_TABLES, type TableSpec } from "../schema.ts";
import type { OnProgress } from "./compact.ts";
import { mergeIngested } from "./merge_rows.ts";

/** What a merge came to, or would. */
export interface Merged {
  /** Rows that came in, by table. */
  readonly rows: { readonly [table: string]: number };
  /** Ids of runs that both have, and that are not the same run: this ledger's stay. */
  readonly conflicts: readonly string[];
  /** Tables with ingested rows that stay behind, since nothing says whose they are. */
  readonly leftBehind: readonly string[];
}

/** How to merge. */
export interface MergeOptions {
  /** Say what would come in, and change nothing. */
  readonly dryRun?: boolean;
  /** Hears each table. */
  readonly onProgress?: OnProgress;
}

/** So long another process's hold on the other file is waited for, and so long between two tries. */
const [WAIT_MS, AGAIN_MS] = [30_000, 100];
/** The other ledger while it is attached. */
const OTHER = "consist_other";
/** Digests are of this machine's files; ingested rows come afterwards, with what says so. */
const TABLES: readonly TableSpec[] = [...SHARED_TABLES, ...OWN_TABLES, ...LATER_TABLES].filter(({ name }) =>
  name !== "deno_digest" && name !== INGESTED_TABLE.name
);

/**
 * Inserts the rows of another ledger that this one lacks, told by their ids, in one transaction. The other file is only read.
 *
 * @throws {LedgerError} where the other file is no ledger, or another process holds one of them
 */
export async function mergeLedger(
  ledger: Ledger,
  other: string,
  { dryRun = false, onProgress = () => {} }: MergeOptions = {},
): Promise<Merged> {
  for (const began = performance.now();;) {
    try {
      return await mergeOnce(ledger, other, dryRun, onProgress);
    } catch (error) {
      // Whoever has the other file gives it back before long; meanwhile this ledger is left alone as well.
      const isHeld = error instanceof LedgerError && error.code === "ledger_locked" && error.path === other;
      if (!isHeld || performance.now() - began > WAIT_MS) throw error;
      await new Promise((resolve) => setTimeout(resolve, AGAIN_MS));
    }
  }
}

async function mergeOnce(ledger: Ledger, other: string, dryRun: boolean, onProgress: OnProgress): Promise<Merged> {
  const undo = new Undo();
  try {
    return await ledger.write(async (db) => {
      await attach(db, other);
      const merged = await mergeRows(db, other, onProgress);
      if (!dryRun) return merged;
      undo.merged = merged;
      throw undo;
    });
  } catch (error) {
    if (error === undo) return undo.merged!;
    throw error;
  } finally {
    await detach(ledger);
  }
}

/** Takes a transaction back that only wanted to know. */
class Undo extends Error {
  merged: Merged | undefined;
}

async function attach(db: Db, other: string): Promise<void> {
  try {
    await db.run(`ATTACH '${other.replaceAll("'", "''")}' AS ${OTHER} (READ_ONLY)`);
  } catch (error) {
    throw openFailure(other, error, 0);
  }
}

/** The connection of transactions is used again; where nothing was attached there is nothing to detach. */
async function detach(ledger: Ledger): Promise<void> {
  const connection = await ledger.connection();
  try {
    await connection.run(`DETACH DATABASE IF EXISTS ${OTHER}`);
  } finally {
    connection.disconnectSync();
  }
}

async function mergeRows(db: Db, other: string, onProgress: OnProgress): Promise<Merged> {
  const columns = await columnsOf(db);
  if (!columns.has("run")) throw noLedger(other);
  const conflicts = await conflictsOf(db);
  const rows: Record<string, number> = {};
  for (const [index, table] of TABLES.entries()) {
    const found = columns.get(table.name);
    if (found === undefined) continue;
    await onProgress(index, TABLES.length, table.name);
    const count = await mergeTable(db, table, Object.keys(table.columns).filter((name) => found.has(name)));
    if (count > 0) rows[table.name] = count;
  }
  const ingested = await mergeIngested(db, OTHER);
  return { rows: { ...rows, ...ingested.rows }, conflicts, leftBehind: ingested.leftBehind };
}

/** What the other file's tables have, so that one of an older library can be merged as it is. */
async function columnsOf(db: Db): Promise<Map<string, Set<string>>> {
  const found = await db.all<{ name: string; column: string }>(
    `SELECT table_name AS name, column_name AS "column" FROM duckdb_columns() WHERE database_name = '${OTHER}' AND schema_name = 'main'`,
  );
  return new Map([...Map.groupBy(found, ({ name }) => name)].map(([name, rows]) => [name, new Set(rows.map(({ column }) => column))]));
}

/** Two runs of one id are the same where they began at the same time and have the same signature. */
async function conflictsOf(db: Db): Promise<string[]> {
  const rows = await db.all<{ id: string }>(
    `SELECT r.id FROM run r JOIN ${OTHER}.run o ON o.id = r.id
WHERE o.started_at::TIMESTAMPTZ <> r.started_at::TIMESTAMPTZ OR o.signature IS DISTINCT FROM r.signature OR o.model_name <> r.model_name ORDER BY r.id`,
  );
  return rows.map(({ id }) => id);
}

/** Contents are told by their hash and driver: an artifact that comes in points at the row that this ledger has of its content. */
const CONTENT =
  `coalesce((SELECT c.id FROM artifact_content c JOIN ${OTHER}.artifact_content p ON p.content_hash = c.content_hash AND p.driver = c.driver
WHERE p.id = o.content_id), o.content_id)`;

/** Columns that do not come in as they are. That rows are in the ledger is said again where they came in. */
const VALUES: { readonly [column: string]: string } = {
  "artifact.content_id": CONTENT,
  "artifact.meta": `CASE WHEN regexp_matches(o.meta::VARCHAR, '"(is_ingested|rows_in_ledger)"')
THEN json_merge_patch(o.meta, '{"is_ingested":null,"dlt_table_name":null,"rows_in_ledger":null}') ELSE o.meta END`,
  "deno_run.result": `CASE WHEN regexp_matches(o.result, '"(is_ingested|rows_in_ledger)"') THEN NULL ELSE o.result END`,
};

async function mergeTable(db: Db, { name, key }: TableSpec, columns: readonly string[]): Promise<number> {
  const same = key.map((column) => `t.${quoteName(column)} = o.${quoteName(column)}`).join(" AND ");
  const known = name === "artifact_content" ? `(${same}) OR (t.content_hash = o.content_hash AND t.driver = o.driver)` : same;
  const values = columns.map((column) => VALUES[`${name}.${column}`] ?? `o.${quoteName(column)}`);
  const from = `FROM ${OTHER}.${quoteName(name)} o WHERE NOT EXISTS (SELECT 1 FROM ${quoteName(name)} t WHERE ${known})${
    foreignRows(name)
  }`;
  const [row] = await db.all<{ n: number }>(`SELECT count(*) AS n ${from}`);
  if (row!.n > 0) await db.run(`INSERT INTO ${quoteName(name)} (${columns.map(quoteName).join(", ")}) SELECT ${values.join(", ")} ${from}`);
  return row!.n;
}

/** What belongs to a run of this ledger stays as it is: of a run in conflict nothing comes in. */
function foreignRows(table: string): string {
  if (table === "deno_pruned") return " AND NOT EXISTS (SELECT 1 FROM deno_run t WHERE t.run_id = o.run_id AND t.result IS NOT NULL)";
  const column =
    { run_artifact_link: "run_id", run_config_kv: "run_id", deno_run: "run_id", deno_identity: "run_id", deno_display: "run_id" }[table];
  return column === undefined ? "" : ` AND NOT EXISTS (SELECT 1 FROM run r JOIN ${OTHER}.run x ON x.id = r.id WHERE r.id = o.${column}
AND (x.started_at::TIMESTAMPTZ <> r.started_at::TIMESTAMPTZ OR x.signature IS DISTINCT FROM r.signature OR x.model_name <> r.model_name))`;
}

function noLedger(path: string): LedgerError {
  return new LedgerError("ledger_unreadable", {
    problem: `Cannot merge "${path}".`,
    why: "It is a DuckDB file without the tables of a ledger.",
    fix: "Give the file of a ledger.",
    path,
  });
}
