/** Steps with defaults: what a definition gives, what a call says instead, and what counts. */
import assert from "node:assert/strict";
import { collectStepSchema, ConsistError, defineStep, ref, run, scenario, stepContract, verifyRun, wouldHit } from "consist";
import { assertHit, assertMiss } from "consist/testing";
import { z } from "zod";
import { refused, test } from "./in_tracker.ts";

function refusedAtOnce(work: () => unknown): ConsistError {
  try {
    work();
  } catch (error) {
    assert.ok(error instanceof ConsistError, `wanted a ConsistError, found ${error}`);
    return error;
  }
  throw new Error("It was not refused.");
}
/** Modules of a user's, which change between two imports. */
async function moduleOf(dir: string, name: string, text: string): Promise<Record<string, (...args: never[]) => unknown>> {
  const path = `${dir}/${name}-${crypto.randomUUID()}.ts`;
  await Deno.writeTextFile(path, `import { defineStep, run } from ${JSON.stringify(new URL("../mod.ts", import.meta.url).href)};\n${text}`);
  return await import(`file://${path}`);
}

test("defineStep() gives every default, fixed or computed from the call", async ({ dir, tracker }) => {
  await Deno.writeTextFile(`${dir}/raw.2030.txt`, "thirty");
  await Deno.writeTextFile(`${dir}/k.txt`, "k");
  const step = defineStep(
    {
      inputs: (call) => ({ raw: `${dir}/raw.${call.year}.txt` }),
      outputs: (call) => [call.phase === "demand" ? "trips" : "loads"],
      config: (call) => ({ horizon: (call.year ?? 0) - 2020 }),
      tags: (call) => [`y${call.year}`],
      facet: (call) => ({ decade: Math.floor((call.year ?? 0) / 10) }),
      description: (call) => `${call.fnName} of ${call.scenario}`,
      model: (call) => `model_${call.stage}`,
      nameTemplate: (call) => `${call.fnName}-{year}`,
      dependsOn: () => [`${dir}/k.txt`],
      cacheOptions: (call) => ({ cacheVersion: call.iteration ?? 0 }),
      outputPolicy: () => ({ outputMissing: "ignore" }),
      executionOptions: () => ({ inputBinding: "paths" }),
      outputDir: (call) => `${dir}/copies/${call.year}`,
      stage: "first",
    },
    function simulate({ raw }: { raw: string }, { config }: { config: { horizon: number } }) {
      return `${raw.split("/").at(-1)} ${config.horizon}`;
    },
  );
  const made = await scenario("study", (sc) => sc.run({ fn: step, year: 2030, iteration: 1, phase: "demand" }));
  assert.equal(await made.load("trips" as never), "raw.2030.txt 10");
  assert.equal(made.run.model, "model_first");
  assert.match(made.run.id, /^simulate-2030_/);
  assert.deepEqual(made.run.tags, ["y2030"]);
  assert.equal(made.run.facet.decade, 203);
  assert.equal(made.run.description, "simulate of study");
  assert.equal(made.run.stage, "first");
  assert.equal([...Deno.readDirSync(`${dir}/copies/2030`)].length, 1);
  await Deno.writeTextFile(`${dir}/k.txt`, "other");
  const again = await scenario("study", (sc) => sc.run({ fn: step, year: 2030, iteration: 1, phase: "demand" }));
  assertMiss(again, "config");
  assert.equal((await tracker.findRuns({ scenario: "study" })).length, 1);
});

