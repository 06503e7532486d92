/** `wouldHit`: what `run` would do, without doing it. */
import assert from "node:assert/strict";
import { ConsistError, run, scenario, type Tracker, wouldHit } from "consist";
import { test } from "./in_tracker.ts";

const runsIn = async (tracker: Tracker) => (await tracker.findRuns({ history: true })).length;

test("wouldHit() executes and records nothing, and names the run that would be served", async ({ tracker }) => {
  let executed = 0;
  const step = { name: "count", fn: () => (executed++, 3), outputs: ["n"] } as const;
  const before = await wouldHit(step);
  assert.deepEqual([before.hit, before.run, before.miss?.code, before.miss?.changed], [false, undefined, "first_run", []]);
  assert.equal(executed, 0);
  const made = await run(step);
  const after = await wouldHit(step);
  assert.deepEqual([after.hit, after.miss, after.run?.id, after.run?.status], [true, undefined, made.run.id, "completed"]);
  assert.equal(executed, 1);
  assert.equal(await runsIn(tracker), 1);
  assert.equal((await tracker.wouldHit(step)).hit, true);
});

test("wouldHit() says what changed: code, config, inputs", async ({ dir }) => {
  await Deno.writeTextFile(`${dir}/k.json`, '{"k":1}');
  const step = (more: object = {}) => ({
    name: "model",
    fn: ({ k }: { k: unknown }) => JSON.stringify(k),
    inputs: { k: `${dir}/k.json` },
    config: { alpha: 1 },
    outputs: ["text"],
    ...more,
  });
  await run(step());
  assert.deepEqual((await wouldHit(step({ config: { alpha: 2 } }))).miss?.changed, ["config"]);
  const code = await wouldHit(step({ fn: ({ k }: { k: unknown }) => `k: ${JSON.stringify(k)}` }));
  assert.deepEqual(code.miss?.changed, ["code"]);
  await Deno.writeTextFile(`${dir}/k.json`, '{"k":2}');
  const input = await wouldHit(step());
  assert.deepEqual(input.miss?.changed, ["inputs"]);
  assert.match(input.miss?.reason ?? "", /k\.json/);
  assert.equal((await run(step())).cacheHit, false);
  assert.equal((await wouldHit(step())).hit, true);
});

test("wouldHit() is no hit where the output's file is damaged, or the cache is not to be used", async () => {
  const step = { name: "make", fn: () => "text", outputs: ["note"] } as const;
  const made = await run(step);
  assert.match((await wouldHit({ ...step, cacheOptions: { cacheMode: "off" } })).miss?.reason ?? "", /cache is off/);
  await Deno.writeTextFile(made.outputs.note.path, "other");
  const damaged = await wouldHit(step);
  assert.deepEqual([damaged.hit, damaged.miss?.code], [false, "outputs_damaged"]);
});

test("wouldHit() says what cannot be followed", async () => {
  const step = { name: "odd", fn: () => eval("1"), outputs: ["n"] } as const;
  await run(step);
  const asked = await wouldHit(step);
  assert.deepEqual([asked.hit, asked.miss?.code], [false, "identity_unknown"]);
});

test("wouldHit() refuses what run() refuses", async ({ dir }) => {
  const codeOf = async (options: object) =>
    await wouldHit(options as never).then(() => "", (error) => error instanceof ConsistError ? error.code : "");
  assert.equal(await codeOf({ name: "x", fn: () => 1, cacheMode: "off" }), "unknown_option");
  assert.equal(await codeOf({ name: "x" }), "option_invalid");
  assert.equal(await codeOf({ fn: () => 1 }), "name_missing");
  assert.equal(await codeOf({ name: "x", fn: () => 1, inputs: { raw: `${dir}/none.csv` } }), "input_missing");
  assert.equal(await wouldHit(undefined as never).then(() => "", (error) => (error as ConsistError).code), "option_invalid");
});

test("sc.wouldHit() resolves keys of the coupler and leaves it as it is", async () => {
  await scenario("study", async (sc) => {
    await sc.run({ name: "draw", fn: () => [1, 2], outputs: ["numbers"] });
    const step = {
      name: "sum",
      fn: ({ numbers }: { numbers: number[] }) => numbers[0]! + numbers[1]!,
      inputs: ["numbers"] as const,
      outputs: ["sum"] as const,
    };
    assert.equal((await sc.wouldHit(step)).hit, false);
    assert.equal(sc.coupler.has("sum"), false);
    await sc.run(step);
    assert.equal((await sc.wouldHit(step)).hit, true);
    await assert.rejects(sc.wouldHit({ ...step, inputs: ["nmbers"] }), /numbers/);
  });
});
