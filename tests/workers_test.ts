/** Worker processes: what they can execute, what becomes of those that die, and that none is left behind. */
import { exists } from "@std/fs";
import assert from "node:assert/strict";
import { fromFileUrl, join, toFileUrl } from "@std/path";
import pl from "polars";
import { z } from "zod";
import { type Chart, type ConsistError, ExecutorError, mapRuns, run, StepFailedError, which } from "consist";
import { assertHit, withTracker } from "consist/testing";
import { refused } from "./in_tracker.ts";

/** The steps of a module that is made for the test: whatever their types are. */
type Steps = { readonly [K in "step" | "twice" | "nests" | "asks" | "says" | "boxed" | "make" | "settings" | "draw"]: never };

/** A test with a module of steps, which it may write anew. */
function test(name: string, source: string, body: (at: { steps: Steps; dir: string; path: string }) => Promise<void>): void {
  Deno.test(name, () =>
    withTracker(async () => {
      const dir = await Deno.realPath(await Deno.makeTempDir());
      try {
        const path = join(dir, "steps.mjs");
        await Deno.writeTextFile(path, source);
        await body({ dir, path, steps: await import(toFileUrl(path).href) });
      } finally {
        await Deno.remove(dir, { recursive: true });
      }
    }));
}
const there = { executionOptions: { executor: "worker" } } as const;
/** What the console was given while the body ran. */
async function heard(body: () => Promise<unknown>): Promise<string[]> {
  const lines: string[] = [];
  const own = { log: console.log, error: console.error, warn: console.warn };
  for (const name of ["log", "error", "warn"] as const) console[name] = (line: unknown) => void lines.push(`${name} ${line}`);
  try {
    await body();
  } finally {
    Object.assign(console, own);
  }
  return lines;
}

test(
  "a chart that a worker draws is kept with pictures that name the run",
  `import { chart } from "consist";
export const draw = () => chart([{ a: 1, b: 2 }], { mark: "bar", encoding: { x: { field: "a" }, y: { field: "b", type: "quantitative" } } });`,
  async ({ steps }) => {
    const options = { name: "draw", fn: steps.draw as () => Chart, outputs: ["figure"] } as const;
    const { outputs: { figure }, run: made } = await run({ ...options, ...there });
    assert.equal(figure.driver, "chart");
    const [maker] = await which(figure.path.replace(/\.vl$/, ".png"));
    assert.equal(maker?.id, made.id);
    assertHit(await run(options));
  },
);

// ── what can be executed ────────────────────────────────────────────────────────────────────────────────────────────────────

test(
  "a function that no module exports is refused, and the error says why and how to mend it",
  "const hidden = () => 1; export const make = () => () => 2; export const boxed = { hidden };",
  async ({ steps }) => {
    const calls: [unknown, RegExp][] = [
      [(steps.boxed as { hidden: unknown }).hidden, /does not export it[\s\S]*Write export in front of it/],
      [(steps.make as () => unknown)(), /does not export it/],
      [new Function("return 1"), /cell, in evaluated text/],
      [() => 1, /cannot be called in another process[\s\S]*(?:module of its own|Write export)/],
    ];
    for (const [fn, words] of calls) {
      const error = await refused(run({ name: "hidden", fn: fn as () => number, outputs: ["n"], ...there }));
      assert.equal(error.code, "not_importable");
      assert.ok(error instanceof ExecutorError);
      assert.match(error.message, words);
    }
  },
);

test("what has no copy that is the same is refused by its path", "export const step = () => 1;", async ({ steps }) => {
  const hook = await refused(
    run({ fn: steps.step, outputs: ["n"], executionOptions: { executor: "worker", runtimeArgs: { a: { hook: () => 1 } } } }),
  );
  assert.match(hook.message, /runtimeArgs\.a\.hook is a function/);
  class Stamp {
    toJSON = () => "now";
  }
  const stamped = await refused(run({ fn: steps.step, config: { at: new Stamp() as unknown as string }, outputs: ["n"], ...there }));
  assert.match(stamped.message, /config\.at/);
  const choice = await refused(run({ fn: steps.step, outputs: ["n"], executionOptions: { executor: "workers" as never } }));
  assert.match(choice.message, /executor is "workers"/);
});

