/** What a hit brings along besides its artifacts: copies at paths of the user's, by the four modes. */
import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import pl from "polars";
import { z } from "zod";
import { type ConsistError, file, outputPath, run, scenario } from "consist";
import { assertHit, assertMiss } from "consist/testing";
import { refused, test } from "./in_tracker.ts";

const textOf = async (path: string) => (await Deno.readTextFile(path)).trim();
const namesIn = (dir: string) => [...Deno.readDirSync(dir)].map(({ name }) => name).sort();
const two = (k: number, more: object = {}) =>
  run({
    name: "two",
    fn: (_: unknown, step: { config: { k: number } }) => ({ a: `a${step.config.k}`, b: `b${step.config.k}` }),
    config: { k },
    outputs: ["a", "b"],
    ...more,
  });

test("outputs-requested copies the outputs that outputPaths names, and a call without them is the same step", async ({ dir, tracker }) => {
  assertMiss(await two(1));
  const hit = await two(1, { cacheOptions: { cacheHydration: "outputs-requested" }, outputPaths: { a: `${dir}/here/a.txt` } });
  assertHit(hit);
  assert.equal(await textOf(`${dir}/here/a.txt`), "a1");
  assert.deepEqual(namesIn(`${dir}/here`), ["a.txt"]);
  const { dev, ino } = await Deno.stat(`${dir}/here/a.txt`);
  const cached = await Deno.stat(hit.outputs.a!.path);
  assert.ok(dev !== cached.dev || ino !== cached.ino, "a copy, and no second name of the cached file");
  assert.deepEqual((await tracker.getRun(hit.run.id))?.meta.materialized_outputs, { a: `${dir}/here/a.txt` });
});

test("outputs-all copies all outputs, in the layout that they have below their run's folder", async ({ dir }) => {
  const step = (more: object = {}) =>
    run({
      name: "layout",
      fn: async (_, step) => {
        const deep = `${step.outputDir("deep")}/table.txt`;
        await Deno.writeTextFile(deep, "deep");
        return { top: file(await write(outputPath("table", ".txt"), "top")), deep: file(deep), n: 7 };
      },
      outputs: ["top", "deep", "n"],
      ...more,
    });
  const write = (path: string, text: string) => Deno.writeTextFile(path, text).then(() => path);
  await step({ outputDir: `${dir}/first` });
  assertHit(
    await step({ cacheOptions: { cacheHydration: "outputs-all" }, outputDir: `${dir}/second`, outputPaths: { n: `${dir}/n.json` } }),
  );
  assert.deepEqual(namesIn(`${dir}/second`), ["deep", "table.txt"]);
  assert.deepEqual([await textOf(`${dir}/first/deep/table.txt`), await textOf(`${dir}/second/deep/table.txt`)], ["deep", "deep"]);
  assert.equal(await textOf(`${dir}/n.json`), "7");
});

test("metadata copies nothing on a hit, and says where another content stands", async ({ dir }) => {
  await two(1);
  const hit = await two(1, { outputPaths: { a: `${dir}/a.txt` }, outputDir: `${dir}/all` });
  assertHit(hit);
  assert.deepEqual(namesIn(dir).filter((name) => ["a.txt", "all"].includes(name)), []);
  assert.match(hit.explain(), /"a" was not copied to .*a\.txt.*outputs-requested/);
});

test("content that is there already is left as it is", async ({ dir }) => {
  const asked = { cacheOptions: { cacheHydration: "outputs-requested" }, outputPaths: { a: `${dir}/a.txt` } };
  await two(1, asked);
  await Deno.utime(`${dir}/a.txt`, 1_000_000, 1_000_000);
  assertHit(await two(1, asked));
  assert.equal((await Deno.stat(`${dir}/a.txt`)).mtime?.getTime(), 1_000_000_000);
});

test("a hit puts back what an earlier configuration wrote over, and keeps no copy of what the cache has", async ({ dir }) => {
  const asked = { cacheOptions: { cacheHydration: "outputs-requested" }, outputPaths: { a: `${dir}/x/a.txt` } };
  for (const k of [1, 2, 1, 2, 1]) await two(k, asked);
  assert.equal(await textOf(`${dir}/x/a.txt`), "a1");
  assert.deepEqual(namesIn(`${dir}/x`), ["a.txt"]);
});

