/** Steps that belong together: couplers, traces, required outputs, executions laid over each other. */
import assert from "node:assert/strict";
import {
  artifactKeys,
  type DataFrame,
  file,
  findRuns,
  load,
  loadDf,
  logDataframe,
  logOutput,
  ref,
  refs,
  run,
  type Scenario,
  scenario,
} from "consist";
import { assertHit, assertMiss } from "consist/testing";
import pl from "polars";
import { refused, test } from "./in_tracker.ts";

test("scenario() gives the body's value, and its steps link by the coupler", async ({ tracker }) => {
  const value = await scenario("study", { tags: ["draft"] }, async (sc) => {
    await sc.run({ name: "draw", fn: () => [1, 2, 3], outputs: ["numbers"] });
    return await sc.run({ name: "sum", fn: ({ numbers }: { numbers: number[] }) => numbers.length, inputs: ["numbers"], outputs: ["n"] })
      .load();
  });
  assert.equal(value, 3);
  const runs = await tracker.findRuns({ scenario: "study" });
  assert.deepEqual(runs.map((found) => found.model).sort(), ["draw", "sum"]);
  assert.ok(runs.every((found) => found.scenarioId === "study" && found.tags.includes("draft")));
});

test("sc.trace runs its body on a hit too, keeps the cached artifact, and leaves no second file", async ({ dir }) => {
  let bodies = 0;
  const once = () =>
    scenario("traced", async (sc) => {
      const traced = await sc.trace({ name: "log" }, async (step) => {
        bodies++;
        await logDataframe(pl.DataFrame({ id: [1, 2] }), { key: "persons" });
        return step.cacheHit;
      });
      assert.equal(traced.value, traced.cacheHit);
      return { traced, path: sc.coupler.require("persons").path };
    });
  const [first, second] = [await once(), await once()];
  assertMiss(first.traced);
  assertHit(second.traced);
  assert.equal(bodies, 2);
  assert.equal(second.path, first.path);
  assert.equal([...Deno.readDirSync(`${dir}/runs/outputs/log`)].length, 1);
});

test("sc.trace records other content for a key as an execution, with a warning", async ({ tracker, dir }) => {
  await Deno.writeTextFile(`${dir}/outside.txt`, "one"); // read by hand: the step does not depend on it as far as anybody can see
  const once = () =>
    scenario("demoted", (sc) =>
      sc.trace({ name: "log" }, async (step) => {
        await Deno.copyFile(`${dir}/outside.txt`, step.outputPath("note", ".txt"));
        await logOutput(step.outputPath("note", ".txt"), { key: "note" });
      }));
  await once();
  await Deno.writeTextFile(`${dir}/outside.txt`, "two");
  const changed = await once();
  assertMiss(changed);
  assert.equal(changed.miss?.code, "trace_changed");
  assert.equal(await changed.load("note"), "two");
  assert.equal((await tracker.findRuns({ scenario: "demoted" })).length, 1);
});

test("a trace that throws fails its scenario and is recorded", async ({ tracker }) => {
  await assert.rejects(
    scenario("broken", (sc) =>
      sc.trace({ name: "boom" }, () => {
        throw new Error("no luck");
      })),
    /no luck/,
  );
  assert.equal((await tracker.findRun({ scenario: "broken", step: "boom" })).error?.message, "no luck");
  const header = (await tracker.findRuns({ tags: ["scenario_header"] }))[0];
  assert.equal(header?.status, "failed");
  assert.equal(header?.meta.failed_step, "boom");
});

test("required outputs that no step made fail the scenario when it ends", async () => {
  const error = await refused(
    scenario("short", { requireOutputs: ["skims", "persons"] }, (sc) => sc.run({ name: "a", fn: () => 1, outputs: ["skims"] })),
  );
  assert.equal(error.code, "missing_outputs");
  assert.match(error.message, /persons/);
  await scenario("optional", async (sc) => {
    sc.declareOutputs(["a", "b"], { required: { a: true }, warnUndefined: true });
    await sc.run({ name: "a", fn: () => ({ a: 1 }), outputs: ["a"] });
    await sc.run({ name: "c", fn: () => 1, outputs: ["bb"] });
    assert.match(sc.warnings[0]?.message ?? "", /"bb".*"b"/);
  });
});

