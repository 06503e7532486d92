/** An insert of rows as one statement: as text where they are few, else the values of each column travel as one parameter. */
import type { Born } from "./connection.ts";
import { jsonText } from "./json.ts";
import { asParameter } from "./json_lists.ts";
import { literal } from "./literals.ts";
import { quoteName, type TableSpec } from "./schema.ts";
import type { SqlList, SqlScalar, SqlValue } from "./values.ts";

/** What happens to a row whose key is there already: an error, nothing, or the new row takes its place. */
export type OnConflict = "error" | "ignore" | "replace";

/** A row by column; JSON columns take any plain value. */
export type InsertRow = Readonly<Record<string, unknown>>;

/** A statement; without parameters it can stand beside others in one text. */
export interface Statement {
  /** Its text. */
  readonly sql: string;
  /** Its parameters, where it has some. */
  readonly params?: readonly SqlValue[];
}

/** Up to so many values are written as text: reading many costs DuckDB more than taking them as parameters. */
const VALUES_AT_MOST = 400;
/** Up to so many characters a statement is written as text. */
export const TEXT_AT_MOST = 200_000;

/** The statement that inserts these rows; columns that a row lacks are null. */
export function insertStatement(spec: TableSpec, rows: readonly InsertRow[], conflict: OnConflict, born: Born): Statement {
  const columns = Object.entries(spec.columns);
  const lists = columns.map(([name, type]): SqlList => ({
    type,
    list: rows.map((row) => type === "JSON" ? jsonText(row[name] ?? null) : (row[name] ?? null) as SqlScalar),
  }));
  const head = `INSERT INTO ${quoteName(spec.name)} (${columns.map(([name]) => quoteName(name)).join(", ")})`;
  const values = valuesText(spec, lists, born);
  if (values !== undefined) return { sql: `${head} VALUES ${values}${conflictSql(spec, conflict)}` };
  const travelling = lists.map(asParameter);
  const selected = columns.map(([name], index) => asStored(name, travelling[index]!.sql(index + 1), born));
  return { sql: `${head} SELECT ${selected.join(", ")}${conflictSql(spec, conflict)}`, params: travelling.map(({ value }) => value) };
}

/** The rows as text; `undefined` where they are many or long, or hold what has to be a parameter. */
function valuesText(spec: TableSpec, lists: readonly SqlList[], born: Born): string | undefined {
  const rows = lists[0]!.list.length;
  if (rows * lists.length > VALUES_AT_MOST || charactersIn(lists) > TEXT_AT_MOST) return undefined;
  const names = Object.keys(spec.columns);
  const columns = lists.map(({ type, list }, index) => list.map((value) => asStored(names[index]!, literal(value, type), born)));
  if (columns.some((texts) => texts.includes(undefined))) return undefined;
  return Array.from({ length: rows }, (_, row) => `(${columns.map((texts) => texts[row]).join(", ")})`).join(", ");
}

const charactersIn = (lists: readonly SqlList[]): number =>
  lists.reduce((sum, { list }) => list.reduce((all: number, value) => all + (typeof value === "string" ? value.length : 0), sum), 0);

/** A FLOAT has no 1e300: null there, and the exact value in the facet's JSON. */
function asStored<Text extends string | undefined>(column: string, text: Text, born: Born): Text | string {
  return text !== undefined && column === "value_num" && born.valueNum === "FLOAT" ? `TRY_CAST(${text} AS FLOAT)` : text;
}

function conflictSql(spec: TableSpec, conflict: OnConflict): string {
  if (conflict === "error") return "";
  if (conflict === "ignore") return " ON CONFLICT DO NOTHING";
  const rest = Object.keys(spec.columns).filter((name) => !spec.key.includes(name)).map(quoteName);
  return ` ON CONFLICT (${spec.key.map(quoteName).join(", ")}) DO UPDATE SET ${
    rest.map((name) => `${name} = excluded.${name}`).join(", ")
  }`;
}
