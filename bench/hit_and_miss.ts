/** The cost of a hit, a miss and the first hit of a process, on a small ledger and on a large one. */
import assert from "node:assert/strict";
import { fromFileUrl, join } from "@std/path";
import { run, Tracker, useTracker } from "consist";
import { fillLedger } from "./make_ledger.ts";
import { type Measure, measure, summary } from "./measure.ts";

const config = fromFileUrl(new URL("../deno.json", import.meta.url));
const program = fromFileUrl(new URL("./programs/first_hit.ts", import.meta.url));

/** Measures on a ledger that holds `runs` runs already. */
export async function hitAndMiss(runs: number): Promise<Measure[]> {
  const dir = await Deno.makeTempDir({ prefix: "consist-bench-" });
  const dbPath = join(dir, "provenance.duckdb");
  await fillLedger(dbPath, runs, 10);
  const at = `at ${runs.toLocaleString("en")} runs`;
  const tracker = new Tracker({ dbPath });
  const measures: Measure[] = [];
  await Deno.writeTextFile(join(dir, "big.bin"), "x".repeat(100_000_000));
  await useTracker(tracker, async () => {
    const step = (n: number) => run({ name: "tiny", fn: (_, { config }) => config.n, config: { n }, outputs: ["n"] });
    const big = () =>
      run({
        name: "big",
        fn: () => 1,
        inputs: { file: join(dir, "big.bin") },
        executionOptions: { inputBinding: "paths" },
        outputs: ["n"],
      });
    await step(-1);
    await big();
    await new Promise((done) => setTimeout(done, 2_500)); // digests are remembered once files are two seconds old
    await step(-1);
    await big();
    measures.push({ ...await measure(`warm hit ${at}`, 300, async () => assert.ok((await step(-1)).cacheHit)), budget: 2 });
    measures.push({
      ...await measure(`warm hit with an unchanged 100 MB input ${at}`, 100, async () => assert.ok((await big()).cacheHit)),
      budget: 2,
    });
    measures.push({
      ...await measure(`miss of a tiny step ${at}`, 100, async (round) => assert.ok(!(await step(round)).cacheHit)),
      budget: 15,
    });
    await new Promise((done) => setTimeout(done, 1_000)); // until all of them are in the ledger
    measures.push(
      await measure(
        `hit of a step for which this process asks the first time ${at}`,
        100,
        async (round) => assert.ok((await step(round)).cacheHit),
      ),
    );
  });
  await tracker.close();
  const taken: number[] = [];
  for (let round = -2; round < 10; round++) {
    const began = performance.now();
    const { stdout, code } = await new Deno.Command(Deno.execPath(), { args: ["run", "-A", "--config", config, program, dbPath] }).output();
    if (round < 0) continue;
    assert.equal(code, 0);
    assert.deepEqual(JSON.parse(new TextDecoder().decode(stdout)), { hit: true, polars: false });
    taken.push(performance.now() - began);
  }
  measures.push({ ...summary(`first hit of a fresh process, from spawn to exit ${at}`, taken), budget: 400 });
  await Deno.remove(dir, { recursive: true });
  return measures;
}
