import assert from "node:assert/strict";
import pl from "polars";
import { archiveRunOutputs, logDataframe, logOutput, run, Tracker } from "consist";
import { test } from "../in_tracker.ts";

test("with no outputs declared the returned value is kept under the step's name, beside what was logged", async () => {
  const result = await run({
    name: "free",
    fn: async (_, step) => {
      const path = step.outputPath("log", ".txt");
      await Deno.writeTextFile(path, "done");
      await logOutput(path, { key: "log" });
      return { mean: 2 };
    },
  });
  assert.deepEqual(Object.keys(result.outputs).sort(), ["free", "log"]);
  assert.deepEqual(await result.load("free"), { mean: 2 });
  assert.equal(await result.load("log"), "done");
});

test("an output's description, notes and facet are kept with the artifact", async ({ tracker }) => {
  const declared = { description: "Two draws", meta: { unit: "m" }, facet: { kind: "sample" } };
  const result = await run({
    name: "draw",
    fn: async () => {
      await logDataframe(pl.DataFrame({ x: [1] }), { key: "logged", description: "One draw", meta: { unit: "km" } });
      return { declared: [1, 2] };
    },
    outputs: { declared, logged: {} },
  });
  const { outputs } = await tracker.getArtifactsForRun(result);
  assert.equal(outputs.declared?.meta.unit, "m");
  assert.equal(outputs.declared?.meta.description, "Two draws");
  assert.equal(outputs.logged?.meta.unit, "km");
  assert.equal(outputs.logged?.meta.description, "One draw");
  const rows = await tracker.runQuery("select key_path, value_str from artifact_kv where artifact_id = $1", [outputs.declared!.id]);
  assert.deepEqual(rows, [{ key_path: "kind", value_str: "sample" }]);
});

test("logDataframe() writes into the run's folder, by the driver that is named", async () => {
  const result = await run({
    name: "frames",
    fn: async () => {
      await logDataframe(pl.DataFrame({ x: [1] }), { key: "usual" });
      await logDataframe(pl.DataFrame({ x: [1] }), { key: "text", driver: "csv" });
    },
    outputs: ["usual", "text"],
  });
  assert.deepEqual([result.outputs.usual.driver, result.outputs.text.driver], ["parquet", "csv"]);
  assert.match(result.outputs.text.path, new RegExp(`${result.run.id}.*text\\.csv$`));
  assert.match(await Deno.readTextFile(result.outputs.text.path), /^x\n1/);
});

test("an artifact says what its hash means", async ({ tracker }) => {
  const result = await run({ name: "make", fn: () => "text", outputs: ["made"] });
  const { outputs } = await tracker.getArtifactsForRun(result);
  const { algorithm, kind, source } = outputs.made!.meta.hash_semantics as { algorithm: string; kind: string; source: string };
  assert.deepEqual({ algorithm, kind, source }, { algorithm: "sha256", kind: "file", source: "computed_full" });
});

test("a run records its mounts and its run folder", async ({ dir }) => {
  await Deno.mkdir(`${dir}/data`);
  await Deno.writeTextFile(`${dir}/data/raw.txt`, "1");
  await using tracker = new Tracker({ dbPath: `${dir}/own.duckdb`, runDir: `${dir}/own`, mounts: { inputs: `${dir}/data` } });
  const result = await tracker.run({ name: "read", fn: ({ raw }) => raw, inputs: { raw: `${dir}/data/raw.txt` }, outputs: ["text"] });
  const { inputs } = await tracker.getArtifactsForRun(result);
  assert.equal(inputs.raw?.uri, "inputs://raw.txt");
  const { meta } = (await tracker.getRun(result.run.id))!;
  assert.deepEqual(meta.mounts, { inputs: `${dir}/data` });
  assert.equal(meta._physical_run_dir, `${dir}/own`);
});

test("of several runs of one signature the newest is served whose outputs are whole", async () => {
  const step = (cacheMode: "reuse" | "overwrite") =>
    run({ name: "make", fn: () => "content", outputs: ["made"], cacheOptions: { cacheMode } });
  const first = await step("reuse");
  const second = await step("overwrite");
  assert.match((await step("reuse")).explain(), new RegExp(second.run.id));
  await Deno.remove(second.outputs.made.path);
  const hit = await step("reuse");
  assert.equal(hit.cacheHit, true);
  assert.match(hit.explain(), new RegExp(first.run.id));
  assert.equal(await hit.load(), "content");
});

test("an archive takes nothing through a link that leads out of it, and says so of each output", async ({ dir }) => {
  const made = await run({ name: "make", fn: () => "content", outputs: ["note"] });
  await Deno.mkdir(`${dir}/elsewhere`);
  await Deno.mkdir(`${dir}/archive/outputs`, { recursive: true });
  await Deno.symlink(`${dir}/elsewhere`, `${dir}/archive/outputs/make`);
  const { note } = await archiveRunOutputs(made, `${dir}/archive`);
  assert.equal(note.status, "failed");
  assert.match(note.message ?? "", /link/);
  assert.deepEqual([...Deno.readDirSync(`${dir}/elsewhere`)], []);
});
