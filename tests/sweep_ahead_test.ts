/** A row of a sweep is looked up while the one before executes: what comes of it is what comes of rows that wait for each other. */
import assert from "node:assert/strict";
import { join } from "@std/path";
import { mapRuns, run, type Step } from "consist";
import { inTracker } from "./in_tracker.ts";

/** What the rows are given, made anew for each telling. */
type Story = (dir: string) => Promise<{
  readonly rows: readonly { k: number; more?: { n: number } }[];
  readonly fn: (inputs: { raw?: string }, step: Step<{ k: number; more?: { n: number } }>) => Promise<unknown>;
  readonly inputs?: Readonly<Record<string, string>>;
}>;

const pause = (ms = 15) => new Promise<void>((done) => setTimeout(done, ms));
const ROWS = [1, 2, 3, 4, 5].map((k) => ({ k }));

/** Rows that read one file, of which the third does something to it, and all take their time `before` or after that. */
const reading = (change: (path: string) => Promise<void>, before = 15, after = 0): Story => async (dir) => {
  const path = join(dir, "raw.txt");
  await Deno.writeTextFile(path, "a");
  return {
    rows: ROWS,
    inputs: { raw: path },
    fn: async ({ raw }, { config }) => {
      if (before > 0) await pause(before);
      if (config.k === 3) await change(path);
      if (after > 0) await pause(after);
      return `${raw}${config.k}`;
    },
  };
};
const writing = (path: string) => Deno.writeTextFile(path, "b");

const STORIES: Readonly<Record<string, Story>> = {
  "rows that change nothing": reading(() => Promise.resolve()),
  "a row that changes what the next one captured": () => {
    let scale = 1;
    const others = { scale: 1 };
    const change = (k: number) => void (k === 3 && (scale = others.scale = 10));
    return Promise.resolve({
      rows: ROWS,
      fn: async (_, { config }) => {
        const value = config.k * scale * others.scale;
        await pause();
        change(config.k);
        return value;
      },
    });
  },
  "a row that writes the input of the next one": reading(writing),
  "a row that writes the input of the next one long before it ends": reading(writing, 0, 30),
  "a row that removes the input of the next one": reading((path) => Deno.remove(path)),
  "a row that changes the config of the next one": () => {
    const rows = [1, 2, 3, 4, 5].map((k) => ({ k, more: { n: 0 } }));
    return Promise.resolve({
      rows,
      fn: async (_, { config }) => {
        await pause();
        if (config.k === 3) rows[3]!.more.n = 7;
        return config.k + config.more!.n;
      },
    });
  },
};

interface Told {
  readonly signature: string | null;
  readonly value: unknown;
}

/** Of each row its signature and its value, or the code of its error. */
async function swept(story: Story, dir: string): Promise<(Told | string)[]> {
  const { rows, fn, inputs } = await story(dir);
  const options = { name: "swept", fn, outputs: ["out"], cacheOptions: { untracked: "allow" } } as const;
  const sweep = await mapRuns({ ...options, rows, ...(inputs === undefined ? {} : { inputs }) });
  const told: (Told | string)[] = [];
  for (const { row, error } of sweep.failures) told[row.k - 1] = (error as { code?: string }).code!;
  for (const { row, result } of sweep.successes) {
    told[row.k - 1] = { signature: result.run.signature, value: await result.load("out") };
  }
  return told;
}

/** The same rows, each of which waits for the one before. */
async function looped(story: Story, dir: string): Promise<(Told | string)[]> {
  const { rows, fn, inputs } = await story(dir);
  const told: (Told | string)[] = [];
  for (const row of rows) {
    try {
      const result = await run({
        name: "swept",
        fn,
        config: row,
        outputs: ["out"],
        cacheOptions: { untracked: "allow" },
        ...(inputs === undefined ? {} : { inputs }),
      });
      told.push({ signature: result.run.signature, value: await result.load("out") });
    } catch (error) {
      told.push((error as { code?: string }).code!);
    }
  }
  return told;
}

for (const [name, story] of Object.entries(STORIES)) {
  Deno.test(`${name}: a sweep comes to what a loop comes to`, async () => {
    const both: (Told | string)[][] = [];
    for (const tell of [looped, swept]) await inTracker(async (_, dir) => void both.push(await tell(story, dir)));
    const [inLoop, inSweep] = both;
    const values = (told: (Told | string)[]) => told.map((each) => typeof each === "string" ? each : each.value);
    assert.deepEqual(values(inSweep!), values(inLoop!));
    const known = (told: (Told | string)[]) =>
      told.map((each) => typeof each !== "string" && each.signature !== null && each.signature !== "");
    assert.deepEqual(known(inSweep!), known(inLoop!), "what may be served again is the same");
  });
}

Deno.test("the next row is looked up while a row executes, and its function begins when that one has ended", () =>
  inTracker(async (_, dir) => {
    const path = join(dir, "raw.txt");
    await Deno.writeTextFile(path, "a");
    const said: string[] = [];
    await mapRuns({
      rows: ROWS,
      name: "ahead",
      inputs: {
        get raw() {
          said.push("look");
          return path;
        },
      },
      fn: async (_: unknown, { config, runtime }: Step<{ k: number }> & { runtime: { say: (what: string) => void } }) => {
        runtime.say(`begin ${config.k}`);
        await pause(30);
        runtime.say(`end ${config.k}`);
        return config.k;
      },
      executionOptions: { runtimeArgs: { say: (what: string) => void said.push(what) } },
      outputs: ["out"],
    });
    const between = said.slice(said.indexOf("begin 3"), said.indexOf("end 3"));
    assert.deepEqual(between, ["begin 3", "look"]);
    assert.deepEqual(said.filter((each) => each !== "look"), ROWS.flatMap(({ k }) => [`begin ${k}`, `end ${k}`]));
  }));

