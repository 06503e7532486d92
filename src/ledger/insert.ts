/** Inserts of any number of rows as one statement: the values of a column travel as one list. */
import type { DuckDBConnection } from "@duckdb/node-api";
import type { Born, Db } from "./connection.ts";
import { jsonText } from "./json.ts";
import { quoteName, SHARED_TABLES, tableNamed, type TableSpec } from "./schema.ts";
import { among } from "./select.ts";
import type { SqlScalar, SqlValue } from "./values.ts";

/** What happens to a row whose key is there already: an error, nothing, or the new row takes its place. */
export type OnConflict = "error" | "ignore" | "replace";

/** A row by column; JSON columns take any plain value. */
export type InsertRow = Readonly<Record<string, unknown>>;

/** Inserts rows into one of the ledger's tables. Columns that a row lacks are null. */
export async function insertRows(db: Db, table: string, rows: readonly InsertRow[], conflict: OnConflict = "error"): Promise<void> {
  if (rows.length === 0) return;
  if (db instanceof Gatherer) return db.gather(table, rows, conflict);
  const spec = tableNamed(table);
  if (conflict !== "ignore" || !isWorthAsking(spec, rows)) return await insertAll(db, spec, rows, conflict);
  await insertAll(db, spec, await missing(db, spec, rows), "error");
}

async function insertAll(db: Db, spec: TableSpec, rows: readonly InsertRow[], conflict: OnConflict): Promise<void> {
  if (rows.length === 0) return;
  const params = Object.entries(spec.columns).map(([column, type]) => ({
    type,
    list: rows.map((row) => type === "JSON" ? jsonText(row[column] ?? null) : (row[column] ?? null) as SqlScalar),
  }));
  await db.run(insertSql(spec, conflict, db.born), params);
}

/** `ON CONFLICT` costs three times an insert: for few keys it is cheaper to ask which of them are there, if an index answers. */
function isWorthAsking(spec: TableSpec, rows: readonly InsertRow[]): boolean {
  const [first] = spec.key as [string];
  if (spec.key.length > 1 && !spec.indexes.includes(first) && spec.name !== LINKS) return false;
  return new Set(rows.map((row) => row[first])).size <= FEW;
}

const FEW = 8;
/** Its index is ours. */
const LINKS = "run_artifact_link";

/** The rows whose keys are not in the table; of several with one key the first. */
async function missing(db: Db, spec: TableSpec, rows: readonly InsertRow[]): Promise<InsertRow[]> {
  const [first] = spec.key as [string];
  const { where, params } = among(quoteName(first), [...new Set(rows.map((row) => row[first] as string))]);
  const found = await db.all<InsertRow>(`SELECT ${spec.key.map(quoteName).join(", ")} FROM ${quoteName(spec.name)} WHERE ${where}`, params);
  const known = new Set(found.map((row) => keyOf(spec, row)));
  return rows.filter((row) => {
    const key = keyOf(spec, row);
    return !known.has(key) && known.add(key);
  });
}

const keyOf = (spec: TableSpec, row: InsertRow): string => JSON.stringify(spec.key.map((column) => row[column]));

const statements = new Map<string, string>();

function insertSql(spec: TableSpec, conflict: OnConflict, born: Born): string {
  const key = `${spec.name} ${conflict} ${born.valueNum}`;
  const known = statements.get(key) ?? makeInsertSql(spec, conflict, born);
  statements.set(key, known);
  return known;
}

function makeInsertSql(spec: TableSpec, conflict: OnConflict, born: Born): string {
  const columns = Object.entries(spec.columns);
  const lists = columns.map(([name, type], index) => {
    const list = `unnest($${index + 1}::${type === "JSON" ? "VARCHAR" : type}[])`;
    // A FLOAT has no 1e300: null there, and the exact value in the facet's JSON.
    return name === "value_num" && born.valueNum === "FLOAT" ? `TRY_CAST(${list} AS FLOAT)` : list;
  });
  const names = columns.map(([name]) => quoteName(name)).join(", ");
  return `INSERT INTO ${quoteName(spec.name)} (${names}) SELECT ${lists.join(", ")}${conflictSql(spec, conflict)}`;
}

function conflictSql(spec: TableSpec, conflict: OnConflict): string {
  if (conflict === "error") return "";
  if (conflict === "ignore") return " ON CONFLICT DO NOTHING";
  const rest = Object.keys(spec.columns).filter((name) => !spec.key.includes(name)).map(quoteName);
  return ` ON CONFLICT (${spec.key.map(quoteName).join(", ")}) DO UPDATE SET ${
    rest.map((name) => `${name} = excluded.${name}`).join(", ")
  }`;
}

/** Runs work whose inserts are gathered and written together at its end, or before anything else is asked of the connection. */
export async function gathering(db: Db, work: (db: Db) => Promise<void>): Promise<void> {
  const gatherer = new Gatherer(db);
  await work(gatherer);
  await gatherer.write();
}

/** A connection that keeps inserts until they are many. */
class Gatherer implements Db {
  readonly #db: Db;
  readonly #rows = new Map<string, { table: string; conflict: OnConflict; rows: InsertRow[] }>();

  constructor(db: Db) {
    this.#db = db;
  }

  get raw(): DuckDBConnection {
    return this.#db.raw;
  }

  get born(): Born {
    return this.#db.born;
  }

  async all<Row>(sql: string, params?: readonly SqlValue[]): Promise<Row[]> {
    await this.write();
    return await this.#db.all(sql, params);
  }

  async run(sql: string, params?: readonly SqlValue[]): Promise<void> {
    await this.write();
    await this.#db.run(sql, params);
  }

  gather(table: string, rows: readonly InsertRow[], conflict: OnConflict): void {
    const key = `${table} ${conflict}`;
    const entry = this.#rows.get(key) ?? { table, conflict, rows: [] };
    entry.rows.push(...rows);
    this.#rows.set(key, entry);
  }

  /** Parents come before children: the order of `SHARED_TABLES`. */
  async write(): Promise<void> {
    const entries = [...this.#rows.values()].sort((a, b) => rank(a.table) - rank(b.table));
    this.#rows.clear();
    for (const { table, conflict, rows } of entries) await insertRows(this.#db, table, lastOfEachKey(table, conflict, rows), conflict);
  }
}

function rank(table: string): number {
  const index = SHARED_TABLES.findIndex((spec) => spec.name === table);
  return index < 0 ? SHARED_TABLES.length : index;
}

/** One statement cannot replace a row twice. */
function lastOfEachKey(table: string, conflict: OnConflict, rows: readonly InsertRow[]): readonly InsertRow[] {
  if (conflict !== "replace") return rows;
  const spec = tableNamed(table);
  return [...new Map(rows.map((row) => [keyOf(spec, row), row])).values()];
}
