/** A table that the library made of runs, as an input of a step: it is the same table as long as the runs stand for the same executions. */
import assert from "node:assert/strict";
import pl from "polars";
import { type DataFrame, findRuns, grid, mapRuns, pivotFacets, run, runSet, scenario, sql } from "consist";
import { inTracker } from "./in_tracker.ts";

const test = (name: string, body: () => Promise<void>) => Deno.test(name, () => inTracker(body));

/** What the steps of the sweep depend on, so that a test can change it. */
const world = { factor: 1, seconds: 0 };

async function sweep(cacheMode: "reuse" | "overwrite" = "reuse") {
  const { factor } = world;
  return await mapRuns({
    name: "model",
    rows: grid({ alpha: [1, 2], beta: ["x", "y"] }),
    fn: (_, { config }) => ({ score: config.alpha * factor + (config.beta === "x" ? 0 : 10) }),
    outputs: ["score"],
    cacheOptions: { cacheMode },
  });
}

/** Did the step that reads the table hit? */
async function analyse(table: DataFrame): Promise<boolean> {
  const byInput = await run({ name: "best", fn: ({ table }) => table.getColumn("score").max(), inputs: { table }, outputs: ["best"] });
  const byCapture = await run({ name: "mean", fn: () => table.getColumn("score").mean(), outputs: ["mean"] });
  assert.equal(byInput.cacheHit, byCapture.cacheHit);
  return byInput.cacheHit;
}

/** Whether the analysis hit in each of several rounds. */
async function rounds(times: number, table: () => Promise<DataFrame>): Promise<boolean[]> {
  const hits: boolean[] = [];
  for (let round = 0; round < times; round++) {
    await sweep();
    hits.push(await analyse(await table()));
  }
  return hits;
}

test("a step that reads the table of a sweep hits when the sweep hits", async () => {
  assert.deepEqual(await rounds(3, async () => await (await sweep()).df()), [false, true, true]);
});

test("so does a step that reads rows of the table, another order of it, and the runs' ids", async () => {
  const part = async () =>
    (await (await sweep()).df()).filter(pl.col("alpha").gt(1)).sort("beta").select("run_id", "seconds", "score", "cache_hit");
  assert.deepEqual(await rounds(3, part), [false, true, true]);
});

test("so does a step that reads a pivot, as a frame, through SQL, and as a relation", async () => {
  const pivot = () => pivotFacets({ namespace: "model", keys: ["alpha", "beta", "score"], runIdLabel: "which" });
  assert.deepEqual(await rounds(3, () => pivot().df()), [false, true, true]);
  assert.deepEqual(await rounds(3, () => sql`select * from ${pivot()} where alpha > 1 order by score`.df()), [false, true, true]);
  const hits: boolean[] = [];
  for (let round = 0; round < 3; round++) {
    await sweep();
    const { cacheHit } = await run({
      name: "lazily",
      fn: async ({ table }) => (await (table as ReturnType<typeof pivot>).count()),
      inputs: { table: pivot() as never },
      outputs: ["n"],
    });
    hits.push(cacheHit);
  }
  assert.deepEqual(hits, [false, true, true]);
});

test("so does a step that reads the table of a set of runs", async () => {
  assert.deepEqual(await rounds(3, async () => await (await runSet({ step: "model" })).df()), [false, true, true]);
});

test("so does a step of a scenario that is opened again", async () => {
  const hits: boolean[] = [];
  for (let round = 0; round < 3; round++) {
    await scenario("study", async (sc) => {
      for (const year of [2020, 2030]) {
        await sc.run({ name: "simulate", fn: (_, { config }) => config.year * 2, config: { year }, year, outputs: ["score"] });
      }
      const table = await pivotFacets({ namespace: "simulate", keys: ["year", "score"] }).df();
      const summary = await sc.run({ name: "summary", fn: ({ table }) => table.height, inputs: { table }, outputs: ["n"] });
      hits.push(summary.cacheHit);
    });
  }
  assert.deepEqual(hits, [false, true, true]);
});

test("a table with another result is another table, and so is one with the old results that were executed again", async () => {
  const table = async () => await (await sweep()).df();
  assert.deepEqual(await rounds(2, table), [false, true]);
  world.factor = 2;
  try {
    assert.equal(await analyse(await table()), false);
    assert.equal(await analyse(await table()), true);
  } finally {
    world.factor = 1;
  }
  assert.equal(await analyse(await table()), true);
  // Times are part of the table: a study of them is told when they were taken anew.
  const again = await (await sweep("overwrite")).df();
  assert.equal(await analyse(again), false);
});

test("the seconds of a hit are those of the run that executed, in the tables of sweeps and of sets of runs", async () => {
  const [first, second] = [await (await sweep()).df(), await (await sweep()).df()];
  const sets = await (await runSet({ step: "model" })).df();
  assert.deepEqual(second.getColumn("seconds").toArray(), first.getColumn("seconds").toArray());
  assert.deepEqual(second.getColumn("cache_hit").toArray(), [true, true, true, true]);
  assert.notDeepEqual(second.getColumn("run_id").toArray(), first.getColumn("run_id").toArray());
  const executed = (await findRuns({ step: "model", history: true })).filter(({ cacheHit }) => !cacheHit);
  const took = executed.map(({ startedAt, endedAt }) => (endedAt!.getTime() - startedAt.getTime()) / 1000);
  assert.deepEqual(sets.getColumn("seconds").toArray().sort(), took.sort());
});

test("a column of the user's own counts, whatever it is called", async () => {
  const table = await (await sweep()).df();
  const hit = (await (await sweep()).df()).withColumn(pl.lit(true).alias("good"));
  assert.equal(await analyse(table.withColumn(pl.lit(true).alias("good"))), false);
  assert.equal(await analyse(hit), true);
  assert.equal(await analyse(hit.withColumn(pl.lit(false).alias("good"))), false);
  assert.equal(await analyse(hit.withColumn(pl.lit(false).alias("cache_hit"))), true); // it says of each hit that it executed
  assert.equal(await analyse(hit.withColumn(pl.lit("model_000000000000").alias("run_id"))), false);
});
