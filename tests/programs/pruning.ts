/** Prunes the cache of a folder. Arguments: JSON of `Args`. Says "pruning" before, and at the end which runs went. */
import { type PruneOptions, Tracker } from "consist";
import { pruneCache } from "../../src/run/care/mod.ts";
import { servicesOf } from "../../src/tracker/mod.ts";

export interface Args {
  readonly dir: string;
  readonly options: PruneOptions;
  /** How long those who were just served have to say so. */
  readonly graceMs?: number;
}

const { dir, options, graceMs = 50 } = JSON.parse(Deno.args[0]!) as Args;
await using tracker = new Tracker({ dbPath: `${dir}/provenance.duckdb` });
console.log("pruning");
const { runs, failures } = await pruneCache(servicesOf(tracker), options, { graceMs });
console.log(JSON.stringify({ runs: runs.map(({ run }) => run), failures }));