test("defaults can be computed from the config and from what is passed at run time", async () => {
  const step = defineStep(
    {
      outputs: ["n"],
      config: (call) => ({ alpha: Number(call.runtime.alpha ?? 1) }),
      tags: (call) => [`alpha ${(call.config as { alpha: number }).alpha}`],
      description: (call) => JSON.stringify(call.config),
    },
    function model(_: unknown, { config }: { config: { alpha: number } }) {
      return config.alpha;
    },
  );
  const made = await run({ fn: step, executionOptions: { runtimeArgs: { alpha: 3 } } });
  assert.deepEqual([made.run.tags, made.run.description, await made.load("n")], [["alpha 3"], '{"alpha":3}', 3]);
  assert.deepEqual((await run({ fn: step, config: { alpha: 9 } })).run.tags, ["alpha 9"]);
  assert.deepEqual(stepContract(step).config, { alpha: 1 });
  assert.deepEqual(stepContract(step, { runtime: { alpha: 2 } }).tags, ["alpha 2"]);
  const needsYear = defineStep({
    outputs: ["n"],
    config: (call): { year: number } => {
      if (call.year === undefined) throw new Error("a year is needed");
      return { year: call.year };
    },
  }, (_: unknown, { config }: { config: { year: number } }) => config.year);
  assert.deepEqual(collectStepSchema([needsYear]), { n: "" });
  assert.match(refusedAtOnce(() => stepContract(needsYear)).why, /a year is needed/);
  assert.equal((await refused(run({ fn: step, config: (() => ({ alpha: 1 })) as never }))).code, "config_not_plain");
});

test("what a call says wins over the definition; in groups each member by itself", async () => {
  const step = defineStep(
    {
      outputs: ["a"],
      config: { n: 1 },
      tags: ["default"],
      nameTemplate: "{fnName}_default",
      cacheOptions: { cacheMode: "overwrite", cacheVersion: 7 },
      executionOptions: { loadInputs: false },
    },
    function one(inputs: { readonly x?: number }, { config }: { config: { n: number } }) {
      return `${inputs.x ?? "nothing"} ${config.n}`;
    },
  );
  const source = await run({ name: "source", fn: () => 5, outputs: ["x"] });
  assert.equal(await run({ fn: step, inputs: { x: ref(source, "x") } }).load(), "nothing 1");
  const called = await run({
    fn: step,
    inputs: { x: ref(source, "x") },
    config: { n: 2 },
    outputs: ["b"],
    tags: ["mine"],
    name: "mine",
    executionOptions: { inputBinding: "loaded" },
    cacheOptions: { cacheMode: "reuse" },
  });
  assert.equal(await called.load("b"), "5 2");
  assert.deepEqual(called.run.tags, ["mine"]);
  assert.equal(called.run.model, "mine");
  assertMiss(await run({ fn: step, tags: undefined, year: undefined }));
  assertMiss(await run({ fn: step })); // the definition's cacheMode
  assertHit(await run({ fn: step, cacheOptions: { cacheMode: "reuse" } }));
  assertMiss(await run({ fn: step, cacheOptions: { cacheMode: "reuse", cacheVersion: 8 } }));
});

test("a computed default counts by what it gives, not by how", async ({ dir }) => {
  const text = (config: string, body = "config.k * 2") =>
    `export const step = defineStep({ outputs: ["n"], config: ${config} }, function double(_: unknown, { config }: { config: { k: number } }) { return ${body}; });`;
  const runOf = async (module: string) => {
    const { step } = await moduleOf(dir, "step", module);
    return await run({ fn: step as never, year: 2030 });
  };
  assertMiss(await runOf(text("(call) => ({ k: (call.year ?? 0) - 2020 })")));
  assertHit(await runOf(text("(call) => ({ k: 5 + 5 })")));
  assertHit(await runOf(text("{ k: 10 }")));
  const changed = await runOf(text("(call) => ({ k: 11 })"));
  assertMiss(changed, "config");
  assert.equal(await (changed as { load(key: string): Promise<unknown> }).load("n"), 22);
  assertMiss(await runOf(text("{ k: 11 }", "config.k * 3")), "code");
});

