import assert from "node:assert/strict";
import { join } from "@std/path";
import { artifactsOfRuns, facetsOfRuns, openLedger, runningRuns, runsById } from "./mod.ts";
import { program, said, tempDir } from "./support_test.ts";

const SUPPORT = JSON.stringify(new URL("./support_test.ts", import.meta.url).href);

/** Starts a program, kills it with SIGKILL when it has said a word, and waits for its end. */
async function killed(code: string, path: string, word: string): Promise<void> {
  const child = program(`const { runRow, artifactRow, at } = await import(${SUPPORT});\n${code}`, [path]);
  const reader = await said(child, word);
  child.kill("SIGKILL");
  await reader.cancel();
  await child.stdin.close().catch(() => {}); // the other end is gone
  await child.stderr.cancel();
  assert.equal((await child.status).signal, "SIGKILL");
}

Deno.test("a process killed inside a transaction leaves what it had committed, and nothing of the rest", async () => {
  await using dir = await tempDir();
  const path = join(dir.path, "a.duckdb");
  const code = `const l = ledger.openLedger(args[0], { stretchMs: 60_000 });
await l.write(async (db) => {
  await ledger.insertRuns(db, [runRow("done"), runRow("begun", { status: "running" })]);
  await ledger.insertArtifacts(db, [artifactRow(1, { run_id: "done" })]);
  await ledger.insertLinks(db, [{ run_id: "done", artifact_id: artifactRow(1).id, direction: "output", is_implicit: false }]);
  await ledger.insertFacets(db, [{ run_id: "done", namespace: "clean", facet: { a: 1 }, created_at: at() }]);
});
await l.write((db) => ledger.finishRun(db, "begun", { meta: { step: 1 } }));
await l.write(async (db) => {
  await ledger.insertRuns(db, [runRow("half")]);
  await ledger.finishRun(db, "begun", { status: "completed" });
  console.log("inside");
  await new Promise((resolve) => setTimeout(resolve, 60_000));
});`;
  await killed(code, path, "inside");
  const ledger = openLedger(path);
  await ledger.read(async (db) => {
    assert.deepEqual((await runsById(db, ["done", "begun", "half"])).map((row) => row.id).sort(), ["begun", "done"]);
    assert.deepEqual((await runningRuns(db)).map((row) => [row.id, row.meta]), [["begun", { step: 1 }]]);
    assert.equal((await artifactsOfRuns(db, ["done"])).length, 1);
    assert.equal((await facetsOfRuns(db, ["done"])).length, 1);
  });
  await ledger.close();
});

Deno.test("a process killed at any moment of writing leaves a ledger that opens, with whole runs", async () => {
  await using dir = await tempDir();
  const path = join(dir.path, "a.duckdb");
  const code = `const l = ledger.openLedger(args[0], { idleMs: 1, stretchMs: 40, gapMs: 1 });
for (let index = 0;; index++) {
  const id = Deno.pid + "_" + index;
  await l.write(async (db) => {
    await ledger.insertRuns(db, [runRow(id, { meta: { text: "x".repeat(3_000) + index } })]);
    await ledger.insertOwnRuns(db, [{ run_id: id, scenario_name: null, header_id: null, source_run_id: null, seconds: 1, label: null, hit: false, signature: id }]);
  });
  if (index === args.length * 7) console.log("going");
}`;
  for (let round = 0; round < 5; round++) {
    await killed(code, path, "going");
    const ledger = openLedger(path);
    const [row] = await ledger.read((db) =>
      db.all<{ runs: number; own: number }>(
        "SELECT (SELECT count(*) FROM run) AS runs, (SELECT count(*) FROM deno_run JOIN run ON id = run_id) AS own",
      )
    );
    assert.ok(row!.runs >= 7 * (round + 1));
    assert.equal(row!.runs, row!.own);
    await ledger.close();
  }
});

Deno.test("a process killed while it makes a ledger leaves a place where one can be made", async () => {
  await using dir = await tempDir();
  const path = join(dir.path, "a.duckdb");
  for (const ms of [0, 5, 15, 30]) {
    await killed(
      `console.log("now"); setTimeout(() => {}, 60_000); const l = ledger.openLedger(args[0]); await new Promise((r) => setTimeout(r, ${ms})); await l.lookUp(async () => {});`,
      path,
      "now",
    );
    const ledger = openLedger(path);
    await ledger.read((db) => runsById(db, ["a"]));
    await ledger.close();
    assert.deepEqual([...Deno.readDirSync(dir.path)].map(({ name }) => name).filter((name) => name.includes(".new")), []);
    await Deno.remove(path);
    await Deno.remove(`${path}.wal`).catch(() => {}); // there is none where nothing was written
  }
});
