/** The table `run`: one row for each execution, each hit and each scenario's header. */
import type { Db } from "./connection.ts";
import { insertRows, runBehindInserts } from "./insert.ts";
import { TEXT_AT_MOST } from "./insert_sql.ts";
import { jsonText, parseObject, parseTexts } from "./json.ts";
import { literal, textLiteral } from "./literals.ts";
import { quoteName, tableNamed } from "./schema.ts";
import { among, columnsOf } from "./select.ts";
import type { SqlScalar, SqlValue } from "./values.ts";

/** A row of `run`. */
export interface RunRow {
  /** The run's id. */
  readonly id: string;
  /** The scenario's header, or the run inside which this one ran. */
  readonly parent_run_id: string | null;
  /** `running`, `completed`, `failed`; other programs may write other words. */
  readonly status: string;
  /** The model; the step's name where none was given. */
  readonly model_name: string;
  /** What the step is for. */
  readonly description: string | null;
  /** Simulated year. */
  readonly year: number | null;
  /** Number of the iteration. */
  readonly iteration: number | null;
  /** Stage of the workflow. */
  readonly stage: string | null;
  /** Phase of the workflow. */
  readonly phase: string | null;
  /** Words to find it by. */
  readonly tags: readonly string[];
  /** SHA-256 of the config. */
  readonly config_hash: string | null;
  /** The code's identity; ours begins with `deno:`. */
  readonly git_hash: string | null;
  /** SHA-256 of the inputs. */
  readonly input_hash: string | null;
  /** SHA-256 over code, config and inputs; null where the identity is not known. */
  readonly signature: string | null;
  /** Notes. */
  readonly meta: Readonly<Record<string, unknown>>;
  /** When it began. */
  readonly started_at: Date;
  /** When it ended; null while it runs. */
  readonly ended_at: Date | null;
  /** When the row was made; recency goes by it. */
  readonly created_at: Date;
  /** When the row was last changed. */
  readonly updated_at: Date;
}

/** What may change of a run after its row was made. */
export type RunChanges = Partial<Omit<RunRow, "id" | "created_at">>;

const COLUMNS = columnsOf("run", "r");
/** Python's own order: a plain `ORDER BY created_at … LIMIT` was seen to lose rows. */
const NEWEST_FIRST = "epoch_us(r.created_at) DESC, r.id DESC";
const OURS_COMPLETED = "r.status = 'completed' AND r.git_hash LIKE 'deno:%'";

/** Inserts runs; an id that is there already is an error. */
export async function insertRuns(db: Db, rows: readonly RunRow[]): Promise<void> {
  await insertRows(db, "run", rows as readonly (RunRow & Record<string, unknown>)[]);
}

/** Changes the named columns of one run, in one update. */
export async function finishRun(db: Db, id: string, changes: RunChanges): Promise<void> {
  const types = tableNamed("run").columns;
  const columns = Object.keys(types).filter((name) => name !== "id" && changes[name as keyof RunChanges] !== undefined);
  if (columns.length === 0) return;
  const values = columns.map((name): SqlValue => {
    const value = changes[name as keyof RunChanges];
    return types[name] === "JSON" ? jsonText(value) : value as SqlScalar;
  });
  const texts = columns.map((name, index) => literal(values[index] as SqlScalar, types[name]!));
  if (!texts.includes(undefined) && texts.join("").length <= TEXT_AT_MOST) {
    const sets = columns.map((name, index) => `${quoteName(name)} = ${texts[index]}`);
    return await runBehindInserts(db, `UPDATE run SET ${sets.join(", ")} WHERE id = ${textLiteral(id)}`);
  }
  const sets = columns.map((name, index) => `${quoteName(name)} = $${index + 2}`);
  await db.run(`UPDATE run SET ${sets.join(", ")} WHERE id = $1`, [id, ...values]);
}

/**
 * The runs with these ids, newest first.
 *
 * @param places DuckDB's numbers of their rows, where they are known: then the ids of all other rows are not read
 */
export async function runsById(db: Db, ids: readonly string[], places: readonly number[] = []): Promise<RunRow[]> {
  if (ids.length === 0) return [];
  const { where, params } = among("r.id", ids);
  if (places.length === ids.length && places.every(Number.isSafeInteger)) {
    const sql = `SELECT ${COLUMNS} FROM run AS r WHERE r.rowid IN (${places.join(", ")}) AND ${where} ORDER BY ${NEWEST_FIRST}`;
    const found = await select(db, sql, params);
    if (found.length === ids.length) return found; // else rows have moved meanwhile
  }
  // Sorting a single row would cost DuckDB more than finding it.
  const order = ids.length === 1 ? "" : ` ORDER BY ${NEWEST_FIRST}`;
  return await select(db, `SELECT ${COLUMNS} FROM run AS r WHERE ${where}${order}`, params);
}

/**
 * Completed runs of ours with a signature, newest first: those that executed. Hits carry the signature too, but may be many: they are
 * found only where no executed run is known, as after Python merged a ledger without our tables.
 */
