/** Selects of whole rows, with every column as the row types have it. */
import type { Db } from "./connection.ts";
import { parseJson } from "./json.ts";
import { textLiteral } from "./literals.ts";
import { quoteName, tableNamed } from "./schema.ts";
import { textList, texts } from "./json_lists.ts";
import type { SqlValue } from "./values.ts";

/** The columns of a table for a select. Times of older ledgers are local and become moments; ours pass unchanged. */
export function columnsOf(table: string, alias: string, prefix = ""): string {
  return Object.entries(tableNamed(table).columns).map(([name, type]) => {
    const column = `${alias}.${quoteName(name)}`;
    return `${type.startsWith("TIMESTAMP") ? `${column}::TIMESTAMPTZ` : column} AS ${quoteName(prefix + name)}`;
  }).join(", ");
}

/** So many values are spelled out: a list as a parameter is not looked up in an index. */
const SPELLED_OUT = 50;

/** `column = …` or `column IN (…)`: a single value is the common case and costs half as much. */
export function among(column: string, values: readonly string[]): { where: string; params: SqlValue[] } {
  if (values.length === 1) return { where: `${column} = ${textLiteral(values[0]!)}`, params: [] };
  if (values.length <= SPELLED_OUT) return { where: `${column} IN (${values.map(textLiteral).join(", ")})`, params: [] };
  return { where: `${column} IN (SELECT ${texts(1)})`, params: [textList(values)] };
}

/** The rows of a table whose column has one of these values, JSON columns parsed. */
export async function rowsAmong<Row>(db: Db, table: string, column: string, values: readonly string[], order = ""): Promise<Row[]> {
  if (values.length === 0) return [];
  const { where, params } = among(`t.${quoteName(column)}`, values);
  const sql = `SELECT ${columnsOf(table, "t")} FROM ${quoteName(table)} AS t WHERE ${where} ${order}`;
  return (await db.all<Record<string, unknown>>(sql, params)).map((row) => parsed<Row>(table, row));
}

/** Among so many rows, the last ones of a table, what belongs to the newest runs mostly is. */
const LATE = 2_000;

/**
 * The same for a column of which each value stands in one row at most. Where no index is asked the last rows of the table are looked at first,
 * and all others only for what is not among them.
 */
export async function rowsOfKeys<Row>(db: Db, table: string, key: string, values: readonly string[]): Promise<Row[]> {
  if (values.length < 2 || values.length > SPELLED_OUT || await asksIndexes(db)) return await rowsAmong(db, table, key, values);
  const { where } = among(`t.${quoteName(key)}`, values);
  const late = `t.rowid > (SELECT max(rowid) - ${LATE} FROM ${quoteName(table)})`;
  const sql = `SELECT ${columnsOf(table, "t")} FROM ${quoteName(table)} AS t WHERE ${late} AND ${where}`;
  const rows = await db.all<Record<string, unknown>>(sql);
  const found = new Set(rows.map((row) => row[key]));
  return [
    ...rows.map((row) => parsed<Row>(table, row)),
    ...await rowsAmong<Row>(db, table, key, values.filter((value) => !found.has(value))),
  ];
}

const asked = new WeakMap<Db, boolean>();

/** Does DuckDB look up indexes here? In a file that is only read, and that somebody else may have written, it does not. */
export async function asksIndexes(db: Db): Promise<boolean> {
  const known = asked.get(db);
  if (known !== undefined) return known;
  const [row] = await db.all<{ most: unknown }>("SELECT current_setting('index_scan_max_count') AS most");
  const answer = Number(row!.most) > 0;
  asked.set(db, answer);
  return answer;
}

/** A condition for the same rows: their numbers are found first, so that of all other rows one column alone is read. */
export const byPlace = (table: string, where: string): string => `rowid IN (SELECT rowid FROM ${quoteName(table)} WHERE ${where})`;

/** A row with its JSON columns parsed. */
export function parsed<Row>(table: string, row: Readonly<Record<string, unknown>>): Row {
  const { columns } = tableNamed(table);
  return Object.fromEntries(
    Object.entries(row).map(([name, value]) => [name, columns[name] === "JSON" ? parseJson(value as string | null) : value]),
  ) as Row;
}
