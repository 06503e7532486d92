/** The ambient tracker, and the functions of a tracker and of the active run as functions of their own. */
import { AsyncLocalStorage } from "node:async_hooks";
import { OptionError } from "../errors.ts";
import type { Ledger } from "../ledger/mod.ts";
import { makeSql, type SqlTag } from "../relations/mod.ts";
import { ambientContext, type RunContext } from "../run/mod.ts";
import type { ScenarioFunction } from "../scenario/mod.ts";
import { notebookFolder } from "../ledger/mod.ts";
import { type AnyTracker, readLedgerOf, Tracker } from "./tracker.ts";

/** A dynamic import leaves its context to what the runtime calls next: there the body is over. */
const within = new AsyncLocalStorage<{ readonly tracker: AnyTracker; isOver: boolean }>();
let following: AnyTracker | undefined;
const defaults = new Map<string, AnyTracker>();

/** The tracker that ambient functions use: the body's, else the one set for what follows, else the default one of this folder. */
export function currentTracker(): AnyTracker {
  const body = within.getStore();
  return (body?.isOver === false ? body.tracker : undefined) ?? following ?? defaultTracker();
}

function defaultTracker(): AnyTracker {
  const home = notebookFolder() ?? Deno.cwd();
  const known = defaults.get(home);
  if (known !== undefined) return known;
  const made = new Tracker();
  defaults.set(home, made);
  return made;
}

/**
 * Makes a tracker ambient for what follows: for every later call of `run`, `findRuns` and the like that names no tracker.
 *
 * @example A notebook's first cell
 * ```ts
 * import { run, Tracker, useTracker } from "consist";
 * import assert from "node:assert/strict";
 *
 * await using tracker = new Tracker({ dbPath: `${await Deno.makeTempDir()}/provenance.duckdb` });
 * await useTracker(tracker, async () => {
 *   assert.equal(await run({ name: "one", fn: () => 1, outputs: ["n"] }).load(), 1);
 * });
 * ```
 */
export function useTracker(tracker: AnyTracker): void;
/** Makes a tracker ambient for the callback only; its value comes back. */
export function useTracker<T>(tracker: AnyTracker, body: () => T | Promise<T>): Promise<T>;
export function useTracker<T>(tracker: AnyTracker, body?: () => T | Promise<T>): void | Promise<T> {
  if (!(tracker instanceof Tracker)) {
    throw new OptionError("option_invalid", {
      problem: "useTracker() was called with something that is no tracker.",
      why: "It takes a Tracker, and optionally a function.",
      fix: "Call useTracker(new Tracker({ ... })).",
    });
  }
  if (body === undefined) {
    following = tracker;
    return;
  }
  const scope = { tracker, isOver: false };
  return within.run(scope, async () => {
    try {
      return await body();
    } finally {
      scope.isOver = true;
    }
  });
}

/** A tracker's function, of whichever tracker is the current one when it is called. */
function ambient<
  K extends
    | "run"
    | "scenario"
    | "mapRuns"
    | "view"
    | "wouldHit"
    | "runContainer"
    | "verifyRun"
    | "findRun"
    | "findRuns"
    | "findLatestRun"
    | "runSet"
    | "diffRuns"
    | "lineage"
    | "timeline"
    | "savings"
    | "pivotFacets"
    | "runQuery"
    | "which"
    | "materializeArtifact"
    | "stageArtifact"
    | "stageArtifacts"
    | "hydrateRunOutputs"
    | "archiveRunOutputs"
    | "accept"
    | "acceptances"
    | "revokeAccept"
    | "cacheStatus"
    | "pruneCache"
    | "load"
    | "exportSchema"
    | "loadDf",
>(name: K): Tracker[K] {
  return ((...args: unknown[]) => (currentTracker()[name] as (...args: unknown[]) => unknown).apply(currentTracker(), args)) as Tracker[K];
}

// ── a tracker's functions ───────────────────────────────────────────────────────────────────────────────────────────────────

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
/**
 * A view over all tables that were logged with a zod object schema, as a relation for each schema.
 *
 * A view has the schema's columns, null where a file lacks one, and `consist_run_id`, `consist_artifact_id`, `consist_scenario_id`,
 * `consist_year`, `consist_iteration`.
 *
 * @example A view of all runs
 * ```ts
 * import { run, Tracker, useTracker, view } from "consist";
 * import assert from "node:assert/strict";
 *
 * await using tracker = new Tracker({ dbPath: `${await Deno.makeTempDir()}/provenance.duckdb` });
 * await useTracker(tracker, async () => {
 *   const { z } = await import("zod");
 *   const { default: pl } = await import("polars");
 *   const Trip = z.object({ id: z.int(), km: z.number() });
 *   const { trips } = view({ trips: Trip });
 *   for (const year of [2020, 2030]) {
 *     const fn = (_: unknown, { config }: { config: { year: number } }) => pl.DataFrame({ id: [1, 2], km: [config.year, 1.5] });
 *     await run({ name: "simulate", fn, config: { year }, year, outputs: { trips: { schema: Trip } } });
 *   }
 *   assert.equal(await trips.count(), 4);
 * });
 * ```
 */
