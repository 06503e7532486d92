/** One step that takes its time: says when it begins, and at the end whether it was a hit. Arguments: JSON of `Args`. */
import { run, Tracker, useTracker } from "consist";

export interface Args {
  readonly dir: string;
  /** How long the step takes. */
  readonly ms: number;
  readonly cacheMode?: "reuse" | "overwrite" | "readonly" | "off";
  /** Another number is another step. */
  readonly seed?: number;
  /** The step fails where this file exists. */
  readonly failIf?: string;
  /** Computes without ever giving way to a timer. */
  readonly synchronous?: boolean;
}

const { dir, ms, cacheMode = "reuse", seed = 0, failIf, synchronous = false } = JSON.parse(Deno.args[0]!) as Args;

async function work(_inputs: unknown, { runtime }: { runtime: { ms: number; log: string; failIf?: string; synchronous: boolean } }) {
  await Deno.writeTextFile(runtime.log, `${Deno.pid}\n`, { append: true });
  console.log("executing");
  const end = performance.now() + runtime.ms;
  if (runtime.synchronous) { while (performance.now() < end); }
  else await new Promise((resolve) => setTimeout(resolve, runtime.ms));
  if (runtime.failIf !== undefined && await Deno.stat(runtime.failIf).then(() => true, () => false)) throw new Error("told to fail");
  return { by: Deno.pid };
}

await using tracker = new Tracker({ dbPath: `${dir}/provenance.duckdb` });
await useTracker(tracker, async () => {
  const runtimeArgs = { ms, log: `${dir}/executed.txt`, synchronous, ...(failIf === undefined ? {} : { failIf }) };
  const options = { executionOptions: { runtimeArgs }, cacheOptions: { cacheMode, untracked: "allow" as const } };
  const result = await run({ name: "slow", fn: work, config: { seed }, outputs: ["made"], ...options }).catch((error: Error) => error);
  if (result instanceof Error) console.log(JSON.stringify({ failed: result.message, cause: String(result.cause) }));
  else console.log(JSON.stringify({ cacheHit: result.cacheHit, value: await result.load("made"), why: result.explain() }));
});
