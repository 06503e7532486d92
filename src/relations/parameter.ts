/** Values that go into a query as parameters, never as text. */
import {
  BIGINT,
  BLOB,
  BOOLEAN,
  DOUBLE,
  DuckDBBlobValue,
  DuckDBListValue,
  DuckDBTimestampTZValue,
  type DuckDBType,
  type DuckDBValue,
  HUGEINT,
  INTEGER,
  LIST,
  SQLNULL,
  TIMESTAMPTZ,
  VARCHAR,
} from "@duckdb/node-api";
import type { Scalar } from "../types.ts";
import { refuse } from "./failure.ts";

/** A value that a query takes as a parameter. A list stands for its members after `in`, and is a DuckDB list elsewhere. */
export type SqlParameter = Scalar | bigint | Date | Uint8Array | readonly (string | number | bigint | boolean | Date)[];

/** A parameter with the type that DuckDB sees. */
export interface Bound {
  /** The value as DuckDB's library takes it. */
  readonly value: DuckDBValue;
  /** Its type. */
  readonly type: DuckDBType;
}

const INT32 = 2 ** 31;
const INT64 = 2n ** 63n;
const INT128 = 2n ** 127n;

/** A value as a typed parameter; what DuckDB has no parameter for is a `query_failed`. */
export function bound(value: unknown): Bound {
  if (Array.isArray(value)) return boundList(value);
  return boundScalar(value);
}

function boundScalar(value: unknown): Bound {
  if (value === null) return { value: null, type: SQLNULL };
  if (typeof value === "string") return { value, type: VARCHAR };
  if (typeof value === "boolean") return { value, type: BOOLEAN };
  if (typeof value === "number") return boundNumber(value);
  if (typeof value === "bigint") return boundBigint(value);
  if (value instanceof Date) return boundDate(value);
  if (value instanceof Uint8Array) return { value: new DuckDBBlobValue(value), type: BLOB };
  throw notAParameter(value);
}

/** A whole number is what a literal would be: INTEGER while it fits, so that `date + ${3}` works. */
function boundNumber(value: number): Bound {
  if (!Number.isSafeInteger(value)) return { value, type: DOUBLE };
  return value >= -INT32 && value < INT32 ? { value, type: INTEGER } : { value: BigInt(value), type: BIGINT };
}

function boundBigint(value: bigint): Bound {
  if (value >= -INT64 && value < INT64) return { value, type: BIGINT };
  if (value >= -INT128 && value < INT128) return { value, type: HUGEINT };
  throw refuse("Cannot pass a bigint to a query.", `${value} has more than 128 bits.`, "Pass it as text, and cast it in the query.");
}

/** A `Date` is a moment, so it goes in with its zone. */
function boundDate(value: Date): Bound {
  const time = value.getTime();
  if (Number.isNaN(time)) {
    throw refuse("Cannot pass a Date to a query.", "It is an invalid Date.", "Check how the Date was made; pass null for a missing one.");
  }
  return { value: new DuckDBTimestampTZValue(BigInt(time) * 1000n), type: TIMESTAMPTZ };
}

function boundList(values: readonly unknown[]): Bound {
  const members = values.map(boundScalar);
  const type = commonType(members);
  const widened = members.map(({ value }) => widen(value, type));
  return { value: new DuckDBListValue(widened), type: LIST(type) };
}

function commonType(members: readonly Bound[]): DuckDBType {
  const types = [...new Set(members.map(({ type }) => type))].filter((type) => type !== SQLNULL);
  if (types.length === 0) return SQLNULL;
  if (types.length === 1) return types[0]!;
  const numeric = [INTEGER, BIGINT, HUGEINT, DOUBLE] as DuckDBType[];
  const widest = Math.max(...types.map((type) => numeric.indexOf(type)));
  if (types.every((type) => numeric.includes(type))) return numeric[widest]!;
  throw refuse("Cannot pass a list to a query.", `Its members have different types: ${types.join(", ")}.`, "Pass members of one type.");
}

function widen(value: DuckDBValue, type: DuckDBType): DuckDBValue {
  if ((type === BIGINT || type === HUGEINT) && typeof value === "number") return BigInt(value);
  if (type === DOUBLE && typeof value === "bigint") return Number(value);
  return value;
}

function notAParameter(value: unknown): Error {
  const what = value === undefined
    ? "undefined"
    : typeof value === "function"
    ? "a function"
    : Object.prototype.toString.call(value).slice(8, -1);
  return refuse(
    `Cannot use ${what === "undefined" || what === "a function" ? what : `a value of type ${what}`} in a query.`,
    "A query takes relations, artifacts, DataFrames, and as parameters text, numbers, booleans, null, bigint, Date, Uint8Array and lists of these.",
    value === undefined ? "Pass null for a missing value." : "Pass one of these; for an object, pass the members that the query needs.",
  );
}
