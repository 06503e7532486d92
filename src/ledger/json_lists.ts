/** Lists as parameters: each is one text of JSON, since a list of DuckDB's own costs the binding 6 µs for each value. */
import { JSON } from "../intrinsics.ts";
import { literal } from "./literals.ts";
import type { ColumnType } from "./schema.ts";
import type { SqlList, SqlScalar, SqlValue } from "./values.ts";

/** A list of text for a parameter that `texts` reads. */
export const textList = (list: readonly string[]): string => JSON.stringify(list.map((text) => text.toWellFormed()));

/** SQL for the rows of a parameter that `textList` made. */
export const texts = (parameter: number): string => `unnest(from_json($${parameter}, '["VARCHAR"]'))`;

/** The values of a column as one parameter. */
export interface ListParameter {
  /** The parameter. */
  readonly value: SqlValue;
  /** SQL that gives the values as rows, from the parameter with this number. */
  readonly sql: (parameter: number) => string;
}

/** The values of a column as one text of JSON, where each is plainly of the column's type. */
export function asParameter(list: SqlList): ListParameter {
  const json = jsonOf(list);
  if (json === undefined) {
    return { value: list, sql: (parameter) => `unnest($${parameter}::${list.type === "JSON" ? "VARCHAR" : list.type}[])` };
  }
  const rows = (type: string) => (parameter: number) => `unnest(from_json($${parameter}, '["${type}"]'))`;
  switch (list.type) {
    case "VARCHAR":
    case "JSON":
      return { value: json, sql: rows("VARCHAR") };
    case "DOUBLE": // as text, since JSON has no NaN
      return { value: json, sql: (parameter) => `${rows("VARCHAR")(parameter)}::DOUBLE` };
    case "TIMESTAMP WITH TIME ZONE":
      return { value: json, sql: (parameter) => `make_timestamptz(${rows("BIGINT")(parameter)})` };
    default:
      return { value: json, sql: rows(list.type) };
  }
}

function jsonOf({ type, list }: SqlList): string | undefined {
  const values = list.map((value) => value === null ? "null" : jsonValue(value, type));
  return values.includes(undefined) ? undefined : `[${values.join(",")}]`;
}

function jsonValue(value: SqlScalar, type: ColumnType): string | undefined {
  switch (type) {
    case "VARCHAR":
    case "JSON":
      return typeof value === "string" ? JSON.stringify(value.toWellFormed()) : undefined;
    case "DOUBLE":
      return typeof value === "number" ? `"${Object.is(value, -0) ? "-0" : value}"` : undefined;
    case "TIMESTAMP WITH TIME ZONE":
      return value instanceof Date && !Number.isNaN(value.getTime()) ? `${BigInt(value.getTime()) * 1000n}` : undefined;
    default:
      return literal(value, type); // whole numbers and booleans are the same in SQL
  }
}
