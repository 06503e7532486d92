import assert from "node:assert/strict";
import { join } from "@std/path";
import { ledgerFiles, openLedger, runsById } from "./mod.ts";
import { finished, program, said, tempDir, tempLedger } from "./support_test.ts";

const SUPPORT = JSON.stringify(new URL("./support_test.ts", import.meta.url).href);
/** A moment at which nobody keeps quiet. */
const now0 = (): number => 50_000;
const nothing = (): Promise<void> => Promise.resolve();
const pause = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));
const until = async (isSo: () => boolean): Promise<void> => {
  while (!isSo()) await pause(5);
};
const turnsOf = (path: string): string => ledgerFiles(path)[2]!;

/** Does another process say that it waits? */
function isAwaited(path: string): boolean {
  try {
    using file = Deno.openSync(turnsOf(path), { read: true });
    return !file.tryLockSync(true);
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return false;
    throw error;
  }
}

/** A process that wants the ledger, and says when it had it. */
const WAITER = `const l = ledger.openLedger(args[0]);
await l.lookUp(async () => { console.log("had it"); });
await l.close();`;

/** A process that says that it waits, and never comes. */
const STOPPED = `const file = Deno.openSync(args[0], { read: true, write: true, create: true });
file.tryLockSync(false);
console.log("waits");
await Deno.stdin.read(new Uint8Array(1));`;

Deno.test("a lease in steady use is kept while nobody waits, and given to who says so after its turn", async () => {
  let now = 0;
  await using temp = await tempLedger({ idleMs: 60_000, turnMs: 1_000, stretchMs: 2_000, clock: () => now, now: now0 });
  const { ledger } = temp;
  await ledger.lookUp(nothing);
  for (now of [2_100, 4_200, 6_300]) { // the gap for those who cannot say so comes after 16 s
    await ledger.lookUp(nothing);
    assert.equal(ledger.isHeld, true, "another stretch begins at once");
  }
  now = 8_000;
  const using = Promise.withResolvers<void>();
  const work = ledger.lookUp(() => using.promise);
  const child = program(WAITER, [ledger.path]);
  await until(() => isAwaited(ledger.path));
  now = 8_100;
  assert.equal(ledger.isHeld, true, "work in flight keeps it");
  using.resolve();
  await work;
  assert.equal(ledger.isHeld, false);
  assert.deepEqual(await finished(child), { code: 0, out: "had it", err: "" });
  await ledger.lookUp(nothing);
});

Deno.test("an idle lease is given at once to who waits", async () => {
  await using temp = await tempLedger({ idleMs: 3_600_000, turnMs: 3_600_000, stretchMs: 3_600_000 });
  await temp.ledger.lookUp(nothing);
  assert.equal((await finished(program(WAITER, [temp.ledger.path]))).out, "had it");
});

Deno.test("a process that is killed while it waits is waited for by nobody", async () => {
  let now = 0;
  await using temp = await tempLedger({ idleMs: 60_000, clock: () => now });
  const { ledger } = temp;
  const connection = await ledger.connection();
  const child = program(WAITER, [ledger.path]);
  await until(() => isAwaited(ledger.path));
  child.kill("SIGKILL");
  await finished(child);
  assert.equal(isAwaited(ledger.path), false);
  connection.disconnectSync();
  now = 5_000;
  await ledger.lookUp(nothing);
  assert.equal(ledger.isHeld, true);
});

Deno.test("who says that he waits and never comes holds nobody up but once", async () => {
  let now = 0;
  await using temp = await tempLedger({ idleMs: 60_000, turnMs: 1_000, stretchMs: 2_000, clock: () => now, now: now0 });
  const { ledger } = temp;
  const child = program(STOPPED, [turnsOf(ledger.path)]);
  const reader = await said(child, "waits");
  await ledger.lookUp(nothing);
  const first = ledger.state();
  now = 1_900;
  await ledger.lookUp(nothing);
  assert.equal(ledger.state(), first, "it had its chance");
  now = 6_000;
  await ledger.lookUp(nothing);
  assert.notEqual(ledger.state(), first, "it is given another one");
  await child.stdin.close();
  await reader.cancel();
  await child.stderr.cancel();
  await child.status;
});

