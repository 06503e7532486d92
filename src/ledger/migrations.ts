/** Makes the tables of a ledger and brings older ones forward. There is no way back. */
import type { DuckDBConnection, DuckDBType } from "@duckdb/node-api";
import type { Born } from "./connection.ts";
import { schemaTooNew } from "./failures.ts";
import { FILE_TABLE } from "./sound_indexes.ts";
import {
  ACCEPTED_TABLE,
  createStatements,
  DISPLAY_TABLE,
  INGESTED_TABLE,
  LATER_COLUMNS,
  OWN_INDEXES,
  OWN_TABLES,
  PRUNED_TABLE,
  quoteName,
  SCHEMA_LINKS_VIEW,
  SHARED_TABLES,
  tableNamed,
} from "./schema.ts";

/** Statements that lead from one version to the next; number n leads from version n to n + 1, the first one from no table of ours. */
export type Migrations = readonly (readonly string[])[];

const VERSION_TABLE =
  "CREATE TABLE IF NOT EXISTS deno_schema (version INTEGER NOT NULL PRIMARY KEY, applied_at TIMESTAMP WITH TIME ZONE NOT NULL)";

/** Version 1: our tables and our index beside Python's. Version 2: the note of the file's state. Version 3: ingested rows. Version 4: what steps show. Version 5: the care of the cache. */
export const MIGRATIONS: Migrations = [
  [...OWN_TABLES.flatMap(createStatements), ...OWN_INDEXES],
  [FILE_TABLE],
  createStatements(INGESTED_TABLE),
  createStatements(DISPLAY_TABLE),
  [...createStatements(PRUNED_TABLE), ...createStatements(ACCEPTED_TABLE)],
];

/** Refuses a ledger whose tables are newer than these; an older one stays as it is. Gives its version. */
export async function refuseNewer(connection: DuckDBConnection, path: string, migrations: Migrations = MIGRATIONS): Promise<number> {
  const found = await versionOf(connection);
  if (found > migrations.length) throw schemaTooNew(path, found, migrations.length);
  return found;
}

/** Brings a ledger to the newest version. A ledger that has it costs one query. */
export async function migrate(connection: DuckDBConnection, path: string, migrations: Migrations = MIGRATIONS): Promise<void> {
  const found = await versionOf(connection);
  if (found > migrations.length) throw schemaTooNew(path, found, migrations.length);
  if (found === migrations.length) return;
  await connection.run("BEGIN");
  try {
    if (found === 0) await makeSharedTables(connection);
    await connection.run(VERSION_TABLE);
    for (let version = found; version < migrations.length; version++) await apply(connection, migrations[version]!, version + 1);
    await connection.run("COMMIT");
  } catch (error) {
    await connection.run("ROLLBACK").catch(() => {}); // a failed statement may have ended the transaction already
    throw error;
  }
}

/** What makes all tables in a file that has none, and moves them from its log into it. */
export function newTables(migrations: Migrations = MIGRATIONS): readonly string[] {
  const applied = migrations.flatMap((statements, index) => applying(statements, index + 1));
  const shared = [...SHARED_TABLES.flatMap(createStatements), SCHEMA_LINKS_VIEW];
  return ["BEGIN", ...shared, VERSION_TABLE, ...applied, "COMMIT", "CHECKPOINT"];
}

/** Asks for the version of our tables. */
export const VERSION_QUERY = "SELECT max(version) FROM deno_schema";

/** Is this the newest version? */
export const isNewest = (version: number, migrations: Migrations = MIGRATIONS): boolean => version === migrations.length;

/** The version of our tables; 0 where there are none. */
async function versionOf(connection: DuckDBConnection): Promise<number> {
  try {
    const rows = await connection.runAndReadAll(VERSION_QUERY);
    return Number(rows.getRowsJS()[0]?.[0] ?? 0);
  } catch (error) {
    if (error instanceof Error && /deno_schema does not exist/i.test(error.message)) return 0;
    throw error;
  }
}

/** What Python's library does at each opening, except that no row is touched. */
async function makeSharedTables(connection: DuckDBConnection): Promise<void> {
  const columns = LATER_COLUMNS.map(([table, column]) =>
    `ALTER TABLE IF EXISTS ${quoteName(table)} ADD COLUMN IF NOT EXISTS ${quoteName(column)} ${tableNamed(table).columns[column]!}`
  );
  await connection.run([...columns, ...SHARED_TABLES.flatMap(createStatements), SCHEMA_LINKS_VIEW].join(";\n"));
}

async function apply(connection: DuckDBConnection, statements: readonly string[], version: number): Promise<void> {
  await connection.run(applying(statements, version).join(";\n"));
}

const applying = (statements: readonly string[], version: number): string[] => [
  ...statements,
  `INSERT INTO deno_schema VALUES (${version}, now())`,
];

/** How the columns of this ledger were made. Only the statement's types are read, no row. */
export async function bornOf(connection: DuckDBConnection): Promise<Born> {
  const statement = await connection.prepare("SELECT started_at, value_num FROM run, run_config_kv LIMIT 0");
  try {
    return bornAs(statement.columnType(0), statement.columnType(1));
  } finally {
    statement.destroySync();
  }
}

/** The same from the types of the two columns. */
export function bornAs(time: DuckDBType, number: DuckDBType): Born {
  return {
    timestamps: time.toString() === "TIMESTAMP" ? "TIMESTAMP" : "TIMESTAMPTZ",
    valueNum: number.toString() === "FLOAT" ? "FLOAT" : "DOUBLE",
  };
}
