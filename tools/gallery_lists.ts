/** Examples of lists of runs. */
import type { RunTableView, SweepProgressView } from "../src/notebook/mod.ts";
import { chartSvg, plotSpec, renderRunTable, renderSweepProgress } from "../src/notebook/render/mod.ts";
import { at, type Example } from "./gallery_example.ts";

const SWEEP: RunTableView = {
  caption: "sweep over fuel_price and mode_choice",
  runs: Array.from({ length: 8 }, (_, i) => ({
    id: `case_${(i * 2654435761 >>> 0).toString(16).padStart(8, "0")}`,
    step: "case",
    status: i === 5 ? "failed" as const : i < 4 ? "hit" as const : "executed" as const,
    seconds: i < 4 ? 0.001 : 4.2 + i / 3,
    savedSeconds: i < 4 ? 4.4 + i / 3 : undefined,
    values: {
      fuel_price: 1.5 + i * 0.25,
      mode_choice: i % 2 === 0 ? "logit" : "nested_logit",
      share_transit: i === 5 ? null : 0.12 + i * 0.0173,
    },
    why: i === 5 ? "RangeError: gap did not fall" : undefined,
  })),
  progress: { done: 8, total: 20, note: "case_9, about 40 s left" },
};

const PROGRESS: SweepProgressView = {
  name: "simulate",
  state: "running",
  total: 40,
  done: 12,
  hits: 4,
  failed: 1,
  running: 2,
  rate: 0.32,
  left: 88,
  seconds: 37.5,
  rows: ["case_2_car: 3 of 10, year 2030", "case_2_bus"],
};

const FOUND: RunTableView = {
  runs: [
    {
      id: "simulate_71cc0a5e2b90",
      step: "simulate",
      status: "executed",
      scenario: "high_gas",
      year: 2030,
      seconds: 80.4,
      startedAt: at("22T09:16:40"),
    },
    {
      id: "simulate_02d4e6f8a1b3",
      step: "simulate",
      status: "executed",
      scenario: "baseline",
      year: 2030,
      seconds: 79.9,
      startedAt: at("20T15:21:07"),
    },
    {
      id: "simulate_11aa22bb33cc",
      step: "simulate",
      status: "hit",
      scenario: "high_gas",
      year: 2020,
      seconds: 0.001,
      savedSeconds: 79,
      startedAt: at("22T09:16:39"),
    },
  ],
};

/** The sweep when it is through, with its chart. */
async function sweepDone(): Promise<RunTableView> {
  const runs = SWEEP.runs.map((run, i) => ({
    ...run,
    status: "hit" as const,
    why: undefined,
    seconds: 0.001,
    savedSeconds: 4.2 + i / 3,
    values: { ...run.values, share_transit: (i % 2 === 0 ? 0.12 : 0.16) + i * 0.0173 },
  }));
  const rows = runs.map((run) => run.values);
  const spec = plotSpec({ x: "fuel_price", y: "share_transit", color: "mode_choice", mark: "line" }, rows);
  return {
    caption: SWEEP.caption,
    runs,
    picture: { svg: await chartSvg(spec, rows), alt: "share_transit by fuel_price, coloured by mode_choice" },
  };
}

/** Examples of lists of runs. */
export const LISTS: readonly Example[] = [
  { name: "runs_found", group: "Lists of runs", about: "What findRuns gives.", show: () => renderRunTable(FOUND) },
  {
    name: "sweep_progress",
    group: "Lists of runs",
    about: "How far a sweep has come, updated in place while it runs.",
    show: () => renderSweepProgress(PROGRESS),
  },
  {
    name: "sweep_ended",
    group: "Lists of runs",
    about: "What stays of it when the sweep was interrupted.",
    show: () => renderSweepProgress({ ...PROGRESS, state: "cancelled", cancelled: 27, done: 13, running: 0, left: undefined, rows: [] }),
  },
  {
    name: "runs_sweep",
    group: "Lists of runs",
    about: "A sweep: parameters, results, time and hits, while it runs.",
    show: () => renderRunTable(SWEEP),
  },
  {
    name: "runs_sweep_done",
    group: "Lists of runs",
    about: "The same sweep again, all hits, with its chart as a picture.",
    show: async () => renderRunTable(await sweepDone()),
  },
];
