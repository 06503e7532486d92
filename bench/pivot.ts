/** A pivot of a million facet rows beside the same pivot written by hand. */
import { join } from "@std/path";
import { pivotFacets, Tracker, useTracker } from "consist";
import { fillLedger } from "./make_ledger.ts";
import { interleave, type Measure } from "./measure.ts";

const RUNS = 100_000;
const FACETS = 10;

/** Measures the pivot with every run, and with each result once. */
export async function pivot(): Promise<Measure[]> {
  const dir = await Deno.makeTempDir({ prefix: "consist-bench-" });
  const dbPath = join(dir, "provenance.duckdb");
  const { namespace, keys } = await fillLedger(dbPath, RUNS, FACETS);
  const tracker = new Tracker({ dbPath });
  const measures: Measure[] = [];
  await useTracker(tracker, async () => {
    const connection = await tracker.connection();
    const columns = keys.map((key) => `max(value_num) filter (where key = '${key}') as "${key}"`).join(", ");
    const raw = `select run_id, ${columns} from run_config_kv where namespace = '${namespace}' and key in (${
      keys.map((key) => `'${key}'`).join(", ")
    }) group by run_id`;
    const byHand = async () =>
      await (await connection.runAndReadAll(`select count(*) from (${raw}) where "${keys[0]}" is not null`)).getRows();
    for (const [history, budget] of [[true, 1.3], [false, 2]] as const) {
      const ours = async () => await pivotFacets({ namespace, keys, history }).count();
      const name = `pivotFacets of ${(RUNS * FACETS).toLocaleString("en")} rows${history ? ", history: true" : ", each result once"}`;
      const [mine, hand] = await interleave([name, "the same by hand in DuckDB"], 7, [ours, byHand]);
      measures.push(hand, { ...mine, ratio: { to: "by hand", value: mine.median / hand.median, budget } });
    }
    connection.disconnectSync();
  });
  await tracker.close();
  await Deno.remove(dir, { recursive: true });
  return measures;
}
