/** A sweep whose process kills itself while a row executes: `{ dir, at }`; says in JSON which rows hit, and what all of them are. */
import { type Step, Tracker } from "consist";

const { dir, at } = JSON.parse(Deno.args[0]!) as { dir: string; at: number };
const tracker = new Tracker({ dbPath: `${dir}/provenance.duckdb`, runDir: `${dir}/runs` });
const sweep = await tracker.mapRuns(
  {
    rows: Array.from({ length: 10 }, (_, k) => ({ k })),
    name: "row",
    fn: async (_: unknown, { config, runtime }: Step<{ k: number }> & { runtime: { at: number } }) => {
      await new Promise((done) => setTimeout(done, 30));
      if (config.k === runtime.at) Deno.kill(Deno.pid, "SIGKILL");
      return { k: config.k, text: "x".repeat(100_000) };
    },
    outputs: ["out"],
    executionOptions: { runtimeArgs: { at } },
    cacheOptions: { untracked: "allow" },
  },
);
const made = await Promise.all(sweep.successes.map(async ({ result }) => (await result.load("out") as { k: number }).k));
console.log(JSON.stringify({ hits: sweep.hits.length, made }));
await tracker.close();
