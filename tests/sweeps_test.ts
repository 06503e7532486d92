/** Sweeps: a run for each row, what is refused, what fails, what is cancelled, what they look like. */
import assert from "node:assert/strict";
import {
  ConfigError,
  type ConsistError,
  defineStep,
  findRuns,
  grid,
  mapRuns,
  pivotFacets,
  run,
  runSet,
  scenario,
  type Step,
  StepFailedError,
  Tracker,
} from "consist";
import { fromFileUrl } from "@std/path";
import { ledgerAt } from "../src/ledger/mod.ts";
import { withTracker } from "consist/testing";
import { refused } from "./in_tracker.ts";

/** A test in a temporary folder of its own, with an ambient tracker. */
function test(name: string, body: (tracker: Tracker) => Promise<void>): void {
  Deno.test(name, () => withTracker(async (tracker) => await body(tracker)));
}
const ROWS = grid({ alpha: [1, 2, 3], beta: ["x", "y"] });
const score = (_: unknown, { config }: { config: { alpha: number; beta: string } }) => ({
  score: config.alpha * (config.beta === "x" ? 1 : -1),
});

// ── rows and runs ───────────────────────────────────────────────────────────────────────────────────────────────────────────

Deno.test("grid() makes every combination, the last axis changing fastest, and none where an axis is empty", () => {
  assert.deepEqual(grid({ a: [1, 2], b: ["x", "y"] }), [{ a: 1, b: "x" }, { a: 1, b: "y" }, { a: 2, b: "x" }, { a: 2, b: "y" }]);
  assert.deepEqual(grid({ a: [1, 2], b: [] }), []);
  assert.deepEqual(grid({}), [{}]);
  assert.deepEqual(grid({ ["__proto__"]: [1] }).map((row) => Object.keys(row)), [["__proto__"]]);
  assert.throws(() => grid({ a: 3 as never }), /The axis "a" of grid\(\) is no list/);
});

test("mapRuns() makes a run of each row, with the row as its config, and is all hits when it is made again", async () => {
  const sweep = () => mapRuns({ rows: ROWS, nameTemplate: "case_{alpha}_{beta}", fn: score, outputs: ["score"] });
  const first = await sweep();
  assert.deepEqual([first.successes.length, first.failures.length, first.hits.length], [6, 0, 0]);
  assert.deepEqual(first.successes.map(({ row }) => row), ROWS);
  assert.deepEqual(await Promise.all(first.successes.map(({ result }) => result.load("score"))), [1, -1, 2, -2, 3, -3]);
  assert.equal((await sweep()).hits.length, 6);
  const runs = await findRuns({ step: "score" });
  assert.equal(runs.length, 6);
  assert.deepEqual(new Set(runs.map(({ facet }) => facet.alpha)), new Set([1, 2, 3]));
  assert.ok(runs.every(({ id }) => id.startsWith("case_")), runs.map(({ id }) => id).join());
});

test("mapRuns() executes only the rows that are new, and those that a loop of run() has not made", async () => {
  const fn = (_: unknown, { config }: Step<{ alpha: number }>) => config.alpha * 10;
  await run({ name: "model", fn, config: { alpha: 1 }, outputs: ["loss"] });
  const sweep = await mapRuns({ rows: [{ alpha: 1 }, { alpha: 2 }], model: "model", fn, outputs: ["loss"] });
  assert.deepEqual(sweep.successes.map(({ result }) => result.cacheHit), [true, false]);
});

test("mapRuns() makes configs and facets by functions of the row", async () => {
  const sweep = await mapRuns({
    rows: [{ label: "low", level: 1, hook: () => 1 }, { label: "high", level: 3, hook: () => 2 }],
    configFrom: ({ level }, index) => ({ level, index }),
    facetFrom: ({ label }) => ({ label }),
    tags: ["study"],
    model: "load",
    fn: (_, { config }) => ({ sum: config.level + config.index, label: "x" }),
    outputs: ["sum", "label"],
  });
  assert.deepEqual(await Promise.all(sweep.successes.map(({ result }) => result.load("sum"))), [1, 4]);
  assert.deepEqual((await findRuns({ tags: ["study"], facet: { label: "high" } })).length, 1);
});

