/** Runs steps until it is told to stop, and writes down each that it says is completed; some compute for seconds without a pause. Argument: `MixedArgs`. */
import { existsSync } from "node:fs";
import { Tracker } from "consist";

/** What both languages are told. */
export interface MixedArgs {
  /** The folder with the ledger and the input. */
  readonly dir: string;
  /** Where it writes down, one JSON of `MixedRun` a line. */
  readonly log: string;
  /** It ends when something is at this path. */
  readonly stop: string;
  /** The number of its first step, which nobody else has: it executes. */
  readonly first: number;
  /** The other numbers are taken from so many, and are hits where another process of the language was faster. */
  readonly among: number;
  /** The longest pause between two steps, in seconds. */
  readonly pause: number;
}

/** A step that a process says is completed. */
export interface MixedRun {
  readonly id: string;
  readonly hit: boolean;
  readonly n: number;
  /** As its caller saw it, without what it computed for long. */
  readonly seconds: number;
  /** Of a hit: the run that executed. */
  readonly source?: string | null | undefined;
}

/** Every so many steps one computes for long. */
const LONG_EVERY = 25;

/** Computes without a pause. */
function numberedTs(_: { raw: string }, { config }: { config: { n: number; ms?: number } }): { text: string } {
  for (const end = Date.now() + (config.ms ?? 0); Date.now() < end;);
  return { text: `${config.n} `.repeat(200) };
}

if (import.meta.main) {
  const { dir, log, stop, first, among, pause } = JSON.parse(Deno.args[0]!) as MixedArgs;
  await using tracker = new Tracker({ dbPath: `${dir}/provenance.duckdb` });
  for (let step = 1; !existsSync(stop); step++) {
    const n = step === 1 ? first : Math.floor(Math.random() * among);
    const ms = step % LONG_EVERY === 0 ? 3_000 + Math.random() * 3_000 : undefined;
    const began = performance.now();
    const { run, cacheHit } = await tracker.run({
      name: "numbered",
      fn: numberedTs,
      inputs: { raw: `${dir}/source.txt` },
      config: ms === undefined ? { n } : { n: 1_000_000 + step * 1_000 + n, ms },
      facet: { n, by: "deno" },
      outputs: ["text"],
    });
    const seconds = (performance.now() - began - (ms ?? 0)) / 1000;
    const done: MixedRun = { id: run.id, hit: cacheHit, n, seconds, source: run.meta.cache_source as string | undefined };
    Deno.writeTextFileSync(log, `${JSON.stringify(done)}\n`, { append: true });
    await new Promise((resolve) => setTimeout(resolve, pause * 1_000 * Math.random()));
  }
}
