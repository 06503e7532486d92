/** One step at a time: when it executes, when it hits, what it keeps, what it refuses. */
import assert from "node:assert/strict";
import { dirname } from "node:path";
import pl from "polars";
import { z } from "zod";
import { ConsistError, file, lazy, outputPath, relation, run, type RunResult, StepFailedError, untracked, value } from "consist";
import { assertHit, assertMiss } from "consist/testing";
import { refused, test } from "./in_tracker.ts";

const csv = "id,value\n1,0.2\n2,0.6\n3,0.8\n";
async function write(path: string, text: string): Promise<string> {
  await Deno.writeTextFile(path, text);
  return path;
}
const codeOf = async (promise: Promise<unknown>) => (await refused(promise)).code;

// ── hit or miss ─────────────────────────────────────────────────────────────────────────────────────────────────────────────

test("run() executes a step once and takes its outputs from the cache afterwards", async () => {
  let executed = 0;
  const step = () => run({ name: "count", fn: () => (executed++, { n: 3 }), outputs: ["n"] });
  assertMiss(await step());
  const again = await step();
  assertHit(again);
  assert.equal(await again.load("n"), 3);
  assert.equal(executed, 1);
  assert.match(again.explain(), /^Hit: the outputs come from the run count_/);
});

test("run() misses when the config changes, and says from what to what", async () => {
  const step = (config: object) => run({ name: "model", fn: (_, { config }) => JSON.stringify(config), config, outputs: ["text"] });
  await step({ alpha: 0.5, model: { kind: "car" } });
  const changed = await step({ alpha: 0.7, model: { kind: "bus", seats: 40 } });
  assertMiss(changed, "config");
  assert.match(changed.explain(), /alpha: 0\.5 → 0\.7/);
  assert.match(changed.explain(), /kind: "car" → "bus"/);
  assert.match(changed.explain(), /seats: added \(40\)/);
  assertHit(await step({ model: { seats: 40, kind: "bus" }, alpha: 0.7 }));
});

test("run() misses when the function's text changes, not when only its format does", async () => {
  const step = (fn: () => number) => run({ name: "text", fn, outputs: ["n"] });
  await step(() => 1 + 1);
  // deno-fmt-ignore
  assertHit(await step(() => ((1) + (1)) /* two */));
  const changed = await step(() => 1 + 2);
  assertMiss(changed, "code");
  assert.match(changed.explain(), /1 \+ 2/);
});

test("run() misses when a helper or a captured value changes, and names it", async () => {
  const make = (factor: number) => {
    const helper = (n: number) => n * factor;
    return () => run({ name: "reach", fn: () => helper(2), outputs: ["n"] });
  };
  const [two, three] = [make(2), make(3)];
  await two();
  assertHit(await two());
  const changed = await three();
  assertMiss(changed, "code");
  assert.match(changed.explain(), /factor.*2 → 3/);
  assert.equal(await changed.load(), 6);
});

test("a step that changes what it also reads is told so, and executes each time", async () => {
  let n = 0;
  const step = () => run({ name: "state", fn: () => ++n, outputs: ["n"] });
  await step();
  assert.equal(await step().load(), 2);
});

test("run() misses when the content of an input changes although its size and time stamp do not", async ({ dir }) => {
  const path = await write(`${dir}/raw.csv`, csv);
  const step = () =>
    run({ name: "rows", fn: ({ raw }: { raw: pl.DataFrame }) => raw.getColumn("value").sum(), inputs: { raw: path }, outputs: ["n"] });
  await step();
  const { mtime } = await Deno.stat(path);
  await Deno.writeTextFile(path, csv.replace("0.2", "0.9"));
  await Deno.utime(path, mtime!, mtime!);
  const changed = await step();
  assertMiss(changed, "inputs");
  assert.match(changed.explain(), /raw \(.*raw\.csv\)/);
});

test("run() hits when an input was only touched, renamed or moved", async ({ dir }) => {
  const path = await write(`${dir}/raw.csv`, csv);
  const step = (raw: string) => run({ name: "rows", fn: ({ raw }: { raw: pl.DataFrame }) => raw.height, inputs: { raw }, outputs: ["n"] });
  await step(path);
  await Deno.utime(path, 1, 1);
  assertHit(await step(path));
  await Deno.rename(path, `${dir}/other.csv`);
  assertHit(await step(`${dir}/other.csv`));
});

