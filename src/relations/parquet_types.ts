/** Columns as a parquet file holds them, so that polars reads each of them. */
import { type DuckDBType, DuckDBTypeId } from "@duckdb/node-api";
import type { Prepared } from "./execute.ts";
import { quoteName } from "./quote.ts";
import { uniqueNames } from "./value.ts";

/**
 * The columns of a query for `select`, with a cast where polars cannot read DuckDB's parquet: DECIMAL becomes DOUBLE (as it is a number in
 * JavaScript); JSON, UUID, INTERVAL, BIT and ENUM become text.
 */
export async function parquetColumns(query: Prepared): Promise<string> {
  const result = await query.run(`select * from (${query.text}\n) limit 0`);
  const names = uniqueNames(result.columnNames());
  const casts = result.columnTypes().map(castOf);
  if (casts.every((cast) => cast === undefined)) return "*";
  return names.map((
    name,
    index,
  ) => (casts[index] === undefined ? quoteName(name) : `${quoteName(name)}::${casts[index]} as ${quoteName(name)}`))
    .join(", ");
}

/** The type to cast to, or none where the type can stay. */
function castOf(type: DuckDBType): string | undefined {
  switch (type.typeId) {
    case DuckDBTypeId.DECIMAL:
      return "DOUBLE";
    case DuckDBTypeId.UUID:
    case DuckDBTypeId.INTERVAL:
    case DuckDBTypeId.BIT:
    case DuckDBTypeId.ENUM:
    case DuckDBTypeId.TIME_TZ:
    case DuckDBTypeId.BIGNUM:
    case DuckDBTypeId.UNION:
      return "VARCHAR";
    case DuckDBTypeId.VARCHAR:
      return type.alias === undefined ? undefined : "VARCHAR";
    case DuckDBTypeId.LIST: {
      const member = castOf(type.valueType);
      return member === undefined ? undefined : `${member}[]`;
    }
    case DuckDBTypeId.ARRAY:
      return `${castOf(type.valueType) ?? type.valueType}[]`;
    case DuckDBTypeId.STRUCT: {
      const members = type.entryTypes.map(castOf);
      if (members.every((member) => member === undefined)) return undefined;
      return `STRUCT(${type.entryNames.map((name, index) => `${quoteName(name)} ${members[index] ?? type.entryTypes[index]}`).join(", ")})`;
    }
    default:
      return undefined;
  }
}
