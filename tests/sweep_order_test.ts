/** Rows of a sweep, one after the other: the next one begins while the one before is stored and recorded, and changes nothing of it. */
import assert from "node:assert/strict";
import { findRuns, mapRuns, registerDriver, type Step } from "consist";
import { withTracker } from "consist/testing";
import { Child } from "./child.ts";
import { z } from "zod";

const ROWS = [1, 2, 3, 4].map((k) => ({ k }));
type Row = Step<{ k: number }>;

Deno.test("what a row returned stays what it was, whatever the next row does to it", () =>
  withTracker(async () => {
    const shared = { n: 0, list: [] as number[] };
    const sweep = await mapRuns({
      rows: ROWS,
      name: "shared",
      fn: async (_: unknown, { config }: Row) => {
        shared.n = config.k;
        shared.list.push(config.k);
        await new Promise((done) => setTimeout(done, 2));
        return shared;
      },
      outputs: ["out"],
      cacheOptions: { untracked: "allow" },
    });
    assert.deepEqual(sweep.failures, []);
    const loaded = await Promise.all(sweep.successes.map(({ result }) => result.load("out")));
    assert.deepEqual(loaded, [1, 2, 3, 4].map((k) => ({ n: k, list: [1, 2, 3, 4].slice(0, k) })));
  }));

Deno.test("files that rows write at one path of their own are each row's own output", () =>
  withTracker(async (tracker) => {
    const path = `${tracker.runDir}/scratch.txt`;
    const sweep = await mapRuns({
      rows: ROWS,
      name: "scratch",
      fn: async (_: unknown, step: Row) => {
        await Deno.mkdir(tracker.runDir, { recursive: true });
        await Deno.writeTextFile(path, `${step.config.k}`);
        await step.logOutput(path, { key: "text" });
      },
      outputs: ["text"],
      cacheOptions: { untracked: "allow" },
    });
    assert.deepEqual(sweep.failures, []);
    assert.deepEqual(await Promise.all(sweep.successes.map(({ result }) => result.load("text"))), ["1", "2", "3", "4"]);
  }));

Deno.test("no two rows execute at once, and their results stand in the order of the rows", () =>
  withTracker(async () => {
    const events: string[] = [];
    const sweep = await mapRuns({
      rows: ROWS,
      name: "ordered",
      fn: async (_: unknown, { config, runtime }: Row & { runtime: { say: (what: string) => void } }) => {
        runtime.say(`begin ${config.k}`);
        await new Promise((done) => setTimeout(done, 5));
        runtime.say(`end ${config.k}`);
        return config.k;
      },
      outputs: ["n"],
      executionOptions: { runtimeArgs: { say: (what: string) => void events.push(what) } },
      cacheOptions: { untracked: "allow" },
    });
    assert.deepEqual(events, ROWS.flatMap(({ k }) => [`begin ${k}`, `end ${k}`]));
    assert.deepEqual(sweep.successes.map(({ row }) => row), ROWS);
  }));

Deno.test("a row whose output does not reach the disk fails by itself, and leaves neither an output nor a part of one", () =>
  withTracker(async (tracker) => {
    registerDriver({
      name: "vanishing",
      extensions: ["vanish"],
      formatVersion: 1,
      libraryVersion: () => Promise.resolve("1"),
      accepts: () => false,
      write: async (value, path) => {
        await Deno.writeTextFile(path, `${value}`);
        if (value === 2) await Deno.remove(path);
      },
      read: (path) => Deno.readTextFile(path),
    });
    const sweep = await mapRuns({
      rows: ROWS,
      name: "vanishes",
      fn: (_: unknown, { config }: Row) => config.k,
      outputs: { n: { driver: "vanishing" } },
    });
    assert.deepEqual(sweep.failures.map(({ row, error }) => [row, (error as { code?: string }).code]), [[{ k: 2 }, "storage_failed"]]);
    assert.deepEqual(sweep.successes.map(({ row }) => row.k), [1, 3, 4]);
    assert.equal((await findRuns({ step: "vanishes", status: "failed" })).length, 1);
    const left: string[] = [];
    for await (const { name } of Deno.readDir(`${tracker.runDir}/outputs/vanishes`)) left.push(name);
    assert.equal(left.length, 3);
  }));