export const view: Tracker["view"] = ambient("view");
/**
 * The runs that made a file with the content of this one, then those that read one; each newest first. The file's name and place do not
 * count. Hits made and read nothing: the run that their outputs come from is there.
 *
 * The files of a chart that a step returned (`.svg`, `.png`, `.json`) name their run inside. So it comes first, also where the file was saved
 * again by another program; `isChanged` and `note` of the list say whether that changed it.
 *
 * @throws {InputError} `input_missing` or `input_unreadable`.
 *
 * @example Where does this figure come from?
 * ```ts
 * import { chart, run, Tracker, useTracker, which } from "consist";
 * import assert from "node:assert/strict";
 *
 * const dir = await Deno.makeTempDir();
 * await using tracker = new Tracker({ dbPath: `${dir}/provenance.duckdb` });
 * await useTracker(tracker, async () => {
 *   const spec = { mark: "bar", encoding: { x: { field: "mode" }, y: { field: "trips", type: "quantitative" } } };
 *   const drawn = await run({ name: "draw", fn: () => chart([{ mode: "bus", trips: 3 }], spec), outputs: ["figure"] });
 *   await (await drawn.load()).save(`${dir}/figure3.svg`);
 *
 *   const [made] = await which(`${dir}/figure3.svg`);
 *   assert.equal(made?.id, drawn.run.id);
 *
 *   await Deno.writeTextFile(`${dir}/figure3.svg`, `${await Deno.readTextFile(`${dir}/figure3.svg`)}<!-- edited -->`);
 *   const edited = await which(`${dir}/figure3.svg`);
 *   assert.deepEqual([edited[0]?.id, edited.isChanged], [drawn.run.id, true]);
 * });
 * ```
 */
export const which: Tracker["which"] = ambient("which");
/**
 * Copies an artifact's content to a path. It comes from the artifact's own place, or, where that is gone or damaged, from any unharmed copy on
 * record: below `sourceRoot`, in an archive, or made by another run. The copy is there whole or not at all, shares its blocks with the
 * original where the file system can, and is never a hard link. The artifact on record stays what it is.
 *
 * Content that is there already is left as it is. Other content is an error, unless `overwrite` is set.
 *
 * @returns The artifact, with its content at the new path.
 * @throws {ContentError} `artifact_missing`, where its content is nowhere; `content_mismatch`, where only damaged copies are left, or other
 * content stands at the path.
 * @throws {OptionError} `option_invalid`, where a relative path climbs out of the working directory, and `allowExternalPaths` is not set.
 *
 * @example A table for somebody else
 * ```ts
 * import { materializeArtifact, run, Tracker, useTracker } from "consist";
 * import assert from "node:assert/strict";
 *
 * const dir = await Deno.makeTempDir();
 * await using tracker = new Tracker({ dbPath: `${dir}/provenance.duckdb` });
 * await useTracker(tracker, async () => {
 *   const made = await run({ name: "make", fn: () => "a,b\n1,2\n", outputs: ["table"] });
 *   const copy = await materializeArtifact(made.outputs.table, `${dir}/share/table.csv`);
 *   assert.equal(await Deno.readTextFile(copy.path), "a,b\n1,2\n");
 * });
 * ```
 */
export const materializeArtifact: Tracker["materializeArtifact"] = ambient("materializeArtifact");
/**
 * Puts an artifact where a program wants it: as a copy, or with `mode` as a hard or symbolic link. An identical file is left as it is. A hard
 * link shares its content with the cached file: who edits one edits the other, and the step that made it executes again.
 *
 * @returns The artifact, with its content at the new path.
 * @throws {ContentError} `artifact_missing` or `content_mismatch`, as `materializeArtifact`.
 * @throws {OutputError} `storage_failed`, where a link is not possible.
 *
 * @example A large file that is only read
 * ```ts
 * import { run, stageArtifact, Tracker, useTracker } from "consist";
 * import assert from "node:assert/strict";
 *
 * const dir = await Deno.makeTempDir();
 * await using tracker = new Tracker({ dbPath: `${dir}/provenance.duckdb` });
 * await useTracker(tracker, async () => {
 *   const made = await run({ name: "make", fn: () => "large", outputs: ["network"] });
 *   const staged = await stageArtifact(made.outputs.network, `${dir}/model/network.txt`, { mode: "symlink" });
 *   assert.equal(await Deno.readTextFile(staged.path), "large");
 * });
 * ```
 */
export const stageArtifact: Tracker["stageArtifact"] = ambient("stageArtifact");
/**
 * Puts several artifacts where a program wants them, by key. What can be refused is refused before the first one is put anywhere; a failure
 * says which are done.
 *
 * @returns The artifacts, with their content at the new paths.
 * @throws {KeyError} `unknown_key`, where artifacts and paths have not the same keys.
 *
 * @example The inputs of a program
 * ```ts
 * import { refs, run, stageArtifacts, Tracker, useTracker } from "consist";
 * import assert from "node:assert/strict";
 *
 * const dir = await Deno.makeTempDir();
 * await using tracker = new Tracker({ dbPath: `${dir}/provenance.duckdb` });
 * await useTracker(tracker, async () => {
 *   const made = await run({ name: "make", fn: () => ({ zones: "z", roads: "r" }), outputs: ["zones", "roads"] });
 *   await stageArtifacts(refs(made), { zones: `${dir}/model/zones.txt`, roads: `${dir}/model/roads.txt` });
 *   assert.equal(await Deno.readTextFile(`${dir}/model/roads.txt`), "r");
 * });
 * ```
 */