for (const how of ["miss", "hit"]) {
  test(`a file of the user's that stands in the way of a ${how} is kept beside it`, async ({ dir }) => {
    await Deno.mkdir(`${dir}/x`);
    await Deno.writeTextFile(`${dir}/x/a.txt`, "mine, and nowhere else");
    await Deno.writeTextFile(`${dir}/x/a.txt.replaced-1`, "an older one");
    if (how === "hit") await two(1);
    const result = await two(1, { cacheOptions: { cacheHydration: "outputs-requested" }, outputPaths: { a: `${dir}/x/a.txt` } });
    assert.equal(result.cacheHit, how === "hit");
    assert.equal(await textOf(`${dir}/x/a.txt`), "a1");
    assert.equal(await textOf(`${dir}/x/a.txt.replaced-1`), "an older one");
    assert.equal(await textOf(`${dir}/x/a.txt.replaced-2`), "mine, and nowhere else");
    if (how === "hit") assert.match(result.explain(), /is now a\.txt\.replaced-2 beside it/);
  });
}

test("the only copy of what a run read is kept, though the ledger knows its content", async ({ dir }) => {
  const path = `${dir}/data.txt`;
  await Deno.writeTextFile(path, "raw");
  const step = () =>
    run({
      name: "in place",
      fn: ({ data }: { data: string }) => data.toUpperCase(),
      inputs: { data: path as `${string}.txt` },
      outputs: ["data"],
      outputPaths: { data: path },
    });
  await step();
  assert.deepEqual([await textOf(path), await textOf(`${path}.replaced-1`)], ["RAW", "raw"]);
});

test("a copy that cannot be made is an error that says which are done, and leaves nothing half-made", async ({ dir }) => {
  await two(1);
  await Deno.mkdir(`${dir}/x/b.txt`, { recursive: true });
  const asked = { cacheOptions: { cacheHydration: "outputs-requested" }, outputPaths: { a: `${dir}/x/a.txt`, b: `${dir}/x/b.txt` } };
  const error = await refused(two(1, asked));
  assert.equal(error.code, "storage_failed");
  assert.match(error.why, /A folder stands there.*Done: "a"; not done: "b"/);
  assert.deepEqual(namesIn(`${dir}/x`), ["a.txt", "b.txt"]);
  await Deno.remove(`${dir}/x/b.txt`);
  assertHit(await two(1, asked));
});

test("two outputs with different content are not copied to one path", async ({ dir }) => {
  await two(1);
  const asked = { cacheOptions: { cacheHydration: "outputs-requested" }, outputPaths: { a: `${dir}/x`, b: `${dir}/./x` } };
  assert.match((await refused(two(1, asked))).problem, /"a" and "b"/);
  await assert.rejects(Deno.stat(`${dir}/x`));
});

test("a mode without the path that it needs is refused; as a scenario's default it goes for the steps that name paths", async ({ dir }) => {
  const requested = await refused(two(1, { cacheOptions: { cacheHydration: "outputs-requested" } }));
  assert.deepEqual([requested.code, requested.path], ["option_invalid", "outputPaths"]);
  assert.equal((await refused(two(1, { cacheOptions: { cacheHydration: "outputs-all" }, outputPaths: {} }))).path, "outputDir");
  assert.equal((await refused(two(1, { cacheOptions: { cacheHydration: "all" } }))).code, "option_invalid");
  await two(1);
  await scenario("default", { stepCacheHydration: "outputs-requested" }, async (sc) => {
    const step = { name: "two", fn: (_: unknown, step: { config: { k: number } }) => ({ a: `a${step.config.k}`, b: `b${step.config.k}` }) };
    assertHit(await sc.run({ ...step, config: { k: 1 }, outputs: ["a", "b"] }));
    assertHit(await sc.run({ ...step, config: { k: 1 }, outputs: ["a", "b"], outputPaths: { b: `${dir}/b.txt` } }));
    assert.equal(await textOf(`${dir}/b.txt`), "b1");
    await Deno.remove(`${dir}/b.txt`);
    const cacheOptions = { cacheHydration: "metadata" } as const;
    assertHit(await sc.run({ ...step, config: { k: 1 }, outputs: ["a", "b"], outputPaths: { b: `${dir}/b.txt` }, cacheOptions }));
    await assert.rejects(Deno.stat(`${dir}/b.txt`));
  });
});

