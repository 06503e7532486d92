/** The tracker, and its functions as ambient ones. */
export { type AnyTracker, servicesOf, Tracker, type Views } from "./tracker.ts";
export type { Schemas, TrackerOptions } from "./options.ts";
export { currentTracker, useTracker } from "./current.ts";
export { mapRuns, run, runContainer, scenario, verifyRun, wouldHit } from "./ambient_steps.ts";
export {
  captureOutputs,
  ingest,
  logArtifact,
  logArtifacts,
  logDataframe,
  logInput,
  logMeta,
  logOutput,
  outputDir,
  outputPath,
} from "./ambient_active_run.ts";
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
} from "./ambient_reading.ts";
export { archiveRunOutputs, hydrateRunOutputs, materializeArtifact, stageArtifact, stageArtifacts } from "./ambient_files.ts";
export { accept, acceptances, cacheStatus, pruneCache, revokeAccept } from "./ambient_care.ts";