export const stageArtifacts: Tracker["stageArtifacts"] = ambient("stageArtifacts");
/**
 * Restores the outputs of an old run below a folder, as they lie below the run's own folder. Each is looked for below `sourceRoot`, in its own
 * place, in the folders of its time, in archives, and among what other runs made; only content with the recorded hash is taken.
 *
 * @param run A result, a run, or its id.
 * @returns For each key what became of it: `copied`, `from_ledger` (written anew from its ingested rows), `kept` (its content was there),
 * `unmappable` (its address is an absolute path), `missing` (its content is nowhere) or `failed`, with a message.
 * @throws {FindError} `run_not_found`.
 * @throws {KeyError} `unknown_key`, before anything is copied.
 * @throws {ContentError} `artifact_missing`, with `onMissing: "error"`, after all that could be restored was.
 *
 * @example The outputs of a run by its id
 * ```ts
 * import { hydrateRunOutputs, run, Tracker, useTracker } from "consist";
 * import assert from "node:assert/strict";
 *
 * const dir = await Deno.makeTempDir();
 * await using tracker = new Tracker({ dbPath: `${dir}/provenance.duckdb` });
 * await useTracker(tracker, async () => {
 *   const { run: old } = await run({ name: "make", fn: () => "content", outputs: ["note"] });
 *   const { note } = await hydrateRunOutputs(old.id, { targetDir: `${dir}/restored` });
 *   assert.equal(note?.status, "copied");
 *   assert.equal(await Deno.readTextFile(`${dir}/restored/note.txt`), "content");
 * });
 * ```
 */
export const hydrateRunOutputs: Tracker["hydrateRunOutputs"] = ambient("hydrateRunOutputs");
/**
 * Copies or moves the outputs of a run into an archive, each checked against its recorded hash. Hits and loads find them there from then on:
 * what is gone from its own place is taken from the archive, if its content is unharmed. Doing it again is harmless. A move removes a file
 * from its own place only when the archive is whole and on record.
 *
 * @param run A result, a run, or its id.
 * @param archiveRoot The folder of the archive; each file lies below it as it lies below the run folder.
 * @returns For each key what became of it: `copied`, `kept` (it was there already), `unmappable`, `missing` or `failed`, with a message.
 * @throws {FindError} `run_not_found`.
 * @throws {KeyError} `unknown_key`, before anything is copied.
 *
 * @example Old results on another disk
 * ```ts
 * import { archiveRunOutputs, run, Tracker, useTracker } from "consist";
 * import assert from "node:assert/strict";
 *
 * const dir = await Deno.makeTempDir();
 * await using tracker = new Tracker({ dbPath: `${dir}/provenance.duckdb` });
 * await useTracker(tracker, async () => {
 *   const step = () => run({ name: "make", fn: () => "content", outputs: ["note"] });
 *   await archiveRunOutputs(await step(), `${dir}/archive`, { mode: "move" });
 *   const hit = await step();
 *   assert.equal(hit.cacheHit, true);
 *   assert.equal(await hit.load("note"), "content");
 * });
 * ```
 */
export const archiveRunOutputs: Tracker["archiveRunOutputs"] = ambient("archiveRunOutputs");
/**
 * The one run that fits a filter.
 *
 * @throws {FindError} `run_not_found` where there is none, `run_ambiguous` where there are several.
 *
 * @example By step and year
 * ```ts
 * import { findRun, run, Tracker, useTracker } from "consist";
 * import assert from "node:assert/strict";
 *
 * await using tracker = new Tracker({ dbPath: `${await Deno.makeTempDir()}/provenance.duckdb` });
 * await useTracker(tracker, async () => {
 *   await run({ name: "simulate", fn: () => 1, year: 2030, outputs: ["n"] });
 *   assert.equal((await findRun({ step: "simulate", year: 2030 })).status, "completed");
 * });
 * ```
 */
export const findRun: Tracker["findRun"] = ambient("findRun");
/**
 * Runs that fit a filter, newest first; with `indexBy` a map from that field. Each distinct result is shown once, unless `history` is set.
 *
 * @example By year
 * ```ts
 * import { findRuns, run, Tracker, useTracker } from "consist";
 * import assert from "node:assert/strict";
 *
 * await using tracker = new Tracker({ dbPath: `${await Deno.makeTempDir()}/provenance.duckdb` });
 * await useTracker(tracker, async () => {
 *   for (const year of [2020, 2030]) await run({ name: "simulate", fn: () => 1, year, outputs: ["n"] });
 *   const byYear = await findRuns({ step: "simulate", indexBy: "year" });
 *   assert.deepEqual([...byYear.keys()].sort(), [2020, 2030]);
 * });
 * ```
 */
