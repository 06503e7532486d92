/**
 * Rows of tables that the ledger keeps: in `global_tables`, one table for a key and its columns, as the Python library lays them out. The table
 * `deno_ingested` finds them by content, so that the same content is kept once.
 */
import { createHash } from "node:crypto";
import { crypto, JSON } from "../intrinsics.ts";
import type { Db } from "./connection.ts";
import { insertRows } from "./insert.ts";
import { quoteName } from "./schema.ts";
import { columnsOf, parsed } from "./select.ts";

/** A column of a table whose rows the ledger keeps. */
export interface IngestedColumn {
  /** What the file calls it. */
  readonly name: string;
  /** What the ledger's table calls it: the same, where DuckDB can have a column of that name. */
  readonly column: string;
  /** What the library that loads the file makes of it; its own words. */
  readonly dtype?: unknown;
}

/** A row of `deno_ingested`. */
export interface IngestedRow {
  /** SHA-256 of the file's bytes. */
  readonly content_hash: string;
  /** How the file is read. */
  readonly driver: string;
  /** The table of `global_tables`. */
  readonly table_name: string;
  /** The artifact under which the rows are kept. */
  readonly artifact_id: string;
  /** How many they are. */
  readonly row_count: number;
  /** The columns in the file's order. */
  readonly columns: readonly IngestedColumn[];
  /** When they were put in. */
  readonly created_at: Date;
}

/** Rows that are to be kept. */
export interface RowsToKeep {
  /** SHA-256 of the file's bytes. */
  readonly hash: string;
  /** How the file is read. */
  readonly driver: string;
  /** A parquet file with the rows. */
  readonly file: string;
  /** What the table is to be called: the artifact's key, by which the Python library's views find it. */
  readonly name: string;
  /** The columns of the file, in order. */
  readonly columns: readonly Omit<IngestedColumn, "column">[];
  /** The artifact. */
  readonly artifactId: string;
  /** The run that made it. */
  readonly runId: string | null;
  /** Simulated year. */
  readonly year: number | null;
  /** Number of the iteration. */
  readonly iteration: number | null;
  /** The time. */
  readonly at: Date;
}

const SCHEMA = "global_tables";
const ID = "consist_artifact_id";
/** The columns that every table of ingested rows has at its end, as the Python library makes them. */
const OWN: readonly (readonly [name: string, type: string])[] = [
  ["consist_run_id", "VARCHAR"],
  [ID, "VARCHAR"],
  ["consist_year", "BIGINT"],
  ["consist_iteration", "BIGINT"],
];
/** Names that would be taken for something else: our own columns, those that views add, and those of the tool that Python loads with. */
const RESERVED = /^(?:consist_|_dlt_)/i;

/** The rows of a file as the ledger keeps them, put in where they are not there yet. Belongs into a transaction. */
export async function keepRows(db: Db, rows: RowsToKeep): Promise<IngestedRow> {
  const [known] = await ingestedByContent(db, [rows]);
  if (known !== undefined && await isWhole(db, known)) return known;
  if (known !== undefined) await forget(db, known);
  const columns = namedColumns(rows.columns);
  await db.run(`CREATE SCHEMA IF NOT EXISTS ${SCHEMA}`);
  await db.run("SET GLOBAL enable_external_file_cache = false"); // it trusts a file's time and size
  const table = await tableFor(db, rows, columns);
  const places = columns.map((_, index) => `c${index}`).join(", ");
  const names = [...columns.map(({ column }) => column), ...OWN.map(([name]) => name)].map(quoteName).join(", ");
  await db.run(
    `INSERT INTO ${SCHEMA}.${quoteName(table)} (${names}) SELECT ${places}, $1, $2, $3, $4 FROM ${scan(rows, columns)}`,
    [rows.runId, rows.artifactId, rows.year, rows.iteration],
  );
  const kept = {
    ...{ content_hash: rows.hash, driver: rows.driver, table_name: table, artifact_id: rows.artifactId, columns },
    ...{ row_count: await countOf(db, table, rows.artifactId), created_at: rows.at },
  };
  await insertRows(db, "deno_ingested", [kept]);
  return kept;
}

