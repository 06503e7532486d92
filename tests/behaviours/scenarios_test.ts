import assert from "node:assert/strict";
import { artifactKeys, logOutput, run, type Scenario, scenario } from "consist";
import { assertHit, assertMiss } from "consist/testing";
import { refused, test } from "../in_tracker.ts";

const failing = () => {
  throw new Error("model diverged");
};
const refusal = (act: () => unknown) => refused(Promise.resolve().then(act));

test("a scenario's header is a run with its steps as children, completed when it ends", async ({ tracker }) => {
  const sc = await scenario("study", { tags: ["draft"] });
  await sc.run({ name: "one", fn: () => 1, outputs: ["n"] });
  assert.equal((await tracker.getRun(sc.id))?.status, "running");
  await sc.end();
  const header = await tracker.getRun(sc.id);
  assert.equal(header?.status, "completed");
  assert.ok(header?.tags.includes("scenario_header") && header.tags.includes("draft"));
  const [step] = await tracker.findRuns({ scenario: "study" });
  assert.equal(step?.parentId, sc.id);
});

test("a scenario's header lists its steps with what they made", async ({ tracker }) => {
  const { id, artifact } = await scenario("listed", async (sc) => {
    const { outputs } = await sc.run({ name: "draw", fn: () => [1, 2], outputs: ["numbers"] });
    await sc.run({ name: "count", fn: ({ numbers }: { numbers: number[] }) => numbers.length, inputs: ["numbers"], outputs: ["n"] });
    return { id: sc.id, artifact: outputs.numbers.id };
  });
  const steps = (await tracker.getRun(id))?.meta.steps as { model: string; status: string; outputs: Record<string, string> }[];
  assert.deepEqual(steps.map(({ model, status }) => [model, status]), [["draw", "completed"], ["count", "completed"]]);
  assert.deepEqual(steps[0]?.outputs, { [artifact]: "numbers" });
});

test("between the steps of a scenario no run is active", async ({ dir }) => {
  await scenario("between", async (sc) => {
    await sc.run({ name: "one", fn: () => 1, outputs: ["n"] });
    assert.equal((await refused(logOutput(`${dir}/x.csv`))).code, "no_active_run");
  });
});

test("a failing step fails the header, and the scenario can be opened again", async ({ tracker }) => {
  let id = "";
  await refused(scenario("broken", async (sc) => {
    id = sc.id;
    await sc.run({ name: "boom", fn: failing, outputs: ["x"] });
  }));
  const header = await tracker.getRun(id);
  assert.equal(header?.status, "failed");
  assert.match(header?.error?.message ?? "", /model diverged/);
  assert.equal(header?.meta.failed_step, "boom");
  await scenario("broken", async (sc) => assertMiss(await sc.run({ name: "boom", fn: () => 1, outputs: ["x"] })));
});

test("end() of a scenario may be called twice, and a step after it is refused", async () => {
  const sc = await scenario("ended");
  await sc.end();
  await sc.end();
  const error = await refusal(() => sc.run({ name: "late", fn: () => 1 }));
  assert.equal(error.code, "no_active_run");
  assert.match(error.message, /ended/);
});

test("a scenario's tags are joined with those of its steps", async ({ tracker }) => {
  await scenario("tagged", { tags: ["draft"] }, async (sc) => {
    await sc.run({ name: "one", fn: () => 1, tags: ["slow"], outputs: ["n"] });
  });
  const found = await tracker.findRuns({ tags: ["draft", "slow"] });
  assert.deepEqual(found.map(({ model }) => model), ["one"]);
});

test("the coupler is a map of artifacts that names what it does not have", async () => {
  await scenario("map", async (sc) => {
    const { outputs } = await sc.run({ name: "make", fn: () => ({ a: 1, b: 2 }), outputs: ["a", "b"] });
    assert.deepEqual([...sc.coupler.keys()], ["a", "b"]);
    assert.deepEqual([...sc.coupler.entries()].map(([key, { id }]) => [key, id]), [["a", outputs.a.id], ["b", outputs.b.id]]);
    assert.equal(sc.coupler.get("c"), undefined);
    assert.equal(sc.coupler.has("a") && !sc.coupler.has("c"), true);
    sc.coupler.update({ c: outputs.a, d: undefined });
    assert.equal(sc.coupler.require("c").id, outputs.a.id);
    assert.equal(sc.coupler.has("d"), false);
    const error = await refusal(() => sc.coupler.require("d"));
    assert.equal(error.code, "unknown_key");
    assert.match(error.message, /"a", "b", "c"/);
  });
});

