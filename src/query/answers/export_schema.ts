/** A schema of the ledger as a zod module. */
import { FindError, OptionError } from "../../errors.ts";
import {
  artifactOf as artifactRowOf,
  type ArtifactRow,
  artifactsById,
  columnsOf,
  type Db,
  fieldsOfSchemas,
  observationsOf,
  relationsOfSchemas,
  type SchemaFieldRow,
  type SchemaRelationRow,
  schemasById,
} from "../../ledger/mod.ts";
import { profileOfFile } from "../../schemas/mod.ts";
import { type ExportedColumn, zodModule } from "../../schemas/tables/mod.ts";
import { ask } from "./ask.ts";
import type { Reading } from "../reading.ts";

/** Which schema: that of an artifact, of the newest artifact with a key, or one by its id in the ledger. */
export type SchemaSource =
  | {
    /** The artifact. */
    readonly artifactId: string;
    /** Not beside `artifactId`. */
    readonly schemaId?: never;
    /** Not beside `artifactId`. */
    readonly key?: never;
  }
  | {
    /** The schema. */
    readonly schemaId: string;
    /** Not beside `schemaId`. */
    readonly artifactId?: never;
    /** Not beside `schemaId`. */
    readonly key?: never;
  }
  | {
    /** The key. */
    readonly key: string;
    /** Not beside `key`. */
    readonly artifactId?: never;
    /** Not beside `key`. */
    readonly schemaId?: never;
  };

/** Which schema is exported, and under which name. */
export type ExportSchemaOptions = SchemaSource & {
  /** Name of the constant and of the type that the module exports. */
  readonly className: string;
};

const SOURCES = ["artifactId", "schemaId", "key"] as const;

/**
 * The text of a zod module with the columns of a schema. What a user gave comes before what a file showed, and that before what was ingested;
 * where nothing was recorded, the file is looked at.
 *
 * @throws {FindError} `artifact_missing` where there is no such schema or artifact, or no file to look at
 * @throws {OptionError} `option_invalid`
 */
export async function exportSchema(reading: Reading, options: ExportSchemaOptions): Promise<string> {
  const given = SOURCES.filter((name) => options?.[name] !== undefined);
  const unknown = Object.keys(options ?? {}).find((name) => name !== "className" && !(SOURCES as readonly string[]).includes(name));
  if (given.length !== 1 || unknown !== undefined) throw notOne(given, unknown);
  const { artifactId, schemaId, key, className } = options;
  if (schemaId !== undefined) {
    const columns = await reading.ledger.read((db) => recordedColumns(db, schemaId));
    if (columns === undefined) throw nothing(`the schema "${schemaId}"`, "The ledger has no schema with this id.");
    return zodModule(className, columns, `The schema ${schemaId}.`);
  }
  const sought = artifactId === undefined ? `the key "${key}"` : `the artifact "${artifactId}"`;
  const found = await reading.ledger.read((db) => recordedArtifact(db, artifactId, key));
  if (found === undefined) throw nothing(sought, "The ledger has no such artifact.");
  const { row } = found;
  const columns = found.columns ?? await lookedAt(reading, row, sought);
  return zodModule(className, columns, `The columns of "${row.key}"${row.run_id === null ? "" : `, made by the run ${row.run_id}`}.`);
}

/** An artifact with the columns that were recorded of it, if any were. */
async function recordedArtifact(
  db: Db,
  id: string | undefined,
  key: string | undefined,
): Promise<{ row: ArtifactRow; columns: ExportedColumn[] | undefined } | undefined> {
  const [row] = id === undefined ? await newestWithKey(db, key!) : await artifactsById(db, [id]);
  if (row === undefined) return undefined;
  const [seen] = await observationsOf(db, [row.id]);
  return { row, columns: seen === undefined ? undefined : await recordedColumns(db, seen.schema_id) };
}

/** The newest artifact with a key of which a schema is known, else the newest one. */
async function newestWithKey(db: Db, key: string): Promise<ArtifactRow[]> {
  const rows = await ask<Record<string, unknown>>(
    db,
    `select ${columnsOf("artifact", "a")} from artifact a where a.key = $1
order by exists (select 1 from artifact_schema_observation o where o.artifact_id = a.id) desc, epoch_us(a.created_at) desc, a.id desc limit 1`,
    [key],
  );
  return rows.map(artifactRowOf);
}

async function recordedColumns(db: Db, id: string): Promise<ExportedColumn[] | undefined> {
  const [schema] = await schemasById(db, [id]);
  if (schema === undefined) return undefined;
  const references = new Map((await relationsOfSchemas(db, [id])).map((relation) => [relation.from_field, relation]));
  return (await fieldsOfSchemas(db, [id])).map((field) => columnOf(field, references.get(field.name)));
}

function columnOf(field: SchemaFieldRow, relation: SchemaRelationRow | undefined): ExportedColumn {
  const { name, logical_type: type, nullable, is_enum, enum_values_json: values, stats_json: stats } = field;
  return {
    ...{ name, type, nullable },
    values: is_enum && Array.isArray(values) ? values : undefined,
    primaryKey: (stats as { primary_key?: unknown } | null)?.primary_key === true,
    references: relation === undefined ? undefined : { table: relation.to_table, column: relation.to_field },
  };
}

/** The columns of an artifact of which no schema was recorded. */
async function lookedAt({ artifactOf }: Reading, row: ArtifactRow, sought: string): Promise<ExportedColumn[]> {
  const { path } = artifactOf(row);
  try {
    const { fields } = await profileOfFile(path, row.driver);
    return fields.map(({ name, logical_type: type, nullable }) => ({ name, type, nullable }));
  } catch (cause) {
    throw nothing(sought, "No schema of it was recorded, and its file cannot be read as a table.", cause);
  }
}

function nothing(sought: string, why: string, cause?: unknown): FindError {
  return new FindError("artifact_missing", {
    problem: `Cannot export the schema of ${sought}.`,
    why,
    fix:
      "Record it where the table is made: outputs: { table: { profileFileSchema: true } }, or log the file with profileFileSchema: true.",
    cause,
  });
}

function notOne(given: readonly string[], unknown: string | undefined): OptionError {
  const what = given.length === 0 ? "nothing that names a schema" : given.join(" and ");
  return new OptionError(unknown === undefined ? "option_invalid" : "unknown_option", {
    problem: unknown === undefined ? `exportSchema() was called with ${what}.` : `exportSchema() has no option "${unknown}".`,
    why: "It takes a className and exactly one of artifactId, schemaId and key.",
    fix: 'Call exportSchema({ artifactId: result.outputs.table.id, className: "Person" }).',
    path: unknown ?? given[1] ?? "artifactId",
  });
}