test("mapRuns() takes rows of an iterable and of a class, and no rows at all", async () => {
  class Case {
    constructor(readonly alpha: number) {}
  }
  const rows = new Set([new Case(1), new Case(2)]).values();
  const fn = (_: unknown, { config }: { config: { alpha: number } }) => config.alpha;
  assert.equal((await mapRuns({ rows, fn, outputs: ["n"] })).successes.length, 2);
  const none = await mapRuns({ rows: [] as { alpha: number }[], fn, outputs: ["n"] });
  assert.deepEqual([none.successes, none.failures, (await none.df()).height], [[], [], 0]);
});

test("mapRuns() binds inputs, keeps policies and cache options as run() does", async (tracker) => {
  const path = `${tracker.runDir}.txt`;
  await Deno.writeTextFile(path, "abc");
  const sweep = (cacheMode: "reuse" | "overwrite") =>
    mapRuns({
      rows: [{ times: 2 }, { times: 3 }],
      inputs: { text: path },
      fn: ({ text }: { text: string }, { config }: { config: { times: number } }) => text.repeat(config.times),
      outputs: ["repeated", "other"],
      name: "repeat",
      outputPolicy: { outputMissing: "ignore", outputMismatch: "ignore" },
      cacheOptions: { cacheMode },
    });
  const paths = await mapRuns({
    rows: [{ a: 1 }],
    inputs: { text: path },
    fn: ({ text }: { text: string }) => text,
    outputs: ["path"],
    executionOptions: { inputBinding: "paths" },
  });
  assert.equal(await paths.successes[0]!.result.load(), path);
  assert.equal((await sweep("reuse")).successes.length, 2);
  assert.equal((await sweep("reuse")).hits.length, 2);
  assert.equal((await sweep("overwrite")).hits.length, 0);
});

test("mapRuns() runs so many rows at once as it may", async () => {
  const sweep = async (rows: number, concurrency: number | undefined, wanted: number) => {
    const { untracked } = await import("consist");
    const gate = untracked({ now: 0, most: 0, open: Promise.withResolvers<void>() });
    const { successes } = await mapRuns({
      rows: grid({ i: Array.from({ length: rows }, (_, i) => i), wanted: [wanted] }),
      fn: async (_, { config }) => {
        gate.most = Math.max(gate.most, ++gate.now);
        if (gate.now === config.wanted) gate.open.resolve(); // the first rows wait until so many have begun
        await gate.open.promise;
        gate.now--;
        return config.i;
      },
      outputs: ["n"],
      ...(concurrency === undefined ? {} : { concurrency }),
    });
    return { most: gate.most, values: await Promise.all(successes.map(({ result }) => result.load())) };
  };
  assert.deepEqual(await sweep(3, undefined, 1), { most: 1, values: [0, 1, 2] });
  assert.deepEqual(await sweep(6, 3, 3), { most: 3, values: [0, 1, 2, 3, 4, 5] });
});

test("sc.mapRuns() runs in the scenario, reads its coupler, and puts nothing into it", async () => {
  await scenario("study", async (sc) => {
    await sc.run({ name: "draw", fn: () => [1, 2, 3], outputs: ["numbers"] });
    const sweep = await sc.mapRuns({
      rows: [{ by: 2 }, { by: 3 }],
      fn: ({ numbers }: { numbers: number[] }, { config }: { config: { by: number } }) => numbers.map((n) => n * config.by),
      inputs: ["numbers"],
      outputs: ["scaled"],
    });
    assert.deepEqual(await Promise.all(sweep.successes.map(({ result }) => result.load("scaled"))), [[2, 4, 6], [3, 6, 9]]);
    assert.deepEqual([...sc.coupler.keys()], ["numbers"]);
  });
  assert.equal((await findRuns({ scenario: "study", step: "scaled" })).length, 2);
  assert.equal((await pivotFacets({ namespace: "scaled", keys: ["by"] }).df()).height, 2);
});

