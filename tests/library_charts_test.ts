/** Charts of the library's own: timelines, before and after, savings. */
import assert from "node:assert/strict";
import pl from "polars";
import { type Chart, diffRuns, findRuns, OptionError, run, runSet, savings, scenario, timeline, type Tracker } from "consist";
import { withTracker } from "consist/testing";

/** A test in a temporary folder of its own, with an ambient tracker. */
function test(name: string, body: (tracker: Tracker) => Promise<void>): void {
  Deno.test(name, () => withTracker(async (tracker) => await body(tracker)));
}
type Shown = { readonly "text/plain": string; readonly "image/svg+xml": string; readonly rows: Record<string, unknown>[] };
async function shown(chart: Chart): Promise<Shown> {
  const bundle = await (chart as unknown as { [key: symbol]: () => Promise<Record<string, unknown>> })[Symbol.for("Jupyter.display")]!();
  const spec = bundle["application/vnd.vegalite.v5+json"] as { data: { values: Record<string, unknown>[] } };
  return { ...bundle, rows: spec.data.values } as unknown as Shown;
}
const simulate = (year: number) => ({ name: "simulate", year, fn: () => year, outputs: ["n"] }) as const;

test("timeline() shows the steps of a scenario, coloured by what became of them", async () => {
  const steps = (fails: boolean) =>
    scenario("base<line>", async (sc) => {
      await sc.run(simulate(2030));
      await sc.run({ ...simulate(2040), iteration: 2 });
      if (fails) await sc.run({ name: "emit", fn: () => Promise.reject(new Error("no")), outputs: ["x"] });
    });
  await steps(false);
  await steps(true).catch(() => {});
  const { rows, "text/plain": text, "image/svg+xml": svg } = await shown(timeline("base<line>"));
  assert.deepEqual(rows.map(({ line, result }) => [line, result]), [
    ...[["simulate · 2030", "hit"], ["simulate · 2040 · #2", "hit"], ["emit", "failed"]],
  ]);
  assert.match(text, /^Timeline of base<line>: 3 runs, 2 hits, 1 failed/);
  assert.match(svg, /base&lt;line&gt;/);
  for (const row of rows) assert.ok(Number(row.to) >= Number(row.from) && Number(row.from) >= 0);
});

test("timeline() takes a filter, and what is not there is said in the picture", async (tracker) => {
  await run(simulate(2030));
  await run({ name: "other", fn: () => 1, outputs: ["n"] });
  assert.deepEqual((await shown(tracker.timeline({ step: "simulate" }))).rows.map(({ line }) => line), ["simulate · 2030"]);
  assert.match(await timeline("nowhere").svg(), /No rows to draw/);
  assert.throws(() => timeline(null as never), (error) => error instanceof OptionError && error.code === "option_invalid");
  await assert.rejects(timeline({ stpe: "x" } as never).svg(), /Use "step"|stpe/);
});

test("timeline() of many runs has a line for each step", async () => {
  const years = Array.from({ length: 45 }, (_, i) => 2000 + i);
  for (const year of years) await run(simulate(year));
  const { rows } = await shown(timeline({ step: "simulate" }));
  assert.deepEqual([rows.length, new Set(rows.map(({ line }) => line)).size], [45, 1]);
});

test("sc.timeline() shows the execution that it belongs to, also while a step runs", async () => {
  const sc = await scenario("live");
  await sc.run(simulate(2030));
  assert.deepEqual((await shown(sc.timeline())).rows.map(({ line, result }) => [line, result]), [["simulate · 2030", "executed"]]);
  await sc.end();
});

test("diffRuns().plot() puts scalar outputs and the means of tables side by side", async () => {
  const model = (alpha: number) =>
    run({
      name: "model",
      fn: (_, { config }) => ({
        score: config.alpha,
        same: 1,
        ok: true,
        word: "x",
        trips: pl.DataFrame({ km: [config.alpha, 3], name: ["a", "b"] }),
      }),
      config: { alpha },
      outputs: ["score", "same", "ok", "word", "trips"],
    });
  const [one, other] = [await model(1), await model(3)];
  const { rows, "text/plain": text } = await shown((await diffRuns(one, other)).plot());
  const found = rows.map(({ quantity, side, value }) => [quantity, side, value]);
  assert.deepEqual(found.slice(0, 4), [["score", "before", 1], ["score", "after", 3], ["mean of trips.km", "before", 2], [
    "mean of trips.km",
    "after",
    3,
  ]]);
  assert.deepEqual(new Set(rows.map(({ quantity }) => quantity)), new Set(["score", "mean of trips.km", "same", "ok"]));
  assert.match(text, /score: 1 → 3/);
  await Deno.remove(one.outputs.trips.path); // a table that is gone leaves the rest
  assert.match((await shown((await diffRuns(one, other)).plot()))["text/plain"], /mean of trips.km: none → 3/);
  const nothing = await run({ name: "nothing", fn: () => "text", outputs: ["word"] });
  assert.match(await (await diffRuns(nothing, nothing)).plot().svg(), /No rows to draw/);
});

test("runSet().plot() charts the table of the set", async () => {
  for (const alpha of [1, 2]) await run({ name: "model", fn: (_, { config }) => config.alpha * 10, config: { alpha }, outputs: ["score"] });
  const set = await runSet({ step: "model" });
  const { rows } = await shown(set.plot({ x: "alpha", y: "score" }));
  assert.deepEqual(rows.toReversed(), [{ alpha: 1, score: 10 }, { alpha: 2, score: 20 }]);
  await assert.rejects(set.plot({ x: "alhpa", y: "score" }).svg(), /Did you mean "alpha"/);
});

test("savings() sums up what hits saved, by step", async (tracker) => {
  const slow = () => run({ name: "slow", fn: () => new Promise<number>((resolve) => setTimeout(resolve, 60, 1)), outputs: ["n"] });
  for (let i = 0; i < 3; i++) await slow();
  for (let i = 0; i < 2; i++) await scenario("s", (sc) => sc.run(simulate(2030)));
  const { rows, "text/plain": text } = await shown(savings({ by: "day" }));
  assert.deepEqual(rows.map(({ step, hits }) => [step, hits]), [["slow", 2], ["simulate", 1]]);
  assert.match(text, /saved by 3 hits/);
  assert.ok(Number(rows[0]!.high) > Number(rows[0]!.low));
  assert.equal((await shown(tracker.savings({ scenario: "s" }))).rows.length, 1);
  assert.equal((await shown(savings({ step: "slow", by: "hour" }))).rows.reduce((sum, { hits }) => sum + Number(hits), 0), 2);
  assert.match((await shown(savings({ step: "unknown" })))["text/plain"], /^No hits so far/);
  assert.throws(() => savings({ by: "dya" } as never), /Did you mean "day"/);
  assert.throws(() => savings({ setp: "slow" } as never), /Did you mean "step"/);
  assert.equal((await findRuns({ step: "slow" })).length, 1);
});
