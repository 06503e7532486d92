/** Inserts of rows, one after the other or gathered: then one question asks what is there already, and one text holds all that is new. */
import type { DuckDBConnection } from "@duckdb/node-api";
import { JSON } from "../intrinsics.ts";
import type { Born, Db } from "./connection.ts";
import { type InsertRow, insertStatement, type OnConflict } from "./insert_sql.ts";
import { textLiteral } from "./literals.ts";
import { quoteName, SHARED_TABLES, tableNamed, type TableSpec } from "./schema.ts";
import type { SqlValue } from "./values.ts";

/** Which rows of a table are there already: those whose column has one of these values. */
export interface Question {
  /** The table. */
  readonly table: string;
  /** What is to be known of each row; columns of text. */
  readonly columns: readonly string[];
  /** The column that is looked up, which has an index. */
  readonly by: string;
  /** The values that are looked for. */
  readonly values: readonly string[];
}

/** Inserts what the answer says. */
type Insert = (db: Db, found: readonly InsertRow[]) => Promise<void>;

/** Inserts rows into one of the ledger's tables. Columns that a row lacks are null. */
export async function insertRows(db: Db, table: string, rows: readonly InsertRow[], conflict: OnConflict = "error"): Promise<void> {
  if (rows.length === 0) return;
  if (db instanceof Gatherer) return db.gather(table, rows, conflict);
  const spec = tableNamed(table);
  if (conflict !== "ignore" || !isWorthAsking(spec, rows)) return await insertAll(db, spec, rows, conflict);
  await insertAll(db, spec, missing(spec, rows, (await answers(db, [questionOf(spec, rows)]))[0]!), "error");
}

/** Asks what is there, then inserts what the answer says. Gathered inserts ask all their questions in one. */
export async function askThenInsert(db: Db, question: Question, insert: Insert): Promise<void> {
  if (question.values.length === 0) return await insert(db, []);
  if (db instanceof Gatherer) return db.ask(question, insert);
  await insert(db, (await answers(db, [question]))[0]!);
}

/** Runs a statement without parameters; where inserts are gathered it travels behind them, in the same text. */
export async function runBehindInserts(db: Db, sql: string): Promise<void> {
  if (db instanceof Gatherer) db.behind(sql);
  else await db.run(sql);
}

async function insertAll(db: Db, spec: TableSpec, rows: readonly InsertRow[], conflict: OnConflict): Promise<void> {
  if (rows.length === 0) return;
  const { sql, params } = insertStatement(spec, rows, conflict, db.born);
  await db.run(sql, params);
}

/** `ON CONFLICT` costs ten times an insert: for few keys it is cheaper to ask which of them are there, if an index answers. */
function isWorthAsking(spec: TableSpec, rows: readonly InsertRow[]): boolean {
  const [first] = spec.key as [string];
  if (spec.key.length > 1 && !spec.indexes.includes(first) && spec.name !== LINKS) return false;
  return new Set(rows.map((row) => row[first])).size <= FEW;
}

const FEW = 8;
/** Its index is ours. */
const LINKS = "run_artifact_link";

function questionOf(spec: TableSpec, rows: readonly InsertRow[]): Question {
  const [first] = spec.key as [string];
  return { table: spec.name, columns: spec.key, by: first, values: [...new Set(rows.map((row) => row[first] as string))] };
}

/** The rows whose keys were not found; of several with one key the first. */
function missing(spec: TableSpec, rows: readonly InsertRow[], found: readonly InsertRow[]): InsertRow[] {
  const known = new Set(found.map((row) => keyOf(spec, row)));
  return rows.filter((row) => {
    const key = keyOf(spec, row);
    return !known.has(key) && known.add(key);
  });
}

const keyOf = (spec: TableSpec, row: InsertRow): string => JSON.stringify(spec.key.map((column) => row[column]));

/** The answers to questions, asked as one. The values of each are spelled out: a list as a parameter is not looked up in the index. */
async function answers(db: Db, questions: readonly Question[]): Promise<InsertRow[][]> {
  if (questions.length === 0) return [];
  const width = Math.max(...questions.map(({ columns }) => columns.length));
  const selects = questions.map(({ table, columns, by, values }, index) => {
    const list = Array.from(
      { length: width },
      (_, place) => `${columns[place] === undefined ? "NULL" : quoteName(columns[place])} AS c${place}`,
    );
    return `SELECT ${index} AS question, ${list.join(", ")} FROM ${quoteName(table)} WHERE ${quoteName(by)} IN (${
      values.map(textLiteral).join(", ")
    })`;
  });
  const rows = await db.all<Record<string, unknown>>(selects.join(" UNION ALL "));
  return questions.map(({ columns }, index) =>
    rows.filter(({ question }) => question === index).map((row) =>
      Object.fromEntries(columns.map((name, place) => [name, row[`c${place}`]]))
    )
  );
}