test("run() misses when the call changes: output keys, driver, schema, binding, capture pattern", async ({ dir }) => {
  const path = await write(`${dir}/raw.csv`, csv);
  const fn = () => pl.DataFrame({ id: [1, 2] });
  assertMiss(await run({ name: "call", fn, outputs: ["a"] }));
  assertMiss(await run({ name: "call", fn, outputs: ["b"] }), "code");
  assertMiss(await run({ name: "call", fn, outputs: { a: { driver: "csv" } } }), "code");
  assertMiss(await run({ name: "call", fn, outputs: { a: { schema: z.object({ id: z.int() }) } } }), "code");
  assertMiss(await run({ name: "call", fn, outputs: { a: { schema: z.object({ id: z.number() }) } } }), "code");
  const bound = (executionOptions: { inputBinding: "loaded" | "paths" | "none" }) =>
    run({ name: "bound", fn: () => 1, inputs: { raw: path }, executionOptions, outputs: ["n"] });
  assertMiss(await bound({ inputBinding: "loaded" }));
  assertMiss(await bound({ inputBinding: "paths" }), "code");
  assertMiss(await bound({ inputBinding: "none" }), "code");
  assertHit(await bound({ inputBinding: "paths" }));
  assertMiss(await run({ name: "bound", fn: () => 1, inputs: { raw: lazy(path) }, outputs: ["n"] }), "code");
  assertMiss(await run({ name: "bound", fn: () => 1, inputs: { raw: relation(path) }, outputs: ["n"] }), "code");
  const captured = (capturePattern: string) => run({ name: "captured", fn: () => {}, captureDir: `${dir}/out`, capturePattern });
  assertMiss(await captured("*.csv"));
  assertHit(await captured("*.csv"));
  assertMiss(await captured("*.txt"), "code");
});

test("run() counts the content of a folder and of a glob: edits, additions, names, hidden files", async ({ dir }) => {
  await Deno.mkdir(`${dir}/in/deep`, { recursive: true });
  await write(`${dir}/in/a.csv`, csv);
  await write(`${dir}/in/deep/b.csv`, csv);
  const folder = () =>
    run({ name: "folder", fn: ({ files }: { files: readonly string[] }) => files.length, inputs: { files: `${dir}/in` }, outputs: ["n"] });
  const glob = () =>
    run({
      name: "glob",
      fn: ({ files }: { files: readonly string[] }) => files.length,
      inputs: { files: `${dir}/in/*.csv` },
      outputs: ["n"],
    });
  assert.equal(await folder().load(), 2);
  assert.equal(await glob().load(), 1);
  assertHit(await folder());
  await write(`${dir}/in/.hidden`, "x");
  assertMiss(await folder(), "inputs");
  assertHit(await glob());
  await Deno.rename(`${dir}/in/a.csv`, `${dir}/in/c.csv`);
  assertMiss(await glob(), "inputs");
  assertMiss(await folder(), "inputs");
  assert.equal(await codeOf(run({ name: "none", fn: () => 1, inputs: { files: `${dir}/in/*.xlsx` }, outputs: ["n"] })), "input_missing");
});

test("run() counts values in memory by content", async () => {
  const step = (x: unknown) =>
    run({ name: "memory", fn: ({ x }) => JSON.stringify(x ?? null), inputs: { x: value(x) }, outputs: ["text"] });
  assertMiss(await step(new Map([["a", new Set([1])]])));
  assertHit(await step(new Map([["a", new Set([1])]])));
  assertMiss(await step(new Map([["a", new Set([2])]])), "inputs");
  const frame = (n: number) => run({ name: "frame", fn: ({ t }) => t.height, inputs: { t: pl.DataFrame({ n: [n] }) }, outputs: ["n"] });
  assertMiss(await frame(1));
  assertHit(await frame(1));
  assertMiss(await frame(2), "inputs");
});

test("run() keeps a reader cached when its producer gives the same bytes again", async ({ dir }) => {
  const path = await write(`${dir}/raw.csv`, csv);
  const both = async () => {
    const kept = await run({
      name: "filter",
      fn: ({ raw }: { raw: pl.DataFrame }) => raw.filter(pl.col("value").gt(0.5)),
      inputs: { raw: path },
      outputs: ["kept"],
    });
    return [kept, await run({ name: "read", fn: ({ kept }) => kept.height, inputs: { kept }, outputs: ["n"] })] as const;
  };
  await both();
  await write(path, csv.replace("0.2", "0.1"));
  const [producer, reader] = await both();
  assertMiss(producer, "inputs");
  assertHit(reader);
});

