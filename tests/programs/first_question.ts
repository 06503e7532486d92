/** A step that asks the ledger, by which what asks is loaded; twice, and in each process for the first time. */
import { Tracker } from "consist";

const { dbPath } = JSON.parse(Deno.args[0]!) as { dbPath: string };

await using tracker = new Tracker({ dbPath });
const count = () => tracker.run({ name: "count", fn: async () => (await tracker.findRuns({ step: "other" })).length, outputs: ["n"] });
const first = await count();
await tracker.run({ name: "other", fn: () => 1, outputs: ["n"] });
const second = await count();
console.log(JSON.stringify({ hits: [first.cacheHit, second.cacheHit], counts: [await first.load(), await second.load()] }));