test("a row that fails does not fail its scenario, and sc.end() waits for a sweep", async () => {
  const sc = await scenario("study");
  const sweep = sc.mapRuns({
    rows: [{ a: 1 }, { a: 2 }],
    fn: async (_, { config }) => {
      await new Promise((resolve) => setTimeout(resolve, 20));
      if (config.a === 1) throw new Error("one is too few");
      return config.a;
    },
    outputs: ["n"],
  });
  await sc.end();
  assert.equal((await sweep).failures.length, 1);
  assert.equal((await findRuns({ id: sc.id }))[0]!.status, "completed");
  assert.throws(() => sc.mapRuns({ rows: [{ a: 1 }], fn: () => 1, outputs: ["n"] }), /has ended/);
});

test("mapRuns() understands a defined step, and the call wins", async () => {
  const model = defineStep(
    { outputs: ["loss"], tags: ["defined"], cacheOptions: { cacheVersion: 2 }, model: "loss_model" },
    function model(_: unknown, { config }: { config: { alpha: number } }) {
      return config.alpha * 2;
    },
  );
  const sweep = await mapRuns({ rows: [{ alpha: 1 }, { alpha: 2 }], fn: model, nameTemplate: "m_{alpha}" });
  assert.deepEqual(await Promise.all(sweep.successes.map(({ result }) => result.load("loss"))), [2, 4]);
  assert.equal((await findRuns({ step: "loss_model", tags: ["defined"] })).length, 2);
  assert.equal((await mapRuns({ rows: [{ alpha: 1 }, { alpha: 2 }], fn: model })).hits.length, 2);
  assert.equal((await mapRuns({ rows: [{ alpha: 1 }], fn: model, cacheOptions: { cacheVersion: 3 } })).hits.length, 0);
});

test("mapRuns() parses each config by a schema, and a row that does not fit fails by itself", async () => {
  const { z } = await import("zod");
  const sweep = await mapRuns({
    rows: [{ alpha: "1" }, { alpha: "x" }],
    configSchema: z.object({ alpha: z.coerce.number(), beta: z.number().default(5) }),
    fn: (_, { config }) => config.alpha + config.beta,
    outputs: ["n"],
  });
  assert.equal(await sweep.successes[0]!.result.load("n"), 6);
  assert.deepEqual(sweep.failures.map(({ row }) => row.alpha), ["x"]);
  assert.ok(sweep.failures[0]!.error instanceof ConfigError);
});

test("with tracking off mapRuns() gives the same table, and records nothing", async (tracker) => {
  const off = new Tracker({ dbPath: tracker.dbPath, runDir: tracker.runDir, enabled: false });
  const sweep = await off.mapRuns({ rows: ROWS, fn: score, outputs: ["score"] });
  assert.deepEqual((await sweep.df()).getColumn("score").toArray(), [1, -1, 2, -2, 3, -3]);
  assert.equal((await findRuns({})).length, 0);
  await off.close();
});

// ── what fails ──────────────────────────────────────────────────────────────────────────────────────────────────────────────

test("mapRuns() keeps each failure with its row, error and run, and retry() runs only those", async () => {
  const { untracked } = await import("consist");
  const [calls, broken] = [untracked([] as number[]), untracked({ is: true })];
  const sweep = await mapRuns({
    rows: [1, 2, 3, 4].map((i) => ({ i })),
    fn: (_, { config }) => {
      calls.push(config.i);
      if (broken.is && config.i % 2 === 0) throw new RangeError(`no ${config.i}`);
      return config.i;
    },
    outputs: ["n"],
  });
  assert.deepEqual(sweep.failures.map(({ row }) => row.i), [2, 4]);
  const [failure] = sweep.failures;
  assert.ok(failure!.error instanceof StepFailedError);
  assert.ok(failure!.error.cause instanceof RangeError);
  assert.equal(failure!.run?.status, "failed");
  assert.equal(failure!.run?.error?.message, "no 2");
  const table = await sweep.df();
  assert.deepEqual(table.getColumn("status").toArray(), ["completed", "failed", "completed", "failed"]);
  broken.is = false;
  calls.length = 0;
  const again = await sweep.retry();
  assert.deepEqual([again.successes.length, again.failures.length, calls], [2, 0, [2, 4]]);
  assert.deepEqual(again.successes.map(({ row }) => row.i), [2, 4]);
  assert.equal((await again.retry()).successes.length, 0);
});