test("a step that calls or runs a defined step executes again when that one's function or deciding defaults change", async ({ dir }) => {
  const runOf = async (k: string, body: string, more = "") => {
    const { outer } = await moduleOf(
      dir,
      "outer",
      `const inner = defineStep({ outputs: ["n"], config: ${k}${more} }, (_: unknown, { config }: { config: { k: number } }) => ${body});
       export const outer = async () => await run({ fn: inner, name: "inner" }).load();`,
    );
    return await run({ name: "outer", fn: outer as () => Promise<number>, outputs: ["m"] });
  };
  assertMiss(await runOf("{ k: 1 }", "config.k"));
  assertHit(await runOf("{ k: 1 }", "config.k"));
  assertHit(await runOf("{ k: 1 }", "config.k", `, tags: ["t"], description: "says only"`));
  const other = await runOf("{ k: 2 }", "config.k");
  assertMiss(other);
  assert.equal(await other.load("m"), 2);
  assertMiss(await runOf("{ k: 2 }", "config.k + 0"));
  assertMiss(await runOf("(call) => ({ k: 2 })", "config.k"));
  assertMiss(await runOf("(call) => ({ k: 3 })", "config.k"));
});

test("a definition is seen by sc.run, sc.trace, wouldHit and verifyRun", async () => {
  const step = defineStep({ outputs: ["n"], config: { k: 3 } }, function three(_: unknown, { config }: { config: { k: number } }) {
    return config.k;
  });
  assert.equal((await wouldHit({ fn: step })).hit, false);
  const made = await scenario("study", async (sc) => {
    const made = await sc.run({ fn: step });
    assert.equal(await sc.coupler.require("n").load(), 3);
    assert.equal((await sc.wouldHit({ fn: step })).hit, true);
    return made;
  });
  assert.equal((await wouldHit({ fn: step })).run?.id, made.run.id);
  assert.equal((await verifyRun(made)).verdict, "equal");
  assert.equal((await verifyRun(made.run.id, { fn: step })).verdict, "equal");
  const traced = defineStep({ tags: ["traced"], config: { k: 1 } }, (step: { config: unknown }) => step.config);
  const { value, run } = await scenario("traces", (sc) => sc.trace({ name: "log" }, traced as never));
  assert.deepEqual(value, { k: 1 });
  assert.deepEqual(run.tags, ["traced"]);
});

test("a name is the call's, its template, the definition's, the scenario's, then the function's", async () => {
  const step = defineStep({ outputs: ["n"], nameTemplate: "{fnName}__{scenario}" }, function one() {
    return 1;
  });
  await scenario("study", { nameTemplate: "{fnName}_{year}" }, async (sc) => {
    const nameOf = async (options: object) => (await sc.run({ year: 2030, ...options } as never)).run.model;
    assert.equal(await nameOf({ fn: step }), "one__study");
    assert.equal(await nameOf({ fn: step, nameTemplate: "y{year}" }), "y2030");
    assert.equal(await nameOf({ fn: step, name: "mine", nameTemplate: "y{year}" }), "mine");
    assert.equal(await nameOf({ fn: stepContract(step).fn, outputs: ["n"] }), "one_2030");
    assert.equal(await nameOf({ fn: () => 1, outputs: ["m"] }), "m_2030"); // an inline function: its only output
    assert.equal(await nameOf({ fn: () => 1, name: "plain", outputs: ["m"] }), "plain");
  });
  const unknown = await refused(run({ fn: step, nameTemplate: "{yaer}" }));
  assert.equal(unknown.code, "option_invalid");
  assert.match(unknown.message, /"fnName", "scenario", "year"[^]*Did you mean \{year\}/);
  assert.equal((await refused(run({ fn: step }))).code, "name_missing"); // in no scenario
  assert.match((await refused(scenario("bad", { nameTemplate: "{x}" }))).message, /no part \{x\}/);
});

