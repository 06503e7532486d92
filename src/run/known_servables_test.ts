import assert from "node:assert/strict";
import { exists } from "@std/fs";
import { join } from "@std/path";
import { run, type RunResult, Tracker, useTracker, verifyRun } from "consist";
import { assertHit, assertMiss, withTracker } from "consist/testing";
import { ledgerAt } from "../ledger/mod.ts";
import { knownServables } from "./known_servables.ts";
import { CONFIG, elsewhere, stepModule } from "./support_test.ts";

type Result = RunResult<{ x: number }>;
type Asked = { readonly cacheMode?: "overwrite" };

type Step = (asked?: Asked) => Promise<Result>;

const STEP = '(asked = {}) => run({ name: "asked", fn: () => ({ x: 1 }), outputs: ["x"], cacheOptions: asked })';

/** Deletes a ledger as a user does: its file and its log. */
async function removeLedger(path: string): Promise<void> {
  for (const file of [path, `${path}.wal`]) if (await exists(file)) await Deno.remove(file);
}

/** The run that a hit serves. */
const sourceOf = (result: Result): unknown => (assertHit(result), result.run.meta.cache_source);

/** A project whose step was executed, and was a hit so often that the ledger is not asked any more. */
async function warm(work: (parts: { tracker: Tracker; path: string; step: Step; first: string }) => unknown) {
  await withTracker(async (tracker) => {
    const dir = await Deno.realPath(await Deno.makeTempDir());
    try {
      const { path, step } = await stepModule<Step>(dir, STEP);
      const made = await step();
      assertMiss(made);
      const services = { ledger: ledgerAt(tracker.dbPath)! };
      await services.ledger.flush();
      for (let k = 0; k < 3; k++) assert.equal(sourceOf(await step()), made.run.id);
      assert.equal(knownServables(services, made.run.signature)?.length, 1);
      await work({ tracker, path, step, first: made.run.id });
    } finally {
      await Deno.remove(dir, { recursive: true });
    }
  });
}

/** Asks for the step until the ledger has been given back, and was written long enough ago to tell that nobody has since. Says how often. */
async function untilAtRest(tracker: Tracker, step: () => Promise<Result>): Promise<number> {
  const services = { ledger: ledgerAt(tracker.dbPath)! };
  for (let hits = 1;; hits++) {
    const { run } = await step();
    await services.ledger.flush();
    await new Promise((resolve) => setTimeout(resolve, 700));
    if (!services.ledger.isHeld && knownServables(services, run.signature) !== undefined) return hits;
  }
}

Deno.test("a hit serves the newest run, also where one was recorded since the last hit", async (t) => {
  await t.step("by the same tracker", () =>
    warm(async ({ tracker, step }) => {
      const again = await step({ cacheMode: "overwrite" });
      await ledgerAt(tracker.dbPath)!.flush();
      for (let k = 0; k < 3; k++) assert.equal(sourceOf(await step()), again.run.id);
    }));
  await t.step("by another tracker of this process", () =>
    warm(async ({ tracker, step }) => {
      await using other = new Tracker({ dbPath: tracker.dbPath, runDir: tracker.runDir });
      const again = await useTracker(other, () => step({ cacheMode: "overwrite" }));
      await ledgerAt(tracker.dbPath)!.flush();
      for (let k = 0; k < 3; k++) assert.equal(sourceOf(await step()), again.run.id);
    }));
  await t.step("while another one is asked for", () =>
    warm(async ({ tracker, step }) => {
      const [again, ...hits] = await Promise.all([step({ cacheMode: "overwrite" }), ...Array.from({ length: 20 }, () => step())]);
      hits.forEach(assertHit);
      await ledgerAt(tracker.dbPath)!.flush();
      for (let k = 0; k < 3; k++) assert.equal(sourceOf(await step()), again.run.id);
    }));
  await t.step("by another process, to which the file was given back", () =>
    warm(async ({ tracker, path, step, first }) => {
      await tracker.close();
      await elsewhere(tracker, path, 'await step({ cacheMode: "overwrite" });');
      assert.notEqual(sourceOf(await step()), first);
    }));
  await t.step(
    "by another process that cannot have the file, and keeps it in the journal",
    () =>
      warm(async ({ tracker, path, step, first }) => {
        const held = setInterval(() => void step(), 20); // steady use: it is not given back before two seconds are over
        try {
          await elsewhere(tracker, path, 'await step({ cacheMode: "overwrite" });');
        } finally {
          clearInterval(held);
        }
        assert.notEqual(sourceOf(await step()), first);
      }),
  );
});

