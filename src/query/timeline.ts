/** When runs began and how long they took, as a chart. */
import { OptionError } from "../errors.ts";
import { viewChart } from "../relations/mod.ts";
import type { Chart } from "../types.ts";
import type { Reading, ReadOptions, RunFilter } from "./reading.ts";

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
    const { timelineView } = await import("./answers/mod.ts");
    return await timelineView(reading, filter, title ?? titleOf(filter));
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
