/** What goes into DuckDB and what comes out of it, as plain JavaScript values. */
import {
  BIGINT,
  BLOB,
  blobValue,
  BOOLEAN,
  DOUBLE,
  type DuckDBMaterializedResult,
  type DuckDBPreparedStatement,
  DuckDBTimestampTZValue,
  type DuckDBType,
  type DuckDBValue,
  type DuckDBValueConverter,
  HUGEINT,
  INTEGER,
  type JS,
  JSDuckDBValueConverter,
  LIST,
  listValue,
  SQLNULL,
  TIMESTAMPTZ,
  VARCHAR,
} from "@duckdb/node-api";
import type { ColumnType } from "./schema.ts";

/** One value of a parameter. */
export type SqlScalar = string | number | bigint | boolean | null | Date | Uint8Array;

/** A parameter that is a list, for `IN (SELECT unnest(?))` and for inserts of many rows. */
export interface SqlList {
  /** The type of each value. */
  readonly type: ColumnType;
  /** The values; null is allowed. */
  readonly list: readonly SqlScalar[];
}

/** What a statement takes as a parameter. */
export type SqlValue = SqlScalar | SqlList;

const TYPES: Readonly<Record<ColumnType, DuckDBType>> = {
  "VARCHAR": VARCHAR,
  "INTEGER": INTEGER,
  "BIGINT": BIGINT,
  "DOUBLE": DOUBLE,
  "BOOLEAN": BOOLEAN,
  "JSON": VARCHAR,
  "TIMESTAMP WITH TIME ZONE": TIMESTAMPTZ,
};

/** Binds all parameters of a statement, replacing those of its last use. */
export function bindAll(statement: DuckDBPreparedStatement, params: readonly SqlValue[]): void {
  params.forEach((param, index) => statement.bindValue(index + 1, ...bound(param)));
}

function bound(value: SqlValue): [DuckDBValue, DuckDBType] {
  if (isList(value)) return [listValue(value.list.map((item) => plain(item, value.type))), LIST(TYPES[value.type])];
  return [plain(value), typeOf(value)];
}

/** `Array.isArray` aside, only a list has this shape: dates and bytes have no `list`. */
const isList = (value: SqlValue): value is SqlList => typeof value === "object" && value !== null && "list" in value;

function plain(value: SqlScalar, type?: ColumnType): DuckDBValue {
  if (value instanceof Date) return new DuckDBTimestampTZValue(BigInt(value.getTime()) * 1000n);
  if (value instanceof Uint8Array) return blobValue(value);
  if (type === "BIGINT" && typeof value === "number") return BigInt(value);
  return value;
}

const INT32 = 2 ** 31;
const INT64 = 2n ** 63n;

function typeOf(value: SqlScalar): DuckDBType {
  if (value === null) return SQLNULL;
  if (typeof value === "string") return VARCHAR;
  if (typeof value === "boolean") return BOOLEAN;
  if (typeof value === "bigint") return value >= -INT64 && value < INT64 ? BIGINT : HUGEINT;
  if (typeof value === "number") return Number.isInteger(value) && Math.abs(value) < INT32 ? INTEGER : DOUBLE;
  return value instanceof Date ? TIMESTAMPTZ : BLOB;
}

/** DuckDB's own conversion, except that whole numbers which fit come as numbers, and bytes as what they are in every JavaScript. */
const toPlain: DuckDBValueConverter<JS> = (value, type, converter) => {
  const js = JSDuckDBValueConverter(value, type, converter);
  if (js instanceof Uint8Array) return new Uint8Array(js) as JS;
  return typeof js === "bigint" && js >= Number.MIN_SAFE_INTEGER && js <= Number.MAX_SAFE_INTEGER ? Number(js) : js;
};

/** The rows of a result as objects. A name that occurs twice gets a number, so that no column hides another. */
export function rowsOf<Row>(result: DuckDBMaterializedResult): Row[] {
  const names = result.deduplicatedColumnNames();
  const rows: Record<string, unknown>[] = [];
  for (let index = 0; index < result.chunkCount; index++) {
    for (const values of result.getChunk(index).convertRows(toPlain)) {
      rows.push(Object.fromEntries(names.map((name, column) => [name, values[column]])));
    }
  }
  return rows as Row[];
}