test("mistakes in a definition are named where it is made, those of its functions at the call", async () => {
  const messages = [
    refusedAtOnce(() => defineStep({ nameTemplat: "x" } as never, () => 1)),
    refusedAtOnce(() => defineStep({ cacheMode: "off" } as never, () => 1)),
    refusedAtOnce(() => defineStep({ runId: "x" } as never, () => 1)),
    refusedAtOnce(() => defineStep({ year: () => 1 } as never, () => 1)),
    refusedAtOnce(() => defineStep({ nameTemplate: "{yaer}" }, () => 1)),
    refusedAtOnce(() => defineStep({}, 1 as never)),
    refusedAtOnce(() => defineStep({}, defineStep({}, () => 1))),
    refusedAtOnce(() => defineStep(undefined as never, () => 1)),
  ].map((error) => error.code);
  assert.deepEqual(messages, ["unknown_option", "unknown_option", "unknown_option", ...Array(5).fill("option_invalid")]);
  const failing = defineStep({
    outputs: ["n"],
    config: (): { k: number } => {
      throw new RangeError("no year");
    },
  }, (_: unknown, { config }: { config: { k: number } }) => config.k);
  const error = await refused(run({ fn: failing }));
  assert.match(error.message, /The default config[^]*no year/);
  assert.ok(error.cause instanceof RangeError);
  assert.equal(await run({ fn: failing, config: { k: 1 } }).load("n"), 1);
  const late = defineStep({ outputs: ["n"], tags: (() => Promise.reject(new Error("late"))) as never }, () => 1);
  assert.match((await refused(run({ fn: late }))).message, /a promise/);
  const tagged = defineStep({ outputs: ["n"], tags: (() => 1) as never }, () => 1);
  assert.equal((await refused(run({ fn: tagged }))).code, "option_invalid");
});

test("a defined step keeps its function as it is: name, this, arguments, what it throws", () => {
  const step = defineStep({ outputs: ["n"] }, function plus(this: unknown, a: number, b: number) {
    if (a < 0) throw new RangeError("negative");
    return [this, a + b];
  } as never) as unknown as (a: number, b: number) => unknown;
  assert.equal(step.name, "plus");
  assert.equal(step.length, 2);
  const self = {};
  assert.deepEqual(step.call(self, 1, 2), [self, 3]);
  assert.throws(() => step(-1, 2), /negative/);
  return Promise.resolve();
});

test("stepContract() and collectStepSchema() say what steps declare, and run nothing", () => {
  const Person = z.object({ id: z.int(), age: z.number().nullable() });
  const draw = defineStep(
    { outputs: { persons: { schema: Person, description: "one row a person" }, note: {} }, inputs: ["raw"], tags: ["draw"] },
    function draw(): never {
      throw new Error("It ran.");
    },
  );
  const { outputs, ...contract } = stepContract(draw);
  assert.deepEqual({ ...contract, fn: contract.fn.name }, {
    fn: "draw",
    name: "draw",
    description: undefined,
    tags: ["draw"],
    inputs: ["raw"],
    config: undefined,
    configSchema: undefined,
  });
  assert.deepEqual(outputs.map(({ key, columns }) => [key, columns?.map((column) => [column.name, column.type, column.nullable])]), [
    ["persons", [["id", "BIGINT", false], ["age", "DOUBLE", true]]],
    ["note", undefined],
  ]);
  assert.equal(outputs[0]!.schema, Person);
  const yearly = defineStep(
    { outputs: (call) => [`results_${call.year}`], nameTemplate: "{fnName}_{year}", schemaOutputs: ["results"] },
    function yearly() {},
  );
  assert.equal(stepContract(yearly).name, "yearly");
  assert.deepEqual(stepContract(yearly, { year: 2030 }).outputs, [{ key: "results_2030" }]);
  assert.equal(stepContract(yearly, { year: 2030 }).name, "yearly_2030");
  assert.deepEqual(collectStepSchema([draw, yearly, () => 1], { extraKeys: { raw: "what was measured" } }), {
    persons: "one row a person",
    note: "",
    results: "",
    raw: "what was measured",
  });
  assert.equal(refusedAtOnce(() => stepContract(1 as never)).code, "option_invalid");
  return Promise.resolve();
});

// ── configs that a schema parses ────────────────────────────────────────────────────────────────────────────────────────────

