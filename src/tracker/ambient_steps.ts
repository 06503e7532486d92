/** Steps: functions of the current tracker that run something, or say what would run. */
import type { ScenarioFunction } from "../scenario/mod.ts";
import { ambient } from "./current.ts";
import type { Tracker } from "./tracker.ts";

/**
 * Runs a step, or takes its outputs from the cache.
 *
 * A step is an ordinary function. What decides its result is its code, its `config`, the content of its `inputs` and how it is called: where
 * all of that is as in an earlier run whose outputs are unharmed, these come back at once and the function is not called.
 *
 * The function gets its inputs by key and the step's context. What it returns is kept as its declared `outputs`: a DataFrame as parquet,
 * text as text, bytes as bytes, other values as JSON or, where JSON cannot hold them, as a structured clone.
 *
 * @param options What the step is: see {@linkcode RunOptions}.
 * @returns The run, its outputs by key, and why it was a hit or a miss.
 * @throws {OptionError} `unknown_option`, `option_invalid` or `name_missing`, before anything is recorded.
 * @throws {ConfigError} `config_not_plain`, where the config is no plain data.
 * @throws {InputError} `input_missing` or `input_unreadable`.
 * @throws {OutputError} `missing_outputs`, `output_mismatch` or `output_not_storable`.
 * @throws {StepFailedError} `step_failed`, where the function throws; the original is its `cause`.
 * @throws {LedgerError} where the ledger cannot be opened or written.
 *
 * @example A step that executes once
 * ```ts
 * import { run, Tracker, useTracker } from "consist";
 * import assert from "node:assert/strict";
 *
 * await using tracker = new Tracker({ dbPath: `${await Deno.makeTempDir()}/provenance.duckdb` });
 * await useTracker(tracker, async () => {
 *   const total = (values: number[]) =>
 *     run({ name: "total", fn: (_, { config }) => config.values.reduce((a, b) => a + b, 0), config: { values }, outputs: ["sum"] });
 *   assert.equal((await total([1, 2, 3])).cacheHit, false);
 *   assert.equal((await total([1, 2, 3])).cacheHit, true);
 *   const changed = await total([1, 2, 4]);
 *   assert.deepEqual(changed.miss?.changed, ["config"]);
 *   assert.equal(await changed.load("sum"), 7);
 * });
 * ```
 */
export const run: Tracker["run"] = ambient("run");

/**
 * Groups steps under a name, and links them by a coupler: the outputs of one step are there for the next by their keys.
 *
 * With a body it opens for the body only and gives the body's value; a body that throws fails the scenario. Without a body it stays open,
 * across a notebook's cells, until `end()`, or until its name is opened again.
 *
 * @example Two steps
 * ```ts
 * import { scenario, Tracker, useTracker } from "consist";
 * import assert from "node:assert/strict";
 *
 * await using tracker = new Tracker({ dbPath: `${await Deno.makeTempDir()}/provenance.duckdb` });
 * await useTracker(tracker, async () => {
 *   const mean = await scenario("study", async (sc) => {
 *     await sc.run({ name: "draw", fn: () => [1, 2, 3], outputs: ["numbers"] });
 *     const result = await sc.run({
 *       name: "mean",
 *       fn: ({ numbers }: { numbers: number[] }) => numbers.reduce((a, b) => a + b) / numbers.length,
 *       inputs: ["numbers"],
 *       outputs: ["mean"],
 *     });
 *     return await result.load("mean");
 *   });
 *   assert.equal(mean, 2);
 * });
 * ```
 */
export const scenario: ScenarioFunction = ambient("scenario");

