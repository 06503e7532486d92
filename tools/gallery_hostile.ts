/** Example views that try to break what shows them: markup as values, very long, empty, other scripts and directions. */
import type { LineageView, RunCardView, ScenarioCardView } from "../src/notebook/mod.ts";
import {
  beforeAfterChart,
  plotSpec,
  renderArtifactCard,
  renderChart,
  renderDiffCard,
  renderLineage,
  renderNote,
  renderRunCard,
  renderRunTable,
  renderScenarioCard,
  renderTable,
  savingsChart,
  timelineChart,
} from "../src/notebook/render/mod.ts";
import type { Example } from "./gallery_example.ts";

/** A text that would run a script, leave an attribute, close the cell or drive a terminal if anything let it. */
export const HOSTILE = `<script>alert(1)</script>"'><img src=x onerror=alert(2)>&amp;\u001b[31m\u202e</td>`;

const nothing = new Date(1970, 0, 1);

/** A run whose every text is this. */
export function runOf(text: string): RunCardView {
  const file = { key: text, label: text, driver: text, hash: text, bytes: 1, path: `${text}/whole`, note: text };
  return {
    id: text,
    step: text,
    scenario: text,
    status: "executed",
    why: text,
    seconds: 1,
    source: { id: text, at: nothing },
    startedAt: nothing,
    tags: [text],
    description: text,
    signature: text,
    config: [[text, text], ["nested", { [text]: [text] }]],
    inputs: [file],
    outputs: [file],
    changes: [{ name: text, before: text, after: { [text]: text } }],
    warnings: [text],
    notes: [text],
    error: { name: text, message: text, stack: `${text}\n at ${text}` },
    progress: { done: 1, total: 2, note: text },
    printed: text,
  };
}

function scenarioOf(text: string): ScenarioCardView {
  const run = runOf(text);
  const step = { id: text, step: text, status: "hit" as const, why: text, scenario: text, values: { [text]: text } };
  return {
    name: text,
    id: text,
    status: "failed",
    model: text,
    description: text,
    startedAt: nothing,
    tags: [text],
    config: run.config,
    steps: [step],
    outputs: run.outputs,
    missing: [text],
    warnings: [text],
    error: run.error,
  };
}

function lineageOf(text: string): LineageView {
  return {
    root: "b",
    nodes: [{ id: "a", kind: "artifact", label: text, detail: text }, { id: "b", kind: "run", label: text, detail: text }],
    edges: [{ from: "a", to: "b", label: text }],
  };
}

const EMPTY: RunCardView = {
  id: "",
  step: "",
  status: "hit",
  why: "",
  seconds: 0,
  startedAt: nothing,
  tags: [],
  config: [],
  inputs: [],
  outputs: [],
  changes: [],
  warnings: [],
};
/** Columns that Vega-Lite cannot draw under their own names, or only where it is new. */
const NAMES = [
  ...['say "x"', "it's", "back\\slash", "a.b[0]", "a line\nbreak", "\u2028", "tab\t", "", "__proto__", "constructor", `a"b.c[0]'\\`],
  "x".repeat(5000),
];
const LONG = "a_very_long_name_".repeat(600);
const SCRIPTS = "人口データ 👩🏽‍🔬 مسار/الملف.csv ñandú שלום";