/**
 * Runs work whose inserts are gathered and written together at its end, or before anything else is asked of the connection. `send` may leave a
 * text to go with the next statement.
 */
export async function gathering(
  db: Db,
  work: (db: Db) => Promise<void>,
  send: (sql: string) => Promise<void> | void = (sql) => db.run(sql),
): Promise<void> {
  if (db instanceof Gatherer) return await work(db);
  const gatherer = new Gatherer(db, send);
  await work(gatherer);
  await gatherer.write();
}

interface Gathered {
  readonly spec: TableSpec;
  readonly conflict: OnConflict;
  readonly rows: readonly InsertRow[];
}

/** A connection that keeps inserts until they are many. */
class Gatherer implements Db {
  readonly #db: Db;
  readonly #send: (sql: string) => Promise<void> | void;
  readonly #rows = new Map<string, { spec: TableSpec; conflict: OnConflict; rows: InsertRow[] }>();
  #asked: { readonly question: Question; readonly insert: Insert }[] = [];
  #behind: string[] = [];

  constructor(db: Db, send: (sql: string) => Promise<void> | void) {
    this.#db = db;
    this.#send = send;
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
    const entry = this.#rows.get(key) ?? { spec: tableNamed(table), conflict, rows: [] };
    entry.rows.push(...rows);
    this.#rows.set(key, entry);
  }

  behind(sql: string): void {
    this.#behind.push(sql);
  }

  ask(question: Question, insert: Insert): void {
    this.#asked.push({ question, insert });
  }

  async write(): Promise<void> {
    const entries = await this.#answered();
    let text: string[] = [];
    const send = async (): Promise<void> => {
      if (text.length > 0) await this.#send(text.join(";\n"));
      text = [];
    };
    for (const { spec, conflict, rows } of entries) {
      if (rows.length === 0) continue;
      const { sql, params } = insertStatement(spec, rows, conflict, this.born);
      if (params === undefined) text.push(sql);
      else {
        await send();
        await this.#db.run(sql, params);
      }
    }
    if (this.#asked.length === 0) text.push(...this.#behind.splice(0));
    await send();
    if (this.#asked.length > 0) await this.write(); // an answer led to another question
  }

  /** What is gathered, with all questions answered. Parents come before children: the order of `SHARED_TABLES`. */
  async #answered(): Promise<Gathered[]> {
    const asked = this.#asked;
    this.#asked = [];
    const few = [...this.#rows.values()].filter(({ spec, conflict, rows }) => conflict === "ignore" && isWorthAsking(spec, rows));
    const questions = [...asked.map(({ question }) => question), ...few.map(({ spec, rows }) => questionOf(spec, rows))];
    const found = await answers(this.#db, questions);
    // What was gathered meanwhile counts as found: two pieces of work may bring the same content.
    for (const [index, { question, insert }] of asked.entries()) {
      await insert(this, [...found[index]!, ...this.#gatheredIn(question.table)]);
    }
    const rest = new Map(this.#rows);
    this.#rows.clear();
    const known = new Map(few.map(({ spec }, index) => [spec.name, found[asked.length + index]!]));
    const entries = [...rest.values()].map(({ spec, conflict, rows }): Gathered => {
      const there = conflict === "ignore" ? known.get(spec.name) : undefined;
      if (there !== undefined) return { spec, conflict: "error", rows: missing(spec, rows, there) };
      return { spec, conflict, rows: lastOfEachKey(spec, conflict, rows) };
    });
    return entries.sort((a, b) => rank(a.spec.name) - rank(b.spec.name));
  }

  #gatheredIn(table: string): readonly InsertRow[] {
    return [...this.#rows.values()].filter(({ spec }) => spec.name === table).flatMap(({ rows }) => rows);
  }
}

function rank(table: string): number {
  const index = SHARED_TABLES.findIndex((spec) => spec.name === table);
  return index < 0 ? SHARED_TABLES.length : index;
}

/** One statement cannot replace a row twice. */
function lastOfEachKey(spec: TableSpec, conflict: OnConflict, rows: readonly InsertRow[]): readonly InsertRow[] {
  if (conflict !== "replace") return rows;
  return [...new Map(rows.map((row) => [keyOf(spec, row), row])).values()];
}
