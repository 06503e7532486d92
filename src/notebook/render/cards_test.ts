import assert from "node:assert/strict";
import type { RunCardView, RunRowView } from "../views.ts";
import { renderArtifactCard } from "./artifact_card.ts";
import { renderLineage } from "./lineage.ts";
import { renderRunCard } from "./run_card.ts";
import { renderRunTable } from "./run_table.ts";
import { renderScenarioCard } from "./scenario_card.ts";

const run: RunCardView = {
  id: "clean_1",
  step: "clean",
  status: "hit",
  why: "Same code, config and inputs.",
  seconds: 0.5,
  startedAt: new Date(2026, 10, 20),
  tags: [],
  config: [],
  inputs: [],
  outputs: [],
  changes: [],
  warnings: [],
};
const textOf = (view: Partial<RunCardView>) => String(renderRunCard({ ...run, ...view })["text/plain"]);
const htmlOf = (view: Partial<RunCardView>) => String(renderRunCard({ ...run, ...view })["text/html"]);

Deno.test("renderRunCard() says what a hit saved, and nothing where it saved nothing", () => {
  assert.match(textOf({ savedSeconds: 2 }), /500 ms, saved 1\.5 s/);
  for (const savedSeconds of [0.5, 0.1, undefined]) assert.doesNotMatch(textOf({ savedSeconds }) + htmlOf({ savedSeconds }), /saved/);
});

Deno.test("renderRunCard() shows year 0 and iteration 0", () => {
  assert.match(textOf({ year: 0, iteration: 0 }), /\(0 · iteration 0\)/);
});

Deno.test("renderRunCard() shows the whole path of a file in the details only, and only where its label is shorter", () => {
  const file = { key: "raw", label: "raw.csv", driver: "csv", hash: "ab".repeat(32) };
  const html = htmlOf({ inputs: [{ ...file, path: "/data/raw.csv" }] });
  assert.ok(html.indexOf("/data/raw.csv") > html.indexOf("<details"));
  assert.equal(htmlOf({ inputs: [{ ...file, path: "raw.csv" }] }).split("raw.csv").length, 2);
});

Deno.test("renderRunCard() cuts long lists and says how many are left", () => {
  const files = Array.from({ length: 30 }, (_, i) => ({ key: `k${i}`, label: `${i}.csv`, driver: "csv", hash: "" }));
  const warnings = Array.from({ length: 30 }, (_, i) => `w${i}`);
  const text = textOf({ outputs: files, warnings });
  assert.match(text, /and 22 more$/m);
  assert.match(text, /and 22 more warnings/);
  assert.match(htmlOf({ outputs: files, warnings }), /and 22 more files[^]*details/);
});

Deno.test("renderRunCard() marks what a hit printed as replayed, without a terminal's colours", () => {
  assert.match(textOf({ printed: "\u001b[1;31mred\u001b[0m\n" }), /printed, replayed:\n {4}red$/);
  assert.match(textOf({ status: "executed", printed: "x" }), /printed:\n/);
  assert.doesNotMatch(textOf({ printed: "" }), /printed/);
});

Deno.test("renderRunTable() counts states and sums times", () => {
  const row = (status: RunRowView["status"], seconds: number): RunRowView => ({
    id: "i",
    step: "s",
    status,
    seconds,
    savedSeconds: status === "hit" ? 10 : undefined,
  });
  const text =
    renderRunTable({ runs: [row("hit", 1), row("hit", 1), row("executed", 3), row("failed", 1), row("running", 1)] })["text/plain"];
  assert.match(String(text), /5 runs: 2 hits, 1 executed, 1 failed, 1 running; took 7 s, saved 20 s$/);
});

Deno.test("renderRunTable() cuts a long list and says what there is in all", () => {
  const runs = Array.from({ length: 100 }, (_, i): RunRowView => ({ id: `i${i}`, step: "s", status: "hit" }));
  const { "text/html": html, "text/plain": text } = renderRunTable({ runs, total: 5000 });
  assert.match(String(html), /60 runs not shown/);
  assert.match(String(text), /first 100 of 5,000 runs: 100 hits$/);
  assert.equal(String(text).split("\n").length, 1 + 30 + 1 + 10 + 1);
});

Deno.test("renderRunTable() shows a value called like a member of every object only where it is there", () => {
  const values = JSON.parse('{"constructor":1,"__proto__":2}');
  const text = String(
    renderRunTable({ runs: [{ id: "a", step: "s", status: "hit", values }, { id: "b", step: "s", status: "hit" }] })["text/plain"],
  );
  assert.match(text, /constructor {2}__proto__/);
  assert.doesNotMatch(text, /native code|\[object/);
});

Deno.test("renderScenarioCard() names what is missing", () => {
  const view = { name: "s", id: "s_1", status: "running" as const, startedAt: new Date(), tags: [], steps: [], outputs: [], warnings: [] };
  assert.match(String(renderScenarioCard({ ...view, missing: ["a", "b"] })["text/plain"]), /Required and not there yet: "a", "b"\./);
  assert.doesNotMatch(String(renderScenarioCard(view)["text/plain"]), /Required/);
});

Deno.test("renderArtifactCard() warns of a file that is missing or damaged, and of no other", () => {
  const view = { id: "1", key: "k", path: "/p", driver: "csv", hash: "", meta: [] };
  assert.match(String(renderArtifactCard({ ...view, state: "missing" })["text/plain"]), /not where the ledger says/);
  assert.match(String(renderArtifactCard({ ...view, state: "damaged" })["text/html"]), /never served/);
  assert.doesNotMatch(String(renderArtifactCard({ ...view, state: "present" })["text/plain"]), /warning/);
});

Deno.test("renderLineage() shows a shared input once in full, and ends where a graph goes in circles", () => {
  const node = (id: string) => ({ id, kind: "artifact" as const, label: id });
  const edge = (from: string, to: string) => ({ from, to });
  const shared = {
    root: "d",
    nodes: ["a", "b", "c", "d"].map(node),
    edges: [edge("a", "b"), edge("b", "c"), edge("b", "d"), edge("c", "d")],
  };
  assert.equal(renderLineage(shared)["text/plain"], "d\n├─ b\n│  └─ a\n└─ c\n   └─ b (as above)");
  const circle = { root: "a", nodes: [node("a"), node("b")], edges: [edge("a", "b"), edge("b", "a")] };
  assert.equal(renderLineage(circle)["text/plain"], "a\n└─ b\n   └─ a (as above)");
});

Deno.test("renderLineage() draws the nodes nearest to the root of a large graph", () => {
  const nodes = Array.from({ length: 200 }, (_, i) => ({ id: `n${i}`, kind: "run" as const, label: `n${i}` }));
  const edges = nodes.slice(1).map(({ id }, i) => ({ from: id, to: `n${i}` }));
  const html = String(renderLineage({ root: "n0", nodes, edges })["text/html"]);
  assert.match(html, /60 nodes nearest to it; 140 more nodes not drawn/);
  const svg = atob(/base64,([^"]+)/.exec(html)![1]!);
  assert.ok(svg.includes(">n0<") && svg.includes(">n59<") && !svg.includes(">n60<"));
});
