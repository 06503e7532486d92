import assert from "node:assert/strict";
import { join } from "@std/path";
import { insertRuns, ledgerAt, openLedger, runsById } from "./mod.ts";
import { finished, program, runRow, tempDir } from "./support_test.ts";

type Registry = Map<string, { flush(): Promise<void> }>;
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

Deno.test("a ledger that is found in the registry writes what is queued when it is asked to, as the notebook runner does", async () => {
  await using dir = await tempDir();
  const ledger = openLedger(join(dir.path, "a.duckdb"));
  ledger.later((db) => insertRuns(db, [runRow("late")]));
  await registry.get(ledger.path)!.flush();
  assert.deepEqual((await ledger.lookUp((db) => runsById(db, ["late"]))).map(({ id }) => id), ["late"]);
  await ledger.close();
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

Deno.test("ledgerAt() finds the ledger that is open at a path, and none elsewhere", async () => {
  await using dir = await tempDir();
  const path = join(dir.path, "a.duckdb");
  assert.equal(ledgerAt(path), undefined);
  const ledger = openLedger(path);
  await ledger.write((db) => insertRuns(db, [runRow("a")]));
  await ledgerAt(path)!.release();
  assert.equal(ledger.isHeld, false);
  assert.equal(ledgerAt(join(dir.path, "b.duckdb")), undefined);
  await ledger.close();
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

for (const kind of ["web", "node"] as const) {
  Deno.test(`openLedger() refuses in a Worker (${kind}) and says so`, async () => {
    await using dir = await tempDir();
    const [path, file] = [join(dir.path, "a.duckdb"), join(dir.path, "worker.ts")];
    const mod = new URL("./mod.ts", import.meta.url).href;
    await Deno.writeTextFile(
      file,
      `try { (await import(${JSON.stringify(mod)})).openLedger(${JSON.stringify(path)}); console.log("opened"); }
catch (error) { console.log(JSON.stringify([error.name, error.code, error.message])); }
globalThis.close?.();`,
    );
    const start = kind === "web"
      ? `new Worker(new URL("file://" + args[0]), { type: "module" });`
      : `const { Worker } = await import("node:worker_threads"); new Worker(new URL("file://" + args[0]));`;
    const { out } = await finished(program(start, [file]));
    const [name, code, message] = JSON.parse(out) as string[];
    assert.deepEqual([name, code], ["LedgerError", "ledger_locked"]);
    assert.match(message!, /in a Worker/);
    await assert.rejects(Deno.stat(path), Deno.errors.NotFound);
  });
}
