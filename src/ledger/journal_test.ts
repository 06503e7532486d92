import assert from "node:assert/strict";
import { existsSync } from "@std/fs";
import { join } from "@std/path";
import { artifactsById, type EndedRun, insertRuns, type Ledger, openLedger, runsById, snapshotPath } from "./mod.ts";
import {
  artifactRow,
  endedRun,
  finished,
  idsInFile,
  inJournal,
  journal,
  program,
  runRow,
  said,
  tempDir,
  tempLedger,
} from "./support_test.ts";

const SUPPORT = JSON.stringify(new URL("./support_test.ts", import.meta.url).href);

Deno.test("record() keeps a run in the journal, and writes it to the file before the file is given back", async () => {
  await using temp = await tempLedger();
  await temp.ledger.lookUp(() => Promise.resolve()); // the file is open
  await temp.ledger.record(endedRun(temp.dir, "a", 1));
  await temp.ledger.record(endedRun(temp.dir, "b", 2));
  assert.deepEqual(journal(temp.ledger), ["a.json", "b.json"]);
  await temp.ledger.release();
  assert.deepEqual(journal(temp.ledger), []);
  assert.deepEqual(await idsInFile(temp.ledger.path), ["a", "b"]);
});

Deno.test("record() is written by close(), which leaves no folder", async () => {
  await using temp = await tempLedger();
  await temp.ledger.record(endedRun(temp.dir, "a", 1));
  await temp.ledger.close();
  assert.deepEqual([...Deno.readDirSync(temp.dir)].map(({ name }) => name).filter((name) => /journal/.test(name)), []);
  assert.deepEqual(await idsInFile(temp.ledger.path), ["a"]);
});

Deno.test("record() is found at once by who looks for its signature, its model, or anything that is not said", async () => {
  for (const about of ["clean", "s_a", undefined]) {
    await using temp = await tempLedger();
    await temp.ledger.record(endedRun(temp.dir, "a", 1));
    assert.equal((await temp.ledger.lookUp((db) => runsById(db, ["a"]), about)).length, 1, about);
  }
});

Deno.test("lookUp() of something else does not wait until a recorded run is written", async () => {
  await using temp = await tempLedger();
  await temp.ledger.record(endedRun(temp.dir, "a", 1));
  for (const about of ["s_b", "other", null]) {
    assert.deepEqual(await temp.ledger.lookUp((db) => runsById(db, ["a"]), about), [], String(about));
  }
  assert.deepEqual(journal(temp.ledger), ["a.json"]);
});

Deno.test("read(), write() and connection() find what was recorded", async () => {
  await using temp = await tempLedger();
  await temp.ledger.record(endedRun(temp.dir, "a", 1));
  assert.equal((await temp.ledger.read((db) => runsById(db, ["a"]))).length, 1);
  await temp.ledger.record(endedRun(temp.dir, "b", 2));
  assert.equal((await temp.ledger.write((db) => runsById(db, ["b"]))).length, 1);
  await temp.ledger.record(endedRun(temp.dir, "c", 3));
  const connection = await temp.ledger.connection();
  assert.equal((await connection.runAndReadAll("SELECT id FROM run")).currentRowCount, 3);
  connection.disconnectSync();
});

Deno.test("who may only read finds what was recorded in this process", async () => {
  await using temp = await tempLedger();
  await temp.ledger.record(endedRun(temp.dir, "a", 1));
  const reader = openLedger(temp.ledger.path, { onlyReads: true });
  assert.equal((await reader.lookUp((db) => runsById(db, ["a"]))).length, 1);
  await reader.close();
});

Deno.test("record() makes the journal's folder again where somebody took it away", async () => {
  await using temp = await tempLedger();
  await temp.ledger.record(endedRun(temp.dir, "a", 1));
  await temp.ledger.flush();
  await Deno.remove(`${temp.ledger.path}.journal`, { recursive: true });
  await temp.ledger.record(endedRun(temp.dir, "b", 2));
  assert.deepEqual(journal(temp.ledger), ["b.json"]);
});

Deno.test("record() changes what the ledger says of its state, so that no answer is taken for the present one", async () => {
  await using temp = await tempLedger();
  await temp.ledger.read((db) => runsById(db, ["a"]));
  const before = temp.ledger.state();
  await temp.ledger.record(endedRun(temp.dir, "a", 1));
  assert.notEqual(temp.ledger.state(), before);
});

Deno.test("record() inside of a transaction belongs to it", async () => {
  await using temp = await tempLedger();
  await assert.rejects(temp.ledger.write(async () => {
    await temp.ledger.record(endedRun(temp.dir, "a", 1));
    throw new Error("taken back");
  }));
  assert.deepEqual(await temp.ledger.read((db) => runsById(db, ["a"])), []);
  assert.deepEqual(journal(temp.ledger), []);
});

