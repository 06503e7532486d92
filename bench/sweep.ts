/** A sweep of 200 members over two worker processes against the ideal, and the same sweep again. */
import { join } from "@std/path";
import { mapRuns, Tracker, useTracker } from "consist";
import { type Measure, summary } from "./measure.ts";
import { computes, waits } from "./programs/sweep_steps.ts";

const MEMBERS = 200;
const WORKERS = 2;
const MS = 50;
const ROUNDS = 3;
const IDEAL = MEMBERS * MS / WORKERS;

/** Measures sweeps whose members wait, and such whose members compute: there the coordinator has no core of its own. */
export async function sweep(): Promise<Measure[]> {
  const dir = await Deno.makeTempDir({ prefix: "consist-bench-" });
  const tracker = new Tracker({ dbPath: join(dir, "provenance.duckdb") });
  const measures = await useTracker(tracker, async () => [...await timed("wait", waits), ...await timed("compute", computes)]);
  await tracker.close();
  await Deno.remove(dir, { recursive: true });
  return measures;
}

async function timed(name: string, fn: typeof waits | typeof computes): Promise<Measure[]> {
  const [cold, warm]: number[][] = [[], []];
  for (let round = 0; round < ROUNDS; round++) {
    const rows = Array.from({ length: MEMBERS }, (_, member) => ({ member, ms: MS, round }));
    const once = async (taken: number[], hits: number) => {
      const began = performance.now();
      const result = await mapRuns({ rows, fn: fn as typeof waits, outputs: ["n"], executor: "worker", concurrency: WORKERS });
      taken.push(performance.now() - began);
      if (result.hits.length !== hits || result.failures.length > 0) {
        throw new Error(`${result.hits.length} hits, ${result.failures.length} failures`);
      }
    };
    await once(cold!, 0);
    await once(warm!, MEMBERS);
  }
  const what = `${MEMBERS} members that ${name} ${MS} ms, ${WORKERS} workers`;
  const executed = summary(`mapRuns of ${what}, executed (with the start of the workers)`, cold!);
  return [
    { ...executed, ratio: { to: "ideal", value: executed.median / IDEAL } },
    summary(`mapRuns of ${what}, all hits`, warm!),
  ];
}
