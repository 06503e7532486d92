/** The columns that a zod object schema describes. */
import type { z } from "zod";
import { type ColumnReference, keysOf } from "./column_meta.ts";
import { unwrap, type Unwrapped } from "./zod_shape.ts";

/** A column as a schema describes it. */
export interface SchemaColumn {
  /** Its name. */
  readonly name: string;
  /** DuckDB's type for it: `BIGINT`, `DOUBLE`, `VARCHAR`, `BOOLEAN`, `TIMESTAMP`, a list such as `DOUBLE[]`, or `JSON`. */
  readonly type: string;
  /** Does it hold whole numbers that are exact in JavaScript, as `z.int()` says? */
  readonly safe: boolean;
  /** May it be null, or be missing? */
  readonly nullable: boolean;
  /** The values that it allows, where the schema lists them. */
  readonly values?: readonly unknown[];
  /** Does it tell rows apart, alone or with others? */
  readonly primaryKey?: boolean;
  /** The column of another schema that it points at. */
  readonly references?: ColumnReference;
}

const NUMBER_TYPES: { readonly [format: string]: string } = {
  safeint: "BIGINT",
  int32: "INTEGER",
  uint32: "UINTEGER",
  float32: "FLOAT",
};

/** The columns of a schema, in its order. */
export function columnsOf(schema: z.ZodObject): SchemaColumn[] {
  return Object.entries(schema.shape).map(([name, member]) => {
    const shape = unwrap(member);
    const { primaryKey, references } = keysOf(name, member);
    return {
      name,
      type: typeOf(shape),
      safe: shape.kind === "number" && /INT$/.test(typeOf(shape)),
      nullable: shape.nullable || shape.optional,
      ...(shape.values === undefined ? {} : { values: shape.values }),
      ...(primaryKey ? { primaryKey } : {}),
      ...(references === undefined ? {} : { references }),
    };
  });
}

function typeOf({ kind, format, values, element }: Unwrapped): string {
  switch (kind) {
    case "number":
      if (values !== undefined) return values.every((value) => value === null || Number.isSafeInteger(value)) ? "BIGINT" : "DOUBLE";
      return NUMBER_TYPES[format ?? ""] ?? "DOUBLE";
    case "bigint":
      return format === "uint64" ? "UBIGINT" : "BIGINT";
    case "string":
    case "template_literal":
      return "VARCHAR";
    case "boolean":
      return "BOOLEAN";
    case "date":
      return "TIMESTAMP";
    case "array":
      return listType(typeOf(unwrap(element!)));
    default:
      return "JSON";
  }
}

function listType(member: string): string {
  return member === "JSON" ? "JSON" : `${member}[]`;
}
