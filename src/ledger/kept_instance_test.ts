import assert from "node:assert/strict";
import { join } from "@std/path";
import { DuckDBInstance } from "@duckdb/node-api";
import { databaseName, KeptInstance } from "./kept_instance.ts";
import { type Db, insertRuns, openLedger } from "./mod.ts";
import { compactLedger } from "./maintenance/mod.ts";
import { finished, program, runRow, tempDir, tempLedger } from "./support_test.ts";

const count = async (db: Db): Promise<number> => (await db.all<{ n: number }>("SELECT count(*) AS n FROM run"))[0]!.n;
const KEEPING = { idleMs: 60_000, stretchMs: 60_000 };

/** Is the instance of the next lease the one that had this setting? */
const MARK = "SET GLOBAL pivot_limit = 4711";
const isMarked = (db: Db): Promise<boolean> =>
  db.all<{ v: string }>("SELECT current_setting('pivot_limit')::VARCHAR AS v").then(([row]) => row!.v === "4711");
const databases = (db: Db): Promise<string[]> =>
  db.all<{ n: string }>("SELECT database_name AS n FROM duckdb_databases() WHERE NOT internal ORDER BY 1").then((all) =>
    all.map(({ n }) => n)
  );

const ANOTHER = `const l = ledger.openLedger(args[0], { waitMs: 0 });
await l.write((db) => db.run("INSERT INTO run SELECT * REPLACE ('" + args[1] + "' AS id) FROM run WHERE id = 'a'"));
await l.close();
console.log("wrote");`;

Deno.test("databaseName() is the name that DuckDB itself gives to a file", async () => {
  await using dir = await tempDir();
  const names = [
    "provenance.duckdb",
    "a.b.duckdb",
    "main.duckdb",
    "temp.db",
    "system",
    ".hidden.duckdb",
    'it\'s "q".duckdb',
    "größe 日本",
    "a b;c",
    "1.2",
  ];
  for (const name of names) {
    const instance = await DuckDBInstance.create(join(dir.path, name));
    const connection = await instance.connect();
    const [[found]] = (await connection.runAndReadAll("SELECT current_database()")).getRowsJS() as [[string]];
    connection.disconnectSync();
    instance.closeSync();
    assert.equal(databaseName(join(dir.path, name)), found);
  }
  assert.equal(databaseName("/x/Memory.duckdb"), "Memory_db"); // the instance itself has that name
});

for (const name of ["memory.duckdb", "main.duckdb", ".x", "'; DROP TABLE run; --", 'q"q.duckdb', "größe 日本.duckdb"]) {
  Deno.test(`a ledger may be called ${name}`, async () => {
    await using dir = await tempDir();
    const ledger = openLedger(join(dir.path, name), KEEPING);
    try {
      for (const id of ["a", "b"]) {
        await ledger.writeRows((db) => insertRuns(db, [runRow(id)]));
        await ledger.release();
      }
      assert.equal(await ledger.lookUp(count), 2);
      assert.deepEqual((await Array.fromAsync(Deno.readDir(dir.path))).map((entry) => entry.name).filter((n) => !n.startsWith(name)), []);
    } finally {
      await ledger.close();
    }
  });
}

Deno.test("an instance is kept over leases in which only small questions were asked, and others write meanwhile", async () => {
  await using temp = await tempLedger(KEEPING);
  const { ledger } = temp;
  await ledger.writeRows((db) => insertRuns(db, [runRow("a")]));
  await ledger.lookUp((db) => db.run(MARK));
  for (const [index, id] of ["b", "c", "d"].entries()) {
    await ledger.release();
    const { out, err } = await finished(program(ANOTHER, [ledger.path, id]));
    assert.equal(out, "wrote", err);
    assert.equal(await ledger.lookUp(isMarked), true);
    assert.equal(await ledger.lookUp(count), 2 + 2 * index);
    await ledger.writeRows((db) => insertRuns(db, [runRow(`own ${id}`)]));
  }
});

Deno.test("a file that takes the ledger's place between two leases is the ledger, and one that is gone is made anew", async () => {
  await using temp = await tempLedger(KEEPING);
  const { ledger } = temp;
  await ledger.writeRows((db) => insertRuns(db, [runRow("a"), runRow("b")]));
  await ledger.release();
  await compactLedger(ledger);
  await ledger.lookUp((db) => db.run(MARK));
  await ledger.release();
  const other = join(temp.dir, "other.duckdb");
  const there = openLedger(other);
  await there.writeRows((db) => insertRuns(db, [runRow("only")]));
  await there.close();
  for (const end of ["", ".wal"]) await Deno.rename(`${other}${end}`, `${ledger.path}${end}`);
  assert.equal(await ledger.lookUp(count), 1);
  assert.equal(await ledger.lookUp(isMarked), true);
  await ledger.release();
  for (const file of [ledger.path, `${ledger.path}.wal`]) await Deno.remove(file).catch(() => {});
  assert.equal(await ledger.lookUp(count), 0);
});

