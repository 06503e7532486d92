import assert from "node:assert/strict";
import { join } from "@std/path";
import { type Db, insertRuns, ledgerFiles, openLedger, runsById } from "./mod.ts";
import { finished, program, runRow, said, tempDir, tempLedger } from "./support_test.ts";

const pause = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));
const nothing = (): Promise<void> => Promise.resolve();
const count = async (db: Db): Promise<number> => (await db.all<{ n: number }>("SELECT count(*) AS n FROM run"))[0]!.n;
const until = async (isSo: () => boolean): Promise<void> => {
  while (!isSo()) await pause(5);
};

/** Nobody can say that he waits for this ledger: what would tell it cannot be made. */
const withoutTurns = (ledger: { readonly path: string }): void => Deno.symlinkSync("/nowhere/turns", ledgerFiles(ledger.path)[2]!);

/** Another process tries the file once and says whether it could have it. */
const TRY = `const l = ledger.openLedger(args[0], { waitMs: 0 });
try { await l.lookUp(async () => {}); console.log("had it"); } catch (e) { console.log(e.code); } await l.close().catch(() => {});`;
const tryOnce = async (path: string): Promise<string> => (await finished(program(TRY, [path]))).out;

Deno.test("the lease keeps other processes out, and release() lets them in", async () => {
  await using temp = await tempLedger({ idleMs: 60_000, stretchMs: 60_000 });
  const { ledger } = temp;
  await ledger.write((db) => insertRuns(db, [runRow("a")]));
  assert.equal(await tryOnce(ledger.path), "ledger_locked");
  await ledger.release();
  assert.equal(ledger.isHeld, false);
  assert.equal(await tryOnce(ledger.path), "had it");
  assert.equal(await ledger.lookUp(count), 1);
});

Deno.test("the lease is given back when nobody uses it", async () => {
  await using temp = await tempLedger({ idleMs: 20 });
  await temp.ledger.lookUp(nothing);
  assert.equal(temp.ledger.isHeld, true);
  await until(() => !temp.ledger.isHeld);
  assert.equal(await tryOnce(temp.ledger.path), "had it");
});

Deno.test("release() leaves work in flight its lease, and gives it back after it", async () => {
  await using temp = await tempLedger({ idleMs: 60_000 });
  const { ledger } = temp;
  const wait = Promise.withResolvers<void>();
  const work = ledger.lookUp(async (db) => {
    await wait.promise;
    return await count(db);
  });
  await until(() => ledger.isHeld);
  await ledger.release();
  assert.equal(ledger.isHeld, true);
  wait.resolve();
  assert.equal(await work, 0);
  assert.equal(ledger.isHeld, false);
});

Deno.test("a lease in steady use is given back after a stretch and left alone for a gap, where nobody can say that he waits", async () => {
  let now = 0;
  await using temp = await tempLedger({ idleMs: 60_000, stretchMs: 2_000, gapMs: 200, clock: () => now });
  withoutTurns(temp.ledger);
  const { ledger } = temp;
  const wait = Promise.withResolvers<void>();
  const first = ledger.lookUp(() => wait.promise);
  await until(() => ledger.isHeld);
  now = 1_999;
  await ledger.lookUp(nothing);
  now = 2_001;
  let isServed = false;
  const next = ledger.lookUp(nothing).then(() => isServed = true);
  await pause(20);
  assert.equal(isServed, false, "new work waits for the end of the stretch");
  wait.resolve();
  await first;
  await until(() => !ledger.isHeld);
  await pause(20);
  assert.equal(ledger.isHeld, false, "the gap is kept");
  await next;
  assert.equal(isServed, true);
});

Deno.test("work inside work goes on when the stretch is over", async () => {
  let now = 0;
  await using temp = await tempLedger({ stretchMs: 10, gapMs: 1, clock: () => now });
  const { ledger } = temp;
  await ledger.lookUp(async () => {
    now = 1_000;
    assert.equal(await ledger.lookUp(count), 0);
    await ledger.write((db) => insertRuns(db, [runRow("inside")]));
    assert.equal(await ledger.read(count), 1);
  });
});

