import assert from "node:assert/strict";
import { join } from "@std/path";
import { NotebookError } from "../errors.ts";
import { testNotebook } from "./testing.ts";

const CONSIST = new URL("../../mod.ts", import.meta.url).href;
const IMPORT = `import { run, Tracker, useTracker } from ${JSON.stringify(CONSIST)};`;

interface Given {
  readonly source: string;
  readonly tags?: readonly string[];
  readonly outputs?: readonly object[];
}

/** Tests a notebook of these cells, in a folder of its own that must be as before afterwards. */
async function testing(
  cells: readonly (string | Given)[],
  body: (test: (options?: Parameters<typeof testNotebook>[1]) => ReturnType<typeof testNotebook>, path: string) => Promise<void>,
): Promise<void> {
  const dir = await Deno.realPath(await Deno.makeTempDir());
  try {
    const path = join(dir, "notebook.ipynb");
    const full = cells.map((cell) => typeof cell === "string" ? { source: cell } : cell).map((
      { source, tags = [], outputs = [] },
      index,
    ) => (
      { cell_type: "code", id: `c${index}`, metadata: { tags }, source, outputs, execution_count: null }
    ));
    await Deno.writeTextFile(path, JSON.stringify({ nbformat: 4, nbformat_minor: 5, metadata: {}, cells: full }));
    await body((options) => testNotebook(path, { cwd: Deno.cwd(), ...options }), path);
    assert.deepEqual(Array.from(Deno.readDirSync(dir), ({ name }) => name), ["notebook.ipynb"]);
  } finally {
    await Deno.remove(dir, { recursive: true });
  }
}
const printed = (text: string) => ({ output_type: "stream", name: "stdout", text });

Deno.test("testNotebook() runs a notebook, finds its runs, and leaves its folder as it was", () =>
  testing([
    IMPORT,
    `const once = await run({ name: "once", fn: () => 7, outputs: ["n"] });\nonce`,
    `console.log(await once.load());\nawait run({ name: "twice", fn: ({ n }) => 2 * n, inputs: { n: once.outputs.n }, outputs: ["m"] })`,
  ], async (test) => {
    const { cells, runs, seconds, again } = await test();
    assert.deepEqual(runs.map((run) => [run.model, run.cacheHit]).sort(), [["once", false], ["twice", false]]);
    assert.deepEqual(again?.runs.map((run) => [run.model, run.cacheHit]).sort(), [["once", true], ["twice", true]]);
    assert.equal(again.cells[2]!.outputs[0]!["text/plain"], "7\n");
    assert.ok(seconds > 0 && again.seconds > 0 && again.again === undefined);
    assert.equal((await test({ secondRunHits: false })).again, undefined);
    assert.deepEqual(cells.map(({ ok }) => ok), [true, true, true]);
    assert.match(String(cells[1]!.outputs[0]!["text/plain"]), /executed {2}once/);
    assert.equal(cells[2]!.outputs[0]!["text/plain"], "7\n");
    assert.match(String(cells[2]!.outputs[1]!["text/html"]), /twice/);
  }));

Deno.test("testNotebook() rejects where a step of the second run executes again, and says which", () =>
  testing([
    IMPORT,
    `await run({ name: "stable", fn: () => 1, outputs: ["n"] })`,
    `await run({ name: "restless", fn: (_, { config }) => config.at, config: { at: Deno.env.get("NOW") ?? performance.now() + Math.random() }, outputs: ["n"] })`,
  ], async (test) => {
    await assert.rejects(test(), (error) => {
      assert.ok(error instanceof NotebookError);
      assert.match(error.message, /second run of the notebook "notebook\.ipynb" executed steps.*Why: Cell 3, step "restless": .*config/s);
      assert.doesNotMatch(error.message, /stable/);
      return true;
    });
    assert.equal((await test({ secondRunHits: false })).runs.length, 2);
    assert.equal((await test({ env: { NOW: "1" } })).runs.length, 2);
  }));

Deno.test("testNotebook() sees the runs of a tracker that the notebook makes for itself", () =>
  testing([
    IMPORT,
    `useTracker(new Tracker({ dbPath: Deno.env.get("LEDGER") }));\nawait run({ name: "own", fn: () => Math.PI, outputs: ["n"] })`,
  ], async (test) => {
    const dir = await Deno.makeTempDir();
    try {
      const { runs } = await test({ env: { LEDGER: join(dir, "own.duckdb") } });
      assert.deepEqual(runs.map((run) => run.model), ["own"]);
    } finally {
      await Deno.remove(dir, { recursive: true });
    }
  }));

