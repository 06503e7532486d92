import assert from "node:assert/strict";
import { FindError } from "../../errors.ts";
import { insertIdentities } from "../../ledger/mod.ts";
import { DISPLAY } from "../../notebook/mod.ts";
import type { MimeBundle } from "../../types.ts";
import { diffRuns, runSet } from "./mod.ts";
import { Story } from "../support_test.ts";

/** Two scenarios of one step in two years. */
async function scenarios(): Promise<Story> {
  const story = await Story.begin();
  const configs: Record<string, object> = {};
  for (const [name, alpha, mode] of [["baseline", 0.1, "car"], ["high_gas", 0.9, "bus"]] as const) {
    await story.tell({ [`h_${name}`]: story.header(name) });
    for (const year of [2030, 2020, 100]) {
      const id = `${name}_${year}`;
      configs[id] = { alpha, mode, nested: { same: 1, list: [1, 2] } };
      await story.tell({ [id]: story.step(name, `h_${name}`, { model_name: "sim", year, config_hash: name }, { facet: { alpha, mode } }) });
    }
  }
  const empty = { code: null, call: null, inputs: null, outputs: null };
  await story.ledger.write((db) => insertIdentities(db, Object.entries(configs).map(([run_id, config]) => ({ run_id, config, ...empty }))));
  return story;
}

Deno.test("runSet() splits by a field in the order of its values, and by a facet", async () => {
  await using story = await scenarios();
  const all = await runSet(story.reading, { model: "sim" });
  assert.deepEqual([...all.splitBy("year")].map(([year, set]) => [year, set.length]), [[100, 2], [2020, 2], [2030, 2]]);
  assert.deepEqual([...all.splitBy({ facet: "alpha" })].map(([alpha, set]) => [alpha, set.length]), [[0.1, 3], [0.9, 3]]);
  assert.deepEqual([...all.splitBy("stage")].map(([stage, set]) => [stage, set.length]), [[undefined, 6]]);
});

Deno.test("runSet() filters by fields, by facets and by a function; takes the newest of each group", async () => {
  await using story = await scenarios();
  const all = await runSet(story.reading, { model: "sim" });
  assert.deepEqual([...all.filter({ scenario: "baseline", year: 2020 })].map(({ id }) => id), ["baseline_2020"]);
  assert.equal(all.filter({ facet: { mode: "bus" } }).length, 3);
  assert.equal(all.filter({ facet: { mode: "train" } }).length, 0);
  assert.equal(all.filter((run) => run.year! > 2000).filter({ limit: 3 }).length, 3);
  assert.deepEqual([...all.latest({ by: "scenarioId" })].map(({ id }) => id), ["high_gas_100", "baseline_100"]);
  assert.deepEqual([...all.latest()].map(({ id }) => id), ["high_gas_100", "high_gas_2020", "high_gas_2030"]);
  assert.equal(all.at(0)!.id, "high_gas_100");
  assert.equal(all.at(-1)!.id, "baseline_2030");
  assert.equal(all.at(6), undefined);
});

Deno.test("runSet() aligns two sets by a field, and says in what their configs differ", async () => {
  await using story = await scenarios();
  const baseline = await runSet(story.reading, { parentId: "baseline", model: "sim" });
  const pairs = baseline.align(await runSet(story.reading, { parentId: "high_gas", model: "sim" }), { on: "year" });
  assert.deepEqual(pairs.map(({ left, right }) => [left.id, right.id]), [
    ["baseline_100", "high_gas_100"],
    ["baseline_2020", "high_gas_2020"],
    ["baseline_2030", "high_gas_2030"],
  ]);
  assert.deepEqual(pairs[0]!.configDiff(), { alpha: { left: 0.1, right: 0.9 }, mode: { left: "car", right: "bus" } });
  const all = await runSet(story.reading, { model: "sim", year: 2020 });
  assert.deepEqual(all.configDiff(), { alpha: [0.9, 0.1], mode: ["bus", "car"] });
  assert.deepEqual(baseline.configDiff(), {});
});

