/** Reading: functions of the current tracker that ask its ledger. */
import type { Ledger } from "../ledger/mod.ts";
import { makeSql, type SqlTag } from "../relations/mod.ts";
import { ambient, currentTracker } from "./current.ts";
import { readLedgerOf, type Tracker } from "./tracker.ts";

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
