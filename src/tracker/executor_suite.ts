/** What every executor has to do: tests that its author calls with a name and a way to make one. */
import assert from "node:assert/strict";
import { join, toFileUrl } from "@std/path";
import { type ConsistError, StepFailedError } from "../errors.ts";
import { JSON } from "../intrinsics.ts";
import type { ExecutorChoice } from "../run/mod.ts";
import type { Artifact, RunPromise, RunResult } from "../types.ts";
import { withTracker } from "./testing.ts";
import type { Tracker } from "./tracker.ts";

/** The steps of the suite: a module of the user's, which other processes import. */
const STEPS = `
export const double = (_, { config }) => ({ n: config.n * 2, pid: Deno.pid });
export function fails(_, { config }) {
  throw new RangeError("no " + config.n);
}
export const gives = (inputs) => ({ seen: JSON.stringify(inputs, (_, value) => value instanceof Uint8Array ? [...value] : value) });
export async function writes(_, step) {
  const path = step.outputPath("note", ".txt");
  await Deno.writeTextFile(path, [step.name, step.year, step.runtime.word, step.runDir === path.slice(0, -9)].join());
  await step.logOutput(path);
  await step.logMeta({ from: "elsewhere" });
  await step.logInput(step.config.path);
  return { shape: [step.config.path === step.config.path, step.cacheHit] };
}
export const forgets = () => undefined;
export const prints = () => {
  console.log("said %d", 1);
  console.error("moaned");
  return 1;
};
export const waits = (_, { signal }) =>
  new Promise((_, reject) => signal.addEventListener("abort", () => reject(signal.reason)));
`;

/** The steps, untyped: they stand in a file that is made for each test. */
type Steps = { readonly [name: string]: (inputs: never, step: never) => unknown };
type AnyRun = (options: object) => RunPromise;

interface Stage {
  readonly tracker: Tracker;
  readonly run: AnyRun;
  readonly steps: Steps;
  /** A folder for files of the test. */
  readonly dir: string;
  readonly executor: ExecutorChoice;
}

/**
 * Tests whether an executor does what `run` and `mapRuns` lean on: the results, errors and identities of a step that runs in this process.
 *
 * @param name What the tests are called.
 * @param make Makes an executor for one test; the suite closes it.
 *
 * @example Worker processes
 * ```ts ignore
 * import { testExecutor } from "consist/testing";
 *
 * testExecutor("worker", () => "worker");
 * ```
 */
export function testExecutor(name: string, make: () => ExecutorChoice | Promise<ExecutorChoice>): void {
  for (const [what, body] of Object.entries(CASES)) {
    Deno.test(`executor ${name}: ${what}`, () =>
      withTracker(async (tracker) => {
        const executor = await make();
        const dir = await Deno.makeTempDir({ prefix: "consist-" });
        try {
          const module = join(dir, "steps.mjs");
          await Deno.writeTextFile(module, STEPS);
          const steps = await import(toFileUrl(module).href) as Steps;
          await body({ tracker, steps, dir, executor, run: tracker.run.bind(tracker) as unknown as AnyRun });
        } finally {
          if (typeof executor === "object") await executor.close();
          await Deno.remove(dir, { recursive: true });
        }
      }));
  }
}