test("opening a scenario's name again ends the earlier execution", async () => {
  const first = await scenario("again");
  const second = await scenario("again");
  assert.notEqual(first.id, second.id);
  const error = await refused((async () => await first.run({ name: "late", fn: () => 1, outputs: ["n"] }))());
  assert.match(error.message, /has ended/);
  await second.end();
  await second.end();
});

test("couplers of different scenarios share nothing, and steps of one run side by side", async () => {
  const [one, two] = await Promise.all([scenario("one"), scenario("two")]);
  await Promise.all([
    one.run({ name: "a", fn: () => 1, outputs: ["a"] }),
    one.run({ name: "b", fn: () => 2, outputs: ["b"] }),
    two.run({ name: "a", fn: () => 3, outputs: ["a"] }),
  ]);
  assert.deepEqual([...one.coupler.keys()].sort(), ["a", "b"]);
  assert.equal(await two.coupler.require("a").load(), 3);
  assert.throws(() => two.coupler.require("b"), /"b"/);
  assert.throws(() => two.coupler.view(""), /namespace/);
  await Promise.all([one.end(), two.end()]);
});

test("a coupler's view adds its namespace, nests, and takes files", async ({ dir }) => {
  await Deno.writeTextFile(`${dir}/plans.txt`, "plans");
  await scenario("views", async (sc) => {
    const beam = sc.coupler.view("beam");
    await beam.setFromArtifact("plans", `${dir}/plans.txt`);
    assert.equal(await sc.coupler.require("beam/plans").load(), "plans");
    sc.coupler.view("beam").view("deep").set("x", beam.require("plans"));
    assert.deepEqual([...beam.keys()], ["plans", "deep/x"]);
    assert.deepEqual([...sc.coupler.view("other").keys()], []);
  });
});

test("collectByKeys, ref and refs name what they do not find", async () => {
  const made = await run({ name: "two", fn: () => ({ alpha: 1, beta: 2 }), outputs: ["alpha", "beta"] });
  const sc = await scenario("collect");
  sc.collectByKeys(made.outputs, ["alpha"], { prefix: "2030_" });
  assert.deepEqual([...sc.coupler.keys()], ["2030_alpha"]);
  assert.throws(() => sc.collectByKeys(made.outputs, ["alhpa" as "alpha"]), /alpha/);
  assert.throws(() => ref(made, "betta" as "beta"), /"beta"/);
  assert.deepEqual(Object.keys(refs(made)), ["alpha", "beta"]);
  assert.equal(await run({ name: "sum", fn: ({ alpha, beta }) => alpha + beta, inputs: refs(made), outputs: ["n"] }).load(), 3);
  const Keys = artifactKeys({ A: "alpha" });
  assert.throws(() => Keys.validate(["alhpa" as "alpha"]), /alhpa.*alpha/s);
  await sc.end();
});

test("a hit in another scenario counts as that scenario's own", async ({ tracker }) => {
  for (const name of ["baseline", "high_gas"]) {
    await scenario(name, (sc) => sc.run({ name: "shared", fn: () => 1, outputs: ["n"] }));
  }
  for (const name of ["baseline", "high_gas"]) {
    const found = await tracker.findRun({ scenario: name, step: "shared" });
    assert.equal(found.cacheHit, name === "high_gas");
    assert.deepEqual(Object.keys((await tracker.getArtifactsForRun(found)).outputs), ["n"]);
  }
});

