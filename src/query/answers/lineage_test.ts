import assert from "node:assert/strict";
import { join } from "@std/path";
import { FindError, OptionError } from "../../errors.ts";
import { DISPLAY } from "../../notebook/mod.ts";
import type { Lineage } from "../mod.ts";
import { artifactsForRun, lineage } from "./mod.ts";
import { Story } from "../support_test.ts";

const told = ({ artifact, run, inputs }: Lineage): unknown[] => [artifact.key, run?.id ?? null, inputs.map(told)];
const added = async (story: Story, name: string, run?: string) =>
  await story.artifact(name, { path: join(story.dir, name), run_id: run ?? null });

Deno.test("lineage() follows runs to files from outside, and stops at a depth", async () => {
  await using story = await Story.begin();
  await added(story, "raw");
  await added(story, "clean", "a");
  const report = await added(story, "report", "b");
  await story.tell({ a: { inputs: ["raw"], outputs: ["clean"] }, b: { inputs: ["clean", "raw"], outputs: ["report"] } });
  const whole = ["report", "b", [["raw", null, []], ["clean", "a", [["raw", null, []]]]]];
  assert.deepEqual(told(await lineage(story.reading, report)), whole);
  const { outputs } = await artifactsForRun(story.reading, "b");
  assert.deepEqual(told(await lineage(story.reading, outputs.report!)), whole);
  assert.deepEqual(told(await lineage(story.reading, report, { maxDepth: 1 })), ["report", "b", [["raw", null, []], ["clean", null, []]]]);
  assert.deepEqual(told(await lineage(story.reading, report, { maxDepth: 0 })), ["report", null, []]);
});

Deno.test("lineage() ends where a cycle closes", async () => {
  await using story = await Story.begin();
  const x = await added(story, "x", "a");
  await added(story, "y", "b");
  await story.tell({ a: { inputs: ["y"], outputs: ["x"] }, b: { inputs: ["x"], outputs: ["y"] } });
  assert.deepEqual(told(await lineage(story.reading, x)), ["x", "a", [["y", "b", [["x", "a", []]]]]]);
});

Deno.test("lineage() stays small where many paths lead to one file", async () => {
  await using story = await Story.begin();
  await added(story, "f0");
  for (let level = 1; level <= 30; level++) {
    await added(story, `f${level}`, `r${level}`);
    await added(story, `g${level}`, `r${level}`);
    const inputs = level === 1 ? ["f0"] : [`f${level - 1}`, `g${level - 1}`];
    await story.tell({ [`r${level}`]: { inputs, outputs: [`f${level}`, `g${level}`] } });
  }
  const { f30 } = (await artifactsForRun(story.reading, "r30")).outputs;
  const root = await lineage(story.reading, f30!);
  const seen = new Set<Lineage>();
  const walk = (tree: Lineage): void => {
    if (seen.has(tree)) return;
    seen.add(tree);
    tree.inputs.forEach(walk);
  };
  walk(root);
  assert.equal(seen.size, 60);
});

Deno.test("lineage() stays within the scenario that took an artifact from the cache", async () => {
  await using story = await Story.begin();
  await added(story, "persons", "made");
  const summary = await added(story, "summary", "sum");
  await story.tell({
    h1: { ...story.header("baseline"), outputs: ["persons"] },
    made: story.step("baseline", "h1", { model_name: "sim" }, { outputs: ["persons"] }),
    h2: { ...story.header("high_gas"), outputs: ["persons", "summary"] },
    hit: story.step("high_gas", "h2", { model_name: "sim" }, { outputs: ["persons"], own: { hit: true, source_run_id: "made" } }),
    sum: story.step("high_gas", "h2", { model_name: "sum" }, { inputs: ["persons"], outputs: ["summary"] }),
  });
  assert.deepEqual(told(await lineage(story.reading, summary)), ["summary", "sum", [["persons", "hit", []]]]);
  const { persons } = (await artifactsForRun(story.reading, "made")).outputs;
  assert.deepEqual(told(await lineage(story.reading, persons!)), ["persons", "made", []]);
});

Deno.test("lineage() shows a file from outside as it is seen from the working directory, below it only", async () => {
  await using story = await Story.begin();
  await story.artifact("near", { path: join(Deno.cwd(), "data", "near.csv") });
  await added(story, "far");
  const out = await added(story, "out", "a");
  await story.tell({ a: { inputs: ["near", "far"], outputs: ["out"] } });
  const tree = await lineage(story.reading, out) as Lineage & { [DISPLAY](): Record<string, string> };
  const text = tree[DISPLAY]()["text/plain"]!;
  assert.match(text, /near {2}data\/near\.csv/);
  assert.match(text, /far {2}\//);
});

Deno.test("lineage() shows itself as a graph, with hostile names escaped", async () => {
  await using story = await Story.begin();
  await added(story, "raw");
  const out = await story.artifact("out", { path: join(story.dir, "out"), run_id: "<i>run", key: "<b>out" });
  await story.tell({ "<i>run": { row: { model_name: "<u>step" }, inputs: ["raw"], outputs: ["out"] } });
  const tree = await lineage(story.reading, out) as Lineage & { [DISPLAY](): Record<string, string> };
  const bundle = tree[DISPLAY]();
  assert.match(bundle["text/plain"]!, /<b>out/);
  for (const tag of ["<b>out", "<i>run", "<u>step"]) assert.ok(!String(bundle["text/html"]).includes(tag), tag);
});

Deno.test("lineage() refuses an artifact that the ledger does not have, and a depth that is none", async () => {
  await using story = await Story.begin();
  await assert.rejects(
    lineage(story.reading, "'; drop table run; --"),
    (error: unknown) => error instanceof FindError && error.code === "run_not_found",
  );
  await assert.rejects(lineage(story.reading, "x", { maxDepth: -1 }), OptionError);
});

Deno.test("artifactsForRun() gives inputs and outputs by key, and nothing for an unknown run", async () => {
  await using story = await Story.begin();
  await added(story, "raw");
  await added(story, "clean", "a");
  await story.tell({ a: { inputs: ["raw"], outputs: ["clean"] } });
  const { inputs, outputs } = await artifactsForRun(story.reading, "a");
  assert.deepEqual([Object.keys(inputs), Object.keys(outputs), outputs.clean!.runId], [["raw"], ["clean"], "a"]);
  assert.deepEqual(await artifactsForRun(story.reading, "nope"), { inputs: {}, outputs: {} });
});