Deno.test("rows whose function runs the row that comes after it do not wait for each other for ever", () =>
  inTracker(async () => {
    const fibonacci = async (_: unknown, { config }: Step<{ k: number }>): Promise<number> => {
      await pause(2);
      if (config.k < 2) return config.k;
      const parts = await Promise.all(
        [config.k - 1, config.k - 2].map((k) => run({ name: "fibonacci", fn: fibonacci, config: { k }, outputs: ["n"] })),
      );
      const [one, other] = await Promise.all(parts.map((part) => part.load("n"))) as number[];
      return one! + other!;
    };
    const sweep = await mapRuns({ rows: [0, 1, 4, 3, 7, 6, 5, 2].map((k) => ({ k })), name: "fibonacci", fn: fibonacci, outputs: ["n"] });
    assert.deepEqual(sweep.failures, []);
    assert.deepEqual(await Promise.all(sweep.successes.map(({ result }) => result.load("n"))), [0, 1, 3, 2, 13, 8, 5, 1]);
  }));

Deno.test("a row that was looked up is not run where the one before fails, and others may run it then", () =>
  inTracker(async () => {
    const begun: number[] = [];
    const fn = async (
      _: unknown,
      { config, runtime }: Step<{ k: number }> & { runtime: { isBad: boolean; note: (k: number) => void } },
    ) => {
      runtime.note(config.k);
      await pause();
      if (config.k === 3 && runtime.isBad) throw new Error("no");
      return config.k;
    };
    const note = (k: number) => void begun.push(k);
    const options = { name: "failing", fn, rows: ROWS, outputs: ["out"], cancelPendingOnFailure: true } as const;
    const sweep = await mapRuns({ ...options, executionOptions: { runtimeArgs: { isBad: true, note } } });
    assert.deepEqual(sweep.failures.map(({ row, error }) => [row.k, (error as { code?: string }).code]), [[3, "step_failed"], [
      4,
      "cancelled",
    ], [5, "cancelled"]]);
    assert.deepEqual(begun, [1, 2, 3]);
    const again = await mapRuns({ ...options, executionOptions: { runtimeArgs: { isBad: false, note } } });
    assert.deepEqual(again.successes.map(({ result }) => result.cacheHit), [true, true, false, false, false]);
  }));

Deno.test("a hit that the row before harmed after it was looked up is no hit", () =>
  inTracker(async () => {
    const harm: { path: string | undefined } = { path: undefined };
    const fn = async (_: unknown, { config, runtime }: Step<{ k: number }> & { runtime: { harm: () => Promise<void> } }) => {
      await pause();
      if (config.k === 30) await runtime.harm();
      return config.k;
    };
    const executionOptions = { runtimeArgs: { harm: async () => await Deno.remove(harm.path!) } };
    const sweep = (...ks: number[]) => mapRuns({ name: "harmed", fn, rows: ks.map((k) => ({ k })), outputs: ["out"], executionOptions });
    const [first] = (await sweep(4)).successes;
    harm.path = first!.result.outputs.out.path;
    const second = await sweep(10, 20, 30, 4);
    assert.deepEqual(second.successes.map(({ result }) => result.cacheHit), [false, false, false, false]);
    assert.equal(second.successes[3]!.result.miss?.code, "outputs_missing");
    assert.equal(await second.successes[3]!.result.load("out"), 4);
  }));

Deno.test("a row's run begins when its function does, not when it was looked up", () =>
  inTracker(async () => {
    const sweep = await mapRuns({
      rows: ROWS,
      name: "timed",
      fn: async (_: unknown, { config }: Step<{ k: number }>) => (await pause(60), config.k),
      outputs: ["out"],
    });
    const runs = sweep.successes.map(({ result }) => result.run);
    for (const [index, { startedAt }] of runs.slice(1).entries()) {
      assert.ok(startedAt.getTime() - runs[index]!.startedAt.getTime() >= 55, `${startedAt} after ${runs[index]!.startedAt}`);
    }
  }));

Deno.test("rows that were looked up ahead leave no folders but those of runs that executed", () =>
  inTracker(async (tracker) => {
    const harm = { k: 0 };
    const fn = async (_: unknown, { config, runtime }: Step<{ k: number }> & { runtime: { isBad: (k: number) => boolean } }) => {
      await pause();
      if (runtime.isBad(config.k)) throw new Error("no");
      return config.k;
    };
    const options = { name: "folders", fn, outputs: ["out"], executionOptions: { runtimeArgs: { isBad: (k: number) => k === harm.k } } };
    const first = await mapRuns({ ...options, rows: ROWS });
    harm.k = 7;
    const second = await mapRuns({ ...options, rows: [6, 7, 1, 8, 2].map((k) => ({ k })), cancelPendingOnFailure: true });
    assert.deepEqual(second.failures.length, 4);
    const executed = [...first.successes, ...second.successes].map(({ result }) => result.run.id);
    const folders = [...Deno.readDirSync(join(tracker.runDir, "outputs", "folders"))].map(({ name }) => name);
    assert.equal(folders.length, executed.length);
  }));
