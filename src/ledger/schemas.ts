/** The tables of observed schemas: profiles, fields, who was observed to have them, and relations between them. */
import type { Db } from "./connection.ts";
import { insertRows } from "./insert.ts";
import { jsonText } from "./json.ts";
import { rowsAmong } from "./select.ts";
import { textList, texts } from "./json_lists.ts";

/** A row of `artifact_schema`. */
export interface SchemaRow {
  /** SHA-256 of the canonical profile. */
  readonly id: string;
  /** Version of the profile's form. */
  readonly profile_version: number;
  /** Short form. */
  readonly summary_json: unknown;
  /** Whole profile; null where it is too large. */
  readonly profile_json: unknown;
  /** When it was first seen. */
  readonly created_at: Date;
}

/** A row of `artifact_schema_field`. */
export interface SchemaFieldRow {
  /** The schema. */
  readonly schema_id: string;
  /** Position, from 1. */
  readonly ordinal_position: number | null;
  /** The column's name. */
  readonly name: string;
  /** DuckDB's type, in lower case. */
  readonly logical_type: string;
  /** May it be null? */
  readonly nullable: boolean;
  /** Statistics. */
  readonly stats_json: unknown;
  /** Does it have few values that are all known? */
  readonly is_enum: boolean;
  /** These values. */
  readonly enum_values_json: unknown;
}

/** A row of `artifact_schema_observation`. */
export interface ObservationRow {
  /** UUID. */
  readonly id: string;
  /** The artifact. */
  readonly artifact_id: string;
  /** Its schema. */
  readonly schema_id: string;
  /** The run that looked. */
  readonly run_id: string | null;
  /** `file`, `duckdb` or `user_provided`. */
  readonly source: string;
  /** How many rows were looked at. */
  readonly sample_rows: number | null;
  /** When. */
  readonly observed_at: Date;
}

/** A row of `artifact_schema_relation`. */
export interface SchemaRelationRow {
  /** The schema. */
  readonly schema_id: string;
  /** Its column. */
  readonly from_field: string;
  /** The table that it points at. */
  readonly to_table: string;
  /** The column there. */
  readonly to_field: string;
  /** `foreign_key`. */
  readonly relationship_type: string;
  /** How many rows of one side belong to one of the other. */
  readonly cardinality: string | null;
}

type Plain<Row> = readonly (Row & Record<string, unknown>)[];

/** Inserts schemas with their fields; a schema that is there already stays. */
export async function insertSchemas(db: Db, schemas: readonly SchemaRow[], fields: readonly SchemaFieldRow[]): Promise<void> {
  await insertRows(db, "artifact_schema", schemas as Plain<SchemaRow>, "ignore");
  await insertRows(db, "artifact_schema_field", fields as Plain<SchemaFieldRow>, "ignore");
}

/** Notes which fields of a schema tell rows apart: its profile, and with it its id, does not say it. */
export async function noteFieldKeys(db: Db, schemaId: string, names: readonly string[]): Promise<void> {
  const stats = jsonText({ primary_key: true });
  const sql = `UPDATE artifact_schema_field SET stats_json = $3 WHERE schema_id = $1 AND name IN (SELECT ${texts(2)})`;
  await db.run(sql, [schemaId, textList(names), stats]);
}

/** Inserts observations; artifact and schema must be there. */
export async function insertObservations(db: Db, rows: readonly ObservationRow[]): Promise<void> {
  await insertRows(db, "artifact_schema_observation", rows as Plain<ObservationRow>);
}

/** Inserts relations; the schema must be there. */
export async function insertRelations(db: Db, rows: readonly SchemaRelationRow[]): Promise<void> {
  await insertRows(db, "artifact_schema_relation", rows as Plain<SchemaRelationRow>, "ignore");
}

/** The schemas with these ids. */
export async function schemasById(db: Db, ids: readonly string[]): Promise<SchemaRow[]> {
  return await rowsAmong(db, "artifact_schema", "id", ids);
}

/** The fields of these schemas, in their order. */
export async function fieldsOfSchemas(db: Db, schemaIds: readonly string[]): Promise<SchemaFieldRow[]> {
  return await rowsAmong(db, "artifact_schema_field", "schema_id", schemaIds, "ORDER BY t.schema_id, t.ordinal_position, t.name");
}

/** What was observed of these artifacts: what the user provided first, then files, then DuckDB, newest first. */
export async function observationsOf(db: Db, artifactIds: readonly string[]): Promise<ObservationRow[]> {
  const preference = "list_position(['user_provided', 'file', 'duckdb'], t.source)";
  return await rowsAmong(
    db,
    "artifact_schema_observation",
    "artifact_id",
    artifactIds,
    `ORDER BY ${preference} NULLS LAST, epoch_us(t.observed_at) DESC, t.id`,
  );
}

/** Who was observed to have these schemas, newest first. */
export async function observationsOfSchemas(db: Db, schemaIds: readonly string[]): Promise<ObservationRow[]> {
  return await rowsAmong(db, "artifact_schema_observation", "schema_id", schemaIds, "ORDER BY epoch_us(t.observed_at) DESC, t.id");
}

/** The relations of these schemas. */
export async function relationsOfSchemas(db: Db, schemaIds: readonly string[]): Promise<SchemaRelationRow[]> {
  return await rowsAmong(db, "artifact_schema_relation", "schema_id", schemaIds, "ORDER BY t.schema_id, t.from_field");
}