Deno.test("an instance that somebody else had in his hands is not used for another lease", async () => {
  await using temp = await tempLedger(KEEPING);
  const { ledger } = temp;
  for (let lease = 0; lease < 3; lease++) {
    await ledger.lookUp(count);
    await ledger.release(); // each leaves the file free for the next one, also the last
  }
  const theirs = await ledger.connection();
  await theirs.run(`ATTACH '${join(temp.dir, "theirs.duckdb")}' AS theirs`);
  await theirs.run(MARK);
  theirs.disconnectSync();
  await ledger.release();
  assert.deepEqual(await ledger.lookUp(databases), ["memory", "provenance"]);
  assert.equal(await ledger.lookUp(isMarked), false);
  await ledger.lookUp(async (db) => void await db.raw.run(MARK));
  await ledger.release();
  assert.equal(await ledger.lookUp(isMarked), false);
  await ledger.read((db) => db.run(MARK)); // with all threads
  await ledger.release();
  assert.equal(await ledger.lookUp(isMarked), false);
});

Deno.test("an instance in which something failed is not used for another lease", async () => {
  await using temp = await tempLedger(KEEPING);
  const { ledger } = temp;
  await ledger.lookUp((db) => db.run(MARK));
  await assert.rejects(ledger.lookUp((db) => db.all("SELECT * FROM nowhere")), /nowhere/);
  await ledger.release();
  assert.equal(await ledger.lookUp(isMarked), false);
  await ledger.lookUp((db) => db.run(MARK));
  await assert.rejects(ledger.writeRows(() => Promise.reject(new Error("no"))), /no/);
  await ledger.release();
  assert.equal(await ledger.lookUp(isMarked), false);
  await ledger.lookUp((db) => db.run(MARK));
  await ledger.close();
  assert.equal(await ledger.lookUp(isMarked), false);
});

Deno.test("a question that nobody waits for any more ends before the file is given back", async () => {
  await using temp = await tempLedger(KEEPING);
  const { ledger } = temp;
  const long = "SELECT count(*) AS n FROM range(3_000_000) AS t(i) WHERE i % 7 = 3";
  const [answered, failed] = await ledger.lookUp(async (db) => {
    const answer = db.all(long);
    await assert.rejects(ledger.lookUp((inner) => Promise.all([inner.all(long), Promise.reject(new Error("no"))])), /no/);
    return [await answer, true];
  });
  assert.deepEqual([answered, failed], [[{ n: 428_571 }], true]);
  await assert.rejects(ledger.lookUp((db) => Promise.all([db.all(long), Promise.reject(new Error("no"))])), /no/);
  await ledger.release();
  assert.equal(await ledger.lookUp(count), 0);
});

Deno.test("a ledger that was damaged and put back between two leases is opened again", async () => {
  await using temp = await tempLedger(KEEPING);
  const { ledger } = temp;
  await ledger.writeRows((db) => insertRuns(db, [runRow("a")]));
  await ledger.release();
  const whole = await Deno.readFile(ledger.path);
  await Deno.writeTextFile(ledger.path, "garbage ".repeat(1000));
  await assert.rejects(ledger.lookUp(count), { code: "ledger_unreadable" });
  await Deno.writeFile(ledger.path, whole);
  assert.equal(await ledger.lookUp(count), 1);
});

Deno.test("KeptInstance keeps few instances, and gives each ledger its own", async () => {
  await using dir = await tempDir();
  const paths = ["a", "b", "c"].map((name) => join(dir.path, name));
  const first = await Promise.all(paths.map((path) => KeptInstance.of(path)));
  for (const host of first) host.end([], true);
  const again = await Promise.all(paths.map((path) => KeptInstance.of(path)));
  assert.deepEqual(again.map((host, index) => host === first[index]), [false, true, true]);
  for (const host of again) host.close();
});

Deno.test("the lease of a kept instance is free at once for whoever tries, however often it is taken and given back", async () => {
  await using temp = await tempLedger(KEEPING);
  const { ledger } = temp;
  await ledger.writeRows((db) => insertRuns(db, [runRow("a")]));
  await ledger.release();
  const child = program(
    `const { DuckDBInstance } = await import("@duckdb/node-api"); const read = () => Deno.stdin.read(new Uint8Array(1)); console.log("ready");
for (let i = 0; i < 20; i++) {
  await read();
  let said = "free";
  try { const d = await DuckDBInstance.create(args[0]); const c = await d.connect(); await c.run("PRAGMA disable_checkpoint_on_shutdown"); c.disconnectSync(); d.closeSync(); }
  catch (e) { said = /lock/i.test(e.message) ? "held" : e.message; }
  console.log(said);
}`,
    [ledger.path],
  );
  const answers = child.stdout.pipeThrough(new TextDecoderStream()).getReader();
  const tells = child.stdin.getWriter();
  const answer = async () => (await answers.read()).value?.trim();
  assert.equal(await answer(), "ready");
  for (let round = 0; round < 10; round++) {
    await ledger.writeRows((db) => insertRuns(db, [runRow(`r${round}`)]));
    await tells.write(new Uint8Array(1));
    assert.equal(await answer(), "held");
    await ledger.release();
    await tells.write(new Uint8Array(1));
    assert.equal(await answer(), "free");
  }
  await tells.close();
  await answers.cancel();
  await child.stderr.cancel();
  await child.status;
  assert.equal(await ledger.lookUp(count), 11);
});