test("run() counts dependsOn and codeIdentityExtraDeps by content", async ({ dir }) => {
  const [config, lib] = [await write(`${dir}/config.yaml`, "a: 1"), await write(`${dir}/lib.txt`, "1")];
  const step = () =>
    run({ name: "legacy", fn: () => 1, dependsOn: [config], cacheOptions: { codeIdentityExtraDeps: [lib] }, outputs: ["n"] });
  assertMiss(await step());
  assertHit(await step());
  await write(config, "a: 2");
  const changed = await step();
  assertMiss(changed);
  assert.match(changed.explain(), /config\.yaml|dependsOn|__consist_hash_inputs__/);
  await write(lib, "2");
  assertMiss(await step(), "code");
});

test("run() does not count runtimeArgs, tags, description or facets", async () => {
  const step = (n: number) =>
    run({
      name: "same",
      fn: (_, step) => typeof step.runtime.n,
      executionOptions: { runtimeArgs: { n } },
      tags: [`t${n}`],
      description: `d${n}`,
      facet: { n },
      outputs: ["x"],
    });
  assertMiss(await step(1));
  assertHit(await step(2));
});

test("cache modes: overwrite makes a new result that later runs hit, readonly records nothing, off is never served", async ({ tracker }) => {
  const counter = untracked({ n: 0 });
  const step = (cacheMode: "reuse" | "overwrite" | "readonly" | "off") =>
    run({ name: "mode", fn: () => ++counter.n, cacheOptions: { cacheMode }, outputs: ["n"] });
  assert.equal(await step("readonly").load(), 1);
  assert.equal((await tracker.findRuns({ step: "mode" })).length, 0);
  assert.equal(await step("off").load(), 2);
  assert.equal(await step("reuse").load(), 3);
  assert.equal(await step("reuse").load(), 3);
  assert.equal(await step("readonly").load(), 3);
  assert.equal(await step("overwrite").load(), 4);
  assert.equal(await step("reuse").load(), 4);
  assert.equal(await step("off").load(), 5);
  assert.equal(await step("reuse").load(), 4);
});

test("cacheVersion and cacheEpoch make another step of the same one", async () => {
  const step = (cacheOptions: { cacheVersion?: number; cacheEpoch?: number }) =>
    run({ name: "v", fn: () => 1, cacheOptions, outputs: ["n"] });
  assertMiss(await step({}));
  assertMiss(await step({ cacheVersion: 1 }));
  assertMiss(await step({ cacheEpoch: 2 }));
  assertHit(await step({ cacheVersion: 1 }));
});

test('run() executes a step whose code cannot be established, and says so; untracked: "error" refuses it', async () => {
  const step = (untracked: "execute" | "allow" | "error" = "execute") =>
    run({ name: "opaque", fn: () => eval("1 + 1") as number, cacheOptions: { untracked }, outputs: ["n"] });
  await step();
  const again = await step();
  assertMiss(again);
  assert.equal(again.run.signature, "");
  assert.match(again.explain(), /cannot be followed/);
  assert.equal(await codeOf(step("error")), "identity_unknown");
  assertMiss(await step("allow"));
  assertHit(await step("allow"));
});

test("run() executes one of several equal calls at the same time", async () => {
  let executed = 0;
  const slow = () =>
    run({ name: "slow", fn: async () => (executed++, await new Promise((done) => setTimeout(() => done(7), 30))), outputs: ["n"] });
  const results = await Promise.all([slow(), slow(), slow()]);
  assert.equal(executed, 1);
  assert.deepEqual(results.map((result) => result.cacheHit).sort(), [false, true, true]);
  for (const result of results) assert.equal(await result.load(), 7);
});

// ── outputs ─────────────────────────────────────────────────────────────────────────────────────────────────────────────────

