/**
 * Consist: slow scientific work that never runs twice and never goes stale.
 *
 * A step is an ordinary function. `run` keeps its outputs in a DuckDB ledger under a signature of its code, its config and the content of its
 * inputs: the same signature gives the same outputs at once, another one executes and says what changed. `scenario` links steps,
 * `pivotFacets`, `runQuery` and `lineage` ask the ledger. In a Deno notebook every result shows itself.
 *
 * @example Run once, then hit
 * ```ts
 * import { run, Tracker, useTracker } from "consist";
 * import assert from "node:assert/strict";
 *
 * await using tracker = new Tracker({ dbPath: `${await Deno.makeTempDir()}/provenance.duckdb` });
 * await useTracker(tracker, async () => {
 *   const simulate = (seed: number) =>
 *     run({
 *       name: "simulate",
 *       fn: (_, { config }) => Array.from({ length: 3 }, (_, i) => (config.seed * 16807 ** (i + 1)) % 2147483647),
 *       config: { seed },
 *       outputs: ["draws"],
 *     });
 *   const first = await simulate(1);
 *   const again = await simulate(1);
 *   assert.equal(first.cacheHit, false);
 *   assert.equal(again.cacheHit, true);
 *   assert.deepEqual(await again.load(), await first.load());
 *   assert.match((await simulate(2)).explain(), /config.seed: 1 → 2/);
 * });
 * ```
 *
 * @module
 */

// Notebooks: what draws, and what executes step cells
import "./src/cells/in_notebook.ts";

// Steps
export {
  captureOutputs,
  ingest,
  logArtifact,
  logArtifacts,
  logDataframe,
  logInput,
  logMeta,
  logOutput,
  mapRuns,
  outputDir,
  outputPath,
  run,
  runContainer,
  scenario,
  verifyRun,
  wouldHit,
} from "./src/tracker/mod.ts";
export { collectStepSchema, command, container, defineStep, input, ref, refs, relation, stepContract } from "./src/run/mod.ts";
export { artifactKeys, grid, Scenario } from "./src/scenario/mod.ts";

// Inputs and outputs that arrive or are kept in another way than usual
export { file, lazy, registerDriver, value } from "./src/artifacts/mod.ts";
export { untracked } from "./src/identity/mod.ts";

// Reading
export {
  diffRuns,
  exportSchema,
  findLatestRun,
  findRun,
  findRuns,
  lineage,
  load,
  loadDf,
  pivotFacets,
  runQuery,
  runSet,
  savings,
  sql,
  timeline,
  view,
  which,
} from "./src/tracker/mod.ts";
export { chart } from "./src/relations/mod.ts";

// Files through time
export { archiveRunOutputs, hydrateRunOutputs, materializeArtifact, stageArtifact, stageArtifacts } from "./src/tracker/mod.ts";

// Care of the cache
export { accept, acceptances, cacheStatus, pruneCache, revokeAccept } from "./src/tracker/mod.ts";

// The ledger
export { Tracker, useTracker } from "./src/tracker/mod.ts";

// Errors: one class for each thing to catch
export {
  ConfigError,
  ConsistError,
  ContainerError,
  ContentError,
  ExecutorError,
  FindError,
  InputError,
  KeyError,
  LedgerError,
  NotebookError,
  OptionError,
  OutputError,
  ProgramError,
  QueryError,
  StepFailedError,
} from "./src/errors.ts";
export type { ErrorCode, ErrorDetails } from "./src/errors.ts";

// Types: the shared words
export type {
  Artifact,
  Artifacts,
  Change,
  Chart,
  CollectedFrame,
  DataFrame,
  DuckDBConnection,
  Equal,
  Extension,
  Facet,
  FileOutput,
  IdentityPart,
  InputAs,
  KeyOf,
  LazyFrame,
  LazyFrameOf,
  LoadedByExtension,
  LoadedPath,
  loads,
  Meta,
  MimeBundle,
  Miss,
  Misuse,
  PathLike,
  PlotOptions,
  Registry,
  Relation,
  Run,
  RunFailure,
  RunPromise,
  RunResult,
  RunStatus,
  Scalar,
  Simplify,
  TraceResult,
  UnknownRow,
  WithoutQuery,
  ZodObject,
  ZodOutput,
  ZodSchema,
} from "./src/types.ts";

