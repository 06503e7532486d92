/** Example views of everything a notebook shows. The gallery and the golden files are made from these. */
import {
  type ArtifactCardView,
  chartSvg,
  type ChartView,
  type DiffCardView,
  type FileView,
  type LineageView,
  ownSpec,
  plotSpec,
  renderArtifactCard,
  renderChart,
  renderDiffCard,
  renderLineage,
  renderRunCard,
  renderRunTable,
  renderScenarioCard,
  renderSweepProgress,
  renderTable,
  type RunCardView,
  type RunRowView,
  type RunTableView,
  type ScenarioCardView,
  type SweepProgressView,
  type TableView,
} from "../src/notebook/mod.ts";
import type { MimeBundle } from "../src/types.ts";
import { HOSTILE_EXAMPLES } from "./gallery_hostile.ts";

/** One thing that a notebook shows. */
export interface Example {
  /** Short name: of the picture and of the golden file. */
  readonly name: string;
  /** Heading under which the gallery lists it. */
  readonly group: string;
  /** What a reader sees in it. */
  readonly about: string;
  /** What a frontend gets. */
  readonly show: () => MimeBundle | Promise<MimeBundle>;
}

/** Local time, as cards show it: the same text in every time zone. */
const at = (time: string) => new Date(`2026-11-${time}`);
const file = (key: string, label: string, driver: string, hash: string, bytes?: number): FileView => ({
  key,
  label,
  driver,
  hash: hash.repeat(8).slice(0, 64),
  bytes,
  path: label.startsWith("./runs") ? `/home/ada/study${label.slice(1)}` : undefined,
});

const CLEAN: RunCardView = {
  id: "clean_3f2a91c4d0e8",
  step: "clean",
  status: "hit",
  why: "Same code, config and inputs.",
  seconds: 0.0008,
  savedSeconds: 12.3,
  source: { id: "clean_9b1e77aa0c52", at: at("20T14:03:11") },
  startedAt: at("22T09:15:02"),
  tags: [],
  signature: "5d41402abc4b2a76b9719d911017c592ae2f7d1c0b3e4a5968778695a4b3c2d1",
  config: [["threshold", 0.5], ["removeOutliers", true]],
  inputs: [file("raw", "data/raw.csv", "csv", "a3f9c1e2", 4_210_000)],
  outputs: [file("cleaned", "./runs/clean_9b1e77aa0c52/cleaned.parquet", "parquet", "77ab01cd", 1_130_000)],
  changes: [],
  warnings: [],
};

const REPLAYED: RunCardView = {
  ...CLEAN,
  id: "fit_c0de00112233",
  step: "fit",
  scenario: "baseline",
  source: { id: "fit_44332211ee0d", at: at("21T10:12:00") },
  savedSeconds: 245,
  inputs: [file("cleaned", "./runs/clean_9b1e77aa0c52/cleaned.parquet", "parquet", "77ab01cd", 1_130_000)],
  outputs: [file("model", "./runs/fit_44332211ee0d/model.json", "json", "5ca1ab1e", 2048)],
  config: [["folds", 5]],
  printed: "\u001b[32mfold 1\u001b[0m  rmse 0.412\nfold 2  rmse 0.398\n…\nmean    rmse 0.405\n",
};

const FIRST: RunCardView = {
  ...CLEAN,
  id: "clean_9b1e77aa0c52",
  status: "executed",
  why: "First run of this step.",
  seconds: 12.3,
  savedSeconds: undefined,
  source: undefined,
  startedAt: at("20T14:03:11"),
};