Deno.test("a process that is killed right after record() has lost nothing: whoever opens the ledger next finds the run whole", async () => {
  for (const onlyReads of [false, true]) {
    await using dir = await tempDir();
    const path = join(dir.path, "a.duckdb");
    const child = program(
      `const { endedRun, runRow } = await import(${SUPPORT});
const l = ledger.openLedger(args[0]);
await l.writeRows((db) => ledger.insertRuns(db, [runRow("b", { status: "running", signature: "s_b" })]));
await l.record(endedRun(args[1], "a", 1));
await l.record(endedRun(args[1], "b", 2, { write: (db) => ledger.finishRun(db, "b", { status: "completed" }) }));
console.log("recorded");
for (const end = Date.now() + 60_000; Date.now() < end;);`,
      [path, dir.path],
    );
    const reader = await said(child, "recorded");
    child.kill("SIGKILL");
    await reader.cancel();
    await child.stdin.close().catch(() => {});
    await child.stderr.cancel();
    await child.status;
    assert.equal(journal({ path }).length, 2);
    const ledger = openLedger(path, { onlyReads });
    await ledger.read(async (db) => {
      assert.deepEqual((await runsById(db, ["a", "b"])).map(({ id, status }) => [id, status]).sort(), [["a", "completed"], [
        "b",
        "completed",
      ]]);
      assert.equal((await artifactsById(db, [artifactRow(1).id, artifactRow(2).id])).length, 2);
      assert.equal((await db.all("SELECT * FROM deno_run")).length, 2);
      assert.equal((await db.all("SELECT * FROM run_artifact_link")).length, 2);
    });
    assert.deepEqual(journal({ path }), []);
    for (const id of ["a", "b"]) assert.ok((await Deno.stat(snapshotPath(dir.path, id))).isFile, "it was killed before that had its name");
    await ledger.close();
  }
});

Deno.test("a run in the journal that the ledger has already, since a process was killed between the two, stays as it is", async () => {
  await using temp = await tempLedger();
  await temp.ledger.write((db) => endedRun(temp.dir, "a", 1).write(db));
  await temp.ledger.close();
  const folder = `${temp.ledger.path}.journal/other`;
  await Deno.mkdir(folder, { recursive: true });
  await (await endedRun(temp.dir, "a", 1).snapshot).keepAs(join(folder, "a.json"));
  assert.equal((await temp.ledger.read((db) => db.all("SELECT * FROM run"))).length, 1);
  assert.deepEqual(journal(temp.ledger), []);
});

Deno.test("a run that another process took from the journal is not written a second time", async () => {
  await using temp = await tempLedger();
  await temp.ledger.record(endedRun(temp.dir, "a", 1));
  await Deno.remove(inJournal(temp.ledger, "a.json"));
  let isCalled = false;
  await temp.ledger.record(endedRun(temp.dir, "b", 2, { write: (db) => (isCalled = true, insertRuns(db, [runRow("b")])) }));
  await temp.ledger.flush();
  assert.equal(isCalled, true);
  assert.deepEqual((await temp.ledger.read((db) => runsById(db, ["a", "b"]))).map(({ id }) => id), ["b"]);
});

Deno.test("a file in the journal that is no run is named and put aside; the others are written, and the ledger opens", async () => {
  await using temp = await tempLedger();
  const folder = `${temp.ledger.path}.journal/other`;
  await Deno.mkdir(folder, { recursive: true });
  await Deno.writeTextFile(join(folder, "half.json"), '{"run": {"id": "ha');
  await (await endedRun(temp.dir, "a", 1).snapshot).keepAs(join(folder, "a.json"));
  const told: unknown[] = [];
  const { error } = console;
  console.error = (...words) => void told.push(...words);
  try {
    assert.equal((await temp.ledger.read((db) => runsById(db, ["a"]))).length, 1);
  } finally {
    console.error = error;
  }
  assert.match(String(told), /its journal has files that cannot be read: .*half\.json\.unreadable/);
  assert.deepEqual(journal(temp.ledger), ["half.json.unreadable"]);
});

Deno.test("where there can be no journal the ledger itself takes the run at once", async () => {
  await using temp = await tempLedger();
  await Deno.writeTextFile(`${temp.ledger.path}.journal`, "in the way");
  await temp.ledger.record(endedRun(temp.dir, "a", 1));
  assert.deepEqual((await temp.ledger.lookUp((db) => runsById(db, ["a"]), null)).map(({ id }) => id), ["a"]);
});

Deno.test("record() of what cannot be written rejects and leaves no file", async () => {
  await using temp = await tempLedger();
  await Deno.writeTextFile(`${temp.ledger.path}.journal`, "in the way");
  const run = endedRun(temp.dir, "a", 1, { write: () => Promise.reject(new Error("no such luck")) });
  await assert.rejects(temp.ledger.record(run), /no such luck/);
  assert.deepEqual([...Deno.readDirSync(join(temp.dir, "consist_runs"))], []);
});

