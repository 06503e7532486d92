import assert from "node:assert/strict";
import { join } from "@std/path";
import { insertRuns, openLedger, runsById, type Snapshot, snapshotPath, writeSnapshot } from "../mod.ts";
import { rebuildLedger } from "./mod.ts";
import { at, program, runRow, said, tempDir } from "../support_test.ts";

const snapshotOf = (id: string, ms: number): Snapshot => ({
  run: runRow(id, { created_at: at(ms), signature: id }),
  inputs: [],
  outputs: [],
  cached_run: null,
  config: {},
  facet: { a: 1 },
});

/** A folder with a ledger of two runs, and snapshots of these and of a third one. */
async function place() {
  const dir = await tempDir();
  const [path, runDir] = [join(dir.path, "a.duckdb"), join(dir.path, "runs")];
  const ledger = openLedger(path);
  await ledger.write((db) => insertRuns(db, [runRow("a", { description: "of the ledger" })]));
  await ledger.write((db) => insertRuns(db, [runRow("b", { status: "running", ended_at: null, signature: "b" })]));
  await ledger.release(); // what was written last is in the log
  for (const [index, id] of ["a", "b", "c"].entries()) await writeSnapshot(runDir, snapshotOf(id, index));
  const rows = () => ledger.read((db) => runsById(db, ["a", "b", "c"]));
  const rebuild = () => rebuildLedger(ledger, runDir, at(99));
  return {
    path,
    runDir,
    ledger,
    rows,
    rebuild,
    dir: dir.path,
    [Symbol.asyncDispose]: () => ledger.close().finally(() => dir[Symbol.asyncDispose]()),
  };
}

Deno.test("rebuildLedger() brings what a whole ledger lacks, and ends what it saw only begin", async () => {
  await using here = await place();
  assert.deepEqual(await here.rebuild(), { runs: ["b", "c"], movedAside: [], unreadable: [] });
  assert.deepEqual((await here.rows()).map(({ id, status, description }) => [id, status, description]).sort(), [
    ["a", "completed", "of the ledger"],
    ["b", "completed", null],
    ["c", "completed", null],
  ]);
  assert.deepEqual((await here.rebuild()).runs, []);
});

Deno.test("rebuildLedger() makes a ledger that was deleted anew", async () => {
  await using here = await place();
  for (const path of [here.path, `${here.path}.wal`]) await Deno.remove(path).catch(() => {}); // the log may not be there
  assert.deepEqual(await here.rebuild(), { runs: ["a", "b", "c"], movedAside: [], unreadable: [] });
  assert.equal((await here.rows()).length, 3);
});

for (
  const [what, damage] of [
    ["overwritten", () => crypto.getRandomValues(new Uint8Array(5_000))],
    ["emptied", () => new Uint8Array(0)],
    ["cut off", (bytes: Uint8Array) => bytes.slice(0, 20_000)],
    ["rotten", (bytes: Uint8Array) => bytes.map((byte, index) => index < 12_288 ? byte : byte ^ 0x5a)],
  ] as const
) {
  Deno.test(`rebuildLedger() moves a ledger that was ${what} aside, deletes nothing, and brings all runs back`, async () => {
    await using here = await place();
    const damaged = damage(await Deno.readFile(here.path));
    await Deno.writeFile(here.path, damaged);
    await assert.rejects(here.rows(), { code: "ledger_unreadable" });
    const { runs, movedAside } = await here.rebuild();
    assert.deepEqual(runs, ["a", "b", "c"]);
    assert.deepEqual(await Deno.readFile(movedAside.find((path) => !path.includes(".wal"))!), damaged);
    assert.equal((await here.rows()).length, 3);
  });
}

Deno.test("rebuildLedger() moves only a damaged log aside, and keeps what the file itself holds", async () => {
  await using here = await place();
  const log = `${here.path}.wal`;
  await Deno.writeFile(log, (await Deno.readFile(log)).map((byte, index) => index > 200 && index < 230 ? byte ^ 0x5a : byte));
  await assert.rejects(here.rows(), { code: "ledger_unreadable" });
  const { runs, movedAside } = await here.rebuild();
  assert.deepEqual(runs, ["a", "b", "c"]);
  assert.equal(movedAside.length, 1);
  assert.match(movedAside[0]!, /\.wal\.damaged-2030-01-01T00-00-00\.099Z$/);
});

Deno.test("rebuildLedger() brings back what DuckDB drops without a word: the rest of a log whose lengths are damaged", async () => {
  await using here = await place();
  await Deno.writeFile(`${here.path}.wal`, crypto.getRandomValues(new Uint8Array(5_000)));
  assert.deepEqual(await here.rows(), []);
  assert.deepEqual((await here.rebuild()).runs, ["a", "b", "c"]);
  assert.equal((await here.rows()).length, 3);
});

Deno.test("rebuildLedger() names snapshots that cannot be read, and brings the others back", async () => {
  await using here = await place();
  const bad = snapshotPath(here.runDir, "a");
  await Deno.writeTextFile(bad, "{ no json");
  await Deno.writeTextFile(join(here.runDir, "consist_runs", ".half.json.tmp"), "{");
  assert.deepEqual(await here.rebuild(), { runs: ["b", "c"], movedAside: [], unreadable: [bad] });
});

Deno.test("rebuildLedger() leaves a ledger alone that another process holds", async () => {
  await using here = await place();
  const child = program(
    `const l = ledger.openLedger(args[0], { stretchMs: 60_000 });
await l.lookUp(async () => { console.log("held"); await Deno.stdin.read(new Uint8Array(1)); }); await l.close();`,
    [here.path],
  );
  const reader = await said(child, "held");
  await assert.rejects(rebuildLedger(openLedger(here.path, { waitMs: 100 }), here.runDir, at(99)), { code: "ledger_locked" });
  await child.stdin.close();
  await reader.cancel();
  await child.stderr.cancel();
  await child.status;
  assert.equal((await here.rebuild()).movedAside.length, 0);
});