Deno.test("a run that the ledger says can be served no more is not, however often it was", async (t) => {
  const takeAway = "delete from deno_run; delete from run_artifact_link; delete from run";
  await t.step("by a connection of the user's own", () =>
    warm(async ({ tracker, step }) => {
      const connection = await tracker.connection();
      await connection.run(takeAway);
      connection.disconnectSync();
      assertMiss(await step());
    }));
  await t.step("while that connection is open", () =>
    warm(async ({ tracker, step }) => {
      const connection = await tracker.connection();
      assertHit(await step());
      await connection.run(takeAway);
      assertMiss(await step());
      connection.disconnectSync();
    }));
  await t.step("by another process", () =>
    warm(async ({ tracker, path, step }) => {
      await tracker.close();
      const code = `const connection = await tracker.connection(); await connection.run("${takeAway}"); connection.disconnectSync();`;
      await elsewhere(tracker, path, code);
      assertMiss(await step());
    }));
  await t.step("since its ledger is another one", () =>
    warm(async ({ tracker, step }) => {
      await tracker.close();
      await Deno.remove(tracker.dbPath);
      assertMiss(await step());
    }));
  await t.step("since its ledger was deleted while this process had it", () =>
    warm(async ({ tracker, path, step }) => {
      await ledgerAt(tracker.dbPath)!.flush();
      await removeLedger(tracker.dbPath);
      await tracker.close();
      assertMiss(await step());
      await tracker.close();
      await elsewhere(tracker, path, 'const { cacheHit, outputs } = await step(); if (!cacheHit || !outputs.x) throw new Error("none");');
    }));
  await t.step("since another ledger took the place of its own while this process had it", () =>
    warm(async ({ tracker, step }) => {
      const other = join(tracker.runDir, "other.duckdb");
      await using another = new Tracker({ dbPath: other, runDir: tracker.runDir });
      await useTracker(another, () => run({ name: "else", fn: () => 1, outputs: ["y"] }));
      await another.close();
      await ledgerAt(tracker.dbPath)!.flush();
      if (await exists(`${tracker.dbPath}.wal`)) await Deno.remove(`${tracker.dbPath}.wal`);
      await Deno.rename(other, tracker.dbPath);
      if (await exists(`${other}.wal`)) await Deno.rename(`${other}.wal`, `${tracker.dbPath}.wal`);
      await tracker.close();
      assertMiss(await step());
    }));
  await t.step("since its file is gone", () =>
    warm(async ({ step }) => {
      await Deno.remove((await step()).outputs.x.path);
      assertMiss(await step());
    }));
});

Deno.test("a hit says what was found out about its run since the last one", () =>
  warm(async ({ step, first }) => {
    assert.equal((await verifyRun(first)).verdict, "equal");
    assert.match((await step()).explain(), /executed again|verified/i);
  }));

Deno.test("a step that was a hit is one again while another program has the ledger, and its row is written afterwards", () =>
  warm(async ({ tracker, step, first }) => {
    const ledger = ledgerAt(tracker.dbPath)!;
    const rows = (): Promise<number> => ledger.read(async (db) => (await db.all<{ n: number }>("select count(*) as n from run"))[0]!.n);
    await ledger.flush();
    const before = await rows();
    const hits = await untilAtRest(tracker, step);
    const holder = new Deno.Command(Deno.execPath(), {
      args: [
        "eval",
        "--config",
        CONFIG,
        `const { DuckDBInstance } = await import("@duckdb/node-api");
const instance = await DuckDBInstance.create(Deno.args[0]);
console.log("held");
await Deno.stdin.read(new Uint8Array(1));
instance.closeSync();`,
        tracker.dbPath,
      ],
      stdin: "piped",
      stdout: "piped",
      stderr: "inherit",
    }).spawn();
    const said = holder.stdout.getReader();
    await said.read();
    assert.equal(sourceOf(await step()), first);
    await holder.stdin.close();
    while (!(await said.read()).done);
    assert.equal((await holder.status).code, 0);
    assert.equal(await rows(), before + hits + 1);
  }));

Deno.test("a hit that is recorded when its run has gone from the ledger is no result of its own", () =>
  warm(async ({ tracker, step }) => {
    await untilAtRest(tracker, step);
    assertHit(await step());
    await removeLedger(tracker.dbPath);
    await tracker.close(); // makes a ledger for the hit's row
    const again = await step();
    assertMiss(again);
    assert.equal(await again.load(), 1);
    assert.equal(await (await step()).load(), 1);
  }));

Deno.test("a hit whose run was deleted from the ledger with what it made is no result of its own", () =>
  warm(async ({ tracker, step, first }) => {
    await tracker.close();
    const connection = await tracker.connection();
    for (const [table, column] of [["deno_run", "run_id"], ["run_artifact_link", "run_id"], ["artifact", "run_id"], ["run", "id"]]) {
      await connection.run(`delete from ${table} where ${column} = '${first}'`);
    }
    connection.disconnectSync();
    assertMiss(await step());
    assert.equal(await (await step()).load(), 1);
  }));