/**
 * A sweep: runs a step once for each row, with the row as its config.
 *
 * Each row is a run of its own, recorded, cached and found as any other: a sweep that is made again is all hits, and one with some new rows
 * executes only those. The result is a table of parameters, scalar outputs, times and hits. While it runs, one line or card says how far it
 * is.
 *
 * A row that fails does not end the sweep: it is among `failures` with its error and its run, and `retry()` runs those rows again. Ctrl-C (in a
 * notebook: interrupting the cell), an aborted `signal`, or with `cancelPendingOnFailure` the first failure keep the rows that have not begun
 * from running. In a scenario the runs are the scenario's, and their outputs, which share keys, stay out of the coupler.
 *
 * With `executor: "worker"` the function runs in worker processes, as many as there are cores unless `concurrency` says otherwise. It has to
 * be exported by a module that is not the program's main one; a worker imports that once, and proves that it executes what was identified.
 * Results, errors and identities are as in this process, so that each hits what the other made. What a row prints is passed on with its name
 * in front. A worker that dies is replaced and its row tried once more.
 *
 * @param options The rows, how a row becomes a run, and what `run` takes for all of them: see {@linkcode MapRunsOptions}.
 * @returns What came of each row.
 * @throws {OptionError} before anything is run: an unknown option, a row that is no object, two rows that would be one run, or a placeholder of
 * `nameTemplate` that is no column.
 * @throws {ConfigError} `config_not_plain`, before anything is run, where a row is no plain data; `configFrom` makes a config of a part of it.
 *
 * @example Every combination of some parameters
 * ```ts
 * import { grid, mapRuns, Tracker, useTracker } from "consist";
 * import assert from "node:assert/strict";
 *
 * await using tracker = new Tracker({ dbPath: `${await Deno.makeTempDir()}/provenance.duckdb` });
 * await useTracker(tracker, async () => {
 *   const sweep = () =>
 *     mapRuns({
 *       rows: grid({ alpha: [1, 2, 3], beta: ["x", "y"] }),
 *       nameTemplate: "case_{alpha}_{beta}",
 *       fn: (_, { config }) => ({ score: config.alpha * (config.beta === "x" ? 1 : -1) }),
 *       outputs: ["score"],
 *     });
 *   const table = await (await sweep()).df();
 *   assert.deepEqual(table.columns, ["alpha", "beta", "score", "run_id", "cache_hit", "seconds", "status"]);
 *   assert.equal((await sweep()).hits.length, 6);
 * });
 * ```
 *
 * @example A config that is a part of the row, and rows that fail
 * ```ts
 * import { mapRuns, Tracker, useTracker } from "consist";
 * import assert from "node:assert/strict";
 *
 * await using tracker = new Tracker({ dbPath: `${await Deno.makeTempDir()}/provenance.duckdb` });
 * await useTracker(tracker, async () => {
 *   const limits = { most: 2 };
 *   const { untracked } = await import("consist");
 *   const sweep = await mapRuns({
 *     rows: [{ label: "low", level: 1 }, { label: "high", level: 3 }],
 *     configFrom: (row) => ({ level: row.level }),
 *     model: "load_test",
 *     fn: (_, { config, runtime }) => {
 *       if (config.level > runtime.limits.most) throw new RangeError("too much");
 *       return config.level;
 *     },
 *     executionOptions: { runtimeArgs: { limits: untracked(limits) } },
 *     outputs: ["load"],
 *   });
 *   assert.deepEqual(sweep.failures.map(({ row }) => row.label), ["high"]);
 *   limits.most = 5;
 *   assert.equal((await sweep.retry()).successes.length, 1);
 * });
 * ```
 *
 * @example Worker processes
 * ```ts
 * import { mapRuns, Tracker, useTracker } from "consist";
 * import assert from "node:assert/strict";
 *
 * const dir = await Deno.makeTempDir();
 * const text = "export const double = (_: unknown, step: { config: { n: number } }) => step.config.n * 2;";
 * await Deno.writeTextFile(`${dir}/steps.ts`, text);
 * const { double } = await import(`file://${dir}/steps.ts`);
 *
 * await using tracker = new Tracker({ dbPath: `${dir}/provenance.duckdb` });
 * await useTracker(tracker, async () => {
 *   const rows = [{ n: 1 }, { n: 2 }];
 *   const sweep = await mapRuns({ rows, fn: double, outputs: ["doubled"], executor: "worker", concurrency: 2 });
 *   assert.deepEqual(await Promise.all(sweep.successes.map(({ result }) => result.load())), [2, 4]);
 *   assert.equal((await mapRuns({ rows, fn: double, outputs: ["doubled"] })).hits.length, 2);
 * });
 * ```
 */
export const mapRuns: Tracker["mapRuns"] = ambient("mapRuns");