Deno.test("align() refuses duplicate keys, and leaves out what has no partner", async () => {
  await using story = await scenarios();
  const all = await runSet(story.reading, { model: "sim" });
  const one = await runSet(story.reading, { scenario: "baseline", year: 2020 });
  assert.equal(one.align(one, { on: "year" }).length, 1);
  assert.equal(one.align(await runSet(story.reading, { scenario: "high_gas", year: 2030 }), { on: "year" }).length, 0);
  const ambiguous = (error: unknown) =>
    error instanceof FindError && error.code === "run_ambiguous" && /second set several runs have the value 100/.test(error.message);
  assert.throws(() => one.align(all, { on: "year" }), ambiguous);
  assert.throws(() => all.align(one, { on: { facet: "alpha" } }), /first set[\s\S]*0\.9/);
});

Deno.test("runSet() loads as a DataFrame with fields and facets, and shows itself as a table", async () => {
  await using story = await scenarios();
  await story.tell({ odd: { row: { model_name: "sim" }, facet: { alpha: "text", year: "a facet", list: [1] } } });
  const set = await runSet(story.reading, { model: "sim", label: "<b>sims" });
  const frame = await set.df();
  assert.deepEqual(frame.columns, [
    ...["run_id", "model", "scenario", "status", "cache_hit", "year", "iteration", "started_at", "seconds"],
    ...["alpha", "list", "mode", "facet.year"],
  ]);
  assert.deepEqual(frame.getColumn("alpha").toArray(), ["text", "0.9", "0.9", "0.9", "0.1", "0.1", "0.1"]);
  const bundle = (set as unknown as { [DISPLAY](): MimeBundle })[DISPLAY]();
  assert.match(String(bundle["text/plain"]), /baseline/);
  assert.ok(!String(bundle["text/html"]).includes("<b>sims"));
});

Deno.test("an empty runSet() gives empty answers", async () => {
  await using story = await Story.begin();
  const none = await runSet(story.reading);
  assert.deepEqual([none.length, [...none], none.splitBy("year").size, none.configDiff(), none.latest().length], [0, [], 0, {}, 0]);
  assert.equal((await none.df()).height, 0);
});

Deno.test("diffRuns() names the parts, the config values and the inputs that differ", async () => {
  await using story = await Story.begin();
  const empty = { code: null, call: null, outputs: null };
  await story.tell({
    a: { row: { git_hash: "deno:1" } },
    b: { row: { config_hash: "d", input_hash: "j" }, own: { hit: true, source_run_id: "made" } },
    made: {},
  });
  await story.ledger.write((db) =>
    insertIdentities(db, [
      {
        run_id: "a",
        config: { x: 1, same: true },
        inputs: { parts: [{ key: "raw", label: "raw.csv", hash: "1234567890123456" }] },
        ...empty,
      },
      {
        run_id: "made",
        config: { x: 2, same: true, y: null },
        inputs: { parts: [{ key: "raw", label: "raw.csv", hash: "abcdefabcdefabcdef" }] },
        ...empty,
      },
    ])
  );
  const diff = await diffRuns(story.reading, "a", "b");
  assert.deepEqual(diff.changed, ["code", "config", "inputs"]);
  assert.deepEqual(diff.config, { x: { left: 1, right: 2 }, y: { left: undefined, right: null } });
  assert.deepEqual(diff.inputs, { raw: { left: "raw.csv 123456789012", right: "raw.csv abcdefabcdef" } });
  assert.deepEqual((await diffRuns(story.reading, diff.left, { run: diff.left })).changed, []);
  const bundle = (diff as unknown as { [DISPLAY](): MimeBundle })[DISPLAY]();
  assert.match(String(bundle["text/plain"]), /config\.x/);
  await assert.rejects(diffRuns(story.reading, "a", "nope"), { code: "run_not_found" });
});