const CASES: { readonly [what: string]: (stage: Stage) => Promise<void> } = {
  "gives what the step gives, under the identity that it has in process": async ({ run, steps, executor }) => {
    const call = (n: number, where: ExecutorChoice) =>
      run({ fn: steps.double, config: { n }, outputs: ["n", "pid"], executionOptions: { executor: where } });
    const there = await call(1, executor);
    assert.equal(there.cacheHit, false);
    assert.equal(await there.load("n"), 2);
    const here = await call(1, "in_process");
    assert.equal(here.cacheHit, true, here.explain());
    await call(2, "in_process");
    const again = await call(2, executor);
    assert.equal(again.cacheHit, true, again.explain());
    assert.equal(again.run.facet.n, 2);
  },

  "a step that throws fails with its own error, and is on record as failed": async ({ run, steps, executor, tracker }) => {
    const error = await refusedBy(run({ fn: steps.fails, config: { n: 7 }, outputs: ["n"], executionOptions: { executor } }));
    assert.ok(error instanceof StepFailedError, String(error));
    assert.match(error.message, /Step "fails" failed: no 7/);
    assert.ok(error.cause instanceof RangeError);
    assert.match(error.stack ?? "", /steps\.mjs:4/);
    const run7 = await tracker.getRun(error.run!);
    assert.deepEqual([run7?.status, run7?.error?.name, run7?.error?.message], ["failed", "RangeError", "no 7"]);
  },

  "a declared output that nothing made is the same error": async ({ run, steps, executor }) => {
    const error = await refusedBy(run({ fn: steps.forgets, outputs: ["n"], executionOptions: { executor } }));
    assert.equal(error.code, "missing_outputs");
  },

  "inputs arrive as values, as paths, or not at all": async ({ run, steps, executor, dir }) => {
    const { value } = await import("../artifacts/mod.ts");
    const text = join(dir, "a.txt");
    await Deno.writeTextFile(text, "abc");
    const made = await run({ name: "made", fn: () => ({ list: [1, 2] }), outputs: ["list"] });
    const inputs = { text, list: (made.outputs as { list: Artifact }).list, map: value({ at: new Date(0), bytes: new Uint8Array([1]) }) };
    const seen = async (executionOptions: object) =>
      JSON.parse(
        await run({ fn: steps.gives, inputs, outputs: ["seen"], executionOptions: { executor, ...executionOptions } }).load() as string,
      );
    assert.deepEqual(await seen({}), { text: "abc", list: [1, 2], map: { at: "1970-01-01T00:00:00.000Z", bytes: [1] } });
    const paths = await seen({ inputBinding: "paths" });
    assert.equal(paths.text, text);
    assert.deepEqual(Object.keys(await seen({ loadInputs: false })), ["map"]); // what is in no file is given in any case
  },

  "the step's context is the same, and what it logs is kept": async ({ run, steps, executor, dir, tracker }) => {
    const path = join(dir, "read.txt");
    await Deno.writeTextFile(path, "1");
    const call = () =>
      run({
        fn: steps.writes,
        config: { path },
        year: 2030,
        outputs: ["shape", "note"],
        executionOptions: { executor, runtimeArgs: { word: "hi" } },
      });
    const made = await call();
    assert.equal(await made.load("note"), "writes,2030,hi,true");
    assert.deepEqual(await made.load("shape"), [true, false]);
    assert.equal(made.run.meta.from, "elsewhere");
    assert.deepEqual(Object.keys((await tracker.getArtifactsForRun(made.run)).inputs), ["read"]);
    assert.equal((await call()).cacheHit, true);
    await Deno.writeTextFile(path, "2"); // what it read without declaring it counts
    assert.equal((await call()).cacheHit, false);
  },

  "many runs at once keep their results apart": async ({ tracker, steps, executor }) => {
    const rows = Array.from({ length: 12 }, (_, n) => ({ n }));
    const sweep = await tracker.mapRuns({ rows, fn: steps.double as never, outputs: ["n", "pid"], executor, concurrency: 3 });
    assert.deepEqual(sweep.failures, []);
    const results = sweep.successes.map(({ result }) => result as unknown as RunResult);
    assert.deepEqual(await Promise.all(results.map((result) => result.load("n"))), rows.map(({ n }) => n * 2));
    const folders = new Set(results.map(({ outputs }) => (outputs.n as Artifact).path));
    assert.equal(folders.size, rows.length);
  },

  "a cancelled run ends": async ({ tracker, steps, executor }) => {
    const abort = new AbortController();
    const sweep = tracker.mapRuns({ rows: [{ n: 1 }, { n: 2 }], fn: steps.waits as never, outputs: ["n"], executor, signal: abort.signal });
    await new Promise((resolve) => setTimeout(resolve, 1_000));
    abort.abort();
    assert.equal((await sweep).failures.length, 2);
  },
};

async function refusedBy(promise: Promise<unknown>): Promise<ConsistError> {
  const error = await promise.then(() => undefined, (error: unknown) => error);
  assert.ok(error !== undefined, "wanted an error");
  return error as ConsistError;
}
