/** Reading the ledger: relations and charts over runs, and a row as the run that users hold. What asks the ledger is in `answers/`. */
export { type Acceptance, acceptanceOf, acceptedWords, restingWords, restsOn } from "./acceptance.ts";
export type { AcceptanceList, ExportSchemaOptions, FindOptions, LineageOptions, RunsOfFile, SchemaSource } from "./answers/mod.ts";
export { frameOf } from "./frame_of.ts";
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
export { type CompiledQuery, runQuery } from "./run_query.ts";
export { savings, type SavingsOptions } from "./savings.ts";
export { timeline, type TimelineOf } from "./timeline.ts";
export { lineOf } from "./run_lines.ts";
export { type RunParts, runsOf, toRun } from "./run_rows.ts";
export { type ViewColumns, viewOf, type ViewOptions, type ViewRow } from "./view.ts";