for (
  const [harm, damage] of Object.entries({
    removed: (path: string) => Deno.remove(path),
    truncated: (path: string) => Deno.truncate(path, 3),
    edited: (path: string) => Deno.writeTextFile(path, '{"n":2}\n'),
    "replaced by other bytes of the same size and time": async (path: string) => {
      const [bytes, { mtime }] = [await Deno.readFile(path), await Deno.stat(path)];
      await Deno.writeFile(path, bytes.map((byte) => byte === 49 ? 50 : byte));
      await Deno.utime(path, mtime!, mtime!);
    },
    "replaced by a folder": async (path: string) => {
      await Deno.remove(path);
      await Deno.mkdir(path);
    },
  })
) {
  test(`run() never serves an output that was ${harm}`, async () => {
    const step = () => run({ name: "make", fn: () => ({ n: { value: 1 } }), outputs: ["n"] });
    const first = await step();
    await damage(first.outputs.n.path);
    await assert.rejects(first.load("n"), (error: unknown) => error instanceof ConsistError);
    const again = await step();
    assertMiss(again);
    assert.match(again.miss!.code, /^outputs_(missing|damaged)$/);
    assert.ok(again.explain().includes(first.outputs.n.path));
    assert.deepEqual(await again.load("n"), { value: 1 });
    assert.notEqual(again.outputs.n.path, first.outputs.n.path);
    assertHit(await step());
  });
}

test("run() keeps values of every kind and gives them back equal", async () => {
  const values = {
    text: "ünï",
    number: 1.5,
    list: [1, null, "x"],
    map: new Map([[{ a: 1 }, new Date(3)]]),
    bytes: new Uint8Array([0, 255]),
    big: 2n ** 70n,
    nan: NaN,
    nothing: null,
  };
  const result = await run({
    name: "kinds",
    fn: () => values,
    outputs: ["text", "number", "list", "map", "bytes", "big", "nan", "nothing"],
  });
  for (const [key, wanted] of Object.entries(values)) assert.deepEqual(await result.load(key as keyof typeof values), wanted, key);
});

test("run() takes an object as the value where only one output is declared and its keys are others", async () => {
  assert.deepEqual(await run({ name: "one", fn: () => ({ mean: 1 }), outputs: ["summary"] }).load(), { mean: 1 });
  assert.equal(await run({ name: "mapped", fn: () => ({ summary: 2 }), outputs: ["summary"] }).load(), 2);
  assert.equal(await run({ name: "undeclared", fn: () => 5 }).load("undeclared"), 5);
});

test("run() refuses what it declares and does not make, unless the policy says otherwise", async () => {
  const step = (outputMissing: "error" | "warn" | "ignore") =>
    run({ name: "forgets", fn: () => undefined, outputs: ["x"], outputPolicy: { outputMissing } });
  assert.equal(await codeOf(step("error")), "missing_outputs");
  assert.equal((await step("ignore")).outputs.x, undefined);
  assert.equal(
    await codeOf(run({ name: "odd", fn: () => ({ a: 1, c: 2 }), outputs: ["a", "b"], outputPolicy: { outputMismatch: "error" } })),
    "output_mismatch",
  );
  assert.match(
    (await refused(
      run({ name: "near", fn: () => ({ persns: 1, x: 2 }), outputs: ["persons", "x"], outputPolicy: { outputMismatch: "error" } }),
    )).fix,
    /persons/,
  );
});

test("run() refuses a value that cannot be stored, and names the place in it", async () => {
  const error = await refused(run({ name: "socket", fn: () => ({ model: { f: () => 1 } }), outputs: ["m"] }));
  assert.equal(error.code, "output_not_storable");
  assert.match(error.message, /model\.f/);
});

test("run() refuses a table that does not fit its schema, and names column and row", async ({ tracker }) => {
  const Person = z.object({ id: z.int(), age: z.int().min(0) });
  const step = (ages: number[]) =>
    run({
      name: "people",
      fn: (_, { config }) => pl.DataFrame({ id: [1, 2], age: config.ages }),
      config: { ages },
      outputs: { people: { schema: Person } },
    });
  assert.equal((await step([3, 4])).run.status, "completed");
  const error = await refused(step([3, -4]));
  assert.equal(error.code, "schema_mismatch");
  assert.match(error.message, /age/);
  assert.equal((await tracker.findRun({ step: "people", status: "failed" })).status, "failed");
});

test("run() puts each run's files into a folder of its own", async () => {
  const step = (n: number) => run({ name: "same", fn: (_, { config }) => config.n, config: { n }, outputs: ["n"] });
  const [one, two] = [await step(1), await step(2)];
  assert.notEqual(one.outputs.n.path, two.outputs.n.path);
  assert.deepEqual([await one.load(), await two.load()], [1, 2]);
});

