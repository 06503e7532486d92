/** A program whose first step is one of these; says what came of it. Arguments: JSON of `Args`. */
import { createRequire } from "node:module";
import { setImmediate } from "node:timers/promises";
import { run, Tracker, useTracker } from "consist";

export interface Args {
  readonly dir: string;
  readonly step: keyof typeof STEPS;
  /** A number that the steps capture. */
  readonly number?: number;
  /** Runs another step before, for which all that there is about code has to be read. */
  readonly isSecond?: boolean;
  /** Runs another step beside, which has just begun to execute. */
  readonly isBeside?: boolean;
}

const { dir, step, number = 1, isSecond = false, isBeside = false } = JSON.parse(Deno.args[0]!) as Args;

const held = { n: 1 };
const double = (n: number): number => times(n, 2);
function times(n: number, by: number): number {
  return n * by;
}
const pause = (ms: number) => new Promise<void>((done) => setTimeout(done, ms));
let count = 0;
let limit = number;
const warnings: string[] = [];

/** A package in CommonJS, as it is installed. */
function installed(name: string, text: string): unknown {
  const folder = `${dir}/node_modules/${name}`;
  Deno.mkdirSync(folder, { recursive: true });
  Deno.writeTextFileSync(`${folder}/package.json`, JSON.stringify({ name, version: "1.0.0" }));
  Deno.writeTextFileSync(`${folder}/index.js`, text);
  return createRequire(`${dir}/main.js`)(name);
}
const table = installed("tiny-table", "module.exports = { n: 2 };") as { n: number };
const twice = installed("tiny-twice", "const table = { n: 2 }; module.exports = function twice() { return table.n; };") as () => number;
Object.assign(globalThis, { TABLE: table });
declare const TABLE: typeof table;

const STEPS = {
  /** Of what was captured, and of helpers. */
  captured: () => double(number),
  /** It leaves the thread free. */
  waits: async () => (await pause(30), double(number)),
  /** It changes itself what it captured. */
  counts: () => ++count,
  /** What it captured is changed by somebody else. */
  disturbed: async () => {
    performance.mark("begun");
    const seen = limit;
    await pause(200);
    return seen;
  },
  /** What a package exports, which is data. */
  table: () => Object.keys(table).length + 1,
  /** The same, as a global. */
  global: () => Object.keys(TABLE).length + 1,
  /** A package's own function. */
  twice,
  /** It never gives way to anything. */
  blocks: () => {
    Deno.stdout.writeSync(new TextEncoder().encode("executing\n"));
    for (;;);
  },
};

const warn = console.warn;
console.warn = (...words) => void warnings.push(words.join(" "));
console.error = console.warn;
await using tracker = new Tracker({ dbPath: `${dir}/provenance.duckdb`, runDir: `${dir}/runs` });
await useTracker(tracker, async () => {
  if (isSecond) await run({ name: "before", fn: () => held.n, outputs: ["n"] });
  const beside = isBeside
    ? run({ name: "beside", fn: async () => (performance.mark("beside"), await pause(300), 1), outputs: ["n"] })
    : undefined;
  while (isBeside && performance.getEntriesByName("beside").length === 0) await setImmediate();
  const disturb = setInterval(() => {
    if (performance.getEntriesByName("begun").length === 0) return;
    limit++;
    clearInterval(disturb);
  }, 10);
  const ask = () => run({ name: step, fn: STEPS[step] as () => number, outputs: ["n"] });
  const result = await ask();
  const again = (await ask()).cacheHit;
  clearInterval(disturb);
  await beside;
  const { cacheHit, run: { signature } } = result;
  console.log(JSON.stringify({ cacheHit, signature, value: await result.load("n"), again, warnings }));
});
console.warn = warn;
