import assert from "node:assert/strict";
import { join } from "@std/path";
import { DuckDBInstance } from "@duckdb/node-api";
import {
  artifactsOfRuns,
  type Db,
  insertArtifacts,
  insertLinks,
  insertOwnRuns,
  insertRuns,
  openLedger,
  runsById,
  servableRuns,
} from "./mod.ts";
import { artifactRow, runRow, tempDir } from "./support_test.ts";

const own = (id: string) => ({
  scenario_name: null,
  header_id: null,
  source_run_id: null,
  seconds: 1,
  label: id,
  hit: false,
  result: "{}",
  run_id: id,
});

/** A run with an output. */
async function insertWhole(db: Db, id: string, number: number): Promise<void> {
  await insertRuns(db, [runRow(id, { signature: `s ${id}`, parent_run_id: `p ${id}` })]);
  await insertArtifacts(db, [artifactRow(number, { run_id: id })]);
  await insertLinks(db, [{ run_id: id, artifact_id: artifactRow(number).id, direction: "output", is_implicit: false }]);
  await insertOwnRuns(db, [{ ...own(id), signature: `s ${id}` }]);
}

/** What another program does: opens the file, perhaps asks something, and closes it, which writes the log into the file. */
async function visit(path: string, ...statements: string[]): Promise<void> {
  const instance = await DuckDBInstance.create(path);
  const connection = await instance.connect();
  for (const statement of statements) await connection.run(statement);
  connection.disconnectSync();
  instance.closeSync();
}

/** Is everything of a run found by its indexes? */
async function isFound(db: Db, id: string): Promise<boolean> {
  const [served, linked] = [await servableRuns(db, `s ${id}`), await artifactsOfRuns(db, [id])];
  const rows = await db.all("SELECT id FROM run WHERE signature = $1 AND parent_run_id = $2", [`s ${id}`, `p ${id}`]);
  return served.length === 1 && linked.length === 1 && rows.length === 1;
}

for (
  const statements of [[], ["SELECT count(*) FROM artifact"], [
    "UPDATE run SET description = 'x'",
    "INSERT INTO run SELECT * REPLACE ('z' AS id, 'other' AS signature) FROM run LIMIT 1",
  ]]
) {
  Deno.test(`indexes hold after another program came by and did this: ${statements.join("; ") || "nothing"}`, async () => {
    await using dir = await tempDir();
    const path = join(dir.path, "a.duckdb");
    const ledger = openLedger(path);
    for (let number = 0; number < 5; number++) await ledger.write((db) => insertWhole(db, `r${number}`, number));
    await ledger.close();
    await visit(path, ...statements);
    await ledger.write((db) => insertWhole(db, "later", 99));
    await ledger.close();
    await ledger.read(async (db) => {
      for (const id of ["r0", "r4", "later"]) assert.ok(await isFound(db, id), id);
      assert.equal((await runsById(db, ["r0"])).length, 1);
    });
    await ledger.write((db) => insertArtifacts(db, [artifactRow(100, { hash: "h1" })])); // its content is known already
    await ledger.close();
  });
}

Deno.test("indexes are not looked at again while only we write the file", async () => {
  await using dir = await tempDir();
  const path = join(dir.path, "a.duckdb");
  const ledger = openLedger(path);
  await ledger.write((db) => insertWhole(db, "a", 1));
  await ledger.close();
  const note = () => ledger.read((db) => db.all<{ state: string }>("SELECT state FROM deno_file"));
  const before = await note();
  await ledger.write((db) => insertRuns(db, [runRow("large", { meta: { text: "x".repeat(300_000) } })]));
  await ledger.close(); // the log is moved into the file
  assert.notDeepEqual(await note(), before);
  const { size, mtime } = await Deno.stat(path);
  assert.deepEqual(await note(), [{ state: `${size} ${mtime!.getTime()}` }]);
  await ledger.close();
});