/**
 * Would `run(options)` be a hit? Resolves, identifies and looks up, and executes and records nothing.
 *
 * The answer is of the moment: a step that is being computed right now is not waited for.
 *
 * @param options What `run` takes.
 * @returns `hit`, with the `run` whose outputs would come back; else `miss`, with what changed and why.
 * @throws {OptionError} `unknown_option`, `option_invalid` or `name_missing`.
 * @throws {ConfigError} `config_not_plain`, where the config is no plain data.
 * @throws {InputError} `input_missing` or `input_unreadable`.
 *
 * @example Before and after
 * ```ts
 * import { run, Tracker, useTracker, wouldHit } from "consist";
 * import assert from "node:assert/strict";
 *
 * await using tracker = new Tracker({ dbPath: `${await Deno.makeTempDir()}/provenance.duckdb` });
 * await useTracker(tracker, async () => {
 *   const model = (alpha: number) =>
 *     ({ name: "model", fn: (_: unknown, step: { config: { alpha: number } }) => step.config.alpha, config: { alpha }, outputs: ["n"] }) as const;
 *   assert.equal((await wouldHit(model(1))).hit, false);
 *   const made = await run(model(1));
 *   assert.equal((await wouldHit(model(1))).run?.id, made.run.id);
 *   assert.deepEqual((await wouldHit(model(2))).miss?.changed, ["config"]);
 * });
 * ```
 */
export const wouldHit: Tracker["wouldHit"] = ambient("wouldHit");

/**
 * Runs a containerised program, or takes its outputs from the cache: `run` with `fn: container({ ... })`, where outputs are files of this
 * machine that a volume holds. A call whose image, command, environment, mounts and inputs are as before does not start the container.
 *
 * Volumes are read-only unless an output lies in them, or the path in the container ends in `:rw`; inputs in a list get the names of their
 * files as keys. The cached copy of an output lies in the run's own folder.
 *
 * @param options the image, the command, what the container sees, and the outputs
 * @returns the run's result; `outputs` has an artifact for each key
 * @throws {StepFailedError} where the engine or the image is missing, or the program ends with another exit code than 0; the cause is a `ContainerError`
 * @throws {OptionError} `unknown_option` or `option_invalid`.
 *
 * @example A travel model in an image
 * ```ts ignore
 * import { runContainer } from "consist";
 *
 * const result = await runContainer({
 *   image: "travel-model:v2.1",
 *   command: ["python", "run.py", "--year", "2030"],
 *   volumes: { "data/inputs": "/inputs", "data/outputs": "/outputs" },
 *   inputs: ["data/inputs/network.csv"],
 *   outputs: { results: "data/outputs/results.parquet" },
 *   year: 2030,
 * });
 * const flows = await result.load("results"); // a DataFrame
 * ```
 */
export const runContainer: Tracker["runContainer"] = ambient("runContainer");

/**
 * Executes a recorded step again beside the original, and compares what the outputs contain: `equal`, `different` with the first difference
 * of each output (row and column of a table), or `not_repeatable`. This is how a step is found that is not deterministic.
 *
 * The second execution is no run of the ledger and is never served. The verdict is kept with the original (`run.meta.verified`), and cards of
 * its hits and of later runs of the step show it. Files of an execution that differs stay (`repeated.meta.outputs`), others are removed.
 *
 * @param run A run, its id or its result.
 * @param options The options of its call, where this process has not made it: a function is in no ledger.
 * @returns The verdict, the differences, and likely causes.
 * @throws {FindError} `run_not_found`.
 *
 * @example A step that draws numbers
 * ```ts
 * import { run, Tracker, useTracker, verifyRun } from "consist";
 * import assert from "node:assert/strict";
 *
 * await using tracker = new Tracker({ dbPath: `${await Deno.makeTempDir()}/provenance.duckdb` });
 * await useTracker(tracker, async () => {
 *   const steady = await run({ name: "steady", fn: () => ({ mean: 1.5 }), outputs: ["summary"] });
 *   assert.equal((await verifyRun(steady)).verdict, "equal");
 *   const random = await run({ name: "random", fn: () => ({ mean: Math.random() }), outputs: ["summary"] });
 *   const { verdict, differences } = await verifyRun(random);
 *   assert.equal(verdict, "different");
 *   assert.match(differences[0]!.first, /^\$\.mean: /);
 * });
 * ```
 */
export const verifyRun: Tracker["verifyRun"] = ambient("verifyRun");
