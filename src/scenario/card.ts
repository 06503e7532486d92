/** A scenario's card: its steps and what its coupler holds. */
import type { renderScenarioCard } from "../notebook/mod.ts";
import type { Artifact, RunResult } from "../types.ts";

/** What the card shows. */
export type ScenarioView = Parameters<typeof renderScenarioCard>[0];

/** A step as a row of the card. */
export function rowOf({ run, cacheHit }: RunResult): ScenarioView["steps"][number] {
  return {
    id: run.id,
    step: run.model,
    status: cacheHit ? "hit" : run.status === "failed" ? "failed" : "executed",
    startedAt: run.startedAt,
    ...(run.year === undefined ? {} : { year: run.year }),
    ...(run.iteration === undefined ? {} : { iteration: run.iteration }),
    ...(run.endedAt === undefined ? {} : { seconds: (run.endedAt.getTime() - run.startedAt.getTime()) / 1000 }),
  };
}

/** What the coupler holds, as the card's files. */
export function filesOf(artifacts: ReadonlyMap<string, Artifact>): ScenarioView["outputs"] {
  return [...artifacts].map(([key, artifact]) => ({
    key,
    label: artifact.uri,
    path: artifact.path,
    driver: artifact.driver,
    hash: artifact.hash,
    ...(artifact.runId === undefined ? {} : { runId: artifact.runId }),
  }));
}