test("run() takes files that the step wrote: in its folder, elsewhere by copy, by outputPaths, by captureDir", async ({ dir }) => {
  const own = await run({
    name: "own",
    fn: async () => {
      await Deno.writeTextFile(outputPath("note", ".txt"), "hi");
      return file(outputPath("note", ".txt"));
    },
    outputs: ["note"],
  });
  assert.equal(await own.load(), "hi");
  const elsewhere = await run({ name: "elsewhere", fn: async () => file(await write(`${dir}/there.txt`, "there")), outputs: ["note"] });
  assert.ok(elsewhere.outputs.note.path.startsWith(`${dir}/runs/`));
  await write(`${dir}/there.txt`, "edited by the user");
  assert.equal(await elsewhere.load(), "there");
  const named = await run({ name: "named", fn: () => 7, outputs: ["n"], outputPaths: { n: `${dir}/copies/n.json` } });
  assert.equal((await Deno.readTextFile(`${dir}/copies/n.json`)).trim(), "7");
  await write(`${dir}/copies/n.json`, "8");
  assert.equal(await named.load(), 7);
  const tool = await run({
    name: "tool",
    fn: () => write(`${dir}/tool.csv`, csv).then(() => {}),
    outputs: ["t"],
    outputPaths: { t: `${dir}/tool.csv` },
  });
  assert.equal((await tool.load("t") as pl.DataFrame).height, 3);
  await write(`${dir}/captured.csv`, "old");
  const captured = await run({
    name: "captured",
    fn: () => write(`${dir}/new.csv`, csv).then(() => {}),
    captureDir: dir,
    capturePattern: "*.csv",
  });
  assert.deepEqual(Object.keys(captured.outputs), ["new"]);
});

test("run() reads lazily, by DuckDB, as paths or as data", async ({ dir }) => {
  const path = await write(`${dir}/raw.csv`, csv);
  const many = await run({
    name: "ways",
    fn: async ({ data, scan, rel }) => [data.height, (await scan.collect()).height, await rel.count()],
    inputs: { data: path as `${string}.csv`, scan: lazy(path), rel: relation(path) },
    outputs: ["heights"],
  });
  assert.deepEqual(await many.load(), [3, 3, 3]);
  const paths = await run({
    name: "paths",
    fn: ({ raw }) => raw,
    inputs: { raw: path },
    executionOptions: { inputBinding: "paths" },
    outputs: ["path"],
  });
  assert.equal(await paths.load(), path);
});

test("run() restores a missing input from another copy with its content when asked to", async () => {
  const make = () => run({ name: "make", fn: () => ({ n: { rows: [1, 2, 3] } }), outputs: ["n"] });
  const first = await make();
  await run({ name: "make", fn: () => ({ n: { rows: [1, 2, 3] } }), outputs: ["n"], cacheOptions: { cacheMode: "overwrite" } });
  await Deno.remove(first.outputs.n.path);
  const read = (cacheHydration: "metadata" | "inputs-missing") =>
    run({ name: "read", fn: ({ n }) => n, inputs: { n: first.outputs.n }, outputs: ["copy"], cacheOptions: { cacheHydration } });
  assert.equal(await codeOf(read("metadata")), "artifact_missing");
  assert.deepEqual(await (await read("inputs-missing")).load(), { rows: [1, 2, 3] });
});

// ── what goes wrong ─────────────────────────────────────────────────────────────────────────────────────────────────────────

test("run() rejects with StepFailedError when the step throws, records the failure and serves nothing of it", async ({ tracker }) => {
  let fails = true;
  const step = () =>
    run({
      name: "diverges",
      fn: async (_, step) => {
        await step.logOutput(await write(step.outputPath("partial", ".txt"), "half"), { key: "partial" });
        if (fails) throw new RangeError("model diverged");
        return { n: 1 };
      },
      outputs: ["n", "partial"],
    });
  const error = await refused(step());
  assert.ok(error instanceof StepFailedError);
  assert.ok(error.cause instanceof RangeError);
  assert.match(error.message, /model diverged/);
  assert.match(error.stack!, /steps_test\.ts/);
  assert.equal(error.step, "diverges");
  const failed = await tracker.findRun({ step: "diverges", status: "failed" });
  assert.equal(failed.id, error.run);
  assert.equal(failed.error?.message, "model diverged");
  assert.deepEqual((await tracker.getArtifactsForRun(failed)).outputs, {});
  fails = false;
  assertMiss(await step());
  assertHit(await step());
});

