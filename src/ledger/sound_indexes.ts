/**
 * Indexes that other programs damage. DuckDB (1.5 at least) loses entries of secondary indexes where a program opens a file that has a log,
 * does not touch the table, and closes it: the checkpoint at its end writes the indexes without what the log held. We never checkpoint that way.
 * A note of the file's state after our own last checkpoint tells whether somebody else wrote one: then what every run writes is looked up, and
 * where something is not found all indexes are made anew. Our own table, which nobody else touches, tells of any such program.
 */
import type { DuckDBConnection } from "@duckdb/node-api";
import { createStatements, OWN_INDEXES, OWN_TABLES, quoteName, SHARED_TABLES } from "./schema.ts";

/** The table that holds the note. */
export const FILE_TABLE = "CREATE TABLE IF NOT EXISTS deno_file (id INTEGER NOT NULL PRIMARY KEY, state VARCHAR NOT NULL)";

/** Indexed columns of which every executed run, or every hit, writes a value. */
const LOOKED_AT = [["deno_run", "signature"], ["run_artifact_link", "run_id"], ["run", "signature"]] as const;
/** A log holds some thousands of rows: the newest values are looked up, and one in a hundred of those before. */
const NEWEST = 64;
const RECENT = 20_000;
const ONE_IN = 100;

/**
 * Mends the indexes where another program damaged them, and says whether one has written the file. A file that only we wrote costs one query.
 * What is made anew goes from the log into the file at once: DuckDB cannot replay it for who opens the file only to read.
 */
export async function mendIndexes(connection: DuckDBConnection, path: string): Promise<boolean> {
  if (await isAsWeLeftIt(connection, path)) return false;
  for (const [table, column] of LOOKED_AT) {
    if (await isSound(connection, table, column)) continue;
    await makeAnew(connection);
    break;
  }
  await connection.run("CHECKPOINT");
  await noteState(connection, path);
  return true;
}

/** Asks for the note. */
export const STATE_QUERY = "SELECT state FROM deno_file WHERE id = 1";

/** Was the file's last checkpoint ours? A ledger that has no note is not. */
export async function isAsWeLeftIt(connection: DuckDBConnection, path: string): Promise<boolean> {
  try {
    const noted = await connection.runAndReadAll(STATE_QUERY);
    return noted.getRowsJS()[0]?.[0] === stateOf(path);
  } catch (error) {
    if (error instanceof Error && /deno_file does not exist/i.test(error.message)) return false;
    throw error;
  }
}

/** Notes the state of the file after a checkpoint of ours; the note itself is in the log, and leaves the file as it is. */
export async function noteState(connection: DuckDBConnection, path: string): Promise<void> {
  await connection.run(`INSERT OR REPLACE INTO deno_file VALUES (1, '${stateOf(path)}')`); // digits, in one way to DuckDB and back
}

/** Does the index find as many rows of a sample of values as reading the table does? */
async function isSound(connection: DuckDBConnection, table: string, column: string): Promise<boolean> {
  // An expression is read from the table; a bare column would be looked up by the very index.
  const rows = `SELECT concat(${column}) AS v, rowid AS place FROM ${table} WHERE ${column} IS NOT NULL`;
  const recent = `SELECT * FROM (${rows}) WHERE place > (SELECT max(rowid) - ${RECENT} FROM ${table})`;
  const sample = `SELECT v FROM (${recent}) QUALIFY row_number() OVER (ORDER BY place DESC) <= ${NEWEST} OR place % ${ONE_IN} = 0`;
  const counted = `SELECT v, count(*) FROM (${rows}) SEMI JOIN (${sample}) USING (v) GROUP BY v`;
  const counts = (await connection.runAndReadAll(counted)).getRowsJS() as [string, bigint][];
  if (counts.length === 0) return true;
  const values = counts.map(([value]) => `'${value.replaceAll("'", "''")}'`).join(", ");
  const [[found]] = (await connection.runAndReadAll(`SELECT count(*) FROM ${table} WHERE ${column} IN (${values})`)).getRowsJS() as [
    [bigint],
  ];
  return found === counts.reduce((sum, [, count]) => sum + count, 0n);
}

/** One after the other: DuckDB does not survive several in one transaction. Those that a kill leaves out are made by the last lines. */
async function makeAnew(connection: DuckDBConnection): Promise<void> {
  const indexes = (await connection.runAndReadAll("SELECT index_name, sql FROM duckdb_indexes() WHERE sql IS NOT NULL")).getRowsJS();
  for (const [name, sql] of indexes as [string, string][]) {
    await connection.run(`DROP INDEX ${quoteName(name)}`);
    await connection.run(sql);
  }
  for (const statement of [...SHARED_TABLES, ...OWN_TABLES].flatMap(createStatements)) await connection.run(statement);
  for (const statement of OWN_INDEXES) await connection.run(statement);
  await connection.run("CHECKPOINT");
}

/** What of a file tells whether it was written. */
export function stateOf(path: string): string {
  const { size, mtime } = Deno.statSync(path);
  return `${size} ${mtime?.getTime() ?? 0}`;
}
