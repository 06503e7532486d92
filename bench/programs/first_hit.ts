/** One step in a process of its own. Prints whether it hit, and whether polars was loaded on the way. */
import { run, Tracker, useTracker } from "consist";

const [dbPath] = Deno.args as [string];
const tracker = new Tracker({ dbPath });
useTracker(tracker);
const result = await run({ name: "first_hit", fn: () => ({ n: 1 }), outputs: ["n"] });
const maps = Deno.build.os === "linux" ? Deno.readTextFileSync("/proc/self/maps") : "";
console.log(JSON.stringify({ hit: result.cacheHit, polars: /polars/.test(maps) }));
