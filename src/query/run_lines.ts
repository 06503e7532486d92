/** Runs as a notebook shows them: a line each. */
import { facetLeaves } from "../ledger/mod.ts";
import { DISPLAY, renderRunTable, type RunRowView, type RunState } from "../notebook/mod.ts";
import type { MimeBundle, Run, Scalar } from "../types.ts";

const SHOWN_RUNS = 50;

/** A table of the first runs, with the number of all. */
export function shownRuns(runs: readonly Run[], caption?: string): MimeBundle {
  return renderRunTable({ caption, runs: runs.slice(0, SHOWN_RUNS).map(lineOf), total: runs.length });
}

/** The same list, which now shows itself as a table; nothing else about it changes. */
export function showing<T extends Run[] | Map<unknown, Run>>(runs: T): T {
  return Object.defineProperty(runs, DISPLAY, { value: () => shownRuns([...runs.values()]) });
}

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
