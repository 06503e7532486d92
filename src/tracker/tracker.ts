/** The tracker: owns the ledger and the options, and hands the floors below what they need. Nothing below imports it. */
import { loadFrame } from "../artifacts/mod.ts";
import { type Ledger, ledgerPlace } from "../ledger/mod.ts";
import type { Rebuilt } from "../ledger/maintenance/mod.ts";
import * as query from "../query/mod.ts";
import {
  type AccessMode,
  type ArchiveOptions,
  type BindingChoice,
  type BoundInputs,
  type ContainerOptions,
  type CopyOptions,
  type Definition,
  type HydrateOptions,
  type KeysOfRun,
  loadable,
  type MissingOf,
  type MissingPolicy,
  type NoConfig,
  type NoCoupler,
  type NoDefinition,
  type NoInputs,
  type NoValues,
  type Outlook,
  type OutputsDeclaration,
  type OutputsOf,
  type OutputValues,
  type PathValue,
  placeOf,
  readsOfActiveRun,
  type Restored,
  type RunOptions,
  runStep,
  type ScenarioInputs,
  type StageOptions,
  type Verification,
  wouldHit,
  type WouldHitOptions,
} from "../run/mod.ts";
import type { AcceptOptions, CacheStatus, PruneOptions, PruneReport } from "../run/care/mod.ts";
import { makeScenario, mapRuns, type MapRunsOptions, type MapRunsResult, type ScenarioFunction } from "../scenario/mod.ts";
import { notedLedger } from "./noted_ledger.ts";
import { checkOptions, type Schemas, type TrackerOptions } from "./options.ts";
import { accessModeOf, isEnabled, makeServices, type TrackerServices } from "./services.ts";
import type { SqlParameter } from "../relations/mod.ts";
import type {
  Artifact,
  Chart,
  DataFrame,
  DuckDBConnection,
  KeyOf,
  LoadedPath,
  PathLike,
  Relation,
  Run,
  RunPromise,
  RunResult,
  UnknownRow,
  ZodObject,
} from "../types.ts";

/** The views of registered schemas, by name. */
export type Views<S extends Schemas> = { readonly [K in keyof S]: Relation<query.ViewRow<S[K]>> };
/** A tracker of whatever schemas. */
// deno-lint-ignore no-explicit-any -- any tracker whatever: its schemas are of no concern where it is passed along
export type AnyTracker = Tracker<any>;

const services = new WeakMap<object, TrackerServices>();

/** What is done with recorded runs. */
const care = (): Promise<typeof import("../run/care/mod.ts")> => import("../run/care/mod.ts");
/** What asks the ledger. */
const answers = (): Promise<typeof import("../query/answers/mod.ts")> => import("../query/answers/mod.ts");
/** The same, for a question whose answer changes with every run: the step that asks it is told at once. */
function changingAnswers(): ReturnType<typeof answers> {
  readsOfActiveRun()?.ledger();
  return answers();
}

/** The ledger that the tag `sql` reads. */
export function readLedgerOf(tracker: AnyTracker): Ledger {
  return notedLedger(servicesOf(tracker).ledger);
}

/** What a tracker works with, for this floor only. */
export function servicesOf(tracker: AnyTracker): TrackerServices {
  return services.get(tracker)!;
}

/**
 * One ledger with its run folders. Opens on first use.
 *
 * @example A tracker of one's own
 * ```ts
 * import { Tracker } from "consist";
 * import assert from "node:assert/strict";
 *
 * const dir = await Deno.makeTempDir();
 * await using tracker = new Tracker({ dbPath: `${dir}/provenance.duckdb`, runDir: `${dir}/runs` });
 * const step = { name: "answer", fn: () => 42, outputs: ["n"] } as const;
 * assert.equal((await tracker.run(step)).cacheHit, false);
 * assert.equal((await tracker.run(step)).cacheHit, true);
 * ```
 */
