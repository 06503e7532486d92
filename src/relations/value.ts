/** What DuckDB answers, as plain JavaScript values. */
import {
  type DuckDBArrayValue,
  type DuckDBBlobValue,
  type DuckDBConnection,
  type DuckDBDataChunk,
  type DuckDBDateValue,
  type DuckDBListValue,
  type DuckDBMapValue,
  type DuckDBResult,
  type DuckDBStructValue,
  type DuckDBTimestampMillisecondsValue,
  type DuckDBTimestampNanosecondsValue,
  type DuckDBTimestampSecondsValue,
  type DuckDBTimestampTZValue,
  type DuckDBTimestampValue,
  type DuckDBType,
  DuckDBTypeId,
  type DuckDBUnionValue,
  type DuckDBValue,
} from "@duckdb/node-api";
import type { UnknownRow } from "../types.ts";
import { bound } from "./parameter.ts";

type Convert = (value: DuckDBValue) => unknown;

const MILLISECONDS_A_DAY = 86_400_000;
const dateOf = (milliseconds: bigint): Date => new Date(Number(milliseconds));

/** Whole numbers that fit become numbers. */
function whole(value: DuckDBValue): unknown {
  const number = Number(value);
  return Number.isSafeInteger(number) ? number : value;
}

const CONVERSIONS: Partial<Record<DuckDBTypeId, Convert>> = {
  [DuckDBTypeId.BIGINT]: whole,
  [DuckDBTypeId.UBIGINT]: whole,
  [DuckDBTypeId.HUGEINT]: whole,
  [DuckDBTypeId.UHUGEINT]: whole,
  [DuckDBTypeId.BIGNUM]: whole,
  [DuckDBTypeId.DECIMAL]: (value) => Number(String(value)),
  [DuckDBTypeId.DATE]: (value) => new Date((value as DuckDBDateValue).days * MILLISECONDS_A_DAY),
  [DuckDBTypeId.TIMESTAMP]: (value) => dateOf((value as DuckDBTimestampValue).micros / 1000n),
  [DuckDBTypeId.TIMESTAMP_TZ]: (value) => dateOf((value as DuckDBTimestampTZValue).micros / 1000n),
  [DuckDBTypeId.TIMESTAMP_S]: (value) => dateOf((value as DuckDBTimestampSecondsValue).seconds * 1000n),
  [DuckDBTypeId.TIMESTAMP_MS]: (value) => dateOf((value as DuckDBTimestampMillisecondsValue).millis),
  [DuckDBTypeId.TIMESTAMP_NS]: (value) => dateOf((value as DuckDBTimestampNanosecondsValue).nanos / 1_000_000n),
  [DuckDBTypeId.BLOB]: (value) => new Uint8Array((value as DuckDBBlobValue).bytes),
  [DuckDBTypeId.TIME]: String,
  [DuckDBTypeId.TIME_TZ]: String,
  [DuckDBTypeId.INTERVAL]: String,
  [DuckDBTypeId.UUID]: String,
  [DuckDBTypeId.BIT]: String,
};

/** How values of a type become JavaScript values; none where they are so already. */
function conversionOf(type: DuckDBType): Convert | undefined {
  switch (type.typeId) {
    case DuckDBTypeId.LIST:
    case DuckDBTypeId.ARRAY: {
      const member = orNull(conversionOf(type.valueType));
      return (value) => (value as DuckDBListValue | DuckDBArrayValue).items.map(member);
    }
    case DuckDBTypeId.STRUCT: {
      const members = type.entryTypes.map((entry) => orNull(conversionOf(entry)));
      return (value) => {
        const entries = (value as DuckDBStructValue).entries;
        return Object.fromEntries(type.entryNames.map((name, index) => [name, members[index]!(entries[name] ?? null)]));
      };
    }
    case DuckDBTypeId.MAP: {
      const [key, member] = [orNull(conversionOf(type.keyType)), orNull(conversionOf(type.valueType))];
      return (value) => new Map((value as DuckDBMapValue).entries.map((entry) => [key(entry.key), member(entry.value)]));
    }
    case DuckDBTypeId.UNION:
      return (value) => {
        const { tag, value: member } = value as DuckDBUnionValue;
        return orNull(conversionOf(type.memberTypeForTag(tag)))(member);
      };
    default:
      return CONVERSIONS[type.typeId];
  }
}

function orNull(convert: Convert | undefined): Convert {
  return convert === undefined ? (value) => value : (value) => (value === null ? null : convert(value));
}

/** Runs one query with parameters, planned anew, and gives its rows. */
export async function askRows<Row = UnknownRow>(connection: DuckDBConnection, sql: string, parameters: readonly unknown[]): Promise<Row[]> {
  // Without parameters DuckDB plans once; with them it plans again when it learns their types.
  if (parameters.length === 0) return await rowsOf<Row>(await connection.run(sql));
  const all = parameters.map(bound);
  return await rowsOf<Row>(await connection.run(sql, all.map(({ value }) => value), all.map(({ type }) => type)));
}

/** The rows of a result as objects. */
export async function rowsOf<Row = UnknownRow>(result: DuckDBResult): Promise<Row[]> {
  const chunks = await result.fetchAllChunks();
  const names = uniqueNames(result.columnNames());
  const conversions = result.columnTypes().map(conversionOf);
  const rows: UnknownRow[] = [];
  for (const chunk of chunks) {
    const first = rows.length;
    for (let row = 0; row < chunk.rowCount; row++) rows.push({});
    for (let column = 0; column < names.length; column++) fill(rows, first, names[column]!, columnOf(chunk, column, conversions[column]));
  }
  return rows as Row[];
}

function columnOf(chunk: DuckDBDataChunk, column: number, convert: Convert | undefined): readonly unknown[] {
  const values = chunk.getColumnValues(column);
  return convert === undefined ? values : values.map((value) => (value === null ? null : convert(value)));
}

/** A column named `__proto__` is a column like any other. */
function fill(rows: UnknownRow[], first: number, name: string, values: readonly unknown[]): void {
  if (name !== "__proto__") {
    for (let index = 0; index < values.length; index++) rows[first + index]![name] = values[index];
    return;
  }
  const shape = { enumerable: true, writable: true, configurable: true };
  values.forEach((value, index) => Object.defineProperty(rows[first + index]!, name, { value, ...shape }));
}

/** `a, a, A` are `a, a_1, A_2`, as they are in a parquet file that DuckDB writes. */
export function uniqueNames(names: readonly string[]): string[] {
  const seen = new Map<string, number>();
  return names.map((name) => {
    const times = seen.get(name.toLowerCase()) ?? 0;
    seen.set(name.toLowerCase(), times + 1);
    return times === 0 ? name : `${name}_${times}`;
  });
}
