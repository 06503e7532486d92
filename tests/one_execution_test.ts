/** Who asks for one signature at once: one executes, the others wait and hit. Between processes, and inside one. */
import assert from "node:assert/strict";
import { findRuns, run, Tracker, useTracker } from "consist";
import { assertHit, assertMiss, withTracker } from "consist/testing";
import { Child, tempDir } from "./child.ts";
import type { Args } from "./programs/slow_step.ts";

const slow = (args: Args) => new Child("slow_step.ts", args);
const executed = async (dir: string) => (await Deno.readTextFile(`${dir}/executed.txt`)).trim().split("\n");
/** What is left in the folder of claims. */
const claims = (dir: string) => [...Deno.readDirSync(`${dir}/runs/claims`)].map(({ name }) => name);

// ── between processes ───────────────────────────────────────────────────────────────────────────────────────────────────────

Deno.test("three processes that ask for one step at once execute it once; the others wait, say so, and hit", async () => {
  await using dir = await tempDir();
  const children = [0, 1, 2].map(() => slow({ dir: dir.path, ms: 2_500 }));
  const answers = await Promise.all(children.map((child) => child.answer()));
  const by = await executed(dir.path);
  assert.equal(by.length, 1, by.join());
  assert.deepEqual(answers.map(({ cacheHit }) => cacheHit).sort(), [false, true, true]);
  assert.deepEqual(new Set(answers.map(({ value }) => value!.by)), new Set([Number(by[0])]));
  const waiting = children.filter(({ process }) => process.pid !== Number(by[0]));
  for (const { said } of waiting) assert.match(said.err, new RegExp(`waiting for step "slow", which process ${by[0]} is computing`));
  assert.deepEqual(claims(dir.path), []);
});

Deno.test("a process that is killed while it computes is followed by one that waits, which names the run that was interrupted", async () => {
  await using dir = await tempDir();
  const first = slow({ dir: dir.path, ms: 60_000 });
  await first.until("executing");
  const second = slow({ dir: dir.path, ms: 10 });
  await second.until("waiting for step", "err");
  await first.kill();
  const { failed, cacheHit, value, why } = await second.answer();
  assert.deepEqual([failed, cacheHit, value?.by], [undefined, false, second.process.pid]);
  assert.match(why!, /Run slow_\w+ with the same signature was interrupted/);
  await using tracker = new Tracker({ dbPath: `${dir.path}/provenance.duckdb` });
  const runs = await tracker.findRuns({ history: true });
  assert.deepEqual(runs.map(({ status }) => status).sort(), ["completed", "interrupted"]);
  assert.deepEqual(claims(dir.path), []);
});

Deno.test("a process whose step fails is followed by one that waits, which executes itself", async () => {
  await using dir = await tempDir();
  await Deno.writeTextFile(`${dir.path}/fail`, "");
  const first = slow({ dir: dir.path, ms: 1_500, failIf: `${dir.path}/fail` });
  await first.until("executing");
  const second = slow({ dir: dir.path, ms: 10 });
  assert.match((await first.answer()).failed!, /told to fail/);
  const { cacheHit, why } = await second.answer();
  assert.equal(cacheHit, false);
  assert.match(why!, /with the same signature failed: told to fail/);
  assert.equal((await executed(dir.path)).length, 2);
});

Deno.test("processes with different steps do not wait for each other, and nobody keeps the ledger while waiting", async () => {
  await using dir = await tempDir();
  const first = slow({ dir: dir.path, ms: 30_000 });
  await first.until("executing");
  const second = slow({ dir: dir.path, ms: 10 });
  await second.until("waiting for step", "err");
  assert.equal((await slow({ dir: dir.path, ms: 10, seed: 1 }).answer()).cacheHit, false);
  await second.kill();
  await first.kill();
});

Deno.test("cacheMode decides who waits: off and overwrite do not, readonly does", async () => {
  await using dir = await tempDir();
  const first = slow({ dir: dir.path, ms: 4_000 });
  await first.until("executing");
  const reads = slow({ dir: dir.path, ms: 10, cacheMode: "readonly" });
  const [off, anew] = [slow({ dir: dir.path, ms: 10, cacheMode: "off" }), slow({ dir: dir.path, ms: 10, cacheMode: "overwrite" })];
  assert.equal((await off.answer()).value!.by, off.process.pid);
  assert.equal((await anew.answer()).value!.by, anew.process.pid);
  assert.match((await first.answer()).why!, /No earlier run/);
  assert.equal((await reads.answer()).cacheHit, true);
});

