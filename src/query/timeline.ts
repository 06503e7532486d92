/** When runs began and how long they took, as a chart. */
import { OptionError } from "../errors.ts";
import { timelineChart, type TimelineRunView } from "../notebook/mod.ts";
import { viewChart } from "../relations/mod.ts";
import type { Chart, Run } from "../types.ts";
import { findRuns } from "./find.ts";
import type { Reading, ReadOptions, RunFilter } from "./reading.ts";
import { secondsOf, stateOf } from "./run_lines.ts";
import { runsOf } from "./run_rows.ts";

/** Which runs a timeline shows: a scenario's name, or a filter as `findRuns` takes it. */
export type TimelineOf = string | (RunFilter & ReadOptions);

/**
 * A chart of runs over time, which are found when it is shown.
 *
 * @throws {OptionError} `option_invalid` where it is neither a name nor a filter
 */
export function timeline(reading: Pick<Reading, "ledger">, of: TimelineOf, title?: string): Chart {
  const filter = typeof of === "string" ? { scenario: of } : of;
  if (typeof filter !== "object" || filter === null) throw noFilter(of);
  return viewChart(async () => {
    const runs = await findRuns(reading, filter);
    return timelineChart({ title: title ?? titleOf(filter), runs: await viewsOf(reading, runs) });
  });
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

function titleOf({ scenario, parentId, step, model }: RunFilter): string {
  const name = scenario ?? parentId ?? step ?? model;
  return name === undefined ? "Timeline of all runs" : `Timeline of ${name}`;
}

function noFilter(of: unknown): OptionError {
  return new OptionError("option_invalid", {
    problem: "timeline() was called with something that names no runs.",
    why: `It was given ${of === null ? "null" : `a value of type ${typeof of}`}.`,
    fix: 'Give the name of a scenario, or a filter as findRuns takes it: timeline({ step: "simulate" }).',
    path: "scenario",
  });
}