const CHANGED: RunCardView = {
  ...FIRST,
  id: "simulate_71cc0a5e2b90",
  step: "simulate",
  scenario: "high_gas",
  year: 2030,
  iteration: 2,
  why: "Code, config and inputs are not those of simulate_02d4e6f8a1b3, the nearest earlier run.",
  seconds: 80.4,
  startedAt: at("22T09:16:40"),
  tags: ["draft", "calibration"],
  description: "Mode choice with the fuel price of the scenario.",
  config: [["fuel_price", 2.4], ["mode_choice", "nested_logit"], ["seed", 42]],
  inputs: [
    file("population", "./runs/initialize_0a1b2c3d4e5f/population.parquet", "parquet", "c0ffee12", 18_400_000),
    file("network", "data/network.geojson", "geojson", "0ddba115", 902_000),
  ],
  outputs: [
    file("trips", "./runs/simulate_71cc0a5e2b90/trips.parquet", "parquet", "8badf00d", 42_700_000),
    file("summary", "./runs/simulate_71cc0a5e2b90/summary.json", "json", "deadbeef", 812),
  ],
  changes: [
    { name: "config.fuel_price", before: 1.8, after: 2.4 },
    { name: "input network (data/network.geojson)", before: "51e2b07c", after: "0ddba115" },
    {
      name: "function utility",
      before: "const utility = (t, c) => -0.03 * t - 0.4 * c",
      after: "const utility = (t, c) => -0.03 * t - 0.5 * c",
    },
    { name: "config.seed", after: 42 },
  ],
  notes: ["Reads the clock (Date.now in report), which does not count.", "The output summary is as before, so its readers stay cached."],
};

const FAILED: RunCardView = {
  ...FIRST,
  id: "assign_55aa10ff33cc",
  step: "assign",
  scenario: "baseline",
  year: 2020,
  status: "failed",
  why: "First run of this step.",
  seconds: 3.27,
  inputs: [file("trips", "./runs/simulate_71cc0a5e2b90/trips.parquet", "parquet", "8badf00d", 42_700_000)],
  outputs: [],
  config: [["max_iterations", 50]],
  error: {
    name: "RangeError",
    message: "gap did not fall below 0.01 within 50 iterations (last gap 0.034)",
    stack:
      "RangeError: gap did not fall below 0.01 within 50 iterations (last gap 0.034)\n    at equilibrate (cell 7, line 12:11)\n    at assign (cell 8, line 3:10)",
  },
};

const RUNNING: RunCardView = {
  ...FIRST,
  id: "train_0f0f0f0f0f0f",
  step: "train",
  status: "running",
  why: "Config changed since train_aa00bb11cc22.",
  seconds: 41,
  inputs: [],
  outputs: [],
  config: [["epochs", 40], ["rate", 0.001]],
  changes: [{ name: "config.epochs", before: 20, after: 40 }],
  progress: { done: 12, total: 40, note: "loss 0.213" },
};

const WARNED: RunCardView = {
  ...FIRST,
  id: "legacy_ab00cd11ef22",
  step: "legacy",
  why: "The code cannot be established, so the step executes every time.",
  seconds: 5.02,
  startedAt: at("21T18:40:00"),
  config: Array.from({ length: 21 }, (_, i) => [`coefficient_${i + 1}`, (i + 1) / 8] as const),
  inputs: [file("upstream", "data/raw.csv", "csv", "a3f9c1e2", 4_210_000)],
  outputs: Array.from(
    { length: 12 },
    (_, i) => file(`zone_${i + 1}`, `./runs/legacy_ab00cd11ef22/zone_${i + 1}.csv`, "csv", `1234567${i % 10}`, 1000 * (i + 1) ** 3),
  ),
  warnings: ['The step calls client.fetch, which is a native handle: pass it with untracked(client), or set untracked: "allow".'],
};

const STEPS: readonly RunRowView[] = [
  { id: "initialize_0a1b2c3d4e5f", step: "initialize", status: "hit", seconds: 0.001, savedSeconds: 8.4 },
  { id: "simulate_11aa22bb33cc", step: "simulate", status: "hit", year: 2020, seconds: 0.001, savedSeconds: 79 },
  { id: "simulate_71cc0a5e2b90", step: "simulate", status: "executed", year: 2030, seconds: 80.4, why: "config changed: fuel_price" },
  { id: "simulate_99ee88dd77cc", step: "simulate", status: "executed", year: 2040, seconds: 78.1, why: "config changed: fuel_price" },
  {
    id: "analyze_4242aabbccdd",
    step: "analyze",
    status: "hit",
    seconds: 0.002,
    savedSeconds: 3.1,
    why: "inputs have the same content as before",
  },
];

const SCENARIO: ScenarioCardView = {
  name: "high_gas",
  id: "high_gas_e1f2a3b4c5d6",
  status: "completed",
  model: "travel_demand",
  description: "Fuel price up by a third from 2030 on.",
  startedAt: at("22T09:16:30"),
  seconds: 160,
  tags: ["draft"],
  config: [["fuel_price", 2.4]],
  steps: STEPS,
  outputs: [...CHANGED.inputs.slice(0, 1), ...CHANGED.outputs],
  warnings: [],
};