// ── inside one process ──────────────────────────────────────────────────────────────────────────────────────────────────────

Deno.test("callers in one process share one execution, also through two trackers", () =>
  withTracker(async (tracker) => {
    const calls: number[] = [];
    const step = {
      name: "shared",
      fn: async (_: unknown, { runtime }: { runtime: { calls: number[] } }) => {
        runtime.calls.push(1);
        await new Promise((resolve) => setTimeout(resolve, 50));
        return "x";
      },
      outputs: ["x"],
      executionOptions: { runtimeArgs: { calls } },
    } as const;
    const other = new Tracker({ dbPath: tracker.dbPath, runDir: tracker.runDir });
    const results = await Promise.all([0, 1, 2, 3, 4].map((index) => (index % 2 === 0 ? tracker : other).run(step)));
    assert.equal(calls.length, 1);
    assert.equal(results.filter(({ cacheHit }) => cacheHit).length, 4);
  }));

Deno.test("a failing step fails for each caller that waits for it, one execution after the other", () =>
  withTracker(async () => {
    const at = { now: 0, most: 0, all: 0 };
    const step = () =>
      run({
        name: "fails",
        fn: async (_: unknown, { runtime }: { runtime: { at: typeof at } }) => {
          runtime.at.all++;
          runtime.at.most = Math.max(runtime.at.most, ++runtime.at.now);
          await new Promise((resolve) => setTimeout(resolve, 20));
          runtime.at.now--;
          throw new Error("no");
        },
        executionOptions: { runtimeArgs: { at } },
      });
    const ends = await Promise.allSettled([step(), step(), step()]);
    assert.deepEqual(ends.map(({ status }) => status), ["rejected", "rejected", "rejected"]);
    assert.deepEqual(at, { now: 0, most: 1, all: 3 });
  }));

Deno.test("a run of the same signature inside itself executes, and does not wait for itself", () =>
  withTracker(async () => {
    const depth = { now: 0 };
    const step = (): Promise<unknown> =>
      run({
        name: "again",
        fn: async (_: unknown, { runtime }: { runtime: { depth: typeof depth; step: () => Promise<unknown> } }) => {
          if (runtime.depth.now++ < 2) await runtime.step();
          return 1;
        },
        outputs: ["n"],
        executionOptions: { runtimeArgs: { depth, step } },
      }).load();
    assert.equal(await step(), 1);
    assert.equal(depth.now, 3);
    assert.equal((await findRuns({ step: "again", history: true })).length, 3);
    assert.equal(await step(), 1);
    assert.equal(depth.now, 3);
  }));

Deno.test("many steps at once need no handle each", () =>
  withTracker(async () => {
    const all = { now: 0, go: Promise.withResolvers<void>() };
    const step = (n: number) =>
      run({
        name: "many",
        fn: async (_: unknown, { runtime, config }: { runtime: { all: typeof all }; config: { n: number } }) => {
          if (++runtime.all.now === 300) runtime.all.go.resolve();
          await runtime.all.go.promise;
          return config.n;
        },
        config: { n },
        outputs: ["n"],
        executionOptions: { runtimeArgs: { all } },
      });
    const handles = () => Deno.build.os === "linux" ? [...Deno.readDirSync("/proc/self/fd")].length : 0;
    const before = handles();
    const results = Array.from({ length: 300 }, (_, n) => step(n));
    await all.go.promise;
    assert.ok(handles() < before + 60, `${before} handles before, ${handles()} while 300 steps execute`);
    assert.equal((await Promise.all(results)).length, 300);
    assertHit(await step(7));
  }));

Deno.test("steps execute where nothing can be claimed, and the user is told once", async () => {
  await using dir = await tempDir();
  await Deno.mkdir(`${dir.path}/runs`);
  await Deno.writeTextFile(`${dir.path}/runs/claims`, "a file where the folder would be");
  await using tracker = new Tracker({ dbPath: `${dir.path}/provenance.duckdb` });
  const [told, warn] = [[] as string[], console.warn];
  console.warn = (text: string) => void told.push(text);
  try {
    await useTracker(tracker, async () => {
      const step = (n: number) => run({ name: "free", fn: (_, { config }) => config.n, config: { n }, outputs: ["n"] });
      assertMiss(await step(1));
      assertMiss(await step(2));
      assertHit(await step(1));
    });
  } finally {
    console.warn = warn;
  }
  assert.equal(told.length, 1);
  assert.match(told[0]!, /cannot be claimed in .*claims/);
});