Deno.test("who may only read says that he waits where the file is there, and makes none", async () => {
  await using temp = await tempLedger({ idleMs: 60_000, turnMs: 100 });
  const { ledger } = temp;
  const code = `const l = ledger.openLedger(args[0], { onlyReads: true, waitMs: 500 });
try { await l.lookUp(async () => {}); console.log("had it"); } catch (e) { console.log(e.code); } await l.close();`;
  const connection = await ledger.connection();
  assert.equal((await finished(program(code, [ledger.path]))).out, "ledger_locked");
  assert.deepEqual([...Deno.readDirSync(temp.dir)].filter(({ name }) => name.endsWith(".turns")), []);
  await Deno.writeTextFile(turnsOf(ledger.path), "");
  const child = program(code.replace("waitMs: 500", "waitMs: 30_000"), [ledger.path]);
  await until(() => isAwaited(ledger.path));
  connection.disconnectSync();
  assert.equal((await finished(child)).out, "had it");
});

Deno.test("processes that are killed while they wait or have the ledger neither block nor lose anything", async () => {
  await using dir = await tempDir();
  const path = join(dir.path, "a.duckdb");
  const code = `const { runRow } = await import(${SUPPORT});
const l = ledger.openLedger(args[0], { idleMs: 50, turnMs: 20 });
for (let index = 0; index < Number(args[2]); index++) {
  await l.write((db) => ledger.insertRuns(db, [runRow(args[1] + "_" + index)]));
  Deno.writeTextFileSync(args[0] + "." + args[1], args[1] + "_" + index + "\\n", { append: true });
  if (index === 3) console.log("going");
}
await l.close();`;
  const lasting = ["a", "b"].map((name) => program(code, [path, name, "60"]));
  for (let round = 0; round < 5; round++) {
    const child = program(code, [path, `killed${round}`, "100000"]);
    const reader = await said(child, "going");
    await pause(Math.random() * 300);
    child.kill("SIGKILL");
    await reader.cancel();
    await child.stdin.close().catch(() => {}); // the other end is gone
    await child.stderr.cancel();
    await child.status;
  }
  for (const { code, err } of await Promise.all(lasting.map(finished))) assert.deepEqual([code, err], [0, ""]);
  const logs = [...Deno.readDirSync(dir.path)].filter(({ name }) => /\.(?:a|b|killed\d)$/.test(name));
  const told = logs.flatMap(({ name }) => Deno.readTextFileSync(join(dir.path, name)).trim().split("\n"));
  const ledger = openLedger(path);
  const found = new Set((await ledger.read((db) => runsById(db, told))).map(({ id }) => id));
  assert.deepEqual(told.filter((id) => !found.has(id)), []);
  assert.ok(told.length >= 120 + 5 * 4);
  await ledger.close();
  assert.equal(isAwaited(path), false);
});

Deno.test("in steady use for eight stretches, also of slow steps, the file is left alone for longer than a stretch", async () => {
  let now = 0;
  await using temp = await tempLedger({ idleMs: 60_000, turnMs: 50, stretchMs: 100, clock: () => now });
  const { ledger } = temp;
  await ledger.lookUp(nothing);
  for (now of [101, 330, 560, 799]) {
    await ledger.lookUp(nothing);
    assert.equal(ledger.isHeld, true);
  }
  now = 901;
  const next = ledger.lookUp(nothing);
  await pause(50);
  assert.equal(ledger.isHeld, false);
  await next;
});

Deno.test("that another program has written is told to all who come later, where the file is there", async () => {
  await using temp = await tempLedger({ idleMs: 60_000 });
  const { ledger } = temp;
  await ledger.lookUp(nothing);
  await ledger.release();
  await Deno.writeTextFile(turnsOf(ledger.path), "");
  await Deno.utime(turnsOf(ledger.path), 0, 0);
  await checkpointedElsewhere(ledger.path);
  const connection = await ledger.connection();
  const waiter = program(WAITER, [ledger.path]);
  await until(() => isAwaited(ledger.path));
  connection.disconnectSync();
  await finished(waiter);
  await ledger.lookUp(nothing);
  ledger.isDueWithin(60_000);
  assert.ok(Deno.statSync(turnsOf(ledger.path)).mtime!.getTime() > 0);
});

/** Another program changes a ledger, and closes it as such programs do. */
async function checkpointedElsewhere(path: string): Promise<void> {
  const code = `import { DuckDBInstance } from "@duckdb/node-api";
const instance = await DuckDBInstance.create(args[0]);
const connection = await instance.connect();
await connection.run("CREATE TABLE theirs (n INTEGER)");
await connection.run("CHECKPOINT");
connection.disconnectSync();
instance.closeSync();`;
  assert.deepEqual(await finished(program(code, [path])), { code: 0, out: "", err: "" });
}