test(
  "frames as inputs and outputs, and a schema, are as in process",
  `import pl from "polars";
   export const twice = ({ table }) => table.select(pl.col("id").mul(2).alias("id"));`,
  async ({ steps }) => {
    const table = pl.DataFrame({ id: [1, 2] });
    const call = (schema: z.ZodObject) => run({ fn: steps.twice, inputs: { table }, outputs: { doubled: { schema } }, ...there });
    const made = await call(z.object({ id: z.number() }));
    assert.deepEqual((await made.load("doubled") as pl.DataFrame).getColumn("id").toArray(), [2, 4]);
    const error = await refused(call(z.object({ other: z.number() })));
    assert.match(error.message, /does not fit its schema/);
  },
);

test(
  "a step in a worker cannot use the ledger",
  `import { run, findRuns } from "consist";
   export const nests = () => run({ name: "inner", fn: () => 1, outputs: ["n"] });
   export const asks = () => findRuns({});`,
  async ({ steps }) => {
    for (const fn of [steps.nests, steps.asks]) {
      const error = await refused(run({ fn, outputs: ["n"], ...there }));
      assert.match(error.message, /Cannot use the ledger[\s\S]*in a worker process/);
    }
  },
);

test(
  "what a worker prints is passed on, marked with its row, also beside unfinished lines",
  `export const says = (_, { config }) => {
     console.log("one\\ntwo");
     console.error("three");
     Deno.stdout.writeSync(new TextEncoder().encode("unfinished"));
     return config.i;
   };`,
  async ({ steps }) => {
    const lines = await heard(async () => {
      const sweep = await mapRuns({
        rows: [{ i: 1 }, { i: 2 }],
        nameTemplate: "row_{i}",
        fn: steps.says,
        outputs: ["n"],
        executor: "worker",
        concurrency: 1,
      });
      assert.equal(sweep.successes.length, 2);
    });
    for (const i of [1, 2]) {
      const own = lines.filter((line) => line.includes(`[row_${i}]`));
      assert.deepEqual(own.toSorted(), [`error [row_${i}] three`, `log [row_${i}] one`, `log [row_${i}] two`, `log [row_${i}] unfinished`]);
    }
  },
);

// ── what was identified is what is executed ─────────────────────────────────────────────────────────────────────────────────

test(
  "a module that changed since it was loaded is executed as it is now, and is not served",
  "export const step = () => 'old';",
  async ({ steps, path }) => {
    await Deno.writeTextFile(path, "export const step = () => 'new';");
    let made: { load(): Promise<unknown> } | undefined;
    const lines = await heard(async () => void (made = await run({ fn: steps.step, outputs: ["word"], ...there })));
    assert.equal(await made!.load(), "new");
    assert.match(lines.join("\n"), /executed other code than was identified \("step"\)/);
    const here = await run({ fn: steps.step, outputs: ["word"] });
    assert.deepEqual([here.cacheHit, await here.load()], [false, "old"]);
  },
);

test(
  "a value that the program changed in the module is refused",
  "export const settings = { scale: 1 }; export const step = () => settings.scale;",
  async ({ steps }) => {
    (steps.settings as { scale: number }).scale = 3;
    const error = await refused(run({ fn: steps.step, outputs: ["n"], ...there }));
    assert.match(error.message, /reads "settings", whose value is another one in a worker process/);
    assert.equal(await run({ fn: steps.step, outputs: ["n"] }).load(), 3);
  },
);

test(
  "what an earlier row left behind in a worker makes later rows not servable, and no row wrong",
  "let seen = 0; export const step = (_, { config }) => config.i + seen++;",
  async ({ steps }) => {
    const rows = [1, 2, 3].map((i) => ({ i }));
    const sweep = () => mapRuns({ rows, fn: steps.step, outputs: ["n"], executor: "worker", concurrency: 1 });
    const lines = await heard(sweep);
    assert.match(lines.join("\n"), /executed other code than was identified \("seen"\)/);
    let again: Awaited<ReturnType<typeof sweep>> | undefined;
    await heard(async () => void (again = await sweep()));
    assert.equal(again!.hits.length, 1); // the row that came first into a fresh worker
  },
);

