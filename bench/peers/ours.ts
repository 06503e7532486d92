/** The same steps under this library: `ours.ts <task>`, in a project's folder. Prints one line of JSON. */
import { toFileUrl } from "@std/path";
import { type Artifact, mapRuns, run, Tracker, useTracker } from "consist";

const [task, ...args] = Deno.args as [string, ...string[]];

const wait = (minutes: number) => new Promise<void>((done) => setTimeout(done, minutes * 10));
const tiny = (k: number, raw = "raw.csv") =>
  run({
    name: "tiny",
    fn: (_, { config }) => ({ n: config.k }),
    inputs: { raw },
    executionOptions: { inputBinding: "paths" },
    config: { k },
    outputs: ["out"],
  });

// a step function that is written in place, as in a notebook
const base = (minutes: number) =>
  run({ name: "base", fn: async (_, { config }) => (await wait(config.minutes), { n: 1 }), config: { minutes }, outputs: ["out"] });
const second = (made: Artifact, minutes: number) =>
  run({
    name: "second",
    fn: async (_, { config }) => (await wait(config.minutes), { n: 2 }),
    inputs: { made },
    config: { minutes },
    outputs: ["out"],
  });
const variant = (made: Artifact, minutes: number, k: number) =>
  run({
    name: "variant",
    fn: async (_, { config }) => (await wait(config.minutes), { n: config.k }),
    inputs: { made },
    config: { minutes, k },
    outputs: ["out"],
  });

async function timed(work: (index: number) => Promise<unknown>, times: number): Promise<number> {
  const taken: number[] = [];
  for (let index = 0; index < times; index++) {
    const began = performance.now();
    await work(index);
    taken.push(performance.now() - began);
  }
  return taken.sort((a, b) => a - b)[times >> 1]!;
}

async function since(work: () => Promise<unknown>): Promise<number> {
  const began = performance.now();
  await work();
  return performance.now() - began;
}

const stepOf = async () => await import(toFileUrl(`${Deno.cwd()}/step.ts`).href);

async function* outputs(dir: string): AsyncGenerator<string> {
  for await (const { name, isDirectory } of Deno.readDir(dir)) {
    if (name === "consist_runs") continue;
    if (isDirectory) yield* outputs(`${dir}/${name}`);
    else if (name.endsWith(".json")) yield `${dir}/${name}`;
  }
}

const TASKS: { readonly [name: string]: () => Promise<object> } = {
  project: async () => {
    const { main } = await stepOf();
    const result = await run({
      name: "main",
      fn: main as () => { n: number[] },
      inputs: { raw: "raw.csv" },
      executionOptions: { inputBinding: "paths" },
      config: { k: 3 },
      outputs: ["out"],
    });
    return { n: (await result.load("out") as { n: number[] }).n[0] };
  },
  reader: async () => {
    const { upstream, reader } = await stepOf();
    const made = await run({
      name: "upstream",
      fn: upstream as () => { n: number[] },
      inputs: { raw: "raw.csv" },
      executionOptions: { inputBinding: "paths" },
      outputs: ["out"],
    });
    const read = await run({ name: "reader", fn: reader as () => { n: number[] }, inputs: { made }, outputs: ["out"] });
    return { n: (await read.load("out") as { n: number[] }).n[0] };
  },
  harm: async () => {
    let harmed = 0;
    for await (const path of outputs("runs")) {
      harmed++;
      if (args[0] === "deleted") await Deno.remove(path);
      else await Deno.writeTextFile(path, args[0] === "garbage" ? "garbage ".repeat(100) : JSON.stringify({ n: Array(20_000).fill(999) }));
    }
    return { harmed };
  },
  speed: async () => {
    const times = Number(args[0]);
    await tiny(-1);
    const miss = await timed(tiny, times);
    const hit = await timed(() => tiny(-1), times);
    await tiny(-2, "big.bin");
    await wait(250);
    await tiny(-2, "big.bin");
    return { miss, hit, big: await timed(() => tiny(-2, "big.bin"), 5) };
  },
  one_hit: async () => ({ ms: await since(() => tiny(Number(args[1]), args[0])) }),
  /** What the steps of the three cases take where nothing keeps their results and each is called as often as it has to be. */
  alone: async () => {
    const walls: number[] = [];
    for (const steps of [[30, ...Array(39).fill(5)], [40, 25, ...Array(5).fill(10)], [180, ...Array(9).fill(20)]]) {
      walls.push(
        await since(async () => {
          for (const minutes of steps) await wait(minutes);
        }),
      );
    }
    return { walls };
  },
  motivation: async () => {
    const sweep = async () => {
      const { outputs: { out: made } } = await base(30);
      const rows = Array.from({ length: 39 }, (_, index) => ({ minutes: 5, k: index + 1 }));
      const swept = await mapRuns({
        rows,
        nameTemplate: "variant_{k}",
        fn: async (_, { config }) => (await wait(config.minutes), { n: config.k }),
        inputs: { made },
        outputs: ["out"],
      });
      if (swept.failures.length > 0) throw swept.failures[0]!.error;
    };
    const calibration = async () => {
      for (let k = 0; k < 5; k++) {
        const made = await second((await base(40)).outputs.out, 25);
        await variant(made.outputs.out, 10, 100 + k);
      }
    };
    const ensemble = async () => {
      for (let k = 0; k < 9; k++) await variant((await base(180)).outputs.out, 20, 200 + k);
    };
    return { walls: [await since(sweep), await since(calibration), await since(ensemble)] };
  },
};

const tracker = new Tracker({ dbPath: "provenance.duckdb", runDir: "runs" });
useTracker(tracker);
try {
  console.log(JSON.stringify(await TASKS[task]!()));
} catch (error) {
  console.log(JSON.stringify({ error: String(error).slice(0, 300) }));
}
await tracker.close();