Deno.test("a recorded run that cannot be written to the file is told on stderr, stays out of the way, and has its snapshot", async () => {
  await using temp = await tempLedger();
  const bad = endedRun(temp.dir, "a", 1, { write: () => Promise.reject(new Error("no such luck")) });
  const told: unknown[] = [];
  const { error } = console;
  console.error = (...words) => void told.push(...words);
  try {
    await temp.ledger.record(bad);
    await (await bad.snapshot).publish();
    await temp.ledger.record(endedRun(temp.dir, "b", 2));
    assert.deepEqual((await temp.ledger.read((db) => runsById(db, ["a", "b"]))).map(({ id }) => id), ["b"]);
  } finally {
    console.error = error;
  }
  assert.match(String(told), /no such luck/);
  assert.ok((await Deno.stat(snapshotPath(temp.dir, "a"))).isFile);
});

Deno.test("what a process in steady use records is in the file when another one gets it", async () => {
  await using dir = await tempDir();
  const path = join(dir.path, "a.duckdb");
  const ledger = openLedger(path, { turnMs: 50, stretchMs: 150, gapMs: 100 });
  let isOver = false;
  const other = idsInFile(path).finally(() => isOver = true);
  let count = 0;
  while (!isOver) {
    await ledger.record(endedRun(dir.path, `r${String(++count).padStart(4, "0")}`, count));
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
  const seen = await other;
  assert.deepEqual(seen, Array.from({ length: seen.length }, (_, index) => `r${String(index + 1).padStart(4, "0")}`));
  await ledger.close();
  assert.equal((await idsInFile(path)).length, count);
});

Deno.test("isOwn() says whether all runs of a ledger are this process's: it was empty, and nobody wrote to it in another way", async () => {
  await using temp = await tempLedger();
  assert.equal(temp.ledger.isOwn(), false, "before it was opened");
  await temp.ledger.lookUp(() => Promise.resolve());
  assert.equal(temp.ledger.isOwn(), true);
  await temp.ledger.record(endedRun(temp.dir, "a", 1));
  await temp.ledger.release();
  assert.equal(temp.ledger.isOwn(), true, "own runs, and while it is left to others");
  assert.deepEqual(await idsInFile(temp.ledger.path), ["a"]);
  const code = `const l = ledger.openLedger(args[0]); const { runRow } = await import(${SUPPORT});
await l.writeRows((db) => ledger.insertRuns(db, [runRow("theirs")])); await l.close();`;
  await finished(program(code, [temp.ledger.path]));
  assert.equal(temp.ledger.isOwn(), false, "another process wrote");
  const again = await tempLedger();
  await again.ledger.write((db) => insertRuns(db, [runRow("b")]));
  assert.equal(again.ledger.isOwn(), false, "something else was written");
  await again[Symbol.asyncDispose]();
});

Deno.test("isOwn() of a ledger that another one made in the meantime, or that has runs, is false", async () => {
  await using temp = await tempLedger();
  await finished(program(`const l = ledger.openLedger(args[0]); await l.lookUp(async () => {}); await l.close();`, [temp.ledger.path]));
  await temp.ledger.lookUp(() => Promise.resolve());
  assert.equal(temp.ledger.isOwn(), false);
});

const made = async (ledger: Ledger): Promise<void> => {
  ledger.prepare();
  while (!ledger.isOwn()) await new Promise((resolve) => setTimeout(resolve, 5));
};

Deno.test("prepare() makes a new ledger and leaves it closed: its runs are this process's own, before it is opened and after", async () => {
  await using temp = await tempLedger();
  const { ledger } = temp;
  await made(ledger);
  assert.equal(ledger.isHeld, false);
  const before = [ledger.foreignWrites(), ledger.otherWrites()];
  await ledger.record(endedRun(temp.dir, "a", 1));
  await ledger.lookUp((db) => Promise.resolve(db));
  assert.deepEqual([ledger.isHeld, ledger.isOwn()], [true, true]);
  await ledger.release();
  assert.deepEqual([ledger.isOwn(), ledger.foreignWrites(), ledger.otherWrites()], [true, ...before]);
  assert.deepEqual(await idsInFile(ledger.path), ["a"]);
});

Deno.test("isOwn() of a new ledger is true while it is made, and nothing seems to be written by others when it is there", async () => {
  await using temp = await tempLedger();
  const { ledger } = temp;
  ledger.prepare();
  assert.equal(ledger.isOwn(), true);
  const before = [ledger.foreignWrites(), ledger.otherWrites()];
  while (!existsSync(ledger.path)) await new Promise((resolve) => setTimeout(resolve, 5));
  assert.deepEqual([ledger.isOwn(), ledger.foreignWrites(), ledger.otherWrites()], [true, ...before]);
});

Deno.test("isOwn() of a ledger that cannot be made is false, and of one that another process made while it was being made", async () => {
  await using temp = await tempLedger();
  await Deno.writeTextFile(`${temp.dir}/file`, "");
  const nowhere = openLedger(`${temp.dir}/file/provenance.duckdb`);
  nowhere.prepare();
  while (nowhere.isOwn()) await new Promise((resolve) => setTimeout(resolve, 5));
  await assert.rejects(nowhere.lookUp(() => Promise.resolve()), { name: "LedgerError" });
  await using theirs = await tempLedger();
  await theirs.ledger.write((db) => insertRuns(db, [runRow("theirs")]));
  await theirs.ledger.close();
  temp.ledger.prepare();
  for (const end of [".wal", ""].filter((end) => existsSync(`${theirs.ledger.path}${end}`))) {
    Deno.renameSync(`${theirs.ledger.path}${end}`, `${temp.ledger.path}${end}`);
  }
  assert.equal(temp.ledger.isOwn(), false);
  assert.deepEqual(await idsInFile(temp.ledger.path), ["theirs"]);
  await temp.ledger.write((db) => insertRuns(db, [runRow("mine")]));
  assert.equal(temp.ledger.isOwn(), false);
  assert.deepEqual(await idsInFile(temp.ledger.path), ["mine", "theirs"]);
});

Deno.test("foreignWrites() tells of a run that another process left also where it was written for it at once, and so does isOwn()", async () => {
  await using temp = await tempLedger();
  const { ledger } = temp;
  await made(ledger);
  await ledger.lookUp(() => Promise.resolve()); // it is open
  const [own, before] = [ledger.isOwn(), ledger.foreignWrites()];
  await using theirs = await tempLedger();
  await theirs.ledger.record(endedRun(theirs.dir, "theirs", 1));
  await Deno.rename(`${theirs.ledger.path}.journal`, `${ledger.path}.journal`);
  assert.equal((await ledger.lookUp((db) => runsById(db, ["theirs"]))).length, 1);
  assert.deepEqual(journal(ledger), []);
  assert.deepEqual([own, ledger.isOwn(), ledger.foreignWrites() > before], [true, false, true]);
});

Deno.test("isOwn() of a ledger that was made and not opened is false once another process wrote to it", async () => {
  await using temp = await tempLedger();
  await made(temp.ledger);
  const code = `const l = ledger.openLedger(args[0]); const { runRow } = await import(${SUPPORT});
await l.writeRows((db) => ledger.insertRuns(db, [runRow("theirs")])); await l.close();`;
  await finished(program(code, [temp.ledger.path]));
  assert.equal(temp.ledger.isOwn(), false);
  await temp.ledger.write((db) => insertRuns(db, [runRow("mine")]));
  assert.deepEqual(await idsInFile(temp.ledger.path), ["mine", "theirs"]);
});

Deno.test("prepare() opens a ledger to which another process left runs in the journal", async () => {
  await using temp = await tempLedger();
  const code = `const l = ledger.openLedger(args[0]); const { endedRun } = await import(${SUPPORT});
await l.lookUp(async () => {}); await l.record(endedRun(args[1], "left", 1)); Deno.kill(Deno.pid, "SIGKILL");`;
  await finished(program(code, [temp.ledger.path, temp.dir]));
  await Deno.remove(temp.ledger.path);
  await Deno.remove(`${temp.ledger.path}.wal`).catch(() => {});
  temp.ledger.prepare();
  while (!temp.ledger.isHeld) await new Promise((resolve) => setTimeout(resolve, 5));
  assert.equal((await temp.ledger.read((db) => runsById(db, ["left"]))).length, 1);
});

Deno.test("release() of who wrote that a step begins has given the file back when it resolves, though the log is moved into the file just then", async () => {
  await using temp = await tempLedger({ stretchMs: 60_000, idleMs: 60_000 });
  const text = "x".repeat(20_000);
  for (let round = 0; round < 10; round++) {
    for (let index = 0; index < 8; index++) {
      const [id, number] = [`r${round}_${index}`, round * 8 + index];
      const write: EndedRun["write"] = (db) => insertRuns(db, [runRow(id, { meta: { text } })]);
      await temp.ledger.record(endedRun(temp.dir, id, number, { write }));
    }
    await new Promise((resolve) => setTimeout(resolve, 480 + round * 8)); // about when the queue is written by itself
    await temp.ledger.writeRows((db) => insertRuns(db, [runRow(`begins_${round}`)]));
    await temp.ledger.release();
    assert.equal(temp.ledger.isHeld, false, String(round));
  }
});
