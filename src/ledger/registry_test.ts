import assert from "node:assert/strict";
import { join } from "@std/path";
import { insertRuns, openLedger, runsById } from "./mod.ts";
import { finished, program, runRow, tempDir } from "./support_test.ts";

type Registry = Map<string, unknown>;
const registry = (globalThis as unknown as Record<symbol, Registry>)[Symbol.for("consist.ledgers")]!;

Deno.test("openLedger() gives one ledger for one file, by whatever path it is reached", async () => {
  await using dir = await tempDir();
  const folder = join(dir.path, "real");
  await Deno.mkdir(folder);
  await Deno.symlink(folder, join(dir.path, "link"));
  const before = registry.size;
  const paths = [join(folder, "a.duckdb"), join(dir.path, "link", "a.duckdb"), join(folder, "..", "real", ".", "a.duckdb")];
  const ledgers = paths.map((path) => openLedger(path));
  await Deno.symlink(join(folder, "a.duckdb"), join(dir.path, "later.duckdb"));
  ledgers.push(openLedger(join(dir.path, "later.duckdb")));
  assert.deepEqual(new Set(ledgers.map((ledger) => ledger.path)), new Set([join(folder, "a.duckdb")]));
  assert.equal(registry.size, before + 1);
  await Promise.all(ledgers.map((ledger, index) => ledger.write((db) => insertRuns(db, [runRow(`r${index}`)]))));
  for (const ledger of ledgers) {
    assert.equal((await ledger.read((db) => runsById(db, ["r0", "r1", "r2", "r3"]))).length, 4);
    await ledger.close();
  }
});

Deno.test("openLedger() of a second copy of the library shares the first one's instance", async () => {
  await using dir = await tempDir();
  const copy = await import("./ledger.ts?copy" as string) as typeof import("./ledger.ts");
  assert.notEqual(copy.openLedger, openLedger);
  const path = join(dir.path, "a.duckdb");
  const [first, second] = [openLedger(path), copy.openLedger(path)];
  const waiting = Promise.withResolvers<void>();
  const long = first.write(async (db) => {
    await insertRuns(db, [runRow("first")]);
    await waiting.promise;
  });
  const short = second.write((db) => insertRuns(db, [runRow("second")]));
  waiting.resolve();
  await Promise.all([long, short]);
  await first.close();
  assert.equal(second.isHeld, false);
  assert.equal((await second.read((db) => runsById(db, ["first", "second"]))).length, 2);
  await second.close();
});

Deno.test("openLedger() of two ledgers keeps them apart", async () => {
  await using dir = await tempDir();
  const [a, b] = [openLedger(join(dir.path, "a.duckdb")), openLedger(join(dir.path, "b.duckdb"))];
  await a.write(async (db) => {
    await insertRuns(db, [runRow("in a")]);
    await b.write((other) => insertRuns(other, [runRow("in b")]));
  });
  assert.equal((await a.read((db) => runsById(db, ["in a", "in b"]))).length, 1);
  assert.equal((await b.read((db) => runsById(db, ["in a", "in b"]))).length, 1);
  await a.close();
  await b.close();
});

Deno.test("openLedger() refuses in a Worker and says so", async () => {
  await using dir = await tempDir();
  const code = `
const source = "try { const l = await import(" + ${
    JSON.stringify(JSON.stringify(new URL("./mod.ts", import.meta.url).href))
  } + "); l.openLedger(" + JSON.stringify(args[0]) + "); postMessage('opened'); } catch (e) { postMessage([e.name, e.code, e.message]); }";
const file = args[1]; await Deno.writeTextFile(file, source);
const worker = new Worker(new URL("file://" + file), { type: "module" });
worker.onmessage = (event) => { console.log(JSON.stringify(event.data)); worker.terminate(); };`;
  const { out } = await finished(program(code, [join(dir.path, "a.duckdb"), join(dir.path, "worker.ts")]));
  const [name, code_, message] = JSON.parse(out) as string[];
  assert.deepEqual([name, code_], ["LedgerError", "ledger_locked"]);
  assert.match(message!, /in a Worker/);
  await assert.rejects(Deno.stat(join(dir.path, "a.duckdb")), Deno.errors.NotFound);
});