test("run() says what a step threw, whatever that is, and leaves no empty folder of it", async ({ tracker }) => {
  const thrown: [unknown, string][] = [[null, "null"], ["boom", "boom"], [Object.create(null), "an object"], [Symbol("s"), "Symbol(s)"], [
    7,
    "7",
  ]];
  for (const [what, words] of thrown) {
    const error = await refused(run({
      name: "throws",
      fn: () => {
        throw what;
      },
      cacheOptions: { untracked: "allow" },
    }));
    assert.equal(error.problem, `Step "throws" failed: ${words}`);
    assert.equal(error.cause, what);
  }
  assert.equal((await tracker.findRuns({ step: "throws", status: "failed", history: true })).length, thrown.length);
  assert.deepEqual([...Deno.readDirSync(`${tracker.runDir}/outputs/throws`)], []);
});

test("run() refuses options that do not exist and says what was meant", async () => {
  const call = (options: object) => refused(run({ name: "x", fn: () => 1, ...options } as never));
  assert.match((await call({ cacheOption: {} })).fix, /cacheOptions/);
  assert.match((await call({ cacheMode: "reuse" })).fix, /cacheOptions\.cacheMode/);
  assert.match((await call({ inputKeys: [] })).fix, /inputs/);
  assert.match((await call({ cacheOptions: { cachMode: "reuse" } })).fix, /cacheMode/);
  assert.match((await call({ cacheOptions: { cacheMode: "reusee" } })).why, /overwrite/);
  assert.match((await call({ executionOptions: { inputBinding: "paths", loadInputs: true } })).problem, /both/);
  assert.match((await call({ year: "2030" })).why, /whole number/);
  assert.match((await call({ outputs: { a: { drivr: "csv" } } })).problem, /drivr/);
  assert.equal((await call({ fn: 3 })).code, "option_invalid");
  assert.equal(await codeOf(run({ fn: () => ({ a: 1, b: 2 }), outputs: ["a", "b"] })), "name_missing");
});

test("run() refuses a config that is no plain data, with its path, and records nothing", async ({ tracker }) => {
  const call = (config: object) => refused(run({ name: "x", fn: () => 1, config: config as never, outputs: ["n"] }));
  for (
    const [config, path] of [[{ model: { hook: () => 1 } }, /config\.model\.hook/], [{ list: [1, NaN] }, /config\.list/], [{
      s: Symbol("x"),
    }, /config\.s/]] as const
  ) {
    const error = await call(config);
    assert.equal(error.code, "config_not_plain");
    assert.match(error.message, path);
  }
  assert.equal((await tracker.findRuns({ history: true })).length, 0);
});

test("run() refuses inputs that are missing, unreadable or of a wrong kind", async ({ dir }) => {
  const call = (inputs: object) =>
    refused(run({ name: "x", fn: ({ raw }: { raw: unknown }) => raw, inputs: inputs as never, outputs: ["n"] }));
  assert.match((await call({ raw: `${dir}/missing.csv` })).message, /missing\.csv/);
  assert.equal((await call({ raw: 5 })).code, "option_invalid");
  assert.equal((await call({ raw: new URL("ftp://example.org/x.csv") })).code, "input_missing");
  assert.equal((await call(["raw"])).code, "option_invalid");
  await Deno.writeFile(`${dir}/bad.parquet`, new Uint8Array([1, 2, 3]));
  const unreadable = await call({ raw: `${dir}/bad.parquet` });
  assert.match(unreadable.message, /bad\.parquet/);
  await write(`${dir}/ragged.csv`, 'a,b\n1,2\n1,2,3,4\n"x');
  assert.match((await call({ raw: `${dir}/ragged.csv` })).message, /ragged\.csv/);
});

test("run() refuses an artifact whose file was edited after it was made", async () => {
  const made = await run({ name: "make", fn: () => "right", outputs: ["text"] });
  await Deno.writeTextFile(made.outputs.text.path, "wrong");
  const read = run({ name: "read", fn: ({ text }) => text, inputs: { text: made.outputs.text }, outputs: ["copy"] });
  assert.equal(await codeOf(read), "content_mismatch");
});

