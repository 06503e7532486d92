/** Schemas as the ledger keeps them: a profile, under an id that is the hash of its canonical JSON. */
import { createHash } from "node:crypto";
import type { z } from "zod";
import { JSON } from "../intrinsics.ts";
import { FileRelation, observedColumns } from "../relations/mod.ts";
import { columnsOf } from "./columns.ts";
import { parseType, typeText } from "./duck_type.ts";

/** How many rows of a file are looked at. */
export const SAMPLE_ROWS = 1000;

/** A column of a profile, with the ledger's own names. */
export interface ProfileField {
  /** Its name. */
  readonly name: string;
  /** DuckDB's type in lower case. */
  readonly logical_type: string;
  /** May it be null? */
  readonly nullable: boolean;
  /** Statistics; none are taken. */
  readonly stats: null;
  /** Does it allow listed values only? */
  readonly is_enum: boolean;
  /** The values that it allows. */
  readonly enum_values: readonly unknown[] | null;
}

/** A schema as the table `artifact_schema` keeps it. */
export interface SchemaProfile {
  /** Version of this form. */
  readonly profile_version: 1;
  /** Was it read from a file, or given by a user? */
  readonly source: "file" | "duckdb" | "user_provided";
  /** The file's driver, or `zod`. */
  readonly driver: string;
  /** Its columns, in order. */
  readonly fields: readonly ProfileField[];
}

/** The profile of a zod schema. */
export function profileOf(schema: z.ZodObject): SchemaProfile {
  const fields = columnsOf(schema).map(({ name, type, nullable, values }) => ({
    ...{ name, logical_type: type.toLowerCase(), nullable, stats: null },
    ...{ is_enum: values !== undefined, enum_values: values ?? null },
  }));
  return { profile_version: 1, source: "user_provided", driver: "zod", fields };
}

/** The id of a profile: the SHA-256 of its canonical JSON, as the Python library makes it. */
export function schemaId(profile: SchemaProfile): string {
  return createHash("sha256").update(canonical(profile)).digest("hex");
}

/**
 * The profile of a file that DuckDB can read. Only as much of the file is read as tells its columns, and so many rows as are to be looked at: a
 * column is nullable where one of them is null in it.
 */
export async function profileOfFile(path: string, driver: string, sampleRows = SAMPLE_ROWS): Promise<SchemaProfile> {
  const columns = await observedColumns(new FileRelation(path), sampleRows);
  const fields = columns.map(({ name, type, nulls }) => ({
    ...{ name, logical_type: typeText(parseType(type)), nullable: nulls, stats: null, is_enum: false, enum_values: null },
  }));
  return { profile_version: 1, source: "file", driver, fields };
}

/** JSON with sorted keys, no spaces, and ASCII escapes. */
function canonical(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(canonical).join(",")}]`;
  if (value === null || typeof value !== "object") return ascii(JSON.stringify(value));
  const entries = Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1));
  return `{${entries.map(([key, member]) => `${ascii(JSON.stringify(key))}:${canonical(member)}`).join(",")}}`;
}

function ascii(json: string): string {
  return json.replace(/[\u007f-\uffff]/g, (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, "0")}`);
}