Deno.test("testNotebook() compares with the outputs that were saved", () =>
  testing(
    [{ source: "console.log(1 + 1)", outputs: [printed("2\n")] }, { source: "console.log(6 * 7)", outputs: [printed("41\n")] }],
    async (test) => {
      await assert.rejects(test(), /Cell 2 of the notebook.*console\.log\(6 \* 7\).*saved "41", found "42"/s);
      assert.equal((await test({ checkOutputs: false, secondRunHits: false })).cells.length, 2);
    },
  ));

Deno.test("testNotebook() names the cell whose output changed, and shows what differs", () => {
  const saved = printed("a\nb\nc\nd\n");
  return testing(
    [{ source: "console.log(1)", outputs: [printed("1\n")] }, { source: `console.log("a\\nb\\nx\\nd")`, outputs: [saved] }],
    async (test) => {
      await assert.rejects(test(), (error) => {
        assert.ok(error instanceof NotebookError);
        assert.match(error.problem, /^Cell 2 of the notebook "notebook\.ipynb" shows something else than was saved/);
        assert.equal(
          error.why,
          'Line 3: saved "c", found "x". What was saved has -, what was found has +:\n  a\n  b\n- c\n+ x\n  d',
        );
        return true;
      });
    },
  );
});

Deno.test("testNotebook() demands hits also of steps whose ledger is gone afterwards", () =>
  testing([
    IMPORT,
    `const dir = await Deno.makeTempDir();
const tracker = new Tracker({ dbPath: dir + "/own.duckdb" });
await useTracker(tracker, () => run({ name: "fleeting", fn: () => 1, outputs: ["n"] }));
await tracker.close(); await Deno.remove(dir, { recursive: true });`,
  ], async (test) => {
    await assert.rejects(test(), /Cell 2, step "fleeting": /);
    assert.deepEqual((await test({ secondRunHits: false })).runs, []);
  }));

Deno.test("testNotebook() rejects where a cell takes longer than its timeout, the kernel dies, or the folder is not there", () =>
  testing([{ source: `await new Promise((done) => setTimeout(done, 60_000))`, tags: ["slow"] }, {
    source: `Deno.exit(3)`,
    tags: ["deadly"],
  }], async (test) => {
    await assert.rejects(test({ timeout: 300 }), /Cell 1 of 2.*did not finish within 300 ms/s);
    await assert.rejects(test({ skipTags: ["slow"] }), /Cell 2 of 2.*The kernel died.*exit code 3/s);
    await assert.rejects(test({ cwd: "/no/such/folder" }), /kernel could not be started[^]*"\/no\/such\/folder"/);
    const { cells, runs } = await test({ skipTags: ["slow", "deadly"] });
    assert.deepEqual([cells.map(({ ok }) => ok), runs], [[true, true], []]);
  }));

Deno.test("testNotebook() runs the second time in the same folder, with the same variables and parameters", () =>
  testing([
    { source: "let times = 1;", tags: ["parameters"] },
    `console.log(Deno.env.get("MINE"), times, Deno.cwd())`,
  ], async (test) => {
    const { cells, again } = await test({ env: { MINE: "ü" }, parameters: { times: 3 } });
    assert.equal(cells.at(-1)!.outputs[0]!["text/plain"], `ü 3 ${Deno.cwd()}\n`);
    assert.deepEqual(again!.cells.at(-1)!.outputs, cells.at(-1)!.outputs);
  }));

Deno.test("testNotebook() rejects where the file is no notebook, or is not there", async () => {
  await assert.rejects(testNotebook(new URL("./testing_test.ts", import.meta.url)), /It is not JSON/);
  await assert.rejects(testNotebook("/no/such.ipynb"), /There is no such file/);
});

Deno.test("testNotebook() rejects with a failing cell's error, and bears one that is expected", () =>
  testing(
    [{ source: "throw new RangeError('expected')", tags: ["raises-exception"] }, { source: "throw new Error('no')", tags: ["slow"] }],
    async (test) => {
      await assert.rejects(test(), /Cell 2 of 2.*Error: no/s);
      const { cells } = await test({ skipTags: ["slow"], secondRunHits: false });
      assert.deepEqual(cells.map(({ ok, error }) => [ok, error?.name]), [[true, "RangeError"], [true, undefined]]);
    },
  ));

Deno.test("testNotebook() sets parameters", () =>
  testing([{ source: "const a = 1;", tags: ["parameters"] }, "console.log(a)"], async (test) => {
    const { cells } = await test({ parameters: { a: "x" }, secondRunHits: false });
    assert.equal(cells.at(-1)!.outputs[0]!["text/plain"], "x\n");
    await assert.rejects(test({ parameters: { b: 1 } }), /parameter "b"/);
  }));
