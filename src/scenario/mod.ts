/** Steps that belong together: scenarios, couplers, registries of keys. */
export { type ArtifactKeys, artifactKeys } from "./keys.ts";
export type { DeclareOptions, RequireOptions, Warning } from "./contracts.ts";
export type { Coupler, Within } from "./coupler.ts";
export type { CollectOptions, ScenarioOptions } from "./options.ts";
export { makeScenario, type ScenarioFunction } from "./open.ts";
export { Scenario, type ScenarioServices } from "./scenario.ts";
export { mapRuns } from "./sweeps/map_runs.ts";
export { type Axes, grid, type GridRow } from "./grid.ts";
export type { Mapped, MapRunsOptions, MapRunsResult, RowConfig, SweepSettings, Unmapped } from "./map_types.ts";
