/** Steps that belong together: scenarios, couplers, registries of keys. */
export { type ArtifactKeys, artifactKeys } from "./keys.ts";
export type { DeclareOptions, RequireOptions, Warning } from "./contracts.ts";
export type { Coupler, Within } from "./coupler.ts";
export {
  type CollectOptions,
  makeScenario,
  Scenario,
  type ScenarioFunction,
  type ScenarioOptions,
  type ScenarioServices,
} from "./scenario.ts";
