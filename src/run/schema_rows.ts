/** The schemas that were given for tables, or seen in them, as the ledger keeps them. */
import { JSON } from "../intrinsics.ts";
import { isTableDriver, sampleFile } from "../artifacts/mod.ts";
import {
  type Db,
  insertObservations,
  insertRelations,
  insertSchemas,
  noteFieldKeys,
  type SchemaFieldRow,
  type SchemaRow,
} from "../ledger/mod.ts";
import { type ColumnReference, columnsOf, profileOf, profileOfFile, SAMPLE_ROWS, schemaId, type SchemaProfile } from "../schemas/mod.ts";
import type { Artifact, Meta, ZodObject } from "../types.ts";
import { newId } from "./ids.ts";

/** A schema of an artifact. */
export interface SeenSchema {
  /** The artifact. */
  readonly artifactId: string;
  /** The columns. */
  readonly profile: SchemaProfile;
  /** What the tracker calls it, or the table in the ledger. */
  readonly name?: string | undefined;
  /** How many rows were looked at. */
  readonly sampleRows: number | null;
  /** Names of the columns that tell rows apart. */
  readonly keys: readonly string[];
  /** Column → what it points at. */
  readonly references: ReadonlyMap<string, ColumnReference>;
}

/** Above this size a profile is kept by its fields alone. */
const INLINE_CHARACTERS = 256 * 1024;

/** The schema that a user gave for an artifact. */
export function givenSchema(artifactId: string, schema: ZodObject, name: string | undefined): SeenSchema {
  const columns = columnsOf(schema);
  return {
    ...{ artifactId, name, profile: profileOf(schema), sampleRows: null },
    keys: columns.filter(({ primaryKey }) => primaryKey === true).map((column) => column.name),
    references: new Map(columns.flatMap((column) => column.references === undefined ? [] : [[column.name, column.references]])),
  };
}

/** The schema that an artifact's file shows in its first rows, with the types that it loads with. */
export async function seenSchema({ id, path, driver }: Artifact, sampleRows: number = SAMPLE_ROWS): Promise<SeenSchema> {
  const seen = { artifactId: id, sampleRows, keys: [], references: new Map() };
  if (!isTableDriver(driver)) return { ...seen, profile: await profileOfFile(path, driver, sampleRows) };
  await using sample = await sampleFile(path, driver, sampleRows);
  return { ...seen, profile: await profileOfFile(sample.path, driver, sampleRows) };
}

/** The schema of rows that are put into the ledger, from the parquet file with them. */
export async function ingestedSchema({ id, driver }: Artifact, file: string): Promise<SeenSchema> {
  const profile = { ...await profileOfFile(file, driver), source: "duckdb" as const };
  return { artifactId: id, profile, sampleRows: null, keys: [], references: new Map() };
}

/** The notes of an artifact whose file was looked at, in the Python library's words. */
export function notesOfSchema({ profile, sampleRows }: SeenSchema, meta: Meta): Meta {
  const id = schemaId(profile);
  const { source, driver, fields } = profile;
  const schema_summary = { schema_id: id, source, driver, n_columns: fields.length, sample_rows: sampleRows };
  return { schema_summary, ...(meta.schema_id === undefined ? { schema_id: id } : {}) };
}

/** Writes schemas, each once, and who was seen to have them. The artifacts have to be there. */
export async function recordSchemas(db: Db, all: readonly SeenSchema[], runId: string | null, now: Date): Promise<void> {
  for (const seen of all) {
    const { profile, references, keys } = seen;
    const id = schemaId(profile);
    await insertSchemas(db, [schemaRow(id, seen, now)], fieldRows(id, profile));
    if (keys.length > 0) await noteFieldKeys(db, id, keys);
    await insertRelations(
      db,
      [...references].map(([from_field, { table, column }]) => ({
        ...{ schema_id: id, from_field, to_table: table, to_field: column },
        ...{ relationship_type: "foreign_key", cardinality: null },
      })),
    );
    const observation = { artifact_id: seen.artifactId, schema_id: id, run_id: runId, source: profile.source };
    await insertObservations(db, [{ id: newId(), ...observation, sample_rows: seen.sampleRows, observed_at: now }]);
  }
}

function schemaRow(id: string, { profile, name, sampleRows }: SeenSchema, now: Date): SchemaRow {
  const { source, driver, fields } = profile;
  const isLong = JSON.stringify(profile).length > INLINE_CHARACTERS;
  return {
    id,
    profile_version: 1,
    summary_json: {
      ...{ profile_version: 1, schema_id: id, source, driver, sample_rows: sampleRows, n_columns: fields.length },
      ...(name === undefined ? {} : { table_name: name }),
      truncated: { fields: false, schema_json: isLong, inline_profile: isLong },
    },
    profile_json: isLong ? null : profile,
    created_at: now,
  };
}

function fieldRows(id: string, { fields }: SchemaProfile): SchemaFieldRow[] {
  return fields.map(({ name, logical_type, nullable, is_enum, enum_values }, index) => ({
    ...{ schema_id: id, ordinal_position: index + 1, name, logical_type, nullable, stats_json: null },
    ...{ is_enum, enum_values_json: enum_values },
  }));
}
