/** A timeline: each run a bar from its start to its end, a line for each step. */
import type { TimelineRunView, TimelineView } from "../chart_views.ts";
import { oneLine, short } from "../text/printable.ts";
import { countOf, duration, localTime } from "../text/units.ts";
import type { ChartView } from "../views.ts";
import { WIDTH } from "./plot_spec.ts";
import { ACCENT } from "./style.ts";
import { unitOf } from "./time_unit.ts";

/** Lines that fit below each other. */
const LINES = 40;
const STATES = ["hit", "executed", "failed", "running"] as const;
const OTHERS = "other steps";

/** The chart of some runs over time. */
export function timelineChart({ title, runs }: TimelineView): ChartView {
  const sorted = runs.toSorted((a, b) => a.startedAt.getTime() - b.startedAt.getTime() || (a.id < b.id ? -1 : 1));
  const first = sorted[0]?.startedAt.getTime() ?? 0;
  const begin = (run: TimelineRunView) => (run.startedAt.getTime() - first) / 1000;
  const span = sorted.reduce((end, run) => Math.max(end, begin(run) + run.seconds), 0);
  const unit = unitOf(span);
  const lineOf = linesOf(sorted);
  const rows = sorted.map((run) => ({
    line: lineOf(run),
    from: begin(run) / unit.seconds,
    to: (begin(run) + run.seconds) / unit.seconds,
    result: run.status,
    run: run.id,
    took: duration(run.seconds),
    saved: run.savedSeconds === undefined ? "" : duration(run.savedSeconds),
  }));
  return { spec: specOf(title, sorted, unit.name), rows, text: textOf(title, sorted) };
}

/** What a run's line is called: with year and iteration where these lines fit, and only the steps that take longest where not even steps do. */
function linesOf(runs: readonly TimelineRunView[]): (run: TimelineRunView) => string {
  const step = ({ step }: TimelineRunView) => short(oneLine(step), 40);
  const full = (run: TimelineRunView) =>
    [step(run), run.year, run.iteration === undefined ? undefined : `#${run.iteration}`].filter((part) => part !== undefined).join(" · ");
  if (new Set(runs.map(full)).size <= LINES) return full;
  const times = new Map<string, number>();
  for (const run of runs) times.set(step(run), (times.get(step(run)) ?? 0) + run.seconds);
  if (times.size <= LINES) return step;
  const longest = new Set([...times].sort(([, a], [, b]) => b - a).slice(0, LINES - 1).map(([name]) => name));
  return (run) => longest.has(step(run)) ? step(run) : OTHERS;
}

function specOf(title: string, runs: readonly TimelineRunView[], unit: string): ChartView["spec"] {
  const states = STATES.filter((state) => runs.some(({ status }) => status === state));
  const from = {
    field: "from",
    type: "quantitative",
    title: `${unit} since ${runs[0] === undefined ? "" : localTime(runs[0].startedAt)}`,
    scale: { zero: false },
  };
  const tooltip = ["line", "result", "took", "saved", "run"].map((field) => ({ field, type: "nominal" }));
  return {
    title: { text: short(oneLine(title), 120), subtitle: summary(runs) },
    width: WIDTH,
    height: { step: 20 },
    encoding: {
      y: { field: "line", type: "nominal", sort: null, title: null, axis: { labelLimit: 220, domain: false, ticks: false } },
      color: {
        field: "result",
        type: "nominal",
        title: null,
        scale: { domain: states, range: states.map((state) => ACCENT[state]) },
      },
      tooltip,
    },
    layer: [
      { mark: { type: "bar", height: 12, opacity: 0.75 }, encoding: { x: from, x2: { field: "to" } } },
      { mark: { type: "tick", thickness: 2, size: 16, opacity: 1 }, encoding: { x: from } }, // a hit's bar is too short to be seen
    ],
  };
}

function summary(runs: readonly TimelineRunView[]): string {
  const of = (state: string) => runs.filter(({ status }) => status === state).length;
  const saved = runs.reduce((sum, { savedSeconds = 0 }) => sum + savedSeconds, 0);
  return [
    countOf(runs.length, "run"),
    ...(of("hit") === 0 ? [] : [countOf(of("hit"), "hit")]),
    ...(of("failed") === 0 ? [] : [`${of("failed")} failed`]),
    ...(of("running") === 0 ? [] : [`${of("running")} running`]),
    `${duration(runs.reduce((sum, { seconds }) => sum + seconds, 0))} spent`,
    ...(saved > 0 ? [`${duration(saved)} saved`] : []),
  ].join(", ");
}

function textOf(title: string, runs: readonly TimelineRunView[]): string {
  const lines = runs.slice(0, LINES).map((run) => {
    const name = [run.step, run.year, run.iteration === undefined ? undefined : `#${run.iteration}`].filter((part) => part !== undefined)
      .join(" · ");
    const saved = run.savedSeconds === undefined ? "" : `, saved ${duration(run.savedSeconds)}`;
    return `  ${short(oneLine(name), 60)}: ${run.status}, ${duration(run.seconds)}${saved}`;
  });
  const more = runs.length > LINES ? [`  and ${countOf(runs.length - LINES, "more run", "more runs")}`] : [];
  return [`${short(oneLine(title), 120)}: ${summary(runs)}`, ...lines, ...more].join("\n");
}