// Types of steps
export type {
  AcceptsInputs,
  AcceptsStep,
  Binding,
  BindingChoice,
  BindingOf,
  BoundInputs,
  ByKey,
  CacheHydration,
  CacheOptions,
  CallContext,
  CaptureOptions,
  CheckedInputs,
  CommandOptions,
  Computed,
  ComputedSettings,
  ConfigOf,
  ContainerOptions,
  ContainerSpec,
  ContractColumn,
  ContractContext,
  DefinedStep,
  Definition,
  definition,
  ExecutionBase,
  ExecutionOptions,
  ExecutorChoice,
  HasDefinition,
  IngestOptions,
  InputRef,
  Inputs,
  InputsOf,
  IsOpen,
  Loaded,
  LogManyOptions,
  LogOptions,
  MissingOf,
  MissingPolicy,
  NoConfig,
  NoCoupler,
  NoDefinition,
  NoInputs,
  NotDefaults,
  NoValues,
  OneKey,
  OneOutput,
  OnlyMember,
  Or,
  Outlook,
  OutputContract,
  OutputKey,
  OutputOptions,
  OutputPolicy,
  OutputsDeclaration,
  OutputsOf,
  OutputValues,
  Parsable,
  Parsed,
  Paths,
  PathValue,
  PlainData,
  ProgramInputs,
  ProgramStep,
  ReturnedAt,
  RunContext,
  RunOptions,
  RunSettings,
  RuntimeOf,
  ScenarioInputs,
  Step,
  StepContract,
  StepDefaults,
  StepOptions,
  StepSchemaOptions,
  Stored,
  Trusting,
  ValueAt,
  Verification,
  WouldHitOptions,
} from "./src/run/mod.ts";

// Types of files through time
export type { ArchiveOptions, CopyOptions, HydrateOptions, KeysOfRun, Restored, StageOptions } from "./src/run/mod.ts";

// Types of the cache's care
export type { Acceptance, AcceptanceList } from "./src/query/mod.ts";
export type { AcceptOptions, CacheStatus, CacheUse, DataSize, PrunedRun, PruneOptions, PruneReport, TimeSpan } from "./src/run/care/mod.ts";

// Types of scenarios
export type {
  ArtifactKeys,
  Axes,
  CollectOptions,
  Coupler,
  DeclareOptions,
  GridRow,
  Mapped,
  MapRunsOptions,
  MapRunsResult,
  RequireOptions,
  RowConfig,
  ScenarioFunction,
  ScenarioOptions,
  SweepSettings,
  Unmapped,
  Warning,
  Within,
} from "./src/scenario/mod.ts";

// Types of reading
export type {
  CompiledQuery,
  Difference,
  ExportSchemaOptions,
  FindOptions,
  Lineage,
  LineageOptions,
  PivotOptions,
  PivotRow,
  ReadOptions,
  RunArtifacts,
  RunDiff,
  RunField,
  RunFilter,
  RunLike,
  RunPair,
  RunSet,
  RunsOfFile,
  SavingsOptions,
  SchemaSource,
  TimelineOf,
  ValueColumn,
  ValueOfColumn,
  ViewColumns,
  ViewRow,
} from "./src/query/mod.ts";

// Types of the tracker, of drivers, of schemas and of relations
export type { ColumnMeta } from "./src/schemas/mod.ts";
export type { AccessMode } from "./src/run/mod.ts";
export type { AnyTracker, Schemas, TrackerOptions, Views } from "./src/tracker/mod.ts";
export type { Executor, ExecutorTask, TaskProgress } from "./src/executors/mod.ts";
export type { EngineName } from "./src/programs/mod.ts";
export type { Rebuilt } from "./src/ledger/maintenance/mod.ts";
export type { Driver, DriverSpec, FilesBeside, LazyInput, LazyOf, MadeByRun, Published, ValueInput } from "./src/artifacts/mod.ts";
export type {
  AnyVegaLiteSpec,
  ChartSource,
  ColumnType,
  DrawnChart,
  FileRelation,
  RelationInput,
  RowsChart,
  SqlParameter,
  SqlRelation,
  SqlTag,
  SqlValue,
  VegaLiteSpec,
  WithoutProperty,
} from "./src/relations/mod.ts";