const OPEN_SCENARIO: ScenarioCardView = {
  ...SCENARIO,
  name: "by_hand",
  id: "by_hand_000011112222",
  status: "running",
  model: undefined,
  description: undefined,
  seconds: undefined,
  steps: STEPS.slice(0, 2),
  outputs: CHANGED.inputs.slice(0, 1),
  missing: ["analysis", "report"],
};

const PEOPLE: TableView = {
  columns: [{ name: "person_id", type: "BIGINT" }, { name: "name", type: "VARCHAR" }, { name: "born", type: "DATE" }, {
    name: "trips",
    type: "DOUBLE",
  }, { name: "tags", type: "VARCHAR[]" }],
  rows: [
    [1, "Ada", new Date("1815-12-10"), 2.25, ["a", "b"]],
    [2, "Grace", new Date("1906-12-09"), 0.5, []],
    [3, null, null, null, null],
    [9007199254740993n, "Émilie", new Date("1706-12-17T06:30:00Z"), 11, [{ deep: [1, 2, 3] }]],
  ],
  total: 4,
  query: "select person_id, name, born, trips, tags from ⟨View persons⟩ where trips > $1 -- $1 = 0",
};

const LONG_TABLE: TableView = {
  caption: "trips",
  columns: [{ name: "id", type: "Int64" }, { name: "mode", type: "String" }, { name: "minutes", type: "Float64" }, {
    name: "cost",
    type: "Float64",
  }],
  rows: Array.from({ length: 10 }, (_, i) => [i + 1, ["car", "bus", "bike"][i % 3], 10 + (i * 7.37) % 31, (i * 1.25) % 6]),
  tail: Array.from({ length: 5 }, (_, i) => [1_249_996 + i, ["bus", "car"][i % 2], 12.5 + i, 1.75 * i]),
  total: 1_250_000,
};

const WIDE_TABLE: TableView = {
  columns: Array.from({ length: 40 }, (_, i) => ({ name: `zone_${i + 1}`, type: "DOUBLE" })),
  rows: [0, 1, 2].map((row) => Array.from({ length: 40 }, (_, i) => Math.round(((row + 1) * (i + 3) * 37) % 1000) / 10)),
  total: 3,
};

const ARTIFACT: ArtifactCardView = {
  id: "0199f3a2-7c1e-7d4b-9a55-0b1c2d3e4f50",
  key: "trips",
  path: "/home/ada/study/runs/simulate_71cc0a5e2b90/trips.parquet",
  uri: "./outputs/simulate_71cc0a5e2b90/trips.parquet",
  driver: "parquet",
  hash: "8badf00d".repeat(8),
  bytes: 42_700_000,
  run: { id: "simulate_71cc0a5e2b90", step: "simulate", scenario: "high_gas", year: 2030, at: at("22T09:16:40") },
  meta: [["role", "primary"]],
  columns: LONG_TABLE.columns,
  preview: { columns: LONG_TABLE.columns, rows: LONG_TABLE.rows.slice(0, 4), total: 1_250_000 },
};

const DAMAGED: ArtifactCardView = {
  ...ARTIFACT,
  key: "cleaned",
  state: "damaged",
  path: "/home/ada/study/runs/clean_9b1e77aa0c52/cleaned.parquet",
  preview: undefined,
  meta: [],
  run: { id: "clean_9b1e77aa0c52", step: "clean", at: at("20T14:03:11") },
};

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

const LINEAGE: LineageView = {
  root: "fig",
  nodes: [
    { id: "raw", kind: "artifact", label: "raw.csv", detail: "csv, 4.2 MB" },
    { id: "net", kind: "artifact", label: "network", detail: "geojson, 902 kB" },
    { id: "r1", kind: "run", label: "clean", detail: "12.3 s" },
    { id: "cleaned", kind: "artifact", label: "cleaned", detail: "parquet, 1.1 MB" },
    { id: "r2", kind: "run", label: "simulate", detail: "high_gas, 2030" },
    { id: "r3", kind: "run", label: "simulate", detail: "baseline, 2030" },
    { id: "t2", kind: "artifact", label: "trips", detail: "parquet, 42.7 MB" },
    { id: "t3", kind: "artifact", label: "trips", detail: "parquet, 41.9 MB" },
    { id: "r4", kind: "run", label: "compare", detail: "2026-11-22 09:20" },
    { id: "fig", kind: "artifact", label: "figure_3", detail: "json, 812 B" },
  ],
  edges: [
    { from: "raw", to: "r1", label: "raw" },
    { from: "r1", to: "cleaned" },
    { from: "cleaned", to: "r2" },
    { from: "cleaned", to: "r3" },
    { from: "net", to: "r2", label: "network" },
    { from: "net", to: "r3", label: "network" },
    { from: "r2", to: "t2" },
    { from: "r3", to: "t3" },
    { from: "t2", to: "r4", label: "high" },
    { from: "t3", to: "r4", label: "base" },
    { from: "cleaned", to: "r4" },
    { from: "r4", to: "fig" },
  ],
};

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

