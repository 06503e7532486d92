/** The tracker: where it keeps things, who shares them, and ledgers that Python made. */
import assert from "node:assert/strict";
import { cp } from "node:fs/promises";
import { fromFileUrl, join } from "@std/path";
import { type ConsistError, pivotFacets, run, sql, Tracker, useTracker } from "consist";
import { assertHit, assertMiss, withTracker } from "consist/testing";

const config = fromFileUrl(new URL("../deno.json", import.meta.url));
const fixture = fromFileUrl(new URL("./fixtures/python-project", import.meta.url));

/** Runs a program in a process of its own, in a folder of its own, and gives what it printed. */
async function program(source: string, options: { cwd: string; env?: Record<string, string> }): Promise<string> {
  const path = join(options.cwd, `program_${crypto.randomUUID()}.ts`);
  await Deno.writeTextFile(path, source);
  const { code, stdout, stderr } = await new Deno.Command(Deno.execPath(), { args: ["run", "-A", "--config", config, path], ...options })
    .output();
  assert.equal(code, 0, new TextDecoder().decode(stderr));
  return new TextDecoder().decode(stdout).trim();
}
async function inFolder(body: (dir: string) => Promise<void>): Promise<void> {
  const dir = await Deno.realPath(await Deno.makeTempDir({ prefix: "consist-" }));
  try {
    await body(dir);
  } finally {
    await Deno.remove(dir, { recursive: true });
  }
}
const ONE_STEP = 'import { run } from "consist"; console.log((await run({ name: "one", fn: () => 1, outputs: ["n"] })).cacheHit);';

Deno.test("with no tracker at all, the ledger and the runs are in the working directory, and a program ends by itself", () =>
  inFolder(async (dir) => {
    assert.equal(await program(ONE_STEP, { cwd: dir }), "false");
    assert.equal(await program(ONE_STEP, { cwd: dir }), "true");
    assert.ok((await Deno.stat(join(dir, "provenance.duckdb"))).isFile);
    assert.ok((await Deno.stat(join(dir, "runs", "outputs", "one"))).isDirectory);
  }));

Deno.test("in a notebook's kernel they are in the notebook's folder, whatever the working directory", () =>
  inFolder(async (dir) => {
    await Deno.mkdir(join(dir, "notebooks"));
    await Deno.mkdir(join(dir, "elsewhere"));
    const env = { JPY_SESSION_NAME: join(dir, "notebooks", "study.ipynb") };
    assert.equal(await program(ONE_STEP, { cwd: join(dir, "elsewhere"), env }), "false");
    assert.equal(await program(ONE_STEP, { cwd: dir, env }), "true");
    assert.ok((await Deno.stat(join(dir, "notebooks", "provenance.duckdb"))).isFile);
  }));

Deno.test("a project that was moved to another path hits", () =>
  inFolder(async (dir) => {
    await Deno.mkdir(join(dir, "before"));
    await Deno.writeTextFile(join(dir, "before", "raw.csv"), "a\n1\n");
    const source =
      'import { run } from "consist"; console.log((await run({ name: "rows", fn: ({ raw }) => raw.height, inputs: { raw: "raw.csv" }, outputs: ["n"] })).cacheHit);';
    assert.equal(await program(source, { cwd: join(dir, "before") }), "false");
    await Deno.rename(join(dir, "before"), join(dir, "after"));
    assert.equal(await program(source, { cwd: join(dir, "after") }), "true");
  }));

Deno.test("hits of a program are recorded behind its back, and are there when it has ended", () =>
  inFolder(async (dir) => {
    for (let pass = 0; pass < 3; pass++) await program(ONE_STEP, { cwd: dir });
    await using tracker = new Tracker({ dbPath: join(dir, "provenance.duckdb") });
    const runs = await tracker.findRuns({ step: "one", history: true });
    assert.deepEqual(runs.map((found) => found.cacheHit), [true, true, false]);
    assert.equal((await tracker.findRuns({ step: "one" })).length, 1);
  }));

Deno.test("two trackers on one ledger share it; a closed tracker can be used again", () =>
  withTracker(async (first) => {
    const step = { name: "shared", fn: () => 1, outputs: ["n"] } as const;
    const second = new Tracker({ dbPath: first.dbPath, runDir: first.runDir });
    assertMiss(await first.run(step));
    assertHit(await second.run(step));
    await first.close();
    assertHit(await first.run(step));
    await second.close();
    await second.close();
  }));

Deno.test("useTracker is ambient for the body only, and gives its value", () =>
  withTracker((outer) =>
    withTracker(async (inner) => {
      const step = () => run({ name: "where", fn: () => 1, outputs: ["n"] });
      assert.equal(await useTracker(outer, async () => (await step()).cacheHit), false);
      assert.equal((await inner.findRuns({})).length, 0);
      assert.equal((await step()).cacheHit, false);
      assert.throws(() => useTracker({} as Tracker), (error: ConsistError) => error.code === "option_invalid");
    })
  ));

Deno.test("an unknown option of a tracker is named", () => {
  assert.throws(() => new Tracker({ dbpath: "x" } as never), /dbPath/);
});

Deno.test("connection() lends the ledger's own DuckDB", () =>
  withTracker(async (tracker) => {
    await run({ name: "one", fn: () => 1, outputs: ["n"] });
    const connection = await tracker.connection();
    const rows = await (await connection.runAndReadAll("select count(*)::int from run")).getRowsJson();
    connection.disconnectSync();
    assert.deepEqual(rows, [[1]]);
  }));

Deno.test("a ledger that Python made opens: runs, facets, pivots, artifacts and SQL read as Python reads them", () =>
  inFolder(async (dir) => {
    await cp(fixture, dir, { recursive: true });
    const expected = JSON.parse(await Deno.readTextFile(join(fixture, "expected.json")));
    const mounts = { inputs: join(dir, "inputs") };
    await using tracker = new Tracker({ dbPath: join(dir, "ledger.duckdb"), runDir: join(dir, "runs"), mounts });
    await useTracker(tracker, async () => {
      const ids = (await tracker.findRuns({ model: "clean", year: 2030, history: true })).map((found) => found.id);
      assert.deepEqual(ids, ["baseline_2030_clean_57eb6b28"]);
      const { keys, namespace } = expected.pivot_facets.arguments;
      const rows = await pivotFacets({ namespace, keys }).rows() as Record<string, unknown>[];
      assert.deepEqual(rows.map((row) => row["nested.deep.x"]), [0.1, 0.1]);
      const outputs = (await tracker.getArtifactsForRun("baseline_2030_clean_57eb6b28")).outputs;
      assert.equal((await tracker.loadDf(outputs.cleaned!)).height, expected.tables.clean_2030.rows);
      assert.deepEqual(await tracker.runQuery(sql`select count(*)::int as n from ${outputs.cleaned!}`), [{
        n: expected.tables.clean_2030.rows,
      }]);
      const step = { name: "ours", fn: () => 1, outputs: ["n"] } as const;
      assertMiss(await run(step));
      assertHit(await run(step));
    });
  }));
