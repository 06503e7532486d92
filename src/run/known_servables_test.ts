import assert from "node:assert/strict";
import { fromFileUrl, join } from "@std/path";
import { type RunResult, Tracker, useTracker, verifyRun } from "consist";
import { assertHit, assertMiss, withTracker } from "consist/testing";
import { ledgerAt } from "../ledger/mod.ts";
import { knownServables } from "./known_servables.ts";

const CONFIG = fromFileUrl(new URL("../../deno.json", import.meta.url));

type Result = RunResult<{ x: number }>;
type Asked = { readonly cacheMode?: "overwrite" };

/** A module with a step, so that two processes have the same one. */
async function stepIn(dir: string): Promise<{ path: string; step: (asked?: Asked) => Promise<Result> }> {
  const path = join(dir, "step.ts");
  await Deno.writeTextFile(
    path,
    `import { run } from "consist";
export const step = (asked = {}) => run({ name: "asked", fn: () => ({ x: 1 }), outputs: ["x"], cacheOptions: asked });
`,
  );
  return { path, step: (await import(`file://${path}`)).step };
}

/** Another process with the same project. */
async function elsewhere(tracker: Tracker, path: string, code: string): Promise<void> {
  const program = `const { Tracker, useTracker } = await import("consist");
const { step } = await import(${JSON.stringify(`file://${path}`)});
const tracker = new Tracker({ dbPath: Deno.args[0], runDir: Deno.args[1] });
useTracker(tracker);
${code}
await tracker.close();`;
  const { code: ended, stderr } = await new Deno.Command(Deno.execPath(), {
    args: ["eval", "--config", CONFIG, program, tracker.dbPath, tracker.runDir],
    stdin: "null",
  }).output();
  assert.equal(ended, 0, new TextDecoder().decode(stderr));
}

/** The run that a hit serves. */
const sourceOf = (result: Result): unknown => (assertHit(result), result.run.meta.cache_source);

/** A project whose step was executed, and was a hit so often that the ledger is not asked any more. */
async function warm(work: (parts: { tracker: Tracker; path: string; step: (asked?: Asked) => Promise<Result>; first: string }) => unknown) {
  await withTracker(async (tracker) => {
    const dir = await Deno.realPath(await Deno.makeTempDir());
    try {
      const { path, step } = await stepIn(dir);
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
    const services = { ledger: ledgerAt(tracker.dbPath)! };
    const { signature } = (await step()).run;
    const rows = (): Promise<number> =>
      services.ledger.read(async (db) => (await db.all<{ n: number }>("select count(*) as n from run"))[0]!.n);
    let before: number;
    do {
      before = await rows() + 2;
      assertHit(await step());
      assertHit(await step());
      await services.ledger.flush();
      await new Promise((resolve) => setTimeout(resolve, 700)); // of a time that is too fresh nothing can be told
    } while (services.ledger.isHeld || knownServables(services, signature) === undefined);
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
    assert.equal(await rows(), before + 1);
  }));