Deno.test("rows that a schema makes equal execute once: the second waits for the first, which is recorded although nothing else begins", () =>
  withTracker(async () => {
    const sweep = await mapRuns({
      rows: [{ k: 1, note: "a" }, { k: 1, note: "b" }, { k: 2, note: "c" }],
      name: "equal",
      configSchema: z.object({ k: z.number(), note: z.string() }).transform(({ k }) => ({ k })),
      fn: (_: unknown, { config }: Row) => config.k * 10,
      outputs: ["n"],
    } as never) as unknown as {
      readonly failures: readonly unknown[];
      readonly successes: readonly { readonly result: { readonly cacheHit: boolean; load(key: string): Promise<unknown> } }[];
    };
    assert.deepEqual(sweep.failures, []);
    assert.deepEqual(sweep.successes.map(({ result }) => result.cacheHit), [false, true, false]);
    assert.deepEqual(await Promise.all(sweep.successes.map(({ result }) => result.load("n"))), [10, 10, 20]);
  }));

Deno.test("a row that lacks a declared output fails before the next one begins", () =>
  withTracker(async () => {
    const begun: number[] = [];
    const sweep = await mapRuns({
      rows: ROWS,
      name: "lacking",
      fn: (_: unknown, { config, runtime }: Row & { runtime: { began: (k: number) => void } }): { a: number; b?: number } => {
        runtime.began(config.k);
        return config.k === 2 ? { a: 1 } : { a: 1, b: 2 };
      },
      outputs: ["a", "b"],
      cancelPendingOnFailure: true,
      executionOptions: { runtimeArgs: { began: (k: number) => void begun.push(k) } },
      cacheOptions: { untracked: "allow" },
    } as never) as unknown as { readonly failures: readonly { readonly error: { readonly code?: string } }[] };
    assert.deepEqual(begun, [1, 2]);
    assert.deepEqual(sweep.failures.map(({ error }) => error.code), ["missing_outputs", "cancelled", "cancelled"]);
  }));

Deno.test("while the disk is slow few rows wait for it, so that what they returned does not pile up in memory", () =>
  withTracker(async (tracker) => {
    const behind: number[] = [];
    const { sync } = Deno.FsFile.prototype;
    Deno.FsFile.prototype.sync = async function () {
      await new Promise((done) => setTimeout(done, 20));
      await sync.call(this);
    };
    try {
      const sweep = await mapRuns({
        rows: Array.from({ length: 12 }, (_, k) => ({ k })),
        name: "slow",
        fn: (_: unknown, { config, runtime }: Row & { runtime: { begins: (k: number) => void } }) => {
          runtime.begins(config.k);
          return { k: config.k };
        },
        outputs: ["n"],
        executionOptions: { runtimeArgs: { begins: (k: number) => void behind.push(k - stored(`${tracker.runDir}/outputs/slow`)) } },
        cacheOptions: { untracked: "allow" },
      });
      assert.equal(sweep.successes.length, 12);
      assert.equal(behind.length, 12);
      assert.ok(Math.max(...behind) <= 3, behind.join());
    } finally {
      Deno.FsFile.prototype.sync = sync;
    }
  }));

Deno.test("a process that is killed while a row executes loses no row that was recorded, and leaves none that is not whole", {
  ignore: Deno.build.os === "windows",
}, async () => {
  const dir = await Deno.makeTempDir();
  try {
    await using killed = new Child("killed_sweep.ts", { dir, at: 7 });
    assert.equal((await killed.ended()).code, 137);
    await using again = new Child("killed_sweep.ts", { dir, at: -1 });
    const { hits, made } = await again.answer<{ hits: number; made: number[] }>();
    assert.deepEqual(made, Array.from({ length: 10 }, (_, k) => k));
    assert.ok(hits > 0 && hits <= 7, `${hits} hits`);
  } finally {
    await Deno.remove(dir, { recursive: true });
  }
});

/** How many runs have their output. */
function stored(folder: string): number {
  return [...Deno.readDirSync(folder)].filter(({ name }) =>
    [...Deno.readDirSync(`${folder}/${name}`)].some(({ name }) => name === "n.json")
  ).length;
}
