/** What an older ledger lacks, for one connection that may not write: empty tables, and columns without values. The file stays as it is. */
import type { DuckDBConnection } from "@duckdb/node-api";
import { LATER_TABLES, OWN_TABLES, quoteName, SCHEMA_LINKS_VIEW, SHARED_TABLES, type TableSpec } from "./schema.ts";

/** The statements that give a connection what the file lacks; none for a ledger that has it all. */
export async function lackingTables(connection: DuckDBConnection): Promise<readonly string[]> {
  const present = await columnsInFile(connection);
  const [[file]] = (await connection.runAndReadAll("SELECT current_database()")).getRowsJS() as [[string]];
  const tables = [...SHARED_TABLES, ...OWN_TABLES, ...LATER_TABLES].flatMap((table) => lacking(file, table, present.get(table.name)));
  return present.has("consist_schema_links")
    ? tables
    : [...tables, SCHEMA_LINKS_VIEW.replace(/^CREATE OR REPLACE VIEW/, "CREATE TEMP VIEW")];
}

async function columnsInFile(connection: DuckDBConnection): Promise<Map<string, Set<string>>> {
  const found = await connection.runAndReadAll(
    "SELECT table_name, column_name FROM duckdb_columns() WHERE database_name = current_database() AND schema_name = 'main'",
  );
  const columns = new Map<string, Set<string>>();
  for (const [table, column] of found.getRowsJS() as [string, string][]) {
    columns.set(table, (columns.get(table) ?? new Set()).add(column));
  }
  return columns;
}

/** A temporary name comes before that of the file, so that no query has to know of it. */
function lacking(file: string, { name, columns }: TableSpec, present: ReadonlySet<string> | undefined): string[] {
  const all = Object.entries(columns);
  if (present === undefined) {
    return [`CREATE TEMP TABLE ${quoteName(name)} (${all.map(([column, type]) => `${quoteName(column)} ${type}`).join(", ")})`];
  }
  const missing = all.filter(([column]) => !present.has(column)).map(([column, type]) => `NULL::${type} AS ${quoteName(column)}`);
  if (missing.length === 0) return [];
  const added = name === "run" ? ["rowid AS rowid", ...missing] : missing; // runs that began at one moment are in the order of their rows
  return [`CREATE TEMP VIEW ${quoteName(name)} AS SELECT *, ${added.join(", ")} FROM ${quoteName(file)}.main.${quoteName(name)}`];
}