test("with cancelPendingOnFailure the first failure keeps the rest from running", async () => {
  const sweep = (isCareful: boolean) =>
    mapRuns({
      rows: [1, 2, 3, 4].map((i) => ({ i, isCareful })),
      fn: (_, { config }) => {
        if (config.i === 2) throw new Error("two");
        return config.i;
      },
      outputs: ["n"],
      cancelPendingOnFailure: isCareful,
    });
  const careful = await sweep(true);
  assert.deepEqual([careful.successes.length, careful.failures.length], [1, 3]);
  assert.deepEqual(careful.failures.map(({ error }) => (error as ConsistError).code), ["step_failed", "cancelled", "cancelled"]);
  assert.deepEqual(careful.failures.map(({ run }) => run === undefined), [false, true, true]);
  assert.deepEqual((await careful.df()).getColumn("status").toArray(), ["completed", "failed", "cancelled", "cancelled"]);
  assert.deepEqual((await careful.retry()).failures.map(({ row }) => row.i), [2, 3, 4]); // row 2 fails again, and is the first
  assert.equal((await sweep(false)).failures.length, 1);
});

test("an aborted signal cancels pending rows and aborts the signals of running ones", async () => {
  const abort = new AbortController();
  const { untracked } = await import("consist");
  const began = untracked(Promise.withResolvers<void>());
  const sweep = mapRuns({
    rows: [1, 2, 3].map((i) => ({ i })),
    fn: async (_, { config, signal }) => {
      began.resolve();
      await new Promise((_, reject) => signal.addEventListener("abort", () => reject(signal.reason)));
      return config.i;
    },
    outputs: ["n"],
    signal: abort.signal,
  });
  await began.promise;
  abort.abort();
  const { failures } = await sweep;
  assert.deepEqual(failures.map(({ error }) => (error as ConsistError).code), ["step_failed", "cancelled", "cancelled"]);
  assert.equal((failures[0]!.error.cause as Error).name, "AbortError");
  const never = await mapRuns({ rows: [{ i: 1 }], fn: () => 1, outputs: ["n"], signal: AbortSignal.abort() });
  assert.equal((never.failures[0]!.error as ConsistError).code, "cancelled");
});

// ── what is refused, before anything is run ─────────────────────────────────────────────────────────────────────────────────

const refusals: [string, object, RegExp][] = [
  ["rows that are none", { rows: 3 }, /option rows is 3/],
  ["a row that is no object", { rows: [{ a: 1 }, 2] }, /In the sweep row 2 \(index 1\) is 2/],
  ["a row that is a list", { rows: [[1, 2]] }, /row 1 \(index 0\) is a list of 2/],
  ["two equal rows", { rows: [{ a: 1, b: 2 }, { a: 2, b: 2 }, { b: 2, a: 1 }] }, /rows 1 and 3 \(index 0 and 2\) are equal/],
  [
    "two rows of one name",
    { rows: [{ a: 1, b: 1 }, { a: 1, b: 2 }], nameTemplate: "case_{a}" },
    /rows 1 and 2 \(index 0 and 1\) .*both called "case_1"/,
  ],
  ["a placeholder that is no column", { rows: [{ alpha: 1 }], nameTemplate: "{alhpa}" }, /Did you mean \{alpha\}/],
  ["a value that cannot be config", { rows: [{ a: 1 }, { a: { b: () => 1 } }] }, /rows\[1\]\.a\.b is a function/],
  ["the same of configFrom", { rows: [{ a: 1 }], configFrom: () => ({ f: NaN }) }, /config\.f is NaN, in row 1 \(index 0\)/],
  ["configFrom that throws", { rows: [{ a: 1 }], configFrom: () => null!["x"] }, /configFrom failed for row 1 \(index 0\)/],
  ["an unknown option", { rows: [{ a: 1 }], nameTemplat: "x" }, /mapRuns has no option "nameTemplat"[\s\S]*nameTemplate/],
  ["an option of one group outside of it", { rows: [{ a: 1 }], cacheMode: "off" }, /cacheOptions\.cacheMode/],
  ["an option of one run", { rows: [{ a: 1 }], outputPaths: { n: "x" } }, /Every row would write to the same paths/],
  ["config", { rows: [{ a: 1 }], config: { b: 1 } }, /configFrom/],
  ["concurrency that is none", { rows: [{ a: 1 }], concurrency: 0 }, /option concurrency is 0/],
  ["a signal that is none", { rows: [{ a: 1 }], signal: true }, /option signal is true/],
  ["no function", { rows: [{ a: 1 }], fn: 1 }, /option fn is 1/],
  ["a step without a name", { rows: [{ a: 1 }], outputs: ["a", "b"] }, /no name/],
];
for (const [what, options, words] of refusals) {
  test(`mapRuns() refuses ${what}, and runs nothing`, async () => {
    const error = await refused(mapRuns({ fn: () => 1, outputs: ["n"], ...options } as never));
    assert.match(error.message, words);
    assert.equal((await findRuns({})).length, 0);
  });
}