export const findRuns: Tracker["findRuns"] = ambient("findRuns");
/**
 * The run of the highest iteration that fits a filter, else the newest.
 *
 * @throws {FindError} `run_not_found` where there is none.
 *
 * @example The last iteration
 * ```ts
 * import { findLatestRun, run, Tracker, useTracker } from "consist";
 * import assert from "node:assert/strict";
 *
 * await using tracker = new Tracker({ dbPath: `${await Deno.makeTempDir()}/provenance.duckdb` });
 * await useTracker(tracker, async () => {
 *   for (const iteration of [0, 1]) await run({ name: "assign", fn: () => 1, iteration, outputs: ["n"] });
 *   assert.equal((await findLatestRun({ step: "assign" })).iteration, 1);
 * });
 * ```
 */
export const findLatestRun: Tracker["findLatestRun"] = ambient("findLatestRun");
/**
 * Runs as a set: split it, filter it, align it with another one, and see what differs.
 *
 * @example What varies
 * ```ts
 * import { run, runSet, Tracker, useTracker } from "consist";
 * import assert from "node:assert/strict";
 *
 * await using tracker = new Tracker({ dbPath: `${await Deno.makeTempDir()}/provenance.duckdb` });
 * await useTracker(tracker, async () => {
 *   for (const alpha of [0.1, 0.9]) await run({ name: "model", fn: (_, { config }) => config.alpha, config: { alpha }, outputs: ["score"] });
 *   const runs = await runSet({ step: "model" });
 *   assert.equal(runs.length, 2);
 *   assert.deepEqual(Object.keys(runs.configDiff()), ["alpha"]);
 * });
 * ```
 */
export const runSet: Tracker["runSet"] = ambient("runSet");
/**
 * What differs between two runs: which parts of their identity, which keys of the config, which inputs. Its `plot()` draws the numbers of
 * both side by side.
 *
 * @example Two runs
 * ```ts
 * import { diffRuns, run, Tracker, useTracker } from "consist";
 * import assert from "node:assert/strict";
 *
 * await using tracker = new Tracker({ dbPath: `${await Deno.makeTempDir()}/provenance.duckdb` });
 * await useTracker(tracker, async () => {
 *   const model = (alpha: number) => run({ name: "model", fn: (_, { config }) => config.alpha, config: { alpha }, outputs: ["score"] });
 *   const { config } = await diffRuns(await model(0.1), await model(0.9));
 *   assert.deepEqual(config.alpha, { left: 0.1, right: 0.9 });
 * });
 * ```
 */
export const diffRuns: Tracker["diffRuns"] = ambient("diffRuns");
/**
 * Runs over time, as a chart: a bar for each from its start to its end, a line for each step, coloured by whether it was a hit, executed,
 * failed or is running. A scenario's name means what `findRuns` means by it: each result once. The runs are found when the chart is shown.
 *
 * @param scenario The name of a scenario, or a filter as `findRuns` takes it.
 *
 * @example Where did the time go?
 * ```ts
 * import { scenario, timeline, Tracker, useTracker } from "consist";
 * import assert from "node:assert/strict";
 *
 * await using tracker = new Tracker({ dbPath: `${await Deno.makeTempDir()}/provenance.duckdb` });
 * await useTracker(tracker, async () => {
 *   await scenario("baseline", async (sc) => {
 *     for (const year of [2030, 2040]) await sc.run({ name: "simulate", year, fn: () => year, outputs: ["n"] });
 *   });
 *   assert.match(await timeline("baseline").svg(), /simulate · 2040/);
 * });
 * ```
 */
export const timeline: Tracker["timeline"] = ambient("timeline");
/**
 * What the cache saved, as a chart: for each hour, day or week (UTC) and step, how many hits there were and how long their original runs took,
 * less what the hits took themselves. The ledger is asked when the chart is shown.
 *
 * @throws {OptionError} `unknown_option` or `option_invalid`.
 *
 * @example Was it worth it?
 * ```ts
 * import { run, savings, Tracker, useTracker } from "consist";
 * import assert from "node:assert/strict";
 *
 * await using tracker = new Tracker({ dbPath: `${await Deno.makeTempDir()}/provenance.duckdb` });
 * await useTracker(tracker, async () => {
 *   for (let time = 0; time < 3; time++) await run({ name: "simulate", fn: () => 1, outputs: ["n"] });
 *   assert.match(await savings({ by: "day" }).svg(), /saved by 2 hits/);
 * });
 * ```
 */
export const savings: Tracker["savings"] = ambient("savings");
/**
 * How an artifact came to be: the run that made it, what that run read, and so on.
 *
 * @example One step back
 * ```ts
 * import { lineage, run, Tracker, useTracker } from "consist";
 * import assert from "node:assert/strict";
 *
 * await using tracker = new Tracker({ dbPath: `${await Deno.makeTempDir()}/provenance.duckdb` });
 * await useTracker(tracker, async () => {
 *   const made = await run({ name: "make", fn: () => 1, outputs: ["n"] });
 *   const { run: maker } = await lineage(made.outputs.n);
 *   assert.equal(maker?.model, "make");
 * });
 * ```
 */