test(
  "workers are reused, and import a module once each",
  `export const made = crypto.randomUUID();
   export const step = async (_, { config }) => {
     await new Promise((resolve) => setTimeout(resolve, 30));
     return { made: untrackedMade(), i: config.i };
   };
   const untrackedMade = () => globalThis.consistMade ??= crypto.randomUUID();`,
  async ({ steps }) => {
    const rows = Array.from({ length: 8 }, (_, i) => ({ i }));
    let sweep: Awaited<ReturnType<typeof mapRuns>> | undefined;
    await heard(async () =>
      void (sweep = await mapRuns({ rows, fn: steps.step, outputs: ["made", "i"], executor: "worker", concurrency: 2 }))
    );
    assert.deepEqual(sweep!.failures, []);
    const ids = await Promise.all(sweep!.successes.map(({ result }) => (result as { load(key: string): Promise<unknown> }).load("made")));
    assert.ok(new Set(ids).size <= 2, String(ids));
  },
);

// ── what dies ───────────────────────────────────────────────────────────────────────────────────────────────────────────────

test(
  "a worker that dies is replaced and its row tried again, in an empty folder",
  `export const step = async (_, { config, outputPath }) => {
     const half = outputPath("half", ".txt");
     const wasThere = await Deno.stat(half).then(() => true, () => false);
     await Deno.writeTextFile(half, "half");
     try {
       await Deno.writeTextFile(config.once + config.i, "", { createNew: true });
     } catch {
       return { i: config.i, wasThere };
     }
     if (config.i === 2) Deno.kill(Deno.pid, "SIGKILL");
     return { i: config.i, wasThere };
   };`,
  async ({ steps, dir }) => {
    const rows = [1, 2, 3].map((i) => ({ i, once: join(dir, "once") }));
    let sweep: Awaited<ReturnType<typeof mapRuns>> | undefined;
    const lines = await heard(async () =>
      void (sweep = await mapRuns({
        rows,
        fn: steps.step,
        nameTemplate: "row_{i}",
        outputs: ["i", "wasThere"],
        executor: "worker",
        concurrency: 1,
      }))
    );
    assert.deepEqual(sweep!.failures, []);
    assert.match(lines.join("\n"), /\[row_2\] the worker ended \(signal SIGKILL\); the run is tried again/);
    const results = sweep!.successes.map(({ result }) => result as { load(key: string): Promise<unknown> });
    assert.deepEqual(await Promise.all(results.map((result) => result.load("wasThere"))), [false, false, false]);
  },
);

test(
  "a row whose worker dies twice fails with its name and the last lines, and the others go on",
  `export const step = (_, { config }) => {
     if (config.i === 2) {
       console.error("out of memory, nearly");
       Deno.exit(3);
     }
     return config.i;
   };`,
  async ({ steps }) => {
    const rows = [1, 2, 3].map((i) => ({ i }));
    let sweep: Awaited<ReturnType<typeof mapRuns>> | undefined;
    await heard(async () =>
      void (sweep = await mapRuns({ rows, fn: steps.step, nameTemplate: "row_{i}", outputs: ["n"], executor: "worker", concurrency: 2 }))
    );
    assert.equal(sweep!.successes.length, 2);
    const [failure] = sweep!.failures;
    const error = failure!.error as ConsistError;
    assert.equal(error.code, "worker_failed");
    assert.match(error.message, /executed "row_2" ended \(exit code 3\), 2 times/);
    assert.match(error.message, /out of memory, nearly/);
    assert.equal(failure!.run?.status, "failed");
  },
);

test(
  "a cancelled row that does not listen is ended with its worker",
  `export const step = (_, { config }) => {
    Deno.writeTextFileSync(config.begun, "");
    const end = Date.now() + 60_000;
    while (Date.now() < end);
    return 1;
  };`,
  async ({ steps, dir }) => {
    const begun = join(dir, "begun");
    const cancel = new AbortController();
    const swept = mapRuns({ rows: [{ begun }], fn: steps.step, outputs: ["n"], executor: "worker", signal: cancel.signal });
    while (!await exists(begun)) await new Promise((resolve) => setTimeout(resolve, 20));
    cancel.abort();
    const sweep = await swept;
    assert.equal((sweep.failures[0]!.error as Error).name, "AbortError");
  },
);