test("the error of a row that cannot be config is a ConfigError with row and path", async () => {
  const error = await refused(mapRuns({ rows: [{ a: 1, "b c": [1, Symbol("x")] }] as never[], fn: () => 1, outputs: ["n"] }));
  assert.ok(error instanceof ConfigError);
  assert.equal(error.path, 'rows[0]["b c"][1]');
});

// ── what they look like ─────────────────────────────────────────────────────────────────────────────────────────────────────

test("df() has the row's columns, scalar outputs, then run_id, cache_hit, seconds and status", async () => {
  const rows = [{ a: 1, status: "new", list: [1, 2], at: new Date(0) }, { a: "two", status: "old", list: [3], at: new Date(1) }];
  const sweep = await mapRuns({
    rows,
    name: "mixed",
    fn: (_, { config }) => ({ a: 1.5, seconds: 3, text: "x".repeat(300), ok: config.status === "new", big: [1] }),
    outputs: ["a", "seconds", "text", "ok", "big"],
  });
  const table = await sweep.df();
  assert.deepEqual(table.columns, [
    "a",
    "status",
    "list",
    "at",
    "output.a",
    "output.seconds",
    "ok",
    "run_id",
    "cache_hit",
    "seconds",
    "run.status",
  ]);
  assert.deepEqual(table.getColumn("a").toArray(), ["1", "two"]);
  assert.deepEqual(table.getColumn("list").toArray(), ["[1,2]", "[3]"]);
  assert.deepEqual(table.getColumn("run.status").toArray(), ["completed", "completed"]);
  assert.deepEqual(table.getColumn("ok").toArray(), [true, false]);
});

test("df() gives whole numbers as such, with their nulls, and fractions and seconds as fractions", async () => {
  const rows = [{ seed: 1, size: 2, half: 0.5, none: null }, { seed: 2, size: null, half: 1, none: null }, {
    seed: 3,
    size: 2 ** 53,
    half: 2,
  }];
  const sweep = await mapRuns({ rows, name: "typed", fn: (_, { config }) => ({ n: config.seed * 10 }), outputs: ["n"] });
  const table = await sweep.df();
  const types = ["seed", "size", "half", "n", "seconds"].map((name) =>
    String(table.getColumn(name).dtype).replace(/^DataType\((.*)\)$/, "$1")
  );
  assert.deepEqual(types, ["Int64", "Float64", "Float64", "Int64", "Float64"]);
  assert.deepEqual(table.getColumn("size").toArray(), [2, null, 2 ** 53]);
  const small = await (await mapRuns({ rows: rows.slice(0, 2), name: "typed", fn: () => 1, outputs: ["n"] })).df();
  assert.deepEqual([String(small.getColumn("size").dtype), small.getColumn("size").toArray()], ["DataType(Int64)", [2, null]]);
  const set = await (await runSet({ step: "typed" })).df();
  assert.deepEqual([String(set.getColumn("seed").dtype), String(set.getColumn("half").dtype)], ["DataType(Int64)", "DataType(Float64)"]);
});

