/** Reading the ledger: runs, facets, views, lineage, comparison. Each distinct result is seen once. */
export { type Acceptance, AcceptanceList, acceptanceOf, acceptances, acceptedWords, restingWords, restsOn } from "./acceptance.ts";
export { artifactsForRun, getArtifact } from "./artifacts_for_run.ts";
export { diffRuns } from "./diff_runs.ts";
export { exportSchema, type ExportSchemaOptions, type SchemaSource } from "./export_schema.ts";
export { findLatestRun, type FindOptions, findRun, findRuns, getRun } from "./find.ts";
export { type ArtifactFilter, type ArtifactListing, listArtifacts, listRuns, type RunListing } from "./listing.ts";
export { type NamedArtifacts, namedArtifacts, namedOrNewestRun, namedRun } from "./named.ts";
export { type Preview, preview } from "./preview.ts";
export { cardOfRecord, type Explanation, type RunFile, type RunRecord, runRecord } from "./run_record.ts";
export { cardOfScenario, type ScenarioRecord, scenarioRecord, scenarios, type ScenarioSummary } from "./scenario_record.ts";
export { type Found, search } from "./search.ts";
export { type LedgerSummary, type StepSummary, summary } from "./summary.ts";
export { type FileFault, validate, type ValidateOptions, type Validation } from "./validate.ts";
export { frameOf } from "./frame_of.ts";
export { heldArtifact } from "./held.ts";
export { lineage, type LineageOptions } from "./lineage.ts";
export { pivotFacets, type PivotOptions, type PivotRow, type ValueColumn, type ValueOfColumn } from "./pivot.ts";
export {
  type Difference,
  type Lineage,
  type Reading,
  type ReadOptions,
  type RunArtifacts,
  type RunDiff,
  type RunField,
  type RunFilter,
  runIdOf,
  type RunLike,
  type RunPair,
  type RunSet,
} from "./reading.ts";
export { savings, type SavingsOptions } from "./savings.ts";
export { timeline, type TimelineOf } from "./timeline.ts";
export { type CompiledQuery, runQuery } from "./run_query.ts";
export { lineOf } from "./run_lines.ts";
export { type RunParts, runsOf, toRun } from "./run_rows.ts";
export { runSet, type RunSetOptions } from "./run_set.ts";
export { type RunsOfFile, which } from "./which.ts";
export { type ViewColumns, viewOf, type ViewOptions, type ViewRow } from "./view.ts";