const DIFF: DiffCardView = {
  title: "simulate 2030",
  left: "baseline",
  right: "high_gas",
  changes: [{ name: "config.fuel_price", before: 1.8, after: 2.4 }, { name: "input network", before: "51e2b07c", after: "0ddba115" }],
};
const VERIFIED: DiffCardView = {
  title: "train_0f0f0f0f0f0f",
  verdict: "not repeatable",
  left: "recorded",
  right: "repeated",
  why: "Two repetitions gave different content for the same code, config and inputs: the step is not deterministic.",
  changes: [{ name: "weights: first difference at byte 128", before: "0x3f800000", after: "0x3f800001" }],
};

/** Everything that the gallery shows. */
export const GALLERY: readonly Example[] = [
  {
    name: "run_hit",
    group: "A run",
    about: "A hit: nothing executed, where the outputs come from, and what that saved.",
    show: () => renderRunCard(CLEAN),
  },
  {
    name: "run_replayed",
    group: "A run",
    about: "What a step printed is shown again on a hit, and marked as replayed.",
    show: () => renderRunCard(REPLAYED),
  },
  { name: "run_first", group: "A run", about: "The first run of a step.", show: () => renderRunCard(FIRST) },
  {
    name: "run_changed",
    group: "A run",
    about: "A miss names what changed since the nearest earlier run, the old value and the new one.",
    show: () => renderRunCard(CHANGED),
  },
  { name: "run_failed", group: "A run", about: "A failed step: what it threw, and where.", show: () => renderRunCard(FAILED) },
  {
    name: "run_running",
    group: "A run",
    about: "Long work has one display, which is updated in place.",
    show: () => renderRunCard(RUNNING),
  },
  {
    name: "run_warned",
    group: "A run",
    about: "A step that cannot be cached says why; long lists are cut.",
    show: () => renderRunCard(WARNED),
  },
  {
    name: "scenario",
    group: "A scenario",
    about: "The steps of a scenario and what its coupler holds.",
    show: () => renderScenarioCard(SCENARIO),
  },
  {
    name: "scenario_running",
    group: "A scenario",
    about: "A scenario that is still open, with required outputs to come.",
    show: () => renderScenarioCard(OPEN_SCENARIO),
  },
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
  { name: "artifact", group: "An artifact", about: "An artifact with its first rows.", show: () => renderArtifactCard(ARTIFACT) },
  {
    name: "artifact_damaged",
    group: "An artifact",
    about: "A file that no longer holds what the ledger says.",
    show: () => renderArtifactCard(DAMAGED),
  },
  {
    name: "table",
    group: "Tables",
    about: "A relation: types, dates, large integers, nothing, nested values.",
    show: () => renderTable(PEOPLE),
  },
  { name: "table_long", group: "Tables", about: "Head and tail of a long table.", show: () => renderTable(LONG_TABLE) },
  { name: "table_wide", group: "Tables", about: "The first and the last columns of a wide table.", show: () => renderTable(WIDE_TABLE) },
  {
    name: "lineage",
    group: "Lineage",
    about: "How a figure came to be; text output has it as a tree.",
    show: () => renderLineage(LINEAGE),
  },
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
  { name: "diff_runs", group: "Comparisons", about: "Two runs.", show: () => renderDiffCard(DIFF) },
  {
    name: "diff_verified",
    group: "Comparisons",
    about: "A recorded step executed again, beside the original.",
    show: () => renderDiffCard(VERIFIED),
  },
];

/** Everything that is compared with a golden file: the gallery, and what must not break it. */
export const EXAMPLES: readonly Example[] = [...GALLERY, ...HOSTILE_EXAMPLES];