test("a notebook run twice asks the same questions and gets the same answers, also after a failure half-way", async ({ tracker }) => {
  const pass = async (fails: boolean) => {
    const sc = await scenario("study");
    await sc.run({ name: "a", fn: (_, { config }) => config.year, config: { year: 2020 }, year: 2020, outputs: ["n"] });
    if (fails) throw new Error("half-way");
    await sc.run({ name: "b", fn: () => 2, outputs: ["m"] });
    await sc.end();
  };
  const answers = async () => (await tracker.findRuns({ scenario: "study" })).map((found) => found.model).sort();
  await pass(false);
  assert.deepEqual(await answers(), ["a", "b"]);
  await pass(false);
  assert.deepEqual(await answers(), ["a", "b"]);
  await assert.rejects(pass(true), /half-way/);
  assert.deepEqual(await answers(), ["a", "b"]);
  assert.equal((await tracker.findRuns({ scenario: "study", history: true })).length, 5);
});

test("an unknown option of a scenario is named", async () => {
  const error = await refused(scenario("x", { requireOutput: ["a"] } as never));
  assert.match(error.fix, /requireOutputs/);
  assert.equal((await refused(scenario(""))).code, "name_missing");
});

test("a trace that hits takes its label again, and under readonly leaves nothing where its body made other content or failed", async ({ dir }) => {
  let [text, fails] = ["one", false];
  const trace = (sc: Scenario, cacheMode: "reuse" | "readonly" = "reuse") =>
    sc.trace({ name: "note", runId: "first", outputs: ["note"], cacheOptions: { cacheMode, codeIdentity: "source" } }, async (step) => {
      await Deno.writeTextFile(`${dir}/note.txt`, text);
      await step.logOutput(`${dir}/note.txt`, { key: "note" });
      if (fails) throw new Error("late");
    });
  await scenario("traced", async (sc) => {
    assert.equal((await trace(sc)).run.id, "first");
    const hit = await trace(sc);
    assert.equal(hit.cacheHit, true);
    assert.notEqual(hit.run.id, "first");
    const before = (await findRuns({ step: "note", history: true })).length;
    text = "two";
    assert.equal((await trace(sc, "readonly")).miss?.code, "trace_changed");
    [text, fails] = ["one", true];
    await assert.rejects(trace(sc, "readonly"), /late/);
    assert.equal((await findRuns({ step: "note", history: true })).length, before);
  });
});

test("a scenario waits for the steps that its body forgot to await, and fails with them", async ({ tracker }) => {
  const pause = () => new Promise((resolve) => setTimeout(resolve, 20));
  await scenario("forgotten", { requireOutputs: ["n", "m"] }, (sc) => {
    const chain = async () => {
      const slow = await sc.run({ name: "slow", fn: async () => (await pause(), 1), outputs: ["n"] });
      await sc.run({ name: "next", fn: ({ n }) => n + 1, inputs: { n: slow.outputs.n }, outputs: ["m"] });
    };
    void chain();
  });
  assert.deepEqual((await tracker.findRuns({ scenario: "forgotten" })).map(({ model, status }) => [model, status]), [
    ["next", "completed"],
    ["slow", "completed"],
  ]);
  const fails = async () => {
    await pause();
    throw new Error("lost");
  };
  await assert.rejects(scenario("failing", (sc) => void sc.run({ name: "fails", fn: fails })), /Step "fails" failed: lost/);
  const sc = await scenario("inside");
  await sc.trace({ name: "ends its scenario" }, async () => await sc.end());
});

test("a file that was put into the coupler is an artifact of the ledger, and the lineage of what was made of it ends there", async ({ dir, tracker }) => {
  await Deno.writeTextFile(`${dir}/plans.txt`, "plans");
  const made = await scenario("from a file", async (sc) => {
    await sc.coupler.setFromArtifact("plans", `${dir}/plans.txt`);
    return await sc.run({ name: "read", fn: ({ plans }: { plans: string }) => plans.length, inputs: ["plans"], outputs: ["n"] });
  });
  const { inputs } = await tracker.lineage(made.outputs.n);
  assert.deepEqual(inputs.map(({ artifact, run }) => [artifact.key, artifact.path, run]), [["plans", `${dir}/plans.txt`, undefined]]);
});

