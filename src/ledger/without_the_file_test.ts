/** What is recorded while this process does not have the file. */
import assert from "node:assert/strict";
import { join } from "@std/path";
import { finishRun, insertOwnRuns, insertRuns, type Ledger, openLedger, runsById } from "./mod.ts";
import { turnsPath } from "./turns.ts";
import { endedRun, finished, idsInFile, inJournal, journal, ownRow, program, runRow, said, tempDir, tempLedger } from "./support_test.ts";

const SUPPORT = JSON.stringify(new URL("./support_test.ts", import.meta.url).href);
const begunRow = (id: string) => runRow(id, { status: "running", signature: `s_${id}`, ended_at: null });

/** The same run at its end, whose row may be there. */
const endOf = (dir: string, id: string) =>
  endedRun(dir, id, 1, {
    write: async (db) => {
      await insertOwnRuns(db, [ownRow(id)]);
      if ((await runsById(db, [id])).length === 0) await insertRuns(db, [runRow(id, { signature: `s_${id}` })]);
      else await finishRun(db, id, { status: "completed", ended_at: runRow(id).ended_at });
    },
  });

const statusOf = async (ledger: Ledger, id: string): Promise<string[]> =>
  (await ledger.read((db) => runsById(db, [id]))).map(({ status }) => status);

/** What another process finds. */
async function statusElsewhere(path: string, id: string): Promise<string> {
  const code = `const l = ledger.openLedger(args[0]);
console.log(JSON.stringify((await l.read((db) => ledger.runsById(db, [args[1]]))).map(({ status }) => status)));
await l.close();`;
  const { out, err } = await finished(program(code, [path, id]));
  assert.notEqual(out, "", err);
  return out;
}

Deno.test("begin() and leave() give the file back without a transaction; another process finds that the run executes", async () => {
  await using temp = await tempLedger();
  await temp.ledger.lookUp(() => Promise.resolve());
  await temp.ledger.begin(begunRow("a"));
  assert.deepEqual(journal(temp.ledger), ["a.begun.json"]);
  await temp.ledger.leave();
  assert.equal(temp.ledger.isHeld, false);
  assert.deepEqual(journal(temp.ledger), ["a.begun.json"], "nobody waited for it");
  assert.equal(await statusElsewhere(temp.ledger.path, "a"), '["running"]');
  assert.deepEqual(journal(temp.ledger), [], "the other one wrote it");
  await temp.ledger.record(endOf(temp.dir, "a"));
  assert.deepEqual(await statusOf(temp.ledger, "a"), ["completed"]);
});

Deno.test("a run that begins and ends is one row, whoever wrote its beginning", async () => {
  for (const between of ["nobody", "this process", "another process"]) {
    await using temp = await tempLedger();
    await temp.ledger.begin(begunRow("a"));
    if (between === "this process") await temp.ledger.flush();
    if (between === "another process") assert.equal(await statusElsewhere(temp.ledger.path, "a"), '["running"]');
    await temp.ledger.record(endOf(temp.dir, "a"));
    assert.deepEqual(journal(temp.ledger), ["a.json"], between);
    assert.deepEqual(await statusOf(temp.ledger, "a"), ["completed"], between);
    assert.deepEqual(journal(temp.ledger), [], between);
    assert.equal(await statusElsewhere(temp.ledger.path, "a"), '["completed"]', between);
  }
});

Deno.test("a kill after begin() leaves a run that whoever opens the ledger next finds; one that ended by then has ended", async () => {
  for (const hasEnded of [false, true]) {
    await using dir = await tempDir();
    const path = join(dir.path, "a.duckdb");
    const child = program(
      `const { endedRun, inJournal, runRow } = await import(${SUPPORT}); const l = ledger.openLedger(args[0]);
await l.begin(runRow("a", { status: "running", ended_at: null }));
const place = inJournal({ path: args[0] }, "a.begun.json");
const beginning = Deno.readTextFileSync(place);
if (${hasEnded}) {
  await l.record(endedRun(args[1], "a", 1));
  Deno.writeTextFileSync(place, beginning); // as if the kill had come before it was removed
}
Deno.kill(Deno.pid, "SIGKILL");`,
      [path, dir.path],
    );
    await finished(child);
    assert.equal(journal({ path }).length, hasEnded ? 2 : 1);
    const ledger = openLedger(path);
    assert.deepEqual(await statusOf(ledger, "a"), [hasEnded ? "completed" : "running"]);
    assert.deepEqual(journal({ path }), []);
    await ledger.close();
  }
});

Deno.test("begin() where there can be no journal: the ledger has the run at once", async () => {
  await using temp = await tempLedger();
  await Deno.writeTextFile(`${temp.ledger.path}.journal`, "in the way");
  await temp.ledger.begin(begunRow("a"));
  assert.deepEqual(await temp.ledger.lookUp((db) => runsById(db, ["a"]), null).then((rows) => rows.map(({ status }) => status)), [
    "running",
  ]);
});

Deno.test("begin() inside of a transaction belongs to it", async () => {
  await using temp = await tempLedger();
  await assert.rejects(temp.ledger.write(async () => {
    await temp.ledger.begin(begunRow("a"));
    throw new Error("taken back");
  }));
  assert.deepEqual(await statusOf(temp.ledger, "a"), []);
  assert.deepEqual(journal(temp.ledger), []);
});