Deno.test("brief pauses do not lengthen a stretch for ever", async () => {
  let now = 0;
  await using temp = await tempLedger({ stretchMs: 1_000, gapMs: 600, clock: () => now });
  withoutTurns(temp.ledger);
  const { ledger } = temp;
  for (const time of [0, 500, 990]) {
    now = time;
    await ledger.lookUp(nothing);
    await ledger.release();
  }
  now = 1_100;
  const next = ledger.lookUp(nothing);
  await pause(250);
  assert.equal(ledger.isHeld, false, "the gap is kept although the lease had been given back in between");
  await next;
});

Deno.test("rest() ends a stretch early: of its gap only what is left is waited for, and it begins a new stretch", async () => {
  let now = 0;
  await using temp = await tempLedger({ idleMs: 60_000, stretchMs: 2_000, gapMs: 300, clock: () => now });
  withoutTurns(temp.ledger);
  const { ledger } = temp;
  assert.equal(ledger.isDueWithin(5_000), false, "a file that is not open is given back already");
  await ledger.lookUp(nothing);
  now = 1_500;
  assert.deepEqual([ledger.isDueWithin(400), ledger.isDueWithin(600)], [false, true]);
  ledger.later((db) => insertRuns(db, [runRow("queued")]));
  await ledger.rest();
  assert.equal(ledger.isHeld, false);
  assert.equal(await tryOnce(ledger.path), "had it");
  now = 1_700;
  const began = performance.now();
  assert.equal(await ledger.lookUp(count), 1, "what was queued is written before");
  assert.ok(performance.now() - began >= 95, "the rest of the gap is kept");
  now = 3_600;
  assert.equal(ledger.isDueWithin(0), false, "the next stretch began after the gap");
});

Deno.test("rest() keeps a gap that nobody waits for where it was long enough, and the eighth is a long one all the same", async () => {
  let now = 0;
  await using temp = await tempLedger({ idleMs: 60_000, stretchMs: 1_000, gapMs: 1, clock: () => now });
  withoutTurns(temp.ledger);
  const rests: boolean[] = [];
  for (let stretch = 0; stretch < 17; stretch++) {
    await temp.ledger.lookUp(nothing);
    now += 950;
    await temp.ledger.rest();
    now += 100;
    const began = performance.now();
    await temp.ledger.lookUp(nothing);
    rests.push(performance.now() - began >= 1_190);
  }
  assert.deepEqual(rests.flatMap((isLong, index) => isLong ? [index] : []), [7, 15]);
});

Deno.test("after eight stretches the gap is longer than a stretch, for those who try at the pace of our stretches", async () => {
  let now = 0;
  await using temp = await tempLedger({ idleMs: 60_000, stretchMs: 100, gapMs: 1, clock: () => now });
  withoutTurns(temp.ledger);
  const rests: number[] = [];
  for (let stretch = 0; stretch < 17; stretch++) {
    const began = performance.now();
    await temp.ledger.lookUp(nothing);
    rests.push(performance.now() - began);
    now += 101;
  }
  const longest = rests.map((ms, index) => ({ ms, index })).sort((a, b) => b.ms - a.ms);
  assert.ok(rests[8]! >= 129 && rests[16]! >= 129, JSON.stringify(longest));
});

