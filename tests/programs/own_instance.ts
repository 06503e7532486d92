/** Opens the ledger's file by an instance of its own, beside a tracker. Arguments: `{ dir }`. */
import { DuckDBInstance } from "@duckdb/node-api";
import { ConsistError, Tracker } from "consist";
import { openLedger } from "../../src/ledger/mod.ts";

const { dir } = JSON.parse(Deno.args[0]!) as { dir: string };
const path = `${dir}/provenance.duckdb`;
const tracker = new Tracker({ dbPath: path });
const step = () => tracker.run({ name: "one", fn: () => 1, outputs: ["n"] });
await step();
await tracker.close();

const own = await DuckDBInstance.create(path);
const error = await openLedger(path, { waitMs: 300 }).lookUp(async () => {}).then(() => undefined, (error: unknown) => error);
if (!(error instanceof ConsistError)) throw error ?? new Error("The ledger was opened beside another instance.");
own.closeSync();
const afterwards = (await step()).cacheHit ? "hit" : "miss";

const lent = await tracker.connection();
const rows = await (await lent.runAndReadAll(
  "select count(*)::varchar as n from run where status = 'completed' and model_name = 'one' and id in (select run_id from deno_run where not hit)",
)).getRowObjects();
lent.disconnectSync();
await tracker.close();
console.log(JSON.stringify({ refused: `${error.code}: ${error.why}`, fix: error.fix, afterwards, lent: rows[0]!.n }));