test("a trace that hits has the copies before its body runs", async ({ dir }) => {
  const trace = () =>
    scenario("s", async (sc) => {
      const asked = { cacheOptions: { cacheHydration: "outputs-requested" }, outputPaths: { note: `${dir}/note.txt` } } as const;
      return await sc.trace({ name: "note", outputs: ["note"], ...asked }, async (step) => {
        const before = await textOf(`${dir}/note.txt`).catch(() => "nothing");
        if (!step.cacheHit) await Deno.writeTextFile(`${dir}/note.txt`, "written");
        return before;
      });
    });
  assert.equal((await trace()).value, "nothing");
  await Deno.remove(`${dir}/note.txt`);
  const again = await trace();
  assertHit(again);
  assert.equal(again.value, "written");
});

test("a mount's address is a path of the user's too", async () => {
  const { Tracker } = await import("consist");
  const dir = await Deno.makeTempDir();
  await using tracker = new Tracker({ dbPath: `${dir}/provenance.duckdb`, mounts: { results: `${dir}/mounted` } });
  const step = () => tracker.run({ name: "n", fn: () => "seven", outputs: ["n"], outputPaths: { n: "results://deep/n.txt" } });
  await step();
  assert.equal(await textOf(`${dir}/mounted/deep/n.txt`), "seven");
  await tracker.close();
  await Deno.remove(dir, { recursive: true });
});

// ── what the paths decide ───────────────────────────────────────────────────────────────────────────────────────────────────

test("an output that the step wrote at its path is served only where the call takes it from there", async ({ dir }) => {
  const path = `${dir}/tool.txt`;
  const tool = (outputPaths: Record<string, string>, more: object = {}) =>
    run({
      name: "tool",
      fn: () => Deno.writeTextFileSync(path, "made"),
      outputs: ["t"],
      outputPaths,
      outputPolicy: { outputMissing: "ignore" },
      ...more,
    });
  const without = await tool({});
  assert.deepEqual(Object.keys(without.outputs), []);
  const taken = await tool({ t: path });
  assertMiss(taken);
  assert.match(taken.explain(), /outputPaths decide otherwise whether "t" is taken/);
  assert.equal(await taken.load("t"), "made");
  assertHit(await tool({ t: path }));
  const again = await tool({});
  assertHit(again);
  assert.deepEqual(Object.keys(again.outputs), [], "the run that took no file");
  assertMiss(await tool({ t: `${dir}/tool.csv` }, { outputPolicy: { outputMissing: "ignore" } }));
});

test("a declared driver and description hold for what is taken from a path", async ({ dir }) => {
  const made = await run({
    name: "described",
    fn: () => Deno.writeTextFileSync(`${dir}/x.dat`, '{"n":1}'),
    outputs: { x: { driver: "json", description: "a number" } },
    outputPaths: { x: `${dir}/x.dat` },
  });
  assert.deepEqual(await made.load("x"), { n: 1 });
  assert.equal(made.outputs.x.meta.description, "a number");
});

test("inputs-missing puts an input that is gone into the run's folder, from wherever its content is on record", async ({ dir }) => {
  const made = await run({ name: "make", fn: () => "content", outputs: ["t"] });
  const twin = await run({ name: "make twin", fn: () => "content", outputs: ["t"] });
  await Deno.remove(made.outputs.t.path);
  const use = (cacheHydration: "metadata" | "inputs-missing") =>
    run({
      name: "use",
      fn: ({ t }: { t: string }) => Deno.readTextFileSync(t),
      inputs: { t: made.outputs.t },
      executionOptions: { inputBinding: "paths" },
      outputs: ["copy"],
      cacheOptions: { cacheHydration },
    });
  assert.equal((await refused(use("metadata"))).code, "artifact_missing");
  assert.equal(await use("inputs-missing").load(), "content");
  await Deno.writeTextFile(twin.outputs.t.path, "damaged");
  await Deno.remove(`${dir}/runs/outputs/use`, { recursive: true });
  assert.match((await refused(use("inputs-missing"))).why, /No other copy with its content is on record/);
});