Deno.test("a ledger that is free again is used at once by who waits for it", async () => {
  await using dir = await tempDir();
  const path = join(dir.path, "a.duckdb");
  const child = program(
    `const l = ledger.openLedger(args[0], { stretchMs: 60_000 });
await l.lookUp(async () => { console.log("held"); await Deno.stdin.read(new Uint8Array(1)); });
await l.close();`,
    [path],
  );
  const reader = await said(child, "held");
  const ledger = openLedger(path, { waitMs: 20_000 });
  let others = 0;
  const tick = setInterval(() => others++, 5);
  const waiting = ledger.write((db) => insertRuns(db, [runRow("waited")]));
  await until(() => others >= 5); // nothing else blocks while the lease is waited for
  clearInterval(tick);
  await child.stdin.close();
  await waiting;
  assert.equal((await ledger.read((db) => runsById(db, ["waited"]))).length, 1);
  await ledger.close();
  await reader.cancel();
  await child.stderr.cancel();
  await child.status;
});

Deno.test("two processes that write at once lose nothing", async () => {
  await using dir = await tempDir();
  const path = join(dir.path, "a.duckdb");
  const code = `
const { runRow } = await import(${JSON.stringify(new URL("./support_test.ts", import.meta.url).href)});
const l = ledger.openLedger(args[0], { stretchMs: 100, gapMs: 60, idleMs: 5 });
for (let index = 0; index < 40; index++) {
  await l.write((db) => ledger.insertRuns(db, [runRow(args[1] + "_" + index)]));
  l.later((db) => ledger.insertRuns(db, [runRow(args[1] + "_later_" + index)]));
  if (index % 10 === 9) await l.release();
}
await l.close();`;
  const children = ["x", "y"].map((name) => program(code, [path, name]));
  for (const { code, err } of await Promise.all(children.map(finished))) assert.deepEqual([code, err], [0, ""]);
  const ledger = openLedger(path);
  const rows = await ledger.read((db) => db.all("SELECT split_part(id, '_', 1) AS who, count(*) AS n FROM run GROUP BY ALL ORDER BY 1"));
  assert.deepEqual(rows, [{ who: "x", n: 80 }, { who: "y", n: 80 }]);
  await ledger.close();
});

Deno.test("a program that ends by itself writes what is queued, and is not kept alive by an idle lease", async () => {
  await using dir = await tempDir();
  const path = join(dir.path, "a.duckdb");
  const code = `
const { runRow } = await import(${JSON.stringify(new URL("./support_test.ts", import.meta.url).href)});
const l = ledger.openLedger(args[0], { idleMs: 3_600_000, stretchMs: 3_600_000 });
await l.lookUp(async () => {});
l.later((db) => ledger.insertRuns(db, [runRow("last")]));`;
  assert.deepEqual(await finished(program(code, [path])), { code: 0, out: "", err: "" });
  const ledger = openLedger(path);
  assert.equal((await ledger.read((db) => runsById(db, ["last"]))).length, 1);
  await ledger.close();
});

/** Another process adds a run. */
const ADD = `
const { runRow } = await import(${JSON.stringify(new URL("./support_test.ts", import.meta.url).href)});
const l = ledger.openLedger(args[0]);
await l.write((db) => ledger.insertRuns(db, [runRow("theirs")]));
await l.close();`;

/** An hour later than it is. */
function anHourLater(): Disposable {
  const { now } = Date;
  Date.now = () => now() + 3_600_000;
  return { [Symbol.dispose]: () => (Date.now = now) };
}

Deno.test("foreignWrites() grows when another process wrote, and not by what we do ourselves", async () => {
  await using temp = await tempLedger({ idleMs: 60_000, stretchMs: 60_000 });
  const { ledger } = temp;
  await ledger.write((db) => insertRuns(db, [runRow("a")]));
  const before = ledger.foreignWrites();
  await ledger.write((db) => insertRuns(db, [runRow("b")]));
  await ledger.release();
  await ledger.write((db) => insertRuns(db, [runRow("c")]));
  await ledger.release();
  assert.equal(ledger.foreignWrites(), before);
  assert.equal((await finished(program(ADD, [ledger.path]))).code, 0);
  assert.notEqual(ledger.foreignWrites(), before);
});