export const lineage: Tracker["lineage"] = ambient("lineage");
/**
 * Facets of many runs as a wide table: a row for each run, a column for each key. A relation: it shows itself, composes into `sql`, loads
 * as a DataFrame and charts.
 *
 * @example Parameters and results
 * ```ts
 * import { pivotFacets, run, Tracker, useTracker } from "consist";
 * import assert from "node:assert/strict";
 *
 * await using tracker = new Tracker({ dbPath: `${await Deno.makeTempDir()}/provenance.duckdb` });
 * await useTracker(tracker, async () => {
 *   for (const alpha of [1, 2]) await run({ name: "model", fn: (_, { config }) => config.alpha * 10, config: { alpha }, outputs: ["score"] });
 *   const rows = await pivotFacets({ namespace: "model", keys: ["alpha", "score"] }).rows();
 *   assert.deepEqual(rows.map((row) => row.score).sort(), [10, 20]);
 * });
 * ```
 */
export const pivotFacets: Tracker["pivotFacets"] = ambient("pivotFacets");
/**
 * The rows of a relation, of a query builder's compiled query, or of SQL text with parameters.
 *
 * @throws {QueryError} `query_failed`, with what DuckDB said.
 *
 * @example SQL over the ledger
 * ```ts
 * import { run, runQuery, Tracker, useTracker } from "consist";
 * import assert from "node:assert/strict";
 *
 * await using tracker = new Tracker({ dbPath: `${await Deno.makeTempDir()}/provenance.duckdb` });
 * await useTracker(tracker, async () => {
 *   await run({ name: "model", fn: () => 1, outputs: ["n"] });
 *   const rows = await runQuery("select count(*)::int as n from run where model_name = $1", ["model"]);
 *   assert.deepEqual(rows, [{ n: 1 }]);
 * });
 * ```
 */
export const runQuery: Tracker["runQuery"] = ambient("runQuery");
/**
 * An artifact's value, by its driver. The file has to have the content that was recorded.
 *
 * @throws {ContentError} `artifact_missing` or `content_mismatch`.
 *
 * @example A value
 * ```ts
 * import { load, run, Tracker, useTracker } from "consist";
 * import assert from "node:assert/strict";
 *
 * await using tracker = new Tracker({ dbPath: `${await Deno.makeTempDir()}/provenance.duckdb` });
 * await useTracker(tracker, async () => {
 *   const made = await run({ name: "make", fn: () => ({ mean: 1.5 }), outputs: ["summary"] });
 *   assert.deepEqual(await load(made.outputs.summary), { mean: 1.5 });
 * });
 * ```
 */
export const load: Tracker["load"] = ambient("load");
/**
 * An artifact's value as a DataFrame: a table as it is, JSON where it is a list of records.
 *
 * @throws {ContentError} `artifact_missing` or `content_mismatch`.
 * @throws {InputError} `input_unreadable`, where the value is no table.
 *
 * @example A table
 * ```ts
 * import { loadDf, run, Tracker, useTracker } from "consist";
 * import assert from "node:assert/strict";
 *
 * await using tracker = new Tracker({ dbPath: `${await Deno.makeTempDir()}/provenance.duckdb` });
 * await useTracker(tracker, async () => {
 *   const made = await run({ name: "make", fn: () => [{ id: 1 }, { id: 2 }], outputs: ["rows"] });
 *   assert.equal((await loadDf(made.outputs.rows)).height, 2);
 * });
 * ```
 */
export const loadDf: Tracker["loadDf"] = ambient("loadDf");
/**
 * The columns of a table as the text of a zod module: edit it, import it, and give it to a tracker, which then has a view over all such tables.
 *
 * What a user gave as the schema comes before what the file showed (`profileFileSchema`), and that before what was ingested; where nothing was
 * recorded, the file is looked at. A column that was null in one of the rows that were looked at is nullable. Keys and references that the
 * given schema has (see {@linkcode ColumnMeta}) are written as it has them.
 *
 * @throws {OptionError} `option_invalid`, where the class name is no name, or not exactly one source is given.
 * @throws {FindError} `artifact_missing`, where nothing is known of the table and its file is gone.
 *
 * @example A schema from a file
 * ```ts
 * import { exportSchema, file, run, Tracker, useTracker } from "consist";
 * import assert from "node:assert/strict";
 *
 * await using tracker = new Tracker({ dbPath: `${await Deno.makeTempDir()}/provenance.duckdb` });
 * await useTracker(tracker, async () => {
 *   const { outputs } = await run({
 *     name: "people",
 *     fn: async (_, step) => {
 *       const path = step.outputPath("people", "csv");
 *       await Deno.writeTextFile(path, "id,name\n1,Ada\n2,\n");
 *       return file(path);
 *     },
 *     outputs: { people: { profileFileSchema: true } },
 *   });
 *   const text = await exportSchema({ artifactId: outputs.people.id, className: "Person" });
 *   assert.match(text, /export const Person = z.object\(\{\n  id: z.int\(\),\n  name: z.string\(\).nullable\(\),\n\}\);/);
 * });
 * ```
 */
export const exportSchema: Tracker["exportSchema"] = ambient("exportSchema");
/**
 * SQL text as a relation. Relations, artifacts and DataFrames are put in as tables, everything else as a parameter. Nothing is run before its
 * rows are asked for.
 *
 * @example SQL over an output
 * ```ts
 * import { run, runQuery, sql, Tracker, useTracker } from "consist";
 * import assert from "node:assert/strict";
 *
 * await using tracker = new Tracker({ dbPath: `${await Deno.makeTempDir()}/provenance.duckdb` });
 * await useTracker(tracker, async () => {
 *   const made = await run({ name: "make", fn: () => [{ id: 1 }, { id: 2 }], outputs: ["rows"] });
 *   const rows = await runQuery(sql`select id * ${10} as ten from ${made.outputs.rows} order by id`);
 *   assert.deepEqual(rows, [{ ten: 10 }, { ten: 20 }]);
 * });
 * ```
 */
