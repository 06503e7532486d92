import assert from "node:assert/strict";
import { join } from "@std/path";
import { DuckDBInstance } from "@duckdb/node-api";
import type { LedgerError } from "../errors.ts";
import { completedBySignature, insertRuns, openLedger } from "./mod.ts";
import { bornOf, migrate, MIGRATIONS } from "./migrations.ts";
import { createStatements, OWN_TABLES, SHARED_TABLES } from "./schema.ts";
import { runRow, tempDir, tempLedger } from "./support_test.ts";

const FIXTURES = new URL("../../tests/fixtures/", import.meta.url);

/** Works on a DuckDB file, without the library. */
async function inFile<T>(path: string, work: (run: (sql: string) => Promise<unknown[][]>) => Promise<T>): Promise<T> {
  const instance = await DuckDBInstance.create(path);
  const connection = await instance.connect();
  try {
    return await work(async (sql) => (await connection.runAndReadAll(sql)).getRowsJS() as unknown[][]);
  } finally {
    connection.disconnectSync();
    instance.closeSync();
  }
}

/** Columns, constraints and indexes of the shared tables, in words. */
const SHAPE = `SELECT * FROM (
SELECT 'column', table_name, column_index, column_name, data_type, is_nullable::VARCHAR FROM duckdb_columns() WHERE schema_name = 'main' AND NOT internal
UNION ALL SELECT 'constraint', table_name, 0, constraint_type, list_sort(constraint_column_names)::VARCHAR, coalesce(referenced_table, '')
FROM duckdb_constraints() WHERE schema_name = 'main'
UNION ALL SELECT 'index', table_name, 0, index_name, expressions, is_unique::VARCHAR FROM duckdb_indexes() WHERE schema_name = 'main'
) WHERE table_name IN (${SHARED_TABLES.map((table) => `'${table.name}'`).join(", ")}) ORDER BY ALL`;

Deno.test("a new ledger has Python's tables as Python makes them, with wider numbers", async () => {
  await using dir = await tempDir();
  await Deno.copyFile(new URL("python-project/ledger.duckdb", FIXTURES), join(dir.path, "python.duckdb"));
  const python = await inFile(join(dir.path, "python.duckdb"), (run) => run(SHAPE));
  const ledger = openLedger(join(dir.path, "ours.duckdb"));
  await ledger.read(() => Promise.resolve());
  await ledger.close();
  const ours = await inFile(ledger.path, (run) => run(SHAPE));
  const widened = python.map((row) => row[3] === "value_num" ? row.map((cell) => cell === "FLOAT" ? "DOUBLE" : cell) : row);
  assert.deepEqual(ours.filter((row) => !String(row[3]).startsWith("deno_ix_")), widened);
});

Deno.test("a new ledger is written in a form that every DuckDB from 1.0 on reads, in small blocks", async () => {
  await using dir = await tempDir();
  const ledger = openLedger(join(dir.path, "ours.duckdb"));
  const [row] = await ledger.read((db) =>
    db.all<{ tags: string }>("SELECT tags::VARCHAR AS tags FROM duckdb_databases() WHERE path = $1", [ledger.path])
  );
  assert.match(row!.tags, /v1\.0\.0\+/);
  const [size] = await ledger.read((db) => db.all<{ block_size: number }>("SELECT block_size FROM pragma_database_size()"));
  assert.equal(size!.block_size, 16384);
  await ledger.close();
});

Deno.test("migrate() brings a kept file of version 1 to what the library has now", async () => {
  await using dir = await tempDir();
  const path = join(dir.path, "v1.duckdb");
  await Deno.copyFile(new URL("ledger-v1.duckdb", FIXTURES), path);
  const ledger = openLedger(path);
  assert.deepEqual((await ledger.read((db) => completedBySignature(db, "s"))).map((row) => row.id), ["kept"]);
  const [version] = await ledger.read((db) => db.all<{ v: number }>("SELECT max(version) AS v FROM deno_schema"));
  assert.equal(version!.v, MIGRATIONS.length);
  const shape = `SELECT table_name, column_name, data_type FROM duckdb_columns() WHERE table_name LIKE 'deno_%' ORDER BY ALL`;
  await using fresh = await tempLedger();
  assert.deepEqual(await ledger.read((db) => db.all(shape)), await fresh.ledger.read((db) => db.all(shape)));
  await ledger.close();
});