Deno.test("state() stays the same while nothing can have been written, and is unknown where that cannot be told", async () => {
  await using temp = await tempLedger({ idleMs: 60_000, stretchMs: 60_000 });
  const { ledger } = temp;
  assert.equal(ledger.state(), undefined);
  await ledger.read(count);
  const first = ledger.state();
  assert.notEqual(first, undefined);
  await ledger.read(count);
  assert.equal(ledger.state(), first);
  await ledger.write(async (db) => {
    assert.equal(ledger.state(), undefined);
    await insertRuns(db, [runRow("a")]);
  });
  const second = ledger.state();
  assert.notEqual(second, first);
  await assert.rejects(ledger.write(() => Promise.reject(new Error("no"))));
  assert.notEqual(ledger.state(), second);
  ledger.later((db) => insertRuns(db, [runRow("b")]));
  const before = ledger.state();
  await ledger.read(count);
  assert.notEqual(ledger.state(), before);
  const third = ledger.state();
  const connection = await ledger.connection();
  assert.equal(ledger.state(), undefined);
  connection.disconnectSync();
  assert.notEqual(ledger.state(), third);
  const fourth = ledger.state();
  await ledger.release();
  assert.equal(ledger.state(), undefined, "another process could write in the same moment");
  await ledger.read(count);
  assert.notEqual(ledger.state(), fourth);
});

Deno.test("state() stays the same over a lease that was given back, until another process writes", async () => {
  await using temp = await tempLedger({ idleMs: 60_000, stretchMs: 60_000 });
  const { ledger } = temp;
  await ledger.write((db) => insertRuns(db, [runRow("a")]));
  using _later = anHourLater();
  const first = ledger.state();
  assert.notEqual(first, undefined);
  await ledger.release();
  assert.equal(ledger.state(), first);
  await ledger.read(count);
  assert.equal(ledger.state(), first, "nobody wrote while the file was left to others");
  await ledger.release();
  assert.equal((await finished(program(ADD, [ledger.path]))).code, 0);
  assert.equal(ledger.state(), undefined);
  ledger.foreignWrites();
  assert.notEqual(ledger.state(), first, "to ask for others' writes does not hide them");
  await ledger.read(count);
  assert.notEqual(ledger.state(), first);
});

Deno.test("state() notices another file in the place of the ledger's, of the same size and time", async () => {
  await using temp = await tempLedger({ idleMs: 60_000, stretchMs: 60_000 });
  const { ledger } = temp;
  await ledger.read(count);
  using _later = anHourLater();
  const first = ledger.state();
  await ledger.release();
  assert.equal(ledger.state(), first);
  const { atime, mtime } = await Deno.stat(ledger.path);
  await Deno.copyFile(ledger.path, `${ledger.path}.copy`);
  await Deno.utime(`${ledger.path}.copy`, atime!, mtime!);
  await Deno.rename(`${ledger.path}.copy`, ledger.path);
  assert.equal(ledger.state(), undefined);
  await ledger.read(count);
  assert.notEqual(ledger.state(), first);
});

Deno.test("a log that has grown is moved into the file when nobody needs it", async () => {
  await using temp = await tempLedger({ idleMs: 20, stretchMs: 60_000 });
  const { ledger } = temp;
  const logSize = (): number => Deno.statSync(`${ledger.path}.wal`).size;
  await ledger.write((db) => insertRuns(db, [runRow("small")]));
  await until(() => !ledger.isHeld);
  assert.ok(logSize() > 0, "a small log stays: moving it would cost more");
  const text = "x".repeat(1_000);
  await ledger.write((db) =>
    insertRuns(db, Array.from({ length: 400 }, (_, index) => runRow(`r${index}`, { meta: { text: text + index } })))
  );
  await until(() => !ledger.isHeld);
  assert.ok((await Deno.stat(`${ledger.path}.wal`)).size < 1_000, "only the note of the file's state is left");
  assert.equal(await ledger.read(count), 401);
});
