/** Examples of charts. */
import type { BeforeAfterView, ChartView, SavingsView, TimelineView } from "../src/notebook/mod.ts";
import { beforeAfterChart, ownSpec, plotSpec, renderChart, savingsChart, timelineChart } from "../src/notebook/render/mod.ts";
import { at, type Example } from "./gallery_example.ts";

const years = [2020, 2025, 2030, 2035, 2040, 2045, 2050];
const SHARES = years.flatMap((year, i) =>
  ["car", "bus", "bike"].map((mode, m) => ({
    year,
    mode,
    share: Math.round(1000 * [0.6 - 0.03 * i, 0.3 + 0.01 * i, 0.1 + 0.02 * i][m]!) / 1000,
  }))
);
const CLOUD = Array.from(
  { length: 120 },
  (_, i) => ({ minutes: 8 + (i * 37) % 53, cost: Math.round(10 * (0.5 + ((i * 17) % 40) / 9)) / 10, mode: ["car", "bus", "bike"][i % 3]! }),
);
const chart = (rows: ChartView["rows"], options: Parameters<typeof plotSpec>[0]) => () =>
  renderChart({ spec: plotSpec(options, rows), rows });
const GRID = [1, 2, 3, 4, 5].flatMap((alpha) =>
  [0.1, 0.2, 0.3, 0.4].map((beta) => ({ alpha, beta, score: Math.round(100 * Math.sin(alpha) * beta) / 100 }))
);
const FORECAST = [2020, 2025, 2030, 2035, 2040].map((year, i) => ({ year, mean: 10 + 2 * i, low: 10 + i, high: 10 + 3.2 * i }));
const year = { field: "year", type: "quantitative", axis: { format: "d", values: [2020, 2030, 2040] }, scale: { zero: false } };
const BAND = {
  title: "Trips, with the range of nine runs in ten",
  layer: [
    {
      mark: { type: "area", opacity: 0.25 },
      encoding: { x: year, y: { field: "low", type: "quantitative", title: "million trips" }, y2: { field: "high" } },
    },
    { mark: "line", encoding: { x: year, y: { field: "mean", type: "quantitative" } } },
  ],
};
const SIGNAL = Array.from({ length: 20_000 }, (_, i) => ({ t: i, y: Math.sin(i / 900) + (i === 12_345 ? 3 : 0) }));

const STEPS = ["load", "clean", "assign", "emit"];
const TIMELINE: TimelineView = {
  title: "Timeline of baseline",
  runs: [2020, 2030, 2040].flatMap((year, y) =>
    STEPS.map((step, i) => ({
      id: `${step}_${year}`,
      step,
      year,
      status: y === 0 ? "hit" as const : step === "emit" && year === 2040 ? "failed" as const : "executed" as const,
      startedAt: new Date(at("22T09:00:00").getTime() + (y === 0 ? i * 0.02 : (y - 1) * 400 + 1 + i * 80) * 1000),
      seconds: y === 0 ? 0.004 : 66 + i * 4,
      savedSeconds: y === 0 ? 70 + i * 5 : undefined,
    }))
  ),
};
const SAVINGS: SavingsView = {
  by: "day",
  rows: Array.from(
    { length: 14 },
    (_, day) =>
      STEPS.map((step, i) => ({
        step,
        hits: (day * 7 + i * 3) % 11,
        from: new Date(Date.UTC(2026, 10, 9 + day)),
        savedSeconds: ((day * 7 + i * 3) % 11) * (i + 1) * 40,
      })),
  ).flat().filter(({ hits }) => hits > 0),
};
const BEFORE_AFTER: BeforeAfterView = {
  before: "assign_02d4e6f8a1b3",
  after: "assign_71cc0a5e2b90",
  quantities: [
    { name: "gap", before: 0.0124, after: 0.0061 },
    { name: "iterations", before: 18, after: 31 },
    { name: "mean of trips.km", before: 8.42, after: 8.97 },
    { name: "mean of trips.minutes", before: 24.1, after: 24.1 },
    { name: "share_transit", before: 0.162, after: 0.214 },
    { name: "tolls", after: 1_240_000 },
  ],
};

/** Examples of charts. */
export const CHARTS: readonly Example[] = [
  {
    name: "chart_line",
    group: "Charts",
    about: '`plot({ x: "year", y: "share", color: "mode", mark: "line" })`.',
    show: chart(SHARES, { x: "year", y: "share", color: "mode", mark: "line", title: "Share by mode" }),
  },
  {
    name: "chart_point",
    group: "Charts",
    about: '`plot({ x: "minutes", y: "cost", color: "mode" })`.',
    show: chart(CLOUD, { x: "minutes", y: "cost", color: "mode" }),
  },
  {
    name: "chart_bar",
    group: "Charts",
    about: '`plot({ x: "year", y: "share", color: "mode", mark: "bar" })`.',
    show: chart(SHARES, { x: "year", y: "share", color: "mode", mark: "bar" }),
  },
  {
    name: "chart_rect",
    group: "Charts",
    about: '`plot({ x: "alpha", y: "beta", color: "score", mark: "rect" })`.',
    show: chart(GRID, { x: "alpha", y: "beta", color: "score", mark: "rect" }),
  },
  {
    name: "chart_large",
    group: "Charts",
    about: "Of 20,000 rows a line keeps the extremes of each stretch, and says so.",
    show: chart(SIGNAL, { x: "t", y: "y", mark: "line", title: "Signal" }),
  },
  {
    name: "chart_own",
    group: "Charts",
    about: "A Vega-Lite specification of one's own, by `chart(rows, spec)`.",
    show: () => renderChart({ spec: ownSpec(BAND, FORECAST), rows: FORECAST }),
  },
  {
    name: "chart_timeline",
    group: "Charts",
    about: '`timeline("baseline")`: the steps of a scenario over time.',
    show: () => renderChart(timelineChart(TIMELINE)),
  },
  {
    name: "chart_before_after",
    group: "Charts",
    about: "`(await diffRuns(before, after)).plot()`: the numbers of two runs, those that changed most first.",
    show: () => renderChart(beforeAfterChart(BEFORE_AFTER)),
  },
  {
    name: "chart_savings",
    group: "Charts",
    about: "`savings()`: what the cache saved, by day and step.",
    show: () => renderChart(savingsChart(SAVINGS)),
  },
];
