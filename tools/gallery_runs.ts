/** Examples of runs and scenarios. */
import type { RunCardView, RunRowView, ScenarioCardView } from "../src/notebook/mod.ts";
import { chartSvg, plotSpec, renderRunCard, renderScenarioCard } from "../src/notebook/render/mod.ts";
import { at, type Example, file } from "./gallery_example.ts";

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

/** A hit of a step whose output is a figure. */
async function drawn(): Promise<RunCardView> {
  const rows = ["car", "bus", "bike"].flatMap((mode, i) => [2020, 2030].map((year, y) => ({ year, mode, share: 0.3 + 0.1 * y - 0.1 * i })));
  const spec = plotSpec({ x: "year", y: "share", color: "mode", mark: "bar" }, rows);
  return {
    ...CLEAN,
    id: "draw_81b2c6d0f3a4",
    step: "draw",
    source: { id: "draw_81b2c6d0f3a4", at: at("20T14:03:11") },
    config: [["mode", "all"]],
    outputs: [file("figure", "./runs/outputs/draw/draw_81b2c6d0f3a4/figure.vl", "chart", "5e1d", 1840)],
    figures: [{ svg: await chartSvg({ ...spec, width: 300, height: 120 }, rows), alt: "figure" }],
  };
}

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

/** Examples of runs and scenarios. */
export const RUNS: readonly Example[] = [
  {
    name: "run_hit",
    group: "A run",
    about: "A hit: nothing executed, where the outputs come from, and what that saved.",
    show: () => renderRunCard(CLEAN),
  },
  {
    name: "run_figure",
    group: "A run",
    about: "A step that returned a chart: its card shows the figure, on a hit as it was drawn then.",
    show: async () => renderRunCard(await drawn()),
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
];