Deno.test("leave() does not wait until runs that just ended are written, and does until older ones are, and all that is not in the journal", async () => {
  let ahead = 0;
  await using temp = await tempLedger({ clock: () => performance.now() + ahead });
  await temp.ledger.lookUp(() => Promise.resolve());
  await temp.ledger.record(endedRun(temp.dir, "a", 1));
  await temp.ledger.leave();
  assert.deepEqual([temp.ledger.isHeld, journal(temp.ledger)], [false, ["a.json"]]);
  await new Promise((resolve) => setTimeout(resolve, 700)); // longer than such a run is kept for company
  ahead += 6_000;
  assert.deepEqual([temp.ledger.isHeld, journal(temp.ledger)], [false, ["a.json"]], "nothing opened the file meanwhile");

  await temp.ledger.lookUp(() => Promise.resolve(), null);
  await temp.ledger.record(endedRun(temp.dir, "b", 2));
  await temp.ledger.leave();
  assert.deepEqual([temp.ledger.isHeld, journal(temp.ledger)], [false, []], "one was older than five seconds");

  await temp.ledger.lookUp(() => Promise.resolve(), null);
  temp.ledger.later((db) => insertRuns(db, [runRow("c")]));
  await temp.ledger.leave();
  assert.deepEqual(await idsInFile(temp.ledger.path), ["a", "b", "c"]);

  await temp.ledger.record(endedRun(temp.dir, "d", 3));
  await temp.ledger.leave();
  ahead += 6_000;
  assert.deepEqual([temp.ledger.isHeld, journal(temp.ledger)], [false, ["d.json"]]);
  await temp.ledger.leave();
  assert.deepEqual([temp.ledger.isHeld, journal(temp.ledger)], [false, []], "also where the file was not open");
});

Deno.test("leave() writes all where another program was at the ledger lately, which cannot read the journal", async () => {
  await using temp = await tempLedger();
  await temp.ledger.lookUp(() => Promise.resolve());
  await Deno.writeTextFile(turnsPath(temp.ledger.path), ""); // as new as if another program had just been seen
  await temp.ledger.record(endedRun(temp.dir, "a", 1));
  await temp.ledger.leave();
  assert.deepEqual(journal(temp.ledger), []);
});

Deno.test("record() and leave() do not wait for a file that another process has", async () => {
  let ahead = 0;
  await using temp = await tempLedger({ clock: () => performance.now() + ahead });
  const child = program(
    `const connection = await ledger.openLedger(args[0]).connection();
console.log("held");
await Deno.stdin.read(new Uint8Array(1));
connection.disconnectSync();`,
    [temp.ledger.path],
  );
  const reader = await said(child, "held");
  await temp.ledger.record(endedRun(temp.dir, "a", 1));
  ahead = 6_000;
  await temp.ledger.leave();
  assert.deepEqual(journal(temp.ledger), ["a.json"]);
  await child.stdin.close();
  await reader.cancel();
  await child.stderr.cancel();
  assert.equal((await child.status).code, 0);
  assert.deepEqual(await statusOf(temp.ledger, "a"), ["completed"]);
});

Deno.test("who has the file finds what another process recorded without it, and no answer of before is taken for the present one", async () => {
  await using temp = await tempLedger();
  const connection = await temp.ledger.connection(); // so that it is kept
  connection.disconnectSync();
  await temp.ledger.read((db) => runsById(db, ["a"]));
  const before = { own: temp.ledger.isOwn(), foreign: temp.ledger.foreignWrites(), other: temp.ledger.otherWrites() };
  const keep = setInterval(() => void temp.ledger.lookUp(() => Promise.resolve(), null), 20);
  const code = `const { endedRun } = await import(${SUPPORT}); const l = ledger.openLedger(args[0]);
await l.record(endedRun(args[1], "a", 1)); Deno.kill(Deno.pid, "SIGKILL");`;
  await finished(program(code, [temp.ledger.path, temp.dir]));
  clearInterval(keep);
  assert.equal(temp.ledger.isHeld, true);
  assert.deepEqual(journal(temp.ledger), ["a.json"]);
  assert.equal(temp.ledger.isOwn(), false);
  assert.equal(temp.ledger.state(), undefined);
  assert.notEqual(temp.ledger.foreignWrites(), before.foreign);
  assert.notEqual(temp.ledger.otherWrites(), before.other);
  assert.deepEqual((await temp.ledger.lookUp((db) => runsById(db, ["a"]), "s_a")).map(({ id }) => id), ["a"]);
  assert.deepEqual(journal(temp.ledger), []);
});

Deno.test("serving() knows what was just recorded, the newest first, until it is written or another process took it", async () => {
  await using temp = await tempLedger();
  const served = (id: string) => ({ run_id: id, signature: "s", seconds: 1, result: `{"${id}":1}` });
  await temp.ledger.record(endedRun(temp.dir, "a", 1, { serves: served("a") }));
  await temp.ledger.record(endedRun(temp.dir, "b", 2, { serves: served("b") }));
  await temp.ledger.record(endedRun(temp.dir, "c", 3));
  assert.deepEqual(temp.ledger.serving("s").map(({ run_id }) => run_id), ["b", "a"]);
  assert.deepEqual(temp.ledger.serving("s_c"), []);
  await Deno.remove(inJournal(temp.ledger, "b.json"));
  assert.deepEqual(temp.ledger.serving("s").map(({ run_id }) => run_id), ["a"]);
  await temp.ledger.flush();
  assert.deepEqual(temp.ledger.serving("s"), []);
});
