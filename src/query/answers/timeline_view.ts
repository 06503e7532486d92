/** When runs began and how long they took, as the view of a chart. */
import type { ChartView, TimelineRunView } from "../../notebook/mod.ts";
import { timelineChart } from "../../notebook/render/mod.ts";
import type { Run } from "../../types.ts";
import type { Reading, ReadOptions, RunFilter } from "../reading.ts";
import { secondsOf, stateOf } from "../run_lines.ts";
import { runsOf } from "../run_rows.ts";
import { findRuns } from "./find.ts";

/** The runs that fit a filter, as a chart over time. */
export async function timelineView(reading: Pick<Reading, "ledger">, filter: RunFilter & ReadOptions, title: string): Promise<ChartView> {
  const runs = await findRuns(reading, filter);
  return timelineChart({ title, runs: await viewsOf(reading, runs) });
}

/** A run of which nothing says when it ended lasts until now, if it may still be running. */
async function viewsOf({ ledger }: Pick<Reading, "ledger">, runs: readonly Run[]): Promise<TimelineRunView[]> {
  const sources = [
    ...new Set(runs.flatMap(({ cacheHit, meta }) => cacheHit && typeof meta.cache_source === "string" ? [meta.cache_source] : [])),
  ];
  const times = new Map((await ledger.read((db) => runsOf(db, sources))).map((run) => [run.id, secondsOf(run)]));
  const now = Date.now();
  return runs.map((run) => {
    const seconds = secondsOf(run) ?? (run.status === "running" ? Math.max(0, (now - run.startedAt.getTime()) / 1000) : 0);
    const original = run.cacheHit ? times.get(String(run.meta.cache_source)) : undefined;
    return {
      ...{ id: run.id, step: run.model, status: stateOf(run), startedAt: run.startedAt, seconds, year: run.year, iteration: run.iteration },
      ...(original === undefined || original === null ? {} : { savedSeconds: Math.max(0, original - seconds) }),
    };
  });
}