export class Tracker<const S extends Schemas = Record<never, never>> implements AsyncDisposable {
  /** Root of all run folders, absolute. */
  readonly runDir: string;
  /** The ledger's file, absolute. */
  readonly dbPath: string;
  /** Is anything tracked? */
  readonly enabled: boolean;
  /** What may be done with the ledger and the run folder. */
  readonly accessMode: AccessMode;
  /** Views over all tables that were logged with a schema. */
  readonly views: Views<S>;
  /** Opens a scenario: see the ambient `scenario`. */
  readonly scenario: ScenarioFunction;
  readonly #services: TrackerServices;
  /** For questions whose answers change with every run: a step that asks one cannot be served again. */
  readonly #reading: query.Reading;
  readonly #schemas = new Map<string, ZodObject>();
  readonly #views: Record<string, Relation<UnknownRow>> = {};

  /** A tracker; nothing is opened or written before its first use. */
  constructor(options: TrackerOptions<S> = {}) {
    checkOptions(options);
    const { dbPath, runDir } = ledgerPlace(options.dbPath, options.runDir);
    this.dbPath = dbPath;
    this.runDir = runDir;
    this.views = this.#views as unknown as Views<S>;
    this.enabled = isEnabled(options.enabled);
    this.accessMode = accessModeOf(options.accessMode);
    this.#services = makeServices({
      dbPath: this.dbPath,
      runDir: this.runDir,
      mounts: options.mounts ?? {},
      cacheEpoch: options.cacheEpoch ?? 1,
      enabled: this.enabled,
      accessMode: this.accessMode,
      schemaName: (schema) => [...this.#schemas].find(([, known]) => known === schema)?.[0],
    });
    this.#reading = { ...this.#services, ledger: notedLedger(this.#services.ledger) };
    services.set(this, this.#services);
    this.scenario = makeScenario(() => this.#services);
    for (const [name, schema] of Object.entries(options.schemas ?? {})) this.#register(name, schema);
  }

  #register(name: string, schema: ZodObject): Relation<UnknownRow> {
    this.#schemas.set(name, schema);
    return this.#views[name] = query.viewOf(this.#reading, name, schema) as unknown as Relation<UnknownRow>;
  }

