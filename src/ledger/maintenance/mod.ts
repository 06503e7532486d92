/** What is done to a whole ledger: making it whole again, copies, export, merging, taking runs out. Loaded when it is first done. */
export { rebuildLedger, type Rebuilt, type Reconciled, reconcileLedger, type ReconcileOptions } from "./rebuild.ts";
export { type Compacted, compactLedger, copyLedger, type OnProgress } from "./compact.ts";
export { EXPORT_FORMATS, type ExportedTable, type ExportFormat, exportLedger, withChildren } from "./export.ts";
export { type Fault, faultOf, faultsOfLedger, inspectLedger, type LedgerFacts } from "./inspect.ts";
export { type Merged, mergeLedger, type MergeOptions } from "./merge.ts";
export {
  addressesInUse,
  artifactsOnlyOf,
  foldersInUse,
  type MeantRun,
  type NeededRun,
  type PurgeFilter,
  removeArtifacts,
  removeRuns,
  runsToPurge,
  type Selection,
  selectPurgeable,
} from "./purge.ts";
export { keepAcceptance, keepMissingMarks, keepPruned } from "./marks.ts";
export { runsWithoutSnapshot, snapshotFiles, writeSnapshots } from "./snapshots.ts";