// ── what is captured ────────────────────────────────────────────────────────────────────────────────────────────────────────

test("captured files are put back into captureDir by outputs-all, below folders too; other modes say that they are not there", async ({ dir }) => {
  const out = `${dir}/out`;
  const tool = (k: number, more: object = {}) =>
    run({
      name: "tool",
      fn: (_, { config }) => {
        Deno.mkdirSync(`${out}/deep`, { recursive: true });
        for (const name of ["a.txt", "deep/b.txt", "c.log"]) Deno.writeTextFileSync(`${out}/${name}`, `${name} ${config.k}`);
      },
      config: { k },
      captureDir: out,
      capturePattern: "**/*.txt",
      ...more,
    });
  const made = await tool(1);
  assert.deepEqual(Object.keys(made.outputs).sort(), ["a", "b"]);
  await tool(2);
  const hit = await tool(1);
  assertHit(hit);
  assert.match(hit.explain(), /"a", "b" were not put back into .*out/);
  assert.equal(await textOf(`${out}/deep/b.txt`), "deep/b.txt 2");
  const back = await tool(1, { cacheOptions: { cacheHydration: "outputs-all" } });
  assert.doesNotMatch(back.explain(), /not put back/);
  assert.deepEqual([await textOf(`${out}/a.txt`), await textOf(`${out}/deep/b.txt`), await textOf(`${out}/c.log`)], [
    "a.txt 1",
    "deep/b.txt 1",
    "c.log 2",
  ]);
  assert.deepEqual(namesIn(out), ["a.txt", "c.log", "deep"]);
  assert.equal((await refused(run({ name: "x", fn: () => 1, capturePattern: "*" }))).path, "captureDir");
});

// ── what is logged ──────────────────────────────────────────────────────────────────────────────────────────────────────────

const ZEROS = "0".repeat(64);

test("a contentHash is taken as given, checked where that is asked for, and refused where it is none", async ({ dir }) => {
  await Deno.writeTextFile(`${dir}/x.txt`, "content");
  const hash = createHash("sha256").update("content").digest("hex");
  const log = (options: object) =>
    run({
      name: "log",
      fn: async (_, step) => {
        const path = step.outputPath("x", "txt");
        await Deno.writeTextFile(path, "content");
        return (await step.logOutput(path, { key: "x", ...options })).hash;
      },
      outputs: ["hash"],
      cacheOptions: { cacheMode: "overwrite" },
    });
  assert.equal(await (await log({ contentHash: hash.toUpperCase(), validateContentHash: true })).load("hash"), hash);
  const given = await log({ contentHash: ZEROS });
  assert.equal(await given.load("hash"), ZEROS);
  const { x } = given.outputs as unknown as { x: { hash: string; load(): Promise<unknown>; meta: { hash_semantics: { source: string } } } };
  assert.equal(x.meta.hash_semantics.source, "caller_supplied");
  assert.equal((await refused(x.load())).code, "content_mismatch", "a wrong one is noticed when the content is wanted");
  const wrong = (await refused(log({ contentHash: ZEROS, validateContentHash: true }))).cause as ConsistError;
  assert.deepEqual([wrong.code, wrong.path?.endsWith("x.txt")], ["content_mismatch", true]);
  for (const none of ["abc", 7, null]) {
    assert.equal(((await refused(log({ contentHash: none }))).cause as ConsistError).code, "option_invalid");
  }
});