test("a key that nobody declared is a warning, once for each key", async () => {
  await scenario("typo", async (sc) => {
    sc.requireOutputs(["population"], { warnUndefined: true });
    const { outputs } = await sc.run({ name: "a", fn: () => 1, outputs: ["population"] });
    for (const _ of [1, 2]) sc.coupler.set("populaton", outputs.population);
    assert.equal(sc.warnings.length, 1);
    assert.match(sc.warnings[0]!.message, /populaton.*population/s);
  });
});

test("collectByKeys() puts chosen outputs under a prefix", async () => {
  await scenario("chosen", async (sc) => {
    const { outputs } = await run({ name: "make", fn: () => ({ persons: 1, jobs: 2 }), outputs: ["persons", "jobs"] });
    sc.collectByKeys(outputs, ["persons"], { prefix: "2030_" });
    assert.deepEqual([...sc.coupler.keys()], ["2030_persons"]);
  });
});

test("a view with an empty namespace is refused", async () => {
  await scenario("views", async (sc) => {
    assert.equal((await refusal(() => sc.coupler.view("/"))).code, "unknown_key");
    await Promise.resolve();
  });
});

test("sc.run refuses the options that run refuses", async () => {
  const wrong = { name: "x", fn: () => 1, cacheMode: "off" };
  const inScenario = await scenario(
    "options",
    async (sc) => await refused((sc as Scenario).run(wrong as { name: string; fn: () => number })),
  )
    .catch((error) => error);
  const outside = await refused(run(wrong as { name: string; fn: () => number }));
  assert.equal(inScenario.code, outside.code);
  assert.match(inScenario.message, /cacheOptions\.cacheMode/);
});

test("a trace that hits and logs another key becomes an execution, with a warning", async ({ tracker }) => {
  const note = async (path: string, key: string) => {
    await Deno.writeTextFile(path, key);
    await logOutput(path, { key });
  };
  const seen: unknown[] = [];
  const traced = () =>
    scenario("demoted", async (sc) => {
      const extra = (await tracker.findRuns({ step: "switch" })).length > 0;
      const result = await sc.trace({ name: "log", executionOptions: { runtimeArgs: { extra } } }, async (step) => {
        await note(step.outputPath("first", ".txt"), "first");
        if (step.runtime.extra) await note(step.outputPath("second", ".txt"), "second");
      });
      seen.push(...sc.warnings.map(({ message }) => message));
      return result;
    });
  assertMiss(await traced());
  assertHit(await traced());
  assert.equal(seen.length, 0);
  await run({ name: "switch", fn: () => 1 });
  const demoted = await traced();
  assertMiss(demoted);
  assert.deepEqual(Object.keys(demoted.outputs).sort(), ["first", "second"]);
});

test("on a hit the coupler is filled before a trace's body begins", async () => {
  const traced = () =>
    scenario("filled", async (sc) => {
      const result = await sc.trace({ name: "log" }, async (step) => {
        const before = step.cacheHit ? sc.coupler.has("n") : undefined;
        const path = step.outputPath("n", ".txt");
        await Deno.writeTextFile(path, "1");
        await logOutput(path, { key: "n" });
        return { before, after: sc.coupler.has("n") };
      });
      return [result.cacheHit, result.value.before, result.value.after];
    });
  assert.deepEqual(await traced(), [false, undefined, true]);
  assert.deepEqual(await traced(), [true, true, true]);
});

test("artifactKeys() refuses a key that is not registered", async () => {
  const Keys = artifactKeys({ RAW: "raw", CLEANED: "cleaned" });
  Keys.validate(["raw", "cleaned"]);
  // @ts-expect-error the compiler says so too
  const error = await refusal(() => Keys.validate(["claened"]));
  assert.equal(error.code, "unknown_key");
  assert.match(error.message, /claened.*cleaned/s);
});

test("a scenario's hydration holds for its steps, and a step's own value wins", async ({ dir }) => {
  const there = (path: string) => Deno.stat(path).then(() => true, () => false);
  const step = (sc: Scenario, path: string, cacheHydration?: "metadata") =>
    sc.run({
      name: "make",
      fn: () => "content",
      outputs: ["made"],
      outputPaths: { made: path },
      ...(cacheHydration === undefined ? {} : { cacheOptions: { cacheHydration } }),
    });
  await scenario("hydrated", { stepCacheHydration: "outputs-requested" }, async (sc) => {
    await step(sc, `${dir}/first.txt`);
    assertHit(await step(sc, `${dir}/second.txt`));
    assertHit(await step(sc, `${dir}/third.txt`, "metadata"));
  });
  assert.deepEqual(await Promise.all(["second", "third"].map((name) => there(`${dir}/${name}.txt`))), [true, false]);
});
