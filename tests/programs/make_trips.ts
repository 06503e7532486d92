/** Records one run that makes a table, as another user of the same ledger. */
import pl from "polars";
import { run, Tracker, useTracker } from "consist";

const { dbPath, by, year } = JSON.parse(Deno.args[0]!) as { dbPath: string; by: number; year: number };
const tracker = new Tracker({ dbPath });
await useTracker(tracker, async () => {
  await run({ name: "make", fn: (_, { config }) => pl.DataFrame({ id: [config.by] }), config: { by }, year, outputs: ["trips"] });
});
await tracker.close();
