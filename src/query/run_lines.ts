/** A run as a line of a table, and what that says of it. */
import { facetLeaves } from "../ledger/mod.ts";
import type { RunRowView, RunState } from "../notebook/mod.ts";
import type { Run, Scalar } from "../types.ts";

/** How long a run took, in seconds; null where it has not ended. */
export function secondsOf({ startedAt, endedAt }: Run): number | null {
  return endedAt === undefined ? null : (endedAt.getTime() - startedAt.getTime()) / 1000;
}

/** A run's facets, leaf by leaf. */
export function leavesOf({ facet }: Run): Map<string, Scalar | readonly unknown[]> {
  return new Map(
    facetLeaves(facet).map((leaf) => [leaf.key, leaf.value_str ?? leaf.value_num ?? leaf.value_bool ?? leaf.value_json as never]),
  );
}

/** How a run ended, as a card says it. */
export function stateOf({ cacheHit, status }: Run): RunState {
  if (cacheHit) return "hit";
  if (status === "running") return "running";
  return status === "completed" ? "executed" : "failed";
}

/** A run as a line of a table; its facets are columns. */
export function lineOf(run: Run): RunRowView {
  return {
    ...{ id: run.id, step: run.model, status: stateOf(run), scenario: run.scenarioId, year: run.year, iteration: run.iteration },
    ...{ startedAt: run.startedAt, seconds: secondsOf(run) ?? undefined, why: run.error?.message },
    values: Object.fromEntries(leavesOf(run)),
  };
}
