/** The ledger: one DuckDB file of runs, artifacts, facets and schemas, shared with Python's library, and all SQL of its tables. */
export { type EndedRun, type Ledger, ledgerAt, type LedgerOptions, openLedger } from "./ledger.ts";
export { emptyLedger } from "./empty.ts";
export { ledgerFiles, type LedgerPlace, ledgerPlace, notebookFolder } from "./home.ts";
export { hasJournal } from "./journal.ts";
export { realPathOf } from "./real_path.ts";
export type { Born, Db, DuckDBConnection } from "./connection.ts";
export type { SqlList, SqlScalar, SqlValue } from "./values.ts";
export {
  allRunIds,
  completedBySignature,
  finishRun,
  insertRuns,
  lastEnded,
  otherwiseKnown,
  recentRuns,
  type RunChanges,
  runningRuns,
  runOf,
  type RunRow,
  runsById,
  signaturesOf,
  unfinishedBySignature,
} from "./runs.ts";
export {
  artifactOf,
  type ArtifactRow,
  artifactsByHash,
  artifactsById,
  artifactsOfRuns,
  insertArtifacts,
  insertLinks,
  type LinkedArtifact,
  type LinkRow,
  linksOfArtifacts,
  runsThatLack,
  setArtifactMeta,
} from "./artifacts.ts";
export {
  type ArtifactFacet,
  type ArtifactFacetRow,
  facetsOfArtifacts,
  facetsOfRuns,
  insertArtifactFacets,
  insertFacets,
  type RunFacet,
  type RunFacetRow,
  type StoredFacet,
} from "./facets.ts";
export {
  canonicalFacet,
  exactFacetValue,
  FACET_BYTES_AT_MOST,
  FACET_ROWS_AT_MOST,
  facetId,
  type FacetLeaf,
  facetLeaves,
  type FacetValueType,
} from "./facet_rows.ts";
export {
  fieldsOfSchemas,
  insertObservations,
  insertRelations,
  insertSchemas,
  noteFieldKeys,
  type ObservationRow,
  observationsOf,
  observationsOfSchemas,
  relationsOfSchemas,
  type SchemaFieldRow,
  type SchemaRelationRow,
  type SchemaRow,
  schemasById,
} from "./schemas.ts";
export { changeOwnRun, insertOwnRuns, type OwnRunRow, ownRunsById, runIdsByLabel, type ServableRow, servableRuns } from "./own_runs.ts";
export {
  acceptancesById,
  acceptancesOf,
  type AcceptedRow,
  type CodeOfRun,
  codesOfRuns,
  insertAcceptance,
  isAnyAccepted,
  liveAcceptances,
  revokeAcceptance,
} from "./acceptances.ts";
export {
  addressesOfArtifacts,
  markPruned,
  namedPlaces,
  type Need,
  needs,
  prunedAmong,
  prunedBySignature,
  type PrunedRow,
  type PruneState,
  runsOfHeaders,
  setPruneState,
  unfinishedPrunes,
  unmarkPruned,
  type UsedRun,
  usedRuns,
} from "./prunes.ts";
export { displayOf, type DisplayRow, insertDisplays } from "./displays.ts";
export { identitiesOf, type IdentityRow, insertIdentities } from "./identities.ts";
export {
  copyRows,
  ingestedByContent,
  ingestedByPython,
  type IngestedColumn,
  type IngestedRow,
  isWhole,
  keepRows,
  type RowsToKeep,
  tableName,
  wholeByContent,
} from "./ingested.ts";
export { type DigestRow, digestsOf, putDigests } from "./digests.ts";
export {
  prepareSnapshot,
  readSnapshot,
  readSnapshotFile,
  type Snapshot,
  snapshotFilesOf,
  snapshotPath,
  SNAPSHOTS,
  writeSnapshot,
} from "./snapshot.ts";
export { restoreSnapshots } from "./restore.ts";
export type { PreparedFile } from "./whole_file.ts";
export { jsonText, parseJson } from "./json.ts";
export { asksIndexes, columnsOf } from "./select.ts";
export type { ColumnType } from "./schema.ts";
export { enterStepWorker, isStepWorker, refusingLedger } from "./step_worker.ts";