test("Promise.all over sc.run leaves in the coupler what the last call gave, whichever ends last", async () => {
  await scenario("together", async (sc) => {
    const gate = Promise.withResolvers<void>();
    const slow = sc.run({
      name: "slow",
      fn: async () => (await gate.promise, "slow"),
      outputs: ["x"],
      cacheOptions: { untracked: "allow" },
    });
    const quick = sc.run({ name: "quick", fn: () => "quick", outputs: ["x"] });
    await quick;
    gate.resolve();
    await slow;
    assert.equal(await sc.coupler.require("x").load(), "quick");
  });
});

test("sync: false keeps outputs out of the coupler until collectByKeys takes them, on hits too", async () => {
  const once = () =>
    scenario("chosen", async (sc) => {
      const made = await sc.run({ name: "make", fn: () => ({ persons: 1, jobs: 2 }), outputs: ["persons", "jobs"], sync: false });
      assert.deepEqual([...sc.coupler.keys()], []);
      await assert.rejects(sc.run({ name: "read", fn: () => 1, inputs: ["persons"], outputs: ["n"] }), /no such key/);
      const artifacts = sc.collectByKeys(made.outputs, ["persons"], { prefix: "2030_" });
      assert.deepEqual(Object.keys(artifacts), ["2030_persons"]);
      assert.deepEqual([...sc.coupler.keys()], ["2030_persons"]);
      assert.throws(() => sc.collectByKeys(made.outputs, ["persns" as "persons"]), /Did you mean "persons"/);
      assert.throws(() => sc.collectByKeys(made.outputs, ["constructor" as "persons"]), /no such output/);
      const traced = await sc.trace({ name: "log", outputs: ["note"], sync: false }, async (step) => {
        await Deno.writeTextFile(step.outputPath("note", ".txt"), "done");
        await step.logOutput(step.outputPath("note", ".txt"), { key: "note" });
      });
      assert.equal(sc.coupler.has("note"), false);
      assert.equal(await traced.load("note"), "done");
      await sc.end().catch(() => {}); // the step that was refused
      return made;
    });
  await once();
  assertHit(await once());
});

test("requireOutputs says what a missing output is, and counts keys that were put in by hand", async ({ dir }) => {
  const error = await refused(scenario("short", (sc) => {
    sc.requireOutputs(["skims", "population"], { description: { skims: "zone-to-zone travel times" } });
  }));
  assert.match(error.problem, /skims \(zone-to-zone travel times\).*population/);
  await Deno.writeTextFile(`${dir}/p.txt`, "p");
  await scenario("by_hand", async (sc) => {
    sc.requireOutputs(["population"]);
    sc.declareOutputs(["debug"], { required: { debug: false }, description: { debug: "what was noticed" } });
    await sc.coupler.setFromArtifact("population", `${dir}/p.txt`);
  });
  const unsynced = await refused(scenario("unsynced", async (sc) => {
    sc.requireOutputs(["n"]);
    await sc.run({ name: "make", fn: () => 1, outputs: ["n"], sync: false });
  }));
  assert.equal(unsynced.code, "missing_outputs");
});

test("paths, and what says its path, work where artifacts do", async ({ dir, tracker }) => {
  const [path, entry] = [`${dir}/p.csv`, { name: "p.csv", isFile: true, path: `${dir}/p.csv` }];
  await Deno.writeTextFile(path, "n\n1\n2\n");
  const height = (ref: string | URL | { readonly path: string }) =>
    run({ name: "height", fn: ({ table }: { table: DataFrame }) => table.height, inputs: { table: ref }, outputs: ["n"] });
  assert.equal(await height(path).load(), 2);
  for (const ref of [file(path), entry, new URL(`file://${path}`)]) assertHit(await height(ref));
  assert.equal((await load(path as "p.csv")).height, 2);
  assert.equal((await load(entry) as DataFrame).height, 2);
  for (const ref of [path, new URL(`file://${path}`), file(path)]) assert.equal((await loadDf(ref)).height, 2);
  await scenario("paths", async (sc) => {
    await sc.coupler.setFromArtifact("table", entry);
    await sc.coupler.setFromArtifact("other", sc.coupler.require("table"));
    assert.equal(sc.coupler.require("other").hash, sc.coupler.require("table").hash);
    assert.throws(() => sc.coupler.set("table", path as never), /setFromArtifact/);
    assert.throws(() => sc.coupler.update({ table: entry as never }), /setFromArtifact/);
  });
  const reads = () => run({ name: "reads", fn: async () => (await loadDf(path)).height, outputs: ["n"] });
  assert.equal(await reads().load(), 2);
  assertHit(await reads());
  await Deno.writeTextFile(path, "n\n1\n2\n3\n");
  assert.equal(await reads().load(), 3);
  assert.match((await refused(load(1 as never))).problem, /load\(\) was called with 1/);
  assert.equal((await refused(load(`${dir}/none.txt`))).code, "input_missing");
  assert.ok((await tracker.findRuns({ step: "reads" })).length > 0);
});

