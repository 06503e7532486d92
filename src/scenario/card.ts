/** A scenario's card: its steps and what its coupler holds. */
import type { ScenarioCardView } from "../notebook/mod.ts";
import type { Artifact } from "../types.ts";

/** What the coupler holds, as the card's files. */
export function filesOf(artifacts: ReadonlyMap<string, Artifact>): ScenarioCardView["outputs"] {
  return [...artifacts].map(([key, artifact]) => ({
    key,
    label: artifact.uri,
    path: artifact.path,
    driver: artifact.driver,
    hash: artifact.hash,
    ...(artifact.runId === undefined ? {} : { runId: artifact.runId }),
  }));
}
