import assert from "node:assert/strict";
import { command, findRuns, logMeta, run, scenario, Tracker, useTracker } from "consist";
import { assertHit, assertMiss } from "consist/testing";
import { test } from "../in_tracker.ts";

test("a hit is a run of its own with the artifacts of the run that executed", async ({ tracker }) => {
  const step = () => run({ name: "make", fn: () => ({ a: 1 }), outputs: ["made"] });
  const [first, second] = [await step(), await step()];
  assertHit(second);
  assert.notEqual(second.run.id, first.run.id);
  assert.equal(second.run.status, "completed");
  assert.equal(second.run.cacheHit, true);
  assert.equal(second.outputs.made.id, first.outputs.made.id);
  assert.equal(second.outputs.made.runId, first.run.id);
  const kept = await tracker.getRun(second.run.id);
  assert.equal(kept?.cacheHit, true);
  assert.equal((await tracker.getArtifactsForRun(second)).outputs.made?.id, first.outputs.made.id);
  assert.match(second.explain(), new RegExp(first.run.id));
  assert.equal(second.miss, undefined);
  assert.equal(kept?.meta.cache_miss_explanation, undefined);
});

test("a changed config executes the step and its readers, and nothing before them", async () => {
  const pipeline = async (alpha: number) => {
    const base = await run({ name: "base", fn: () => [1, 2, 3], outputs: ["base"] });
    const model = await run({
      name: "model",
      fn: ({ base }, { config }) => base.map((x) => x * config.alpha),
      inputs: { base: base.outputs.base },
      config: { alpha },
      outputs: ["scaled"],
    });
    const total = await run({
      name: "total",
      fn: ({ scaled }) => scaled.reduce((a, b) => a + b),
      inputs: { scaled: model.outputs.scaled },
      outputs: ["total"],
    });
    return { hits: [base, model, total].map(({ cacheHit }) => cacheHit), total: await total.load() };
  };
  assert.deepEqual(await pipeline(1), { hits: [false, false, false], total: 6 });
  assert.deepEqual(await pipeline(2), { hits: [true, false, false], total: 12 });
  assert.deepEqual(await pipeline(1), { hits: [true, true, true], total: 6 });
});

test("cacheVersion counts in a trace as in a run", async () => {
  const trace = (cacheVersion: number) =>
    scenario("versions", (sc) => sc.trace({ name: "log", cacheOptions: { cacheVersion } }, (step) => void step.name));
  assertMiss(await trace(1));
  assertHit(await trace(1));
  assertMiss(await trace(2));
  assertHit(await trace(1));
});

test("logMeta() keeps numbers, texts, lists and objects as they are, and the later note wins", async ({ tracker }) => {
  const result = await run({
    name: "notes",
    fn: async () => {
      await logMeta({ residual: 1e-9, steps: 12, solver: "euler", grid: [10, 20], deep: { ok: true, none: null } });
      await logMeta({ steps: 13 });
    },
  });
  const meta = (await tracker.getRun(result.run.id))?.meta;
  const { residual, steps, solver, grid, deep } = meta!;
  assert.deepEqual({ residual, steps, solver, grid, deep }, {
    residual: 1e-9,
    steps: 13,
    solver: "euler",
    grid: [10, 20],
    deep: { ok: true, none: null },
  });
});

test("a step gets its context as the second argument: name, run, config, folder, year", async ({ tracker }) => {
  const result = await run({
    name: "context",
    fn: (_, step) => ({ name: step.name, id: step.runId, alpha: step.config.alpha, dir: step.runDir, year: step.year, hit: step.cacheHit }),
    config: { alpha: 0.5 },
    year: 2030,
    outputs: ["seen"],
  });
  const seen = await result.load();
  assert.deepEqual({ ...seen, dir: "" }, { name: "context", id: result.run.id, alpha: 0.5, dir: "", year: 2030, hit: false });
  assert.ok(seen.dir.startsWith(tracker.runDir) && seen.dir.endsWith(result.run.id));
});

test("a program runs with tracking off, and nothing is recorded", async ({ dir }) => {
  const script = `${dir}/write.ts`;
  await Deno.writeTextFile(script, 'Deno.writeTextFileSync(Deno.args[0]!, "made");');
  const tracker = new Tracker({ dbPath: `${dir}/own.duckdb`, runDir: `${dir}/own`, enabled: false });
  const made = () =>
    tracker.run({
      name: "write",
      fn: command({ argv: (_, step) => [Deno.execPath(), "run", "-A", script, step.outputPath("note", ".txt")] }),
      outputs: ["note"],
      executionOptions: { inputBinding: "paths" },
    });
  const result = await made();
  assert.equal(await result.load("note"), "made");
  assertMiss(await made());
  assert.deepEqual(await tracker.findRuns(), []);
  await assert.rejects(Deno.stat(`${dir}/own.duckdb`), Deno.errors.NotFound);
});

test("a tracker that is named beats the ambient one, and what is logged belongs to the active run", async ({ dir, tracker }) => {
  await using other = new Tracker({ dbPath: `${dir}/other.duckdb`, runDir: `${dir}/other` });
  await other.run({ name: "elsewhere", fn: () => 1, outputs: ["n"] });
  assert.equal((await findRuns({ step: "elsewhere" })).length, 0);
  assert.equal((await useTracker(other, () => findRuns({ step: "elsewhere" }))).length, 1);
  assert.equal((await findRuns({ step: "elsewhere" })).length, 0, "the earlier tracker is ambient again");
  const here = await run({ name: "here", fn: () => useTracker(other, () => logMeta({ noted: true })) });
  assert.equal((await tracker.getRun(here.run.id))?.meta.noted, true);
});