test("a scenario's cacheEpoch makes its steps other steps; a step's own is stronger", async () => {
  const once = (epoch: number, own: object = {}) =>
    scenario("epochs", { cacheEpoch: epoch }, (sc) => sc.run({ name: "make", fn: () => 1, outputs: ["n"], ...own }));
  assertMiss(await once(2));
  assertHit(await once(2));
  assertMiss(await once(3));
  assertHit(await once(4, { cacheOptions: { cacheEpoch: 3 } }));
  assert.equal((await refused(once("x" as never))).code, "option_invalid");
});

test("several open scenarios keep their steps apart, also where their calls alternate", async ({ tracker }) => {
  const [one, two] = [await scenario("one"), await scenario("two")];
  for (const [sc, x] of [[one, 1], [two, 2], [one, 3]] as const) {
    await sc.run({ name: "make", fn: (_, { config }) => config.x, config: { x }, outputs: [`x${x}`] });
  }
  assert.deepEqual([[...one.coupler.keys()], [...two.coupler.keys()]], [["x1", "x3"], ["x2"]]);
  const inOne = await one.run({ name: "outer", fn: () => two.run({ name: "inner", fn: () => 7, outputs: ["y"] }).load(), outputs: ["z"] });
  assert.equal(await inOne.load("z"), 7);
  assert.equal(two.coupler.has("y"), true);
  assert.equal(one.coupler.has("y"), false);
  await one.end();
  await two.run({ name: "last", fn: () => 1, outputs: ["x4"] });
  await two.end();
  assert.deepEqual((await tracker.findRuns({ scenario: "two" })).map((run) => run.model).sort(), ["inner", "last", "make"]);
});

test("a run inside a step is its child; one with parentRunId is that run's", async ({ tracker }) => {
  const inner = () => run({ name: "inner", fn: () => 1, outputs: ["n"] });
  const outer = await run({ name: "outer", fn: async () => await inner().load(), outputs: ["m"] });
  const [child] = await tracker.findRuns({ step: "inner" });
  assert.equal(child?.parentId, outer.run.id);
  const adopted = await run({ name: "adopted", fn: () => 1, outputs: ["n"], parentRunId: outer.run.id });
  assert.equal(adopted.run.parentId, outer.run.id);
  const sc = await scenario("around");
  const nested = await sc.run({
    name: "nested",
    fn: async () => (await run({ name: "deep", fn: () => 2, outputs: ["n"] })).run.parentId!,
    outputs: ["id"],
  });
  assert.equal(await nested.load("id"), nested.run.id);
  await sc.end();
});

test("runId names one execution; a hit on it gets an id of its own and keeps the label", async ({ tracker }) => {
  const call = (x: number) =>
    run({ name: "model", fn: (_, { config }) => config.x, config: { x }, outputs: ["n"], runId: "baseline_2030" });
  const first = await call(1);
  assert.equal(first.run.id, "baseline_2030");
  const hit = await call(1);
  assertHit(hit);
  assert.notEqual(hit.run.id, "baseline_2030");
  assert.equal(hit.run.meta.label, "baseline_2030");
  const taken = await refused(call(2));
  assert.equal(taken.code, "run_exists");
  assert.equal((await tracker.findRun({ id: "baseline_2030" })).id, hit.run.id);
  assert.equal(await first.load("n"), 1);
});