export const sql: SqlTag = makeSql((): Ledger => readLedgerOf(currentTracker()));

// ── the active run's functions ──────────────────────────────────────────────────────────────────────────────────────────────

/**
 * Logs a file that the active run read or made.
 *
 * @throws {ConsistError} `no_active_run`, outside a run.
 *
 * @example A file by its path
 * ```ts
 * import { logArtifact, run, Tracker, useTracker } from "consist";
 * import assert from "node:assert/strict";
 *
 * await using tracker = new Tracker({ dbPath: `${await Deno.makeTempDir()}/provenance.duckdb` });
 * await useTracker(tracker, async () => {
 *   const made = await run({
 *     name: "report",
 *     fn: async (_, step) => {
 *       await Deno.writeTextFile(step.outputPath("note", ".txt"), "done");
 *       await logArtifact(step.outputPath("note", ".txt"), { direction: "output" });
 *     },
 *     outputs: ["note"],
 *   });
 *   assert.equal(await made.load("note"), "done");
 * });
 * ```
 */
export const logArtifact: RunContext["logArtifact"] = ambientContext.logArtifact;
/**
 * Logs several files of the active run at once, by key.
 *
 * @throws {ConsistError} `no_active_run`, outside a run.
 *
 * @example Two files
 * ```ts
 * import { logArtifacts, run, Tracker, useTracker } from "consist";
 * import assert from "node:assert/strict";
 *
 * await using tracker = new Tracker({ dbPath: `${await Deno.makeTempDir()}/provenance.duckdb` });
 * await useTracker(tracker, async () => {
 *   const made = await run({
 *     name: "report",
 *     fn: async (_, step) => {
 *       const files = { a: step.outputPath("a", ".txt"), b: step.outputPath("b", ".txt") };
 *       for (const path of Object.values(files)) await Deno.writeTextFile(path, "done");
 *       await logArtifacts(files, { metadataByKey: { b: { role: "secondary" } } });
 *     },
 *     outputs: ["a", "b"],
 *   });
 *   assert.equal(made.outputs.b.meta.role, "secondary");
 * });
 * ```
 */
export const logArtifacts: RunContext["logArtifacts"] = ambientContext.logArtifacts;
/**
 * Logs a file that the active run read.
 *
 * @throws {ConsistError} `no_active_run`, outside a run.
 *
 * @example A file read by hand
 * ```ts
 * import { logInput, run, Tracker, useTracker } from "consist";
 * import assert from "node:assert/strict";
 *
 * await using tracker = new Tracker({ dbPath: `${await Deno.makeTempDir()}/provenance.duckdb` });
 * await useTracker(tracker, async () => {
 *   const path = `${await Deno.makeTempDir()}/k.json`;
 *   await Deno.writeTextFile(path, "2");
 *   const made = await run({ name: "read", fn: async () => (await logInput(path)).key, outputs: ["key"] });
 *   assert.equal(await made.load(), "k");
 * });
 * ```
 */
export const logInput: RunContext["logInput"] = ambientContext.logInput;
/**
 * Logs a file that the active run made. A file outside the run's own folder is copied into it.
 *
 * @throws {ConsistError} `no_active_run`, outside a run.
 *
 * @example A file written by hand
 * ```ts
 * import { logOutput, outputPath, run, Tracker, useTracker } from "consist";
 * import assert from "node:assert/strict";
 *
 * await using tracker = new Tracker({ dbPath: `${await Deno.makeTempDir()}/provenance.duckdb` });
 * await useTracker(tracker, async () => {
 *   const fn = async () => {
 *     await Deno.writeTextFile(outputPath("note", ".txt"), "done");
 *     await logOutput(outputPath("note", ".txt"), { key: "note" });
 *   };
 *   assert.equal(await run({ name: "report", fn, outputs: ["note"] }).load(), "done");
 * });
 * ```
 */
export const logOutput: RunContext["logOutput"] = ambientContext.logOutput;
/**
 * Writes a DataFrame into the active run's folder and logs it.
 *
 * @throws {ConsistError} `no_active_run`, outside a run.
 *
 * @example A table
 * ```ts
 * import { logDataframe, run, Tracker, useTracker } from "consist";
 * import assert from "node:assert/strict";
 *
 * await using tracker = new Tracker({ dbPath: `${await Deno.makeTempDir()}/provenance.duckdb` });
 * await useTracker(tracker, async () => {
 *   const { default: pl } = await import("polars");
 *   const fn = async () => void await logDataframe(pl.DataFrame({ id: [1, 2] }), { key: "persons" });
 *   const made = await run({ name: "make", fn, outputs: ["persons"] });
 *   assert.match(made.outputs.persons.path, /persons\.parquet$/);
 * });
 * ```
 */