test("a contentHash that is not the one with which the run read the file is only used where it is forced", async ({ dir }) => {
  const path = `${dir}/raw.txt`;
  await Deno.writeTextFile(path, "raw");
  const hash = createHash("sha256").update("raw").digest("hex");
  const log = (forceHashOverride: boolean) =>
    run({
      name: "log",
      fn: async (_, step) => (await step.logInput(path, { contentHash: ZEROS, forceHashOverride })).hash,
      inputs: { raw: path },
      outputs: ["hash"],
      cacheOptions: { cacheMode: "overwrite" },
    });
  const kept = await log(false);
  assert.equal(await kept.load("hash"), hash);
  assert.equal(await (await log(true)).load("hash"), ZEROS);
});

test("a file that is written to after it was logged is recorded as it is when the step ends", async () => {
  const step = () =>
    run({
      name: "append",
      fn: async (_, step) => {
        const path = step.outputPath("log", "txt");
        await Deno.writeTextFile(path, "begun\n");
        await step.logOutput(path);
        await Deno.writeTextFile(path, "ended\n", { append: true });
      },
      outputs: ["log"],
    });
  const made = await step();
  assert.equal(await made.load("log"), "begun\nended\n");
  assertHit(await step());
});

test("a file that is removed after it was logged, or logged twice with other content, fails the step", async () => {
  const step = (then: "remove" | "again") =>
    run({
      name: then,
      fn: async (_, step) => {
        const path = step.outputPath("log", "txt");
        await Deno.writeTextFile(path, "first");
        await step.logOutput(path, { key: "first" });
        if (then === "remove") return await Deno.remove(path);
        await Deno.writeTextFile(path, "second");
        await step.logOutput(path, { key: "second" });
      },
    });
  assert.equal((await refused(step("remove"))).code, "missing_outputs");
  assert.match((await refused(step("again"))).message, /is the output "first" already, with other content/);
});

// ── lists ───────────────────────────────────────────────────────────────────────────────────────────────────────────────────

test("a list of files counts by their order, their content and their names from the folder above them, wherever that is", async ({ dir }) => {
  const make = async (folder: string, files: Record<string, string>) => {
    for (const [name, text] of Object.entries(files)) {
      await Deno.mkdir(`${dir}/${folder}/${name}`.replace(/[^/]*$/, ""), { recursive: true });
      await Deno.writeTextFile(`${dir}/${folder}/${name}`, text);
    }
    return Object.keys(files).map((name) => `${dir}/${folder}/${name}`);
  };
  const years = (files: string[]) =>
    run({
      name: "years",
      fn: ({ files }) => files.map((path) => /\d{4}/.exec(path.slice(-13))?.[0] ?? "none"),
      inputs: { files },
      outputs: ["years"],
    });
  const first = await make("one", { "2020/x.csv": "a", "2030/x.csv": "b" });
  assert.deepEqual(await years(first).load(), ["2020", "2030"]);
  assertHit(await years(await make("two", { "2020/x.csv": "a", "2030/x.csv": "b" })));
  assertMiss(await years(first.toReversed()), "inputs");
  assertMiss(await years(await make("three", { "2021/x.csv": "a", "2030/x.csv": "b" })), "inputs");
  assertMiss(await years(await make("four", { "2020/x.csv": "a", "2030/x.csv": "c" })), "inputs");
  assert.match((await refused(years(["https://example.org/x.csv"]))).fix, /an input of its own/);
});

test("a card says where a hit's copies are", async ({ dir }) => {
  await two(1);
  const hit = await two(1, { cacheOptions: { cacheHydration: "outputs-requested" }, outputPaths: { a: `${dir}/a.txt` } });
  const card = await (hit as unknown as Record<symbol, () => Promise<{ "text/plain": string; "text/html": string }>>)[
    Symbol.for("Jupyter.display")
  ]!();
  assert.match(card["text/plain"], /\(copied to .*a\.txt\)/);
  assert.match(card["text/html"], /copied to/);
});

test("a view has the tables that were archived", async ({ dir, tracker }) => {
  const Row = z.object({ id: z.int() });
  const { rows } = tracker.view({ rows: Row });
  const made = await run({ name: "rows", fn: () => pl.DataFrame({ id: [1, 2] }), outputs: { rows: { schema: Row } } });
  await tracker.archiveRunOutputs(made, `${dir}/archive`, { mode: "move" });
  assert.equal(await rows.count(), 2);
});