function everything(name: string, text: string): Example[] {
  const of = (kind: string, show: Example["show"]): Example => ({
    name: `${kind}_${name}`,
    group: "Robustness",
    about: `${kind}: ${name}`,
    show,
  });
  return [
    of("run", () => renderRunCard(runOf(text))),
    of("scenario", () => renderScenarioCard(scenarioOf(text))),
    of("runs", () => renderRunTable({ caption: text, runs: scenarioOf(text).steps, warnings: [text] })),
    of("artifact", () =>
      renderArtifactCard({
        id: text,
        key: text,
        path: text,
        uri: text,
        driver: text,
        hash: text,
        run: { id: text, step: text, scenario: text, at: nothing },
        meta: [[text, text]],
        columns: [{ name: text, type: text }],
      })),
    of(
      "table",
      () =>
        renderTable({ caption: text, columns: [{ name: text, type: text }, { name: "n" }], rows: [[text, 1], [{ [text]: text }, null]] }),
    ),
    of("lineage", () => renderLineage(lineageOf(text))),
    of("diff", () => renderDiffCard({ title: text, left: text, right: text, why: text, changes: [{ name: text, before: text }] })),
    of("chart", () => {
      const rows = [{ [text]: text, y: 1 }, { [text]: `${text}2`, y: 2n }];
      return renderChart({ spec: plotSpec({ x: text, y: "y", title: text, mark: "bar" }, rows), rows });
    }),
    of("timeline", () => {
      const run = { id: text, step: text, status: "executed", startedAt: nothing, seconds: 1 } as const;
      return renderChart(timelineChart({ title: text, runs: [run, { ...run, id: `${text}2`, status: "running", seconds: 0 }] }));
    }),
    of("before_after", () => {
      const quantities = [{ name: text, before: 1, after: NaN }, { name: text, before: -1, after: 2 ** 70 }, { name: `${text}${text}` }];
      return renderChart(beforeAfterChart({ before: text, after: text, quantities }));
    }),
    of("savings", () => {
      const rows = [{ from: new Date(0), step: text, hits: 1, savedSeconds: 0 }, {
        from: new Date(0),
        step: `${text}2`,
        hits: 2,
        savedSeconds: 9,
      }];
      return renderChart(savingsChart({ by: "hour", rows }));
    }),
  ];
}

/** A graph of more nodes than can be drawn. */
const LARGE: LineageView = {
  root: "n0",
  nodes: Array.from(
    { length: 300 },
    (_, i) => ({ id: `n${i}`, kind: i % 2 === 0 ? "artifact" as const : "run" as const, label: `node_${i}` }),
  ),
  edges: Array.from({ length: 299 }, (_, i) => ({ from: `n${i + 1}`, to: `n${Math.floor(i / 3)}` })),
};

/** What is compared with golden files beside the gallery. */
export const HOSTILE_EXAMPLES: readonly Example[] = [
  ...everything("hostile", HOSTILE),
  ...everything("scripts", SCRIPTS),
  ...everything("endless", LONG),
  { name: "note_hostile", group: "Robustness", about: "a remark", show: () => renderNote(HOSTILE) },
  { name: "run_empty", group: "Robustness", about: "a run with nothing in it", show: () => renderRunCard(EMPTY) },
  {
    name: "scenario_empty",
    group: "Robustness",
    about: "a scenario without steps",
    show: () =>
      renderScenarioCard({ name: "", id: "", status: "running", startedAt: nothing, tags: [], steps: [], outputs: [], warnings: [] }),
  },
  { name: "runs_empty", group: "Robustness", about: "no runs", show: () => renderRunTable({ runs: [] }) },
  {
    name: "table_empty",
    group: "Robustness",
    about: "no rows",
    show: () => renderTable({ columns: [{ name: "a", type: "INTEGER" }], rows: [], total: 0 }),
  },
  { name: "table_void", group: "Robustness", about: "no columns", show: () => renderTable({ columns: [], rows: [] }) },
  { name: "lineage_empty", group: "Robustness", about: "no nodes", show: () => renderLineage({ root: "", nodes: [], edges: [] }) },
  { name: "lineage_large", group: "Robustness", about: "more nodes than can be drawn", show: () => renderLineage(LARGE) },
  {
    name: "diff_empty",
    group: "Robustness",
    about: "no differences",
    show: () => renderDiffCard({ title: "a", verdict: "equal", left: "a", right: "b", changes: [] }),
  },
  {
    name: "chart_names",
    group: "Robustness",
    about: "columns of any name",
    show: () => {
      const rows = [1, 2, 3].map((y) => ({ ...Object.fromEntries(NAMES.map((name, at) => [name, y * at])), y }));
      const point = (name: string) => ({ ...plotSpec({ x: name, y: "y" }, rows), width: 120, height: 60 });
      return renderChart({ spec: { columns: 3, concat: NAMES.map(point) }, rows });
    },
  },
  {
    name: "chart_empty",
    group: "Robustness",
    about: "no rows",
    show: () => renderChart({ spec: plotSpec({ x: "a", y: "b" }, []), rows: [] }),
  },
];
