/** Selects of whole rows, with every column as the row types have it. */
import type { Db } from "./connection.ts";
import { parseJson } from "./json.ts";
import { textLiteral } from "./literals.ts";
import { quoteName, tableNamed } from "./schema.ts";
import { type SqlValue, textList } from "./values.ts";

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
  return { where: `${column} IN (SELECT unnest($1::VARCHAR[]))`, params: [textList(values)] };
}

/** The rows of a table whose column has one of these values, JSON columns parsed. */
export async function rowsAmong<Row>(db: Db, table: string, column: string, values: readonly string[], order = ""): Promise<Row[]> {
  if (values.length === 0) return [];
  const { where, params } = among(`t.${quoteName(column)}`, values);
  const sql = `SELECT ${columnsOf(table, "t")} FROM ${quoteName(table)} AS t WHERE ${where} ${order}`;
  return (await db.all<Record<string, unknown>>(sql, params)).map((row) => parsed<Row>(table, row));
}

/** A row with its JSON columns parsed. */
export function parsed<Row>(table: string, row: Readonly<Record<string, unknown>>): Row {
  const { columns } = tableNamed(table);
  return Object.fromEntries(
    Object.entries(row).map(([name, value]) => [name, columns[name] === "JSON" ? parseJson(value as string | null) : value]),
  ) as Row;
}