export async function completedBySignature(db: Db, signature: string, limit = 10): Promise<RunRow[]> {
  const executed = await db.all<{ id: string }>("SELECT run_id AS id FROM deno_run WHERE signature = $1", [signature]);
  const rows = (await runsById(db, executed.map((row) => row.id))).filter(isOursAndCompleted).slice(0, limit);
  return rows.length > 0 ? rows : await mergedBySignature(db, signature, limit);
}

/** A second condition in SQL would keep DuckDB from using the index of the first. */
const isOursAndCompleted = (row: RunRow): boolean => row.status === "completed" && (row.git_hash ?? "").startsWith("deno:");

async function mergedBySignature(db: Db, signature: string, limit: number): Promise<RunRow[]> {
  if (!await isSignatureKnown(db, signature)) return [];
  return await select(db, MERGED_BY_SIGNATURE, [signature, limit]);
}

const MERGED_BY_SIGNATURE = `WITH same AS MATERIALIZED (SELECT * FROM run WHERE signature = $1)
SELECT ${COLUMNS} FROM same AS r WHERE ${OURS_COMPLETED} ORDER BY ${NEWEST_FIRST} LIMIT $2`;

/** The newest completed runs of ours of a model: what a miss is compared with. */
export async function recentRuns(db: Db, modelName: string, limit = 10): Promise<RunRow[]> {
  const newest = `SELECT r.id FROM run AS r WHERE r.model_name = $1 AND ${OURS_COMPLETED} ORDER BY ${NEWEST_FIRST} LIMIT $2`;
  return await runsById(db, (await db.all<{ id: string }>(newest, [modelName, limit])).map((row) => row.id));
}

/** The signatures of a model's runs; `undefined` where there are more than `limit`, or where anything was accepted to stand for another code. */
export async function signaturesOf(db: Db, model: string, limit: number): Promise<string[] | undefined> {
  const rows = await db.all<{ signature: string | null; is_accepted: boolean }>(
    `(SELECT signature, false AS is_accepted FROM run WHERE ${among("model_name", [model]).where} LIMIT ${limit + 1})
UNION ALL (SELECT NULL, true FROM deno_accepted LIMIT 1)`,
  );
  if (rows.length > limit || rows.some((row) => row.is_accepted)) return undefined;
  return rows.flatMap(({ signature }) => signature ?? []);
}

/**
 * What is known of a signature of which no executed run can be served: is there any run with it, of whatever kind, and is there any acceptance
 * at all, by which another signature's runs could stand for it? One question instead of two.
 */
export async function otherwiseKnown(db: Db, signature: string): Promise<{ readonly isKnown: boolean; readonly mayStand: boolean }> {
  const rows = await db.all<{ what: string }>(
    `(SELECT 'run' AS what FROM run WHERE ${among("signature", [signature]).where} LIMIT 1)
UNION ALL (SELECT 'accepted' AS what FROM deno_accepted LIMIT 1)`,
  );
  return { isKnown: rows.some(({ what }) => what === "run"), mayStand: rows.some(({ what }) => what === "accepted") };
}

/** Is there any run with this signature, of whatever kind? */
async function isSignatureKnown(db: Db, signature: string): Promise<boolean> {
  return (await db.all(`SELECT id FROM run WHERE ${among("signature", [signature]).where} LIMIT 1`)).length > 0;
}

/** The newest run with a signature that is not completed: it failed, was interrupted, or is running. Hits are not asked about: they completed. */
export async function unfinishedBySignature(db: Db, signature: string): Promise<RunRow | undefined> {
  const rows = await select(db, `SELECT ${COLUMNS} FROM run AS r WHERE r.signature = $1`, [signature]);
  return rows.filter(({ status }) => status !== "completed").sort((a, b) => b.created_at.getTime() - a.created_at.getTime())[0];
}

/** When the newest of the runs that have ended was written; a ledger without one is new. */
export async function lastEnded(db: Db): Promise<Date | undefined> {
  const [row] = await db.all<{ at: Date | null }>("SELECT max(updated_at) AS at FROM run WHERE status <> 'running'");
  return row?.at ?? undefined;
}

/** The ids of all runs. */
export async function allRunIds(db: Db): Promise<string[]> {
  return (await db.all<{ id: string }>("SELECT id FROM run")).map((row) => row.id);
}

/** Runs that are marked as running: some of them may have died. */
export async function runningRuns(db: Db): Promise<RunRow[]> {
  return await select(db, `SELECT ${COLUMNS} FROM run AS r WHERE r.status = 'running' ORDER BY ${NEWEST_FIRST}`, []);
}

async function select(db: Db, sql: string, params: readonly SqlValue[]): Promise<RunRow[]> {
  return (await db.all<Record<string, unknown>>(sql, params)).map(runOf);
}

/** A row of `run` from a query's row that has all its columns. */
export function runOf(row: Readonly<Record<string, unknown>>): RunRow {
  return { ...row, tags: parseTexts(row.tags as string | null), meta: parseObject(row.meta as string | null) } as unknown as RunRow;
}