test(
  "an error of a step keeps its class, message, cause and place",
  `
export class Odd extends Error { name = "Odd"; }
export const step = () => { throw new Odd("odd", { cause: new TypeError("below") }); };`,
  async ({ steps }) => {
    const error = await refused(run({ fn: steps.step, outputs: ["n"], ...there }));
    assert.ok(error instanceof StepFailedError);
    const cause = error.cause as Error;
    assert.deepEqual([cause.name, cause.message, (cause.cause as Error).name], ["Odd", "odd", "TypeError"]);
    assert.match(error.stack!, /steps\.mjs:3/);
  },
);

test(
  "an error without a stack does not get that of the place where it arrived",
  'export const step = () => { throw Object.assign(new RangeError("bare"), { stack: undefined }); };',
  async ({ steps }) => {
    const error = await refused(run({ fn: steps.step, outputs: ["n"], ...there }));
    assert.equal((error.cause as Error).stack, "RangeError: bare");
  },
);

// ── what is left behind ─────────────────────────────────────────────────────────────────────────────────────────────────────

/** A program that runs a sweep in workers, says their numbers, and goes on until it is killed or interrupted. */
async function program(dir: string): Promise<{ child: Deno.ChildProcess; pids: number[]; rest: Promise<string> }> {
  await Deno.writeTextFile(
    join(dir, "waits.mjs"),
    `export const step = async (_, { signal }) => {
       console.log("pid " + Deno.pid + " ");
       await new Promise((resolve, reject) => { setTimeout(resolve, 60_000); signal.addEventListener("abort", () => reject(signal.reason)); });
     };`,
  );
  await Deno.writeTextFile(
    join(dir, "main.mjs"),
    `import { mapRuns, Tracker, useTracker } from "consist";
     import { step } from "./waits.mjs";
     await using tracker = new Tracker({ dbPath: import.meta.dirname + "/p.duckdb" });
     useTracker(tracker);
     const rows = [1, 2, 3, 4, 5, 6, 7, 8, 9].map((i) => ({ i }));
     const sweep = await mapRuns({ rows, fn: step, outputs: ["n"], executor: "worker", concurrency: 2 });
     console.log("ended " + sweep.failures.map(({ error }) => error.code ?? error.name).join());`,
  );
  const config = fromFileUrl(new URL("../deno.json", import.meta.url));
  const child = new Deno.Command(Deno.execPath(), {
    args: ["run", "-A", "--config", config, join(dir, "main.mjs")],
    stdout: "piped",
    stderr: "inherit",
  }).spawn();
  const reader = child.stdout.pipeThrough(new TextDecoderStream()).getReader();
  let text = "";
  while ((text.match(/pid \d+ /g) ?? []).length < 2) {
    const { done, value } = await reader.read();
    if (done) throw new Error(`ended too early: ${text}`);
    text += value;
  }
  const rest = (async () => {
    for (let part = await reader.read(); !part.done; part = await reader.read()) text += part.value;
    return text;
  })();
  return { child, rest, pids: [...text.matchAll(/pid (\d+) /g)].map(([, pid]) => Number(pid)) };
}

async function gone(pid: number): Promise<void> {
  for (let i = 0; i < 100; i++) {
    const { success } = await new Deno.Command("kill", { args: ["-0", String(pid)], stdout: "null", stderr: "null" }).output();
    if (!success) return;
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  throw new Error(`process ${pid} is still there`);
}

for (const signal of ["SIGKILL", "SIGTERM"] as const) {
  Deno.test({
    name: `no worker outlives a program that ends by ${signal}`,
    ignore: Deno.build.os === "windows",
    async fn() {
      const dir = await Deno.makeTempDir();
      const { child, pids, rest } = await program(dir);
      child.kill(signal);
      await child.status;
      await rest;
      await Promise.all(pids.map(gone));
      await Deno.remove(dir, { recursive: true });
    },
  });
}

Deno.test({
  name: "an interrupt cancels what has not begun, ends what runs, and leaves no worker",
  ignore: Deno.build.os === "windows",
  async fn() {
    const dir = await Deno.makeTempDir();
    const { child, pids, rest } = await program(dir);
    child.kill("SIGINT");
    assert.equal((await child.status).code, 0);
    const ended = /ended (.*)/.exec(await rest)?.[1]?.split(",") ?? [];
    assert.equal(ended.length, 9, String(ended));
    assert.ok(ended.filter((code) => code === "cancelled").length >= 3, String(ended));
    await Promise.all(pids.map(gone));
    await Deno.remove(dir, { recursive: true });
  },
});
