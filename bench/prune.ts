/** How long it takes to look at a cache of many runs with a small file each, and to prune them all. Arguments: number of runs. */
import { join } from "@std/path";
import { Tracker } from "../mod.ts";
import { openLedger } from "../src/ledger/mod.ts";
import { pruneCache } from "../src/run/care/mod.ts";
import { servicesOf } from "../src/tracker/mod.ts";
import { fillLedger, runIdOf, STEPS } from "./make_ledger.ts";

const runs = Number(Deno.args[0] ?? 50_000);
const dir = await Deno.makeTempDir({ prefix: "consist_prune_" });

/** Seconds that some work takes, printed. */
async function timed<T>(what: string, work: () => Promise<T>): Promise<T> {
  const began = performance.now();
  const found = await work();
  console.log(`${what.padEnd(40)}${((performance.now() - began) / 1000).toFixed(2)} s`);
  return found;
}

try {
  await fillLedger(join(dir, "provenance.duckdb"), runs);
  const ledger = openLedger(join(dir, "provenance.duckdb"));
  // Addresses and texts as a tracker writes them; every hundredth run of all is read by a run that stays.
  await ledger.write(async (db) => {
    await db.run(
      `UPDATE artifact SET container_uri = './outputs/' || r.model_name || '/' || r.id || '/out.json' FROM run r WHERE r.id = artifact.run_id`,
    );
    await db.run(
      `UPDATE deno_run SET result = '{"startedAt":0,"scalars":{},"outputs":[],"external":[],"implicit":[]}' WHERE signature IS NOT NULL`,
    );
  });
  await ledger.close();
  for (let n = 0; n < runs; n++) {
    const folder = join(dir, "runs", "outputs", `step_${n % STEPS}`, runIdOf(n));
    Deno.mkdirSync(folder, { recursive: true });
    Deno.writeTextFileSync(join(folder, "out.json"), `{"n":${n}}`);
  }
  await using tracker = new Tracker({ dbPath: join(dir, "provenance.duckdb") });
  const status = await timed(`status of ${runs} runs`, () => tracker.cacheStatus());
  console.log(status.summary);
  const plan = await timed("dry run", () => tracker.pruneCache({ keepLatest: 0, dryRun: true }));
  console.log(plan.summary);
  const done = await timed("prune, 1.5 s of it grace", () => pruneCache(servicesOf(tracker), { keepLatest: 0 }));
  console.log(done.summary);
  const left = await timed("status afterwards", () => tracker.cacheStatus());
  console.log(left.summary);
} finally {
  await Deno.remove(dir, { recursive: true });
}
