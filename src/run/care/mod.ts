/** What is done with recorded runs: executed again, accepted, restored, archived, pruned, purged. Loaded when it is first done. */
export { verifyRun } from "./verify.ts";
export { accept, type AcceptOptions, revokeAccept } from "./accept.ts";
export { CacheStatus, cacheStatus, type CacheUse } from "./cache_status.ts";
export { pruneCache, type PruneHooks } from "./prune.ts";
export { type PrunedRun, PruneReport } from "./prune_report.ts";
export type { DataSize, PruneOptions, TimeSpan } from "./prune_rules.ts";
export { archiveRunOutputs } from "./archive_outputs.ts";
export { materializeArtifact, stageArtifact, stageArtifacts } from "./materialize.ts";
export { hydrateRunOutputs } from "./restore_outputs.ts";
export { type FixedStatus, fixStatus, type FixStatusOptions } from "./fix_status.ts";
export { finishPurges, openPurges, planPurge, purge, type PurgeOptions, type PurgePlan, type PurgeServices } from "./purge.ts";