export const logDataframe: RunContext["logDataframe"] = ambientContext.logDataframe;
/**
 * Adds notes to the active run.
 *
 * @throws {ConsistError} `no_active_run`, outside a run.
 *
 * @example A note
 * ```ts
 * import { logMeta, run, Tracker, useTracker } from "consist";
 * import assert from "node:assert/strict";
 *
 * await using tracker = new Tracker({ dbPath: `${await Deno.makeTempDir()}/provenance.duckdb` });
 * await useTracker(tracker, async () => {
 *   const made = await run({ name: "make", fn: () => logMeta({ host: "a" }), outputs: [] });
 *   assert.equal(made.run.meta.host, "a");
 * });
 * ```
 */
export const logMeta: RunContext["logMeta"] = ambientContext.logMeta;
/**
 * Logs what the body writes into a folder, by file name stem.
 *
 * @throws {ConsistError} `no_active_run`, outside a run.
 *
 * @example A tool that writes files
 * ```ts
 * import { captureOutputs, outputDir, run, Tracker, useTracker } from "consist";
 * import assert from "node:assert/strict";
 *
 * await using tracker = new Tracker({ dbPath: `${await Deno.makeTempDir()}/provenance.duckdb` });
 * await useTracker(tracker, async () => {
 *   const tool = async (dir: string) => await Deno.writeTextFile(`${dir}/results.csv`, "a\n1\n");
 *   const fn = async () => void await captureOutputs(outputDir("tool"), { pattern: "*.csv" }, tool);
 *   assert.deepEqual(Object.keys((await run({ name: "legacy", fn })).outputs), ["results"]);
 * });
 * ```
 */
export const captureOutputs: RunContext["captureOutputs"] = ambientContext.captureOutputs;
/**
 * Keeps the rows of a table in the ledger: `load` and `loadDf` give them where the file is gone, and the step that made it is still a hit.
 *
 * An artifact of the active run is put in with the run, in one transaction. The same content is kept once. An artifact on record counts for the
 * run that made it.
 *
 * @throws {ConsistError} `no_active_run`, outside a run.
 * @throws {OutputError} `output_not_storable`, where it is no table; `schema_mismatch`, where it does not fit the schema.
 *
 * @example Rows that outlive their file
 * ```ts
 * import { ingest, loadDf, logOutput, outputPath, run, Tracker, useTracker } from "consist";
 * import assert from "node:assert/strict";
 *
 * await using tracker = new Tracker({ dbPath: `${await Deno.makeTempDir()}/provenance.duckdb` });
 * await useTracker(tracker, async () => {
 *   const fn = async () => {
 *     await Deno.writeTextFile(outputPath("trips", ".csv"), "id,km\n1,2.5\n");
 *     await ingest(await logOutput(outputPath("trips", ".csv"), { key: "trips" }));
 *   };
 *   const { outputs } = await run({ name: "measure", fn, outputs: ["trips"] });
 *   await Deno.remove(outputs.trips.path);
 *   assert.deepEqual((await loadDf(outputs.trips)).toRecords(), [{ id: 1, km: 2.5 }]);
 * });
 * ```
 */
export const ingest: RunContext["ingest"] = ambientContext.ingest;
/**
 * A path inside the active run's own folder.
 *
 * @throws {ConsistError} `no_active_run`, outside a run.
 *
 * @example A path for a file
 * ```ts
 * import { outputPath, run, Tracker, useTracker } from "consist";
 * import assert from "node:assert/strict";
 *
 * await using tracker = new Tracker({ dbPath: `${await Deno.makeTempDir()}/provenance.duckdb` });
 * await useTracker(tracker, async () => {
 *   const made = await run({ name: "where", fn: () => outputPath("report", ".md").endsWith("report.md"), outputs: ["ok"] });
 *   assert.equal(await made.load(), true);
 * });
 * ```
 */
export const outputPath: RunContext["outputPath"] = ambientContext.outputPath;
/**
 * A folder inside the active run's own folder, made if it is missing.
 *
 * @throws {ConsistError} `no_active_run`, outside a run.
 *
 * @example A folder for a tool
 * ```ts
 * import { outputDir, run, Tracker, useTracker } from "consist";
 * import assert from "node:assert/strict";
 *
 * await using tracker = new Tracker({ dbPath: `${await Deno.makeTempDir()}/provenance.duckdb` });
 * await useTracker(tracker, async () => {
 *   const made = await run({ name: "where", fn: async () => (await Deno.stat(outputDir("tool"))).isDirectory, outputs: ["ok"] });
 *   assert.equal(await made.load(), true);
 * });
 * ```
 */
export const outputDir: RunContext["outputDir"] = ambientContext.outputDir;
/**
 * What takes space in the folder of runs, by step and scenario, and what its hits saved. Nothing is changed.
 *
 * `unknown` is what lies among the folders of runs and belongs to no run of this ledger: of steps that were not tracked, of another ledger, or
 * put there by hand. It is never pruned.
 *
 * @example What is there?
 * ```ts
 * import { cacheStatus, run, Tracker, useTracker } from "consist";
 * import assert from "node:assert/strict";
 *
 * await using tracker = new Tracker({ dbPath: `${await Deno.makeTempDir()}/provenance.duckdb` });
 * await useTracker(tracker, async () => {
 *   const step = () => run({ name: "count", fn: () => "a,b", outputs: ["text"] });
 *   await step();
 *   await step();
 *   const { runs, hits, bytes } = await cacheStatus();
 *   assert.deepEqual([runs, hits, bytes], [1, 1, 3]);
 * });
 * ```
 */
