/** Writes a ledger anew without the room that removed rows left, and puts the new file in the old one's place at once. */
import { sizeOf } from "../file_size.ts";
import type { DuckDBConnection } from "@duckdb/node-api";
import { ensureDir } from "@std/fs";
import { dirname } from "@std/path";
import { LedgerError } from "../../errors.ts";
import { failureOf, writeFailure } from "../failures.ts";
import type { Ledger } from "../ledger.ts";
import { quoteName, SHARED_TABLES } from "../schema.ts";
import { asideOf, leftBeside, removeAll, takePlace } from "./aside.ts";
import { checkFree } from "./free_name.ts";

/** What compacting came to. */
export interface Compacted {
  /** Bytes before, with the log. */
  readonly before: number;
  /** Bytes now. */
  readonly after: number;
  /** Views of other programs that could not be made again: what they read is gone. */
  readonly lostViews: readonly string[];
}

/** Hears what is being done: each table's rows, then its indexes. */
export type OnProgress = (done: number, total: number, what: string) => void | Promise<void>;

/** A process that had the old file open in this very moment asks for its lock at once; so long it is refused. */
const LINGER_MS = 300;
/** The new file's name while it is attached. */
const FRESH = "consist_fresh";

/**
 * Compacts a ledger. Nothing is written to the old file: until the new one has its name, a failure or a kill leaves it as it was.
 *
 * @throws {LedgerError} where another process holds the ledger, or the disk refuses
 */
export async function compactLedger(ledger: Ledger, onProgress: OnProgress = () => {}): Promise<Compacted> {
  const { path } = ledger;
  const before = sizeOf(path) + sizeOf(`${path}.wal`);
  // In the turn of a transaction nobody else of this process writes.
  const lostViews = await ledger.write(async () => {
    const connection = await ledger.connection();
    const aside = asideOf(path);
    try {
      await removeAll(await leftBeside(path));
      await connection.run("CHECKPOINT");
      if (sizeOf(`${path}.wal`) > 0) throw logStays(path);
      const lost = await copyInto(connection, aside, onProgress);
      await takePlace(aside, path);
      await new Promise((resolve) => setTimeout(resolve, LINGER_MS));
      return lost;
    } catch (error) {
      throw writeFailure(path, error);
    } finally {
      connection.disconnectSync();
      await removeAll([aside, `${aside}.wal`]);
    }
  });
  await ledger.release();
  return { before, after: sizeOf(path), lostViews };
}

/**
 * Writes a copy of the whole ledger into another file, which has its name when it is whole.
 *
 * @throws {OptionError} where something has that name
 */
export async function copyLedger(ledger: Ledger, target: string, onProgress: OnProgress = () => {}): Promise<readonly string[]> {
  await checkFree(target, `Cannot copy the ledger to "${target}".`, "file");
  await ensureDir(dirname(target));
  const aside = asideOf(target);
  const connection = await ledger.connection();
  try {
    const lost = await copyInto(connection, aside, onProgress);
    await takePlace(aside, target);
    return lost;
  } catch (error) {
    throw writeFailure(target, error);
  } finally {
    connection.disconnectSync();
    await removeAll([aside, `${aside}.wal`]);
  }
}

interface Table {
  readonly schema: string;
  readonly name: string;
  readonly sql: string;
}

async function copyInto(connection: DuckDBConnection, aside: string, onProgress: OnProgress): Promise<string[]> {
  const [[file]] = await rows(connection, "SELECT current_database()") as [[string]];
  const from = (text: string) => rows(connection, text.replace("$file", `'${file.replaceAll("'", "''")}'`));
  const tables = parentsFirst(
    (await from(
      "SELECT schema_name, table_name, sql FROM duckdb_tables() WHERE database_name = $file AND NOT internal AND NOT temporary ORDER BY table_oid",
    )).map(([schema, name, sql]) => ({ schema, name, sql }) as Table),
  );
  const schemas = await from(
    "SELECT schema_name FROM duckdb_schemas() WHERE database_name = $file AND NOT internal AND schema_name <> 'main'",
  );
  const indexes = await from("SELECT sql FROM duckdb_indexes() WHERE database_name = $file AND sql IS NOT NULL ORDER BY index_oid");
  const views = await from("SELECT view_name, sql FROM duckdb_views() WHERE database_name = $file AND NOT internal ORDER BY view_oid");
  const total = tables.length + indexes.length;
  await connection.run(`ATTACH '${aside.replaceAll("'", "''")}' AS ${FRESH} (BLOCK_SIZE 16384)`);
  await connection.run(`USE ${FRESH}`);
  for (const [schema] of schemas) await connection.run(`CREATE SCHEMA ${quoteName(schema as string)}`);
  for (const [index, { schema, name, sql }] of tables.entries()) {
    await onProgress(index, total, `table ${name}`);
    await connection.run(sql);
    const place = `${quoteName(schema)}.${quoteName(name)}`;
    await connection.run(`INSERT INTO ${FRESH}.${place} SELECT * FROM ${quoteName(file)}.${place}`);
  }
  for (const [index, [sql]] of indexes.entries()) {
    await onProgress(tables.length + index, total, "indexes");
    await connection.run(sql as string);
  }
  const lost = await makeViews(connection, views as [string, string][]);
  await connection.run(`USE ${quoteName(file)}`);
  await connection.run(`CHECKPOINT ${FRESH}`);
  await connection.run(`DETACH ${FRESH}`);
  await onProgress(total, total, "the new file takes its place");
  return lost;
}

/** The tables that others point at come before those. */
function parentsFirst(tables: readonly Table[]): Table[] {
  const pointing = new Set(SHARED_TABLES.filter(({ foreign }) => foreign !== undefined).map(({ name }) => name));
  return tables.toSorted((a, b) => Number(pointing.has(a.name)) - Number(pointing.has(b.name)));
}

/** The other library's views name files that may be gone; it makes them again when it opens the ledger. */
async function makeViews(connection: DuckDBConnection, views: readonly (readonly [name: string, sql: string])[]): Promise<string[]> {
  const lost: string[] = [];
  for (const [name, sql] of views) {
    try {
      await connection.run(sql);
    } catch (error) {
      if (failureOf(error) === "full") throw error;
      lost.push(name);
    }
  }
  return lost;
}

const rows = async (connection: DuckDBConnection, sql: string): Promise<unknown[][]> => (await connection.runAndReadAll(sql)).getRowsJS();

function logStays(path: string): LedgerError {
  return new LedgerError("storage_failed", {
    problem: `Cannot compact the ledger "${path}".`,
    why: "Its log could not be moved into the file: a transaction of this process is open.",
    fix: "Close the connections that tracker.connection() gave, then try again.",
    path,
  });
}