/** Which of these contents have rows in the ledger. */
export async function ingestedByContent(
  db: Db,
  contents: readonly { readonly hash: string; readonly driver: string }[],
): Promise<IngestedRow[]> {
  if (contents.length === 0) return [];
  const sql = `SELECT ${columnsOf("deno_ingested", "t")} FROM deno_ingested t
WHERE (content_hash, driver) IN (SELECT (unnest($1::VARCHAR[]), unnest($2::VARCHAR[])))`;
  const lists = [contents.map(({ hash }) => hash), contents.map(({ driver }) => driver)];
  const found = await db.all<Record<string, unknown>>(sql, lists.map((list) => ({ type: "VARCHAR" as const, list })));
  return found.map((row) => parsed<IngestedRow>("deno_ingested", row));
}

/** Are all rows there? Another program may have removed some. */
export async function isWhole(db: Db, { table_name, artifact_id, row_count }: IngestedRow): Promise<boolean> {
  return (await columnTypes(db, table_name)).some(([name]) => name === ID) && await countOf(db, table_name, artifact_id) === row_count;
}

/** Which of these contents have all their rows in the ledger: one question for each table. */
export async function wholeByContent(
  db: Db,
  contents: readonly { readonly hash: string; readonly driver: string }[],
): Promise<IngestedRow[]> {
  const whole: IngestedRow[] = [];
  for (const [table, rows] of Map.groupBy(await ingestedByContent(db, contents), ({ table_name }) => table_name)) {
    if (!(await columnTypes(db, table)).some(([name]) => name === ID)) continue;
    const sql = `SELECT ${ID} AS id, count(*) AS n FROM ${SCHEMA}.${quoteName(table)} GROUP BY 1`;
    const counts = new Map((await db.all<{ id: string; n: number }>(sql)).map(({ id, n }) => [id, n]));
    whole.push(...rows.filter(({ artifact_id, row_count }) => (counts.get(artifact_id) ?? 0) === row_count));
  }
  return whole;
}

/**
 * The rows that the Python library keeps for an artifact, as a row of ours; none where it keeps none.
 *
 * @param id of the artifact
 * @param table which its notes name
 */
export async function ingestedByPython(db: Db, id: string, table: string): Promise<IngestedRow | undefined> {
  const columns = (await columnTypes(db, table)).map(([name]) => name);
  const count = columns.includes(ID) ? await countOf(db, table, id) : 0;
  if (count === 0) return undefined;
  const own = columns.filter((name) => !RESERVED.test(name));
  return {
    ...{ content_hash: "", driver: "", table_name: table, artifact_id: id, row_count: count, created_at: new Date(0) },
    columns: own.map((name) => ({ name, column: name })),
  };
}

/** Writes the rows to a parquet file, under the names that the ledger's table has, in the file's order, whatever their number. */
export async function copyRows(db: Db, { table_name, artifact_id, columns }: IngestedRow, path: string): Promise<void> {
  const names = columns.map(({ column }) => quoteName(column)).join(", ");
  const rows = `SELECT ${names} FROM ${SCHEMA}.${quoteName(table_name)} WHERE ${ID} = ${quoteText(artifact_id)}`;
  await db.run(`COPY (${rows}) TO ${quoteText(path)} (FORMAT parquet)`);
}

// ── names ───────────────────────────────────────────────────────────────────────────────────────────────────────────────────

/** A name for each column that a DuckDB table can have, the file's own wherever that is possible. */
function namedColumns(columns: RowsToKeep["columns"]): IngestedColumn[] {
  const names = new Set(columns.map(({ name }) => name.toLowerCase()));
  const taken = new Set<string>();
  return columns.map((column, index) => {
    const isFree = column.name !== "" && !column.name.includes("\0") && !RESERVED.test(column.name) &&
      !taken.has(column.name.toLowerCase());
    const name = isFree ? column.name : freeName(`column_${index + 1}`, (other) => !names.has(other) && !taken.has(other));
    taken.add(name.toLowerCase());
    return { ...column, column: name };
  });
}

function freeName(base: string, isFree: (name: string) => boolean): string {
  for (let n = 1;; n++) {
    const name = n === 1 ? base : `${base}_${n}`;
    if (isFree(name)) return name;
  }
}

/** A table's name as the Python library spells it: lower case, words joined by underscores. */
export function tableName(name: string): string {
  const words = name.replace(/([\p{Ll}\d])(\p{Lu})/gu, "$1_$2").toLowerCase().replace(/[^\p{L}\p{N}]+/gu, "_").replace(/^_+|_+$/g, "");
  const cut = words.length > 100 ? `${words.slice(0, 80)}_${digest(name)}` : words;
  return cut === "" ? `table_${digest(name)}` : /^\d/.test(cut) ? `_${cut}` : cut;
}