test("plot() charts the table, and names the columns where one does not exist", async () => {
  const sweep = await mapRuns({ rows: ROWS, fn: score, outputs: ["score"] });
  assert.match(await sweep.plot({ x: "alpha", y: "score", color: "beta" }).svg(), /^<svg/);
  assert.throws(() => sweep.plot({ x: "aplha", y: "score" }), /Did you mean "alpha"/);
});

test("a sweep shows itself as a table, with hostile names as text", async () => {
  const rows = [{ "<b>": "<script>", i: 1 }, { "<b>": "'; drop table run; --\n", i: 2 }];
  const sweep = await mapRuns({
    rows,
    nameTemplate: "../{<b>}",
    model: "<i>",
    fn: (_, { config }) => {
      if (config.i === 2) throw new Error("<img src=x>");
      return 1;
    },
    outputs: ["n"],
  });
  const bundle = await (sweep as unknown as { [key: symbol]: () => Promise<Record<string, string>> })[Symbol.for("Jupyter.display")]!();
  assert.doesNotMatch(bundle["text/html"]!, /<script|<img|<i>/);
  assert.match(bundle["text/plain"]!, /sweep of <i>: 2 rows/);
  assert.match(bundle["text/plain"]!, /failed/);
});

Deno.test("a step whose signal is aborted before its turn does not begin", () =>
  withTracker(async (tracker) => {
    const abort = new AbortController();
    const begun: number[] = [];
    const sweep = tracker.mapRuns({
      rows: [{ n: 1 }],
      fn: (_: unknown, { runtime }: { runtime: { begun: number[] } }) => {
        runtime.begun.push(1);
        return 1;
      },
      outputs: ["x"],
      name: "late",
      executionOptions: { runtimeArgs: { begun } },
      signal: abort.signal,
    } as never) as unknown as Promise<{ failures: readonly { error: Error }[] }>;
    abort.abort();
    const { failures } = await sweep;
    assert.equal(failures.length, 1);
    assert.deepEqual(begun, []);
  }));

Deno.test("rows of a sweep that execute while another process has the ledger are recorded when it is free", () =>
  withTracker(async (tracker) => {
    const CONFIG = fromFileUrl(new URL("../deno.json", import.meta.url));
    const ledger = ledgerAt(tracker.dbPath)!;
    const holding = `const { openLedger } = await import(${JSON.stringify(new URL("../src/ledger/mod.ts", import.meta.url).href)});
await openLedger(Deno.args[0], { waitMs: 20_000 }).connection();
console.log("held");
setTimeout(() => Deno.exit(), 3_000);`;
    let ended: Promise<unknown> | undefined;
    const hold = async (): Promise<void> => {
      await ledger.release();
      const args = ["eval", "--config", CONFIG, holding, tracker.dbPath];
      const holder = new Deno.Command(Deno.execPath(), { args, stdin: "null", stdout: "piped" }).spawn();
      const said = holder.stdout.getReader();
      assert.match(new TextDecoder().decode((await said.read()).value), /held/);
      await said.cancel();
      ended = holder.status;
    };
    const sweep = () =>
      mapRuns({
        name: "row",
        fn: async (_: unknown, { config, runtime }: { config: { k: number }; runtime: { at: (k: number) => Promise<void> } }) => {
          await runtime.at(config.k);
          return config.k;
        },
        rows: Array.from({ length: 10 }, (_, k) => ({ k })),
        outputs: ["n"],
        cacheOptions: { untracked: "allow" },
        executionOptions: { runtimeArgs: { at: async (k: number) => void (k === 4 ? await hold() : undefined) } },
      });
    const first = await sweep();
    await ended;
    assert.deepEqual(first.failures, []);
    assert.deepEqual([first.hits.length, first.successes.length], [0, 10]);
    assert.equal((await sweep()).hits.length, 10);
  }));