Deno.test("migrate() runs a later version's statements once, in one transaction", async () => {
  await using dir = await tempDir();
  const path = join(dir.path, "a.duckdb");
  await Deno.copyFile(new URL("ledger-v1.duckdb", FIXTURES), path);
  const next = [...MIGRATIONS, ["CREATE TABLE deno_more (a INTEGER)", "INSERT INTO deno_more VALUES (1)"]];
  const instance = await DuckDBInstance.create(path);
  const connection = await instance.connect();
  const count = async (table: string) => Number((await connection.runAndReadAll(`SELECT count(*) FROM ${table}`)).getRowsJS()[0]![0]);
  await assert.rejects(
    migrate(connection, path, [...next.slice(0, -1), ["CREATE TABLE deno_more (a INTEGER)", "SELECT broken"]]),
    /broken/,
  );
  await assert.rejects(count("deno_more"), /deno_more/);
  await migrate(connection, path, next);
  await migrate(connection, path, next);
  assert.equal(await count("deno_more"), 1);
  assert.equal(await count("run"), 1);
  assert.equal(await count("deno_schema"), next.length);
  connection.disconnectSync();
  instance.closeSync();
  const ledger = openLedger(path);
  await assert.rejects(ledger.read(() => Promise.resolve()), (error: LedgerError) => {
    assert.equal(error.code, "ledger_too_new");
    assert.match(error.message, new RegExp(`version ${next.length}, and this library knows versions up to ${MIGRATIONS.length}`));
    return true;
  });
  await ledger.close();
});

Deno.test("an older ledger of Python gets the columns it lacks, and no row of it changes", async () => {
  await using dir = await tempDir();
  const path = join(dir.path, "old.duckdb");
  const before = await inFile(path, async (run) => {
    for (const statement of SHARED_TABLES.flatMap(createStatements)) await run(olden(statement));
    await run(
      "INSERT INTO run (id, status, model_name, meta, started_at, created_at, updated_at) VALUES ('r', 'completed', 'm', NULL, '2025-07-01 12:00', '2025-07-01 12:00', '2025-07-01 12:00')",
    );
    return await run("SELECT * FROM run");
  });
  const ledger = openLedger(path);
  assert.deepEqual(await ledger.read((db) => Promise.resolve(db.born)), { timestamps: "TIMESTAMP", valueNum: "FLOAT" });
  const added = await ledger.read((db) =>
    db.all<{ n: string }>(
      "SELECT column_name AS n FROM duckdb_columns() WHERE table_name = 'run' AND column_name IN ('stage', 'phase') ORDER BY 1",
    )
  );
  assert.deepEqual(added.map((row) => row.n), ["phase", "stage"]);
  await ledger.write((db) => insertRuns(db, [runRow("ours")]));
  await ledger.close();
  const after = await inFile(path, (run) => run("SELECT id, parent_run_id, status, model_name, meta, started_at FROM run WHERE id = 'r'"));
  assert.deepEqual(after, [["r", null, "completed", "m", null, before[0]!.find((cell) => cell instanceof Date)]]);
});

/** A statement as an older library made it: local times, small numbers, fewer columns. */
function olden(statement: string): string {
  if (/INDEX.*\((?:"stage"|"phase"|"content_id"|"parent_artifact_id")\)/.test(statement)) return "SELECT 1";
  return statement.replaceAll("TIMESTAMP WITH TIME ZONE", "TIMESTAMP").replaceAll('"value_num" DOUBLE', '"value_num" FLOAT')
    .replaceAll(/"(?:stage|phase|content_id|parent_artifact_id)" VARCHAR, /g, "");
}

Deno.test("bornOf() reads types, not rows", async () => {
  const instance = await DuckDBInstance.create(":memory:");
  const connection = await instance.connect();
  for (const statement of [...SHARED_TABLES, ...OWN_TABLES].flatMap(createStatements)) await connection.run(statement);
  assert.deepEqual(await bornOf(connection), { timestamps: "TIMESTAMPTZ", valueNum: "DOUBLE" });
  connection.disconnectSync();
  instance.closeSync();
});
