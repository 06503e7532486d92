import assert from "node:assert/strict";
import { ref, run } from "consist";
import { refused, test } from "../in_tracker.ts";

test("a path of dependsOn that is missing is an error before the step executes", async ({ dir, tracker }) => {
  let executed = 0;
  const error = await refused(run({ name: "model", fn: () => executed++, dependsOn: [`${dir}/missing.yaml`] }));
  assert.equal(error.code, "input_missing");
  assert.match(error.message, /missing\.yaml/);
  assert.equal(executed, 0);
  assert.equal((await tracker.findRuns({ step: "model" })).length, 0);
});

test("a result with one output is an input, one with several asks for ref", async () => {
  const one = await run({ name: "one", fn: () => 20, outputs: ["n"] });
  assert.equal(await run({ name: "next", fn: ({ n }) => n + 1, inputs: { n: one }, outputs: ["m"] }).load(), 21);
  const two = await run({ name: "two", fn: () => ({ a: 1, b: 2 }), outputs: ["a", "b"] });
  // @ts-expect-error the compiler says so too
  const error = await refused(run({ name: "next", fn: () => 1, inputs: { n: two }, outputs: ["m"] }));
  assert.match(error.message, /ref\(/);
  assert.equal(await run({ name: "next", fn: ({ n }) => n + 1, inputs: { n: ref(two, "b") }, outputs: ["m"] }).load(), 3);
});

test("dependsOn and year are named as changes of their own", async ({ dir }) => {
  const file = `${dir}/settings.yaml`;
  const step = async (text: string, year: number) => {
    await Deno.writeTextFile(file, text);
    return await run({ name: "model", fn: () => 1, dependsOn: { settings: file }, year, outputs: ["n"] });
  };
  await step("alpha: 1", 2020);
  const other = await step("alpha: 2", 2020);
  assert.deepEqual(other.miss?.changes.map(({ name }) => name), ["dependsOn settings"]);
  const later = await step("alpha: 2", 2030);
  assert.deepEqual(later.miss?.changes.map(({ name, before, after }) => [name, before, after]), [["year", 2020, 2030]]);
});

test("loadInputs beside inputBinding is refused", async () => {
  const executionOptions = { loadInputs: false, inputBinding: "paths" } as const;
  // @ts-expect-error the compiler says so too
  const error = await refused(run({ name: "both", fn: () => 1, executionOptions }));
  assert.equal(error.code, "option_invalid");
  assert.match(error.message, /loadInputs.*inputBinding|inputBinding.*loadInputs/s);
});