const digest = (text: string): string => createHash("sha256").update(text).digest("hex").slice(0, 8);

/** The table for these columns: the one of this name, or, where that has other columns, one with their digest at its end. */
async function tableFor(db: Db, rows: RowsToKeep, columns: readonly IngestedColumn[]): Promise<string> {
  const wanted = [...await typesOfFile(db, rows, columns), ...OWN];
  const base = tableName(rows.name);
  const name = await fitting(db, [base, `${base}__${digest(JSON.stringify(wanted))}`, `${base}__${digest(rows.artifactId)}`], wanted);
  const empty = columns.map(({ column }, index) => `c${index} AS ${quoteName(column)}`);
  const own = OWN.map(([column, type]) => `NULL::${type} AS ${quoteName(column)}`);
  await db.run(
    `CREATE TABLE IF NOT EXISTS ${SCHEMA}.${quoteName(name)} AS SELECT ${[...empty, ...own].join(", ")} FROM ${
      scan(rows, columns)
    } LIMIT 0`,
  );
  return name;
}

type Types = readonly (readonly [name: string, type: string])[];

/** The first name under which nothing stands, or a table of exactly these columns. */
async function fitting(db: Db, names: readonly string[], wanted: Types): Promise<string> {
  for (const name of names) {
    const found = await columnTypes(db, name);
    if (found.length === 0 || JSON.stringify(found) === JSON.stringify(wanted)) return name;
  }
  return `${names.at(-1)}_${crypto.randomUUID().slice(0, 8)}`;
}

/** The columns of a table of `global_tables` with their types, here or in a ledger that is attached; none where there is no such table. */
export async function columnTypes(db: Db, table: string, database?: string): Promise<Types> {
  const rows = await db.all<{ name: string; type: string }>(
    `SELECT column_name AS name, data_type AS type FROM duckdb_columns()
WHERE database_name = ${
      database === undefined ? "current_database()" : quoteText(database)
    } AND schema_name = '${SCHEMA}' AND lower(table_name) = lower($1) ORDER BY column_index`,
    [table],
  );
  return rows.map(({ name, type }) => [name, type]);
}

/** The name of a table for rows with these columns: this one, or, where a table of other columns has it, one with a digest at its end. */
export async function fittingName(db: Db, name: string, wanted: Types): Promise<string> {
  return await fitting(db, [name, `${name}__${digest(JSON.stringify(wanted))}`], wanted);
}

async function typesOfFile(db: Db, rows: RowsToKeep, columns: readonly IngestedColumn[]): Promise<Types> {
  const places = columns.map((_, index) => `c${index}`).join(", ");
  const described = await db.all<{ column_type: string }>(`DESCRIBE SELECT ${places} FROM ${scan(rows, columns)}`);
  return described.map(({ column_type }, index) => [columns[index]!.column, column_type]);
}

/** The file with its columns numbered: by place no name can be misread. */
function scan({ file }: RowsToKeep, columns: readonly IngestedColumn[]): string {
  return `read_parquet(${quoteText(file.replace(/[*?[]/g, "[$&]"))}) t(${columns.map((_, index) => `c${index}`).join(", ")})`;
}

async function countOf(db: Db, table: string, artifactId: string): Promise<number> {
  const rows = await db.all<{ n: number }>(`SELECT count(*) AS n FROM ${SCHEMA}.${quoteName(table)} WHERE ${ID} = $1`, [artifactId]);
  return rows[0]!.n;
}

/** Takes out what is left of rows that are not whole any more. */
async function forget(db: Db, { content_hash, driver, table_name, artifact_id }: IngestedRow): Promise<void> {
  if ((await columnTypes(db, table_name)).some(([name]) => name === ID)) {
    await db.run(`DELETE FROM ${SCHEMA}.${quoteName(table_name)} WHERE ${ID} = $1`, [artifact_id]);
  }
  await db.run("DELETE FROM deno_ingested WHERE content_hash = $1 AND driver = $2", [content_hash, driver]);
}

const quoteText = (text: string): string => `'${text.replaceAll("'", "''")}'`;