  /** Runs a step, or takes its outputs from the cache: see the ambient `run`. */
  run<
    const I extends ScenarioInputs = NoInputs,
    C = NoConfig,
    const O extends OutputsDeclaration = readonly [],
    R = void,
    B extends BindingChoice = "loaded",
    A = NoValues,
    M extends MissingPolicy = "error",
    P = BoundInputs<I, B>,
    D extends Definition = NoDefinition,
    Z = unknown,
  >(options: RunOptions<I, C, O, R, B, A, M, P, D, NoCoupler, Z>): RunPromise<OutputValues<OutputsOf<O, D>, R, MissingOf<M, D>>> {
    return runStep(this.#services, options, placeOf(options)) as unknown as RunPromise<OutputValues<OutputsOf<O, D>, R, MissingOf<M, D>>>;
  }

  /** Runs a step for each row: see the ambient `mapRuns`. */
  async mapRuns<
    Row extends object,
    const I extends ScenarioInputs = NoInputs,
    C = Row,
    const O extends OutputsDeclaration = readonly [],
    R = void,
    B extends BindingChoice = "loaded",
    A = NoValues,
    M extends MissingPolicy = "error",
    P = BoundInputs<I, B>,
    D extends Definition = NoDefinition,
    Z = unknown,
  >(
    options: MapRunsOptions<Row, I, C, O, R, B, A, M, P, D, NoCoupler, Z>,
  ): Promise<MapRunsResult<Row, OutputValues<OutputsOf<O, D>, R, MissingOf<M, D>>>> {
    const place = placeOf(options);
    return await mapRuns(this.#services, options, place) as unknown as (
      MapRunsResult<Row, OutputValues<OutputsOf<O, D>, R, MissingOf<M, D>>>
    );
  }

  /** Would `run(options)` be a hit? Executes nothing, and records nothing: see the ambient `wouldHit`. */
  wouldHit(options: WouldHitOptions): Promise<Outlook> {
    return wouldHit(this.#services, options, placeOf(options));
  }

  /** Runs a containerised program, or takes its outputs from the cache: see the ambient `runContainer`. */
  async runContainer<const F extends { readonly [key: string]: string }>(
    options: ContainerOptions<F>,
  ): Promise<RunResult<{ readonly [K in KeyOf<F>]: LoadedPath<F[K]> }>> {
    const place = placeOf(options);
    const { containerStep } = await import("../run/elsewhere/mod.ts");
    return await runStep(this.#services, containerStep(options), place) as unknown as (
      RunResult<{ readonly [K in KeyOf<F>]: LoadedPath<F[K]> }>
    );
  }

  /** Executes a recorded step again beside the original, and compares what the outputs contain: see the ambient `verifyRun`. */
  async verifyRun(run: query.RunLike, options?: WouldHitOptions): Promise<Verification> {
    return await (await care()).verifyRun(this.#services, run, options);
  }

  /** Registers schemas after the tracker was made, and gives their views. */
  view<const V extends Schemas>(schemas: V): Views<V> {
    return Object.fromEntries(Object.entries(schemas).map(([name, schema]) => [name, this.#register(name, schema)])) as unknown as Views<V>;
  }

  /** The run with this id, or none. */
  async getRun(id: string): Promise<Run | undefined> {
    return await (await answers()).getRun(this.#services, id);
  }

  /** The artifact with this id, or none. */
  async getArtifact(id: string): Promise<Artifact | undefined> {
    return await (await answers()).getArtifact(this.#services, id);
  }

  /** What a run read and made, by key. */
  async getArtifactsForRun(run: query.RunLike): Promise<query.RunArtifacts> {
    return await (await answers()).artifactsForRun(this.#services, run);
  }

  /** Exactly one run; none and several are errors of their own. */
  async findRun(filter: query.RunFilter & query.ReadOptions): Promise<Run> {
    return await (await changingAnswers()).findRun(this.#reading, filter);
  }

  /** Runs, newest first; with `indexBy` a map. */
  async findRuns<const K extends query.RunField | undefined = undefined>(
    filter: query.FindOptions<K> = {},
  ): Promise<K extends query.RunField ? Map<NonNullable<Run[K]>, Run> : Run[]> {
    return await (await changingAnswers()).findRuns(this.#reading, filter);
  }

  /** The run of the highest iteration, else the newest. */
  async findLatestRun(filter: query.RunFilter & query.ReadOptions): Promise<Run> {
    return await (await changingAnswers()).findLatestRun(this.#reading, filter);
  }

  /** Runs as a set that can be split, filtered, aligned and compared. */
  async runSet(filter: query.RunFilter & query.ReadOptions & { readonly label?: string } = {}): Promise<query.RunSet> {
    return await (await changingAnswers()).runSet(this.#reading, filter);
  }

  /** What differs between two runs. */
  async diffRuns(left: query.RunLike, right: query.RunLike): Promise<query.RunDiff> {
    return await (await changingAnswers()).diffRuns(this.#reading, left, right);
  }

  /** Runs over time, as a chart: see the ambient `timeline`. */
  timeline(scenario: query.TimelineOf): Chart {
    return query.timeline(this.#reading, scenario);
  }

  /** What hits saved, over time and by step, as a chart: see the ambient `savings`. */
  savings(options: query.SavingsOptions = {}): Chart {
    return query.savings(this.#reading, options);
  }

  /** How an artifact came to be. */
  async lineage(artifact: Artifact | string, options: query.LineageOptions = {}): Promise<query.Lineage> {
    return await (await changingAnswers()).lineage(this.#reading, artifact, options);
  }

  /** Facets of many runs as a wide table. */
  pivotFacets<
    const K extends string,
    const T extends { readonly [X in K]?: query.ValueColumn } = Record<never, never>,
    const L extends { readonly [X in K]?: string } = Record<never, never>,
    const Prefix extends string = "",
    const Id extends string = "run_id",
  >(options: query.PivotOptions<K, T, L, Prefix, Id> & query.ReadOptions): Relation<query.PivotRow<K, T, L, Prefix, Id>> {
    return query.pivotFacets<K, T, L, Prefix, Id>(this.#reading, options, this.#services.warn);
  }

  /** The rows of a relation or of a query builder's compiled query. */
  runQuery<Row = UnknownRow>(query: Relation<Row> | query.CompiledQuery): Promise<Row[]>;
  /** The rows of a text with parameters. */
  runQuery<Row = UnknownRow>(text: string, parameters?: readonly SqlParameter[]): Promise<Row[]>;
  runQuery(what: string | Relation<unknown> | query.CompiledQuery, parameters?: readonly SqlParameter[]): Promise<unknown[]> {
    return query.runQuery(() => this.#reading.ledger, what, parameters);
  }

  /** An artifact's value, by its driver. */
  load<V>(artifact: Artifact<string, V>): Promise<V>;
  /** A file's value, by its driver; inside a run, which reads it. */
  load<const S extends string | URL>(path: S): Promise<PathValue<S>>;
  /** The value of a file that something says the path of. */
  load(file: PathLike): Promise<unknown>;
  async load(what: unknown): Promise<unknown> {
    return await loadable(what).load();
  }

  /** An artifact's value as a DataFrame. */
  loadDf<V>(artifact: Artifact<string, V>): Promise<V extends DataFrame ? V : DataFrame>;
  /** A file's value as a DataFrame; inside a run, which reads it. */
  loadDf(path: string | URL | PathLike): Promise<DataFrame>;
  async loadDf(what: unknown): Promise<DataFrame> {
    return await loadFrame(loadable(what));
  }

  /** The runs that made, then those that read, a file with the content of this one: see the ambient `which`. */
  async which(path: string | URL): Promise<query.RunsOfFile> {
    return await (await changingAnswers()).which(this.#reading, path);
  }

  /** Copies an artifact's content to a path: see the ambient `materializeArtifact`. */
  async materializeArtifact<K extends string, V>(artifact: Artifact<K, V>, path: string, options?: CopyOptions): Promise<Artifact<K, V>> {
    return await (await care()).materializeArtifact(this.#services, artifact, path, options) as Artifact<K, V>;
  }

  /** Puts an artifact where a program wants it: see the ambient `stageArtifact`. */
  async stageArtifact<K extends string, V>(artifact: Artifact<K, V>, path: string, options?: StageOptions): Promise<Artifact<K, V>> {
    return await (await care()).stageArtifact(this.#services, artifact, path, options) as Artifact<K, V>;
  }

  /** Puts several artifacts where a program wants them, by key: see the ambient `stageArtifact`. */
  async stageArtifacts<const F extends { readonly [key: string]: Artifact }>(
    artifacts: F,
    paths: { readonly [K in keyof F]: string },
    options?: StageOptions,
  ): Promise<F> {
    return await (await care()).stageArtifacts(this.#services, artifacts, paths, options) as F;
  }

  /** Restores the outputs of a run below a folder: see the ambient `hydrateRunOutputs`. */
  async hydrateRunOutputs<const X extends query.RunLike>(
    run: X,
    options: HydrateOptions<KeysOfRun<X>>,
  ): Promise<{ readonly [K in KeysOfRun<X>]: Restored }> {
    return await (await care()).hydrateRunOutputs(this.#services, run, options) as { readonly [K in KeysOfRun<X>]: Restored };
  }

  /** Copies or moves the outputs of a run into an archive: see the ambient `archiveRunOutputs`. */
  async archiveRunOutputs<const X extends query.RunLike>(
    run: X,
    archiveRoot: string,
    options?: ArchiveOptions<KeysOfRun<X>>,
  ): Promise<{ readonly [K in KeysOfRun<X>]: Restored }> {
    return await (await care()).archiveRunOutputs(this.#services, run, archiveRoot, options) as { readonly [K in KeysOfRun<X>]: Restored };
  }

  /** What takes space in the folder of runs, and what that saves: see the ambient `cacheStatus`. */
  async cacheStatus(): Promise<CacheStatus> {
    readsOfActiveRun()?.ledger();
    return await (await care()).cacheStatus(this.#services);
  }

  /** Deletes cached files that nothing needs: see the ambient `pruneCache`. */
  async pruneCache(options: PruneOptions): Promise<PruneReport> {
    readsOfActiveRun()?.ledger();
    return await (await care()).pruneCache(this.#services, options);
  }

  /** Lets the results of a step's old code stand for the code of a run: see the ambient `accept`. */
  async accept(run: query.RunLike, reason: string, options?: AcceptOptions): Promise<query.Acceptance> {
    return await (await care()).accept(this.#services, run, reason, options);
  }

  /** Takes an acceptance back: see the ambient `revokeAccept`. */
  async revokeAccept(acceptance: string | query.Acceptance): Promise<query.Acceptance> {
    return await (await care()).revokeAccept(this.#services, acceptance);
  }

  /** The differences of code that were accepted: see the ambient `acceptances`. */
  async acceptances(step?: string): Promise<query.AcceptanceList> {
    return await (await changingAnswers()).acceptances(this.#reading, step);
  }

  /** A schema of the ledger as a zod module: see the ambient `exportSchema`. */
  async exportSchema(options: query.ExportSchemaOptions): Promise<string> {
    return await (await changingAnswers()).exportSchema(this.#reading, options);
  }

  /** A connection to the ledger's own DuckDB. The ledger stays locked for other processes until it is closed with `disconnectSync()`. */
  connection(): Promise<DuckDBConnection> {
    readsOfActiveRun()?.ledger();
    return this.#services.ledger.connection();
  }

  /**
   * Brings back what the ledger lacks, from the snapshots in `runDir`: after it was deleted or damaged, or where runs are missing in it. A file
   * that cannot be opened is moved aside, never deleted. Runs come back with their outputs, facets and identities; hits have no snapshot.
   *
   * @throws {LedgerError} where another process holds the ledger, or the disk refuses.
   *
   * @example A ledger that was lost
   * ```ts
   * import { Tracker } from "consist";
   * import assert from "node:assert/strict";
   *
   * const dir = await Deno.makeTempDir();
   * await using tracker = new Tracker({ dbPath: `${dir}/provenance.duckdb` });
   * const step = { name: "answer", fn: () => 42, outputs: ["n"] } as const;
   * const { run } = await tracker.run(step);
   * await tracker.close();
   * for (const name of ["provenance.duckdb", "provenance.duckdb.wal"]) await Deno.remove(`${dir}/${name}`).catch(() => {});
   * assert.deepEqual((await tracker.rebuild()).runs, [run.id]);
   * assert.equal((await tracker.run(step)).cacheHit, true);
   * ```
   */
  async rebuild(): Promise<Rebuilt> {
    this.#services.access.toWrite("rebuild the ledger");
    if (!this.enabled) return { runs: [], movedAside: [], unreadable: [] };
    const { rebuildLedger } = await import("../ledger/maintenance/mod.ts");
    return await rebuildLedger(this.#services.ledger, this.runDir, new Date(this.#services.now()));
  }

  /** Waits for what is unwritten and gives the ledger back. May be called twice, and the tracker can be used again. */
  async close(): Promise<void> {
    await this.#services.executors.close();
    await this.#services.ledger.close();
    await this.#services.untracked().ledger.close();
  }

  /** The same, at the end of an `await using` block. */
  async [Symbol.asyncDispose](): Promise<void> {
    await this.close();
  }

  /** Captured by a step it does not count. */
  [Symbol.for("consist.identity")](): string {
    return "tracker";
  }
}