export const cacheStatus: Tracker["cacheStatus"] = ambient("cacheStatus");
/**
 * Deletes the cached files of runs that all given rules mean. The runs stay on record and explain themselves; they are served no more, and a
 * step that is asked for again executes and says when they were pruned.
 *
 * What stays, whatever the rules mean: what a step reads that executes now, in any process; what an open scenario holds; what a run that stays
 * was made from; runs of other programs; and all that is not in the folder of such a run, as copies at paths that you named. Sizes are those
 * of the files. With `dryRun` nothing is deleted.
 *
 * @param options What may go: see {@linkcode PruneOptions}.
 * @returns What was deleted, as a list that shows itself as a table.
 * @throws {OptionError} `unknown_option` or `option_invalid`, also where no rule is given.
 * @throws {LedgerError} `cache_in_use`, where a step executes that has not said in time what it reads.
 *
 * @example Only the newest run of a step stays
 * ```ts
 * import { pruneCache, run, Tracker, useTracker } from "consist";
 * import assert from "node:assert/strict";
 *
 * await using tracker = new Tracker({ dbPath: `${await Deno.makeTempDir()}/provenance.duckdb` });
 * await useTracker(tracker, async () => {
 *   const double = (n: number) => run({ name: "double", fn: (_, { config }) => config.n * 2, config: { n }, outputs: ["twice"] });
 *   const [first] = [await double(1), await double(2)];
 *   const { runs } = await pruneCache({ step: "double", keepLatest: 1 });
 *   assert.deepEqual(runs.map(({ run }) => run), [first.run.id]);
 *   assert.equal((await double(2)).cacheHit, true);
 *   assert.equal((await double(1)).miss?.code, "outputs_pruned");
 * });
 * ```
 */
export const pruneCache: Tracker["pruneCache"] = ambient("pruneCache");
/**
 * Lets the results of a step's old code stand for its new code, after a refactoring or an upgrade that changes no result.
 *
 * `run` is one that executed with the new code, and for which an older run with the same config and inputs is there. Their outputs are
 * compared, and so are those of all such pairs on record: where one differs nothing is accepted, unless `force` is given. From then on a call
 * that no run has the signature of is served the old code's result, and its card says by whom, when and why. Config and inputs decide as
 * before, another change of the code is a miss, and other steps are not concerned. Code that cannot be followed is never accepted.
 *
 * @param run The run that executed with the new code, or its result.
 * @param reason Why the old results may stand; every card that rests on it shows it.
 * @returns What was recorded, with an id for `revokeAccept`.
 * @throws {OptionError} `option_invalid`, without a reason.
 * @throws {FindError} `run_not_found`; `accept_refused`, where there is nothing to compare with.
 * @throws {ContentError} `accept_refused`, where outputs differ.
 *
 * @example A function that was only written otherwise
 * ```ts
 * import { accept, revokeAccept, run, Tracker, useTracker } from "consist";
 * import assert from "node:assert/strict";
 *
 * await using tracker = new Tracker({ dbPath: `${await Deno.makeTempDir()}/provenance.duckdb` });
 * await useTracker(tracker, async () => {
 *   const before = (n: number) => run({ name: "double", fn: (_, { config }) => config.n * 2, config: { n }, outputs: ["twice"] });
 *   const after = (n: number) => run({ name: "double", fn: (_, { config }) => config.n + config.n, config: { n }, outputs: ["twice"] });
 *   for (const n of [1, 2, 3]) await before(n);
 *   const { id } = await accept(await after(1), "written as a sum");
 *   const third = await after(3);
 *   assert.equal(third.cacheHit, true);
 *   assert.match(third.explain(), /The code differs .*: written as a sum\./);
 *   await revokeAccept(id);
 *   assert.equal((await after(3)).cacheHit, false);
 * });
 * ```
 */
export const accept: Tracker["accept"] = ambient("accept");
/**
 * Takes an acceptance back: what rests on it is served no more. It stays on record.
 *
 * @param acceptance What `accept` gave, or its id.
 * @throws {KeyError} `unknown_key`, where there is none.
 *
 * @example An id that is none
 * ```ts
 * import { revokeAccept, Tracker, useTracker } from "consist";
 * import assert from "node:assert/strict";
 *
 * await using tracker = new Tracker({ dbPath: `${await Deno.makeTempDir()}/provenance.duckdb` });
 * await useTracker(tracker, () => assert.rejects(revokeAccept("accept_1"), { code: "unknown_key" }));
 * ```
 */
export const revokeAccept: Tracker["revokeAccept"] = ambient("revokeAccept");
/**
 * The differences of code that were accepted, newest first, also those that were taken back: a list that shows itself as a table.
 *
 * @param step Only those of this step.
 *
 * @example None yet
 * ```ts
 * import { acceptances, Tracker, useTracker } from "consist";
 * import assert from "node:assert/strict";
 *
 * await using tracker = new Tracker({ dbPath: `${await Deno.makeTempDir()}/provenance.duckdb` });
 * await useTracker(tracker, async () => assert.equal((await acceptances()).length, 0));
 * ```
 */
export const acceptances: Tracker["acceptances"] = ambient("acceptances");
