/** What is logged: functions of the run inside which they are called. */
import { ambientContext, type RunContext } from "../run/mod.ts";

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