test("names, keys, tags and values that look like paths, SQL or HTML are only text", async ({ tracker, dir }) => {
  const hostile = ["../../escape", "a'; drop table run; --", '<script>alert("x")</script>', "CON", "名前", "a\nb", "x".repeat(300)];
  for (const name of hostile) {
    const step = () =>
      run({
        name,
        fn: (_, { config }) => config.v,
        config: { v: name, [name]: name },
        tags: [name],
        description: name,
        facet: { [name]: name },
        outputs: ["v"],
      });
    const result = await step();
    assert.equal(await result.load(), name);
    assert.ok(result.outputs.v.path.startsWith(`${dir}/runs/`), result.outputs.v.path);
    assertHit(await step());
    assert.equal((await tracker.findRun({ step: name, tags: [name], facet: { [name]: name } })).description, name);
    const html = String(
      (await (result as unknown as Record<symbol, () => Promise<Record<string, unknown>>>)[Symbol.for("Jupyter.display")]!())["text/html"],
    );
    assert.ok(!html.includes("<script"), "the card escapes what it shows");
  }
  for (const key of ["../x", "a//b", "", "<b>", "x".repeat(300)]) {
    assert.equal(await codeOf(run({ name: "keys", fn: () => 1, outputs: [key] })), "option_invalid", key);
  }
});

test("a run inside a step is recorded as its child", async ({ tracker }) => {
  const outer = await run({
    name: "outer",
    fn: async () => (await run({ name: "inner", fn: () => 1, outputs: ["n"] })).run.id,
    outputs: ["id"],
  });
  const inner = await tracker.getRun(await outer.load() as string);
  assert.equal(inner?.parentId, outer.run.id);
});

test("runId names one execution; a hit gets an id of its own and keeps the label", async ({ tracker }) => {
  const step = (n: number) => run({ name: "labelled", fn: (_, { config }) => config.n, config: { n }, runId: "final", outputs: ["n"] });
  assert.equal((await step(1)).run.id, "final");
  const hit = await step(1);
  assertHit(hit);
  assert.notEqual(hit.run.id, "final");
  assert.equal(hit.run.meta.label, "final");
  assert.equal(await codeOf(step(2)), "run_exists");
  assert.equal((await tracker.findRun({ id: "final" })).id, hit.run.id);
});

test("log functions outside a run say so", async () => {
  const { logOutput } = await import("consist");
  const error = await refused((async () => await logOutput("x.csv"))());
  assert.equal(error.code, "no_active_run");
  assert.match(error.message, /^Cannot log artifact/);
});

test("a result explains itself on a card, on a terminal and by its keys", async () => {
  const result: RunResult<{ a: number; b: number }> = await run({ name: "two", fn: () => ({ a: 1, b: 2 }), outputs: ["a", "b"] });
  assert.equal((await refused(result.load())).code, "unknown_key");
  assert.match((await refused(result.load("aa" as "a"))).fix, /"a"/);
  assert.match(Deno.inspect(result), /executed\s+two/);
});

test("a result whose input changed while the step ran is kept and never served", async ({ dir }) => {
  const path = await write(`${dir}/raw.txt`, "before");
  const step = (cacheOptions = {}) =>
    run({
      name: "moving",
      fn: async ({ raw }: { raw: string }) => {
        await Deno.writeTextFile(path, raw === "before" ? "after" : raw);
        return raw;
      },
      inputs: { raw: path as string },
      outputs: ["text"],
      cacheOptions,
    });
  const moved = await step();
  assert.equal(await moved.load(), "before");
  assert.equal(moved.run.signature, "");
  assertMiss(await step());
  assertHit(await step());
  await write(path, "before");
  assertMiss(await step());
});

test("a step gets a copy of its config, in one form for all configs of one identity", async () => {
  const mine = { n: 1, nested: { b: 1, a: 2 } };
  const step = (config: object) =>
    run({
      name: "shows",
      fn: (_, { config }) => {
        (config as { n: number }).n++;
        return JSON.stringify(config);
      },
      config,
      outputs: ["text"],
    });
  assert.equal(await step(mine).load(), '{"n":2,"nested":{"a":2,"b":1}}');
  assert.equal(mine.n, 1);
  const again = await step({ nested: { a: 2, b: 1 }, n: 1 });
  assertHit(again);
});

test("run() misses where a config has the same text and other kinds of values", async () => {
  const step = (at: unknown) =>
    run({ name: "kinds", fn: (_, { config }) => typeof (config as { at: unknown }).at, config: { at } as object, outputs: ["kind"] });
  assert.equal(await step(new Date(0)).load(), "object");
  const changed = await step(new Date(0).toISOString());
  assertMiss(changed, "code");
  assert.equal(await changed.load(), "string");
  assert.match(changed.explain(), /config kinds/);
});

// ── names and paths that are taken ──────────────────────────────────────────────────────────────────────────────────────────