const Config = z.object({ threshold: z.number().default(0.5), mode: z.enum(["car", "bus"]).default("car") });

test("configSchema parses the config and fills defaults; what it gives is hashed, and shown", async () => {
  const call = (config?: { threshold?: number; mode?: "car" | "bus" }) =>
    run({
      name: "model",
      fn: (_, { config }) => `${config.threshold} ${config.mode}`,
      configSchema: Config,
      outputs: ["t"],
      ...(config === undefined ? {} : { config }),
    });
  const first = await call({ mode: "bus" });
  assert.equal(await first.load("t"), "0.5 bus");
  assert.deepEqual(first.run.facet, { threshold: 0.5, mode: "bus", t: "0.5 bus" });
  assertHit(await call({ threshold: 0.5, mode: "bus" }));
  assert.equal(await (await call()).load("t"), "0.5 car");
  assertHit(await call({}));
  const changed = await call({ threshold: 0.7 });
  assert.match(changed.explain(), /config\.threshold: 0\.5 → 0\.7/);
});

test("a config that does not fit its schema is an error at the call, naming path and problem", async (t) => {
  void t;
  const Nested = z.object({ list: z.array(z.object({ n: z.int() })), mode: z.enum(["car", "bus"]).optional() });
  let executed = 0;
  const call = (config: unknown, schema: z.ZodType = Nested) =>
    refused(run({ name: "model", fn: () => ++executed, configSchema: schema, config, outputs: ["n"] } as never));
  const wrong = await call({ list: [{ n: 1 }, { n: "two" }], mode: "train" });
  assert.equal(wrong.code, "schema_mismatch");
  assert.equal(wrong.name, "ConfigError");
  assert.match(wrong.problem, /config\.list\[1\]\.n: .*number.*; config\.mode: .*"car".*found "train"/);
  assert.equal(wrong.path, "config.list[1].n");
  assert.equal(wrong.step, "model");
  const typo = await call({ list: [], mod: "car" });
  assert.match(typo.fix, /config\.mode/);
  assert.match((await call({ list: [], mod: "car" }, Nested.strict())).fix, /config\.mode/);
  assert.match((await call(undefined, z.object({ k: z.number() }))).problem, /config\.k/);
  const notPlain = await call({ at: 1 }, z.object({ at: z.number().transform(() => () => 1) }));
  assert.equal(notPlain.code, "config_not_plain");
  assert.equal((await call({}, { parse: () => 1 } as never)).code, "option_invalid");
  assert.equal(executed, 0);
  await run({
    name: "kept",
    fn: (_, { config }) => String(config.extra),
    configSchema: z.looseObject({}),
    config: { extra: 1 },
    outputs: ["t"],
  });
});

test("configSchema in a definition, in a trace, and with rules that take time", async () => {
  const step = defineStep({ configSchema: Config, outputs: ["t"] }, (_, { config }) => `${config.threshold} ${config.mode}`);
  assert.equal(await run({ fn: step, config: { threshold: 2 } }).load("t"), "2 car");
  assertHit(await run({ fn: step, config: { threshold: 2, mode: "car" } }));
  const value = await scenario(
    "s",
    async (sc) => (await sc.trace({ name: "log", configSchema: Config }, (step) => step.config.mode)).value,
  );
  assert.equal(value, "car");
  const Slow = z.object({ k: z.number() }).refine(async ({ k }) => await Promise.resolve(k > 0), "k has to be positive");
  const error = await refused(run({ name: "slow", fn: () => 1, configSchema: Slow, config: { k: -1 }, outputs: ["n"] }));
  assert.match(error.problem, /k has to be positive/);
  const Throws = z.object({}).transform((): object => {
    throw new RangeError("no luck");
  });
  const thrown = await refused(run({ name: "throws", fn: () => 1, configSchema: Throws, outputs: ["n"] }));
  assert.equal(thrown.code, "schema_mismatch");
  assert.match(thrown.why, /no luck/);
});