test("run() takes no file for an output that an earlier run left at a path of outputPaths", async ({ dir }) => {
  const path = `${dir}/result.txt`;
  const tool = (k: number) =>
    run({
      name: "tool",
      fn: (_, { config }) => config.k === 1 ? Deno.writeTextFileSync(path, "one") : undefined,
      config: { k },
      outputs: ["result"],
      outputPaths: { result: path },
    });
  assert.equal(await (await tool(1)).outputs.result.load(), "one");
  const error = await refused(tool(2));
  assert.equal(error.code, "missing_outputs");
  assert.match(error.why ?? "", /result\.txt", which was there before/);
  const again = await run({
    name: "tool again",
    fn: () => Deno.writeTextFileSync(path, "one"),
    outputs: ["result"],
    outputPaths: { result: path },
  });
  assert.equal(await again.outputs.result.load(), "one");
});

test("run() never writes a value over a file that the step wrote into its folder", async ({ tracker }) => {
  const both = await run({
    name: "both",
    fn: async (_, step) => {
      const path = step.outputPath("table", "json");
      await Deno.writeTextFile(path, '"mine"');
      await step.logOutput(path, { key: "mine" });
      return { table: ["returned"] };
    },
    outputs: ["table"],
  });
  assert.deepEqual(await both.load("table"), ["returned"]);
  const { mine } = (await tracker.getArtifactsForRun(both.run.id)).outputs;
  assert.equal(await mine!.load(), "mine");
});

test("keys and options may be named like what every object has", async ({ dir }) => {
  const named = await run({
    name: "named",
    fn: () => ({ constructor: 1, toString: 2 }),
    outputs: ["constructor", "toString"],
    outputDir: dir,
  });
  assert.equal(await named.load("constructor"), 1);
  assert.equal(await Deno.readTextFile(`${dir}/toString.json`), "2");
  for (const options of [{ constructor: 1 }, { cacheOptions: { toString: 1 } }, { executionOptions: { valueOf: 1 } }]) {
    const error = await refused(run({ name: "x", fn: () => 1, ...options } as never));
    assert.equal(error.code, "unknown_option");
    assert.doesNotMatch(error.message, /native code/);
  }
});

test("of two runs that are given one runId at the same time one is refused, and the other one's record is left alone", async ({ tracker }) => {
  const step = (k: number) => run({ name: "labelled", fn: (_, { config }) => config.k, config: { k }, outputs: ["n"], runId: "label" });
  const both = await Promise.allSettled([step(1), step(2)]);
  assert.deepEqual(both.map(({ status }) => status).sort(), ["fulfilled", "rejected"]);
  assert.equal(await codeOf(Promise.reject(both.find((one) => one.status === "rejected")!.reason)), "run_exists");
  assert.equal((await tracker.getRun("label"))?.status, "completed");
});

test("outputPath() stays in the run's folder, whatever key and extension it is given", async () => {
  const names = [["../../x", "txt"], ["x", "/../../../y"], ["x", "../../../y"], ["x", ".tar.gz"], ["x", "\\\\..\\\\y"]] as const;
  const places = await run({
    name: "places",
    fn: (_, step) => names.map(([key, ext]) => [step.runDir, step.outputPath(key, ext)]),
    outputs: ["paths"],
  });
  const paths = await places.load("paths") as [string, string][];
  for (const [folder, path] of paths) assert.equal(dirname(path), folder);
  assert.match(paths[3]![1], /[\\/]x\.tar\.gz$/);
});

test("outputPath() gives different outputs different paths, and the same one its own again", async () => {
  const places = await run({
    name: "places",
    fn: (_, step) =>
      [["a/b", "txt"], ["a_b", "txt"], ["A_B", "txt"], ["a/b", ".txt"], ["a/b", "csv"]].map(([key, ext]) => step.outputPath(key!, ext!)),
    outputs: ["paths"],
  });
  const [slash, score, capitals, again, table] = await places.load("paths");
  assert.equal(new Set([slash, score, capitals, table]).size, 4);
  assert.equal(again, slash);
});

test("a hit makes no copies, and says so where another content stands at a path of outputPaths", async ({ dir }) => {
  const path = `${dir}/copy.json`;
  const step = (n: number) =>
    run({ name: "copied", fn: (_, { config }) => config.n, config: { n }, outputs: ["n"], outputPaths: { n: path } });
  await step(1);
  assert.doesNotMatch((await step(1)).explain(), /not copied/);
  await step(2);
  const again = await step(1);
  assertHit(again);
  assert.match(again.explain(), /"n" was not copied to .*copy\.json/);
  assert.equal((await Deno.readTextFile(path)).trim(), "2");
});
