/** The same code with tracking off: outputs are there, and nothing is recorded. */
import assert from "node:assert/strict";
import { fromFileUrl, toFileUrl } from "@std/path";
import {
  defineStep,
  findRuns,
  input,
  load,
  logDataframe,
  logMeta,
  mapRuns,
  pivotFacets,
  run,
  runQuery,
  type Scenario,
  scenario,
  sql,
  Tracker,
  useTracker,
  verifyRun,
  view,
  wouldHit,
} from "consist";
import { withTracker } from "consist/testing";
import pl from "polars";
import { z } from "zod";
import { refused } from "./in_tracker.ts";

/** A test in a folder of its own, with a tracker that is off. */
function off(name: string, body: (at: { dir: string; tracker: Tracker }) => Promise<void>): void {
  Deno.test(`with tracking off ${name}`, async () => {
    const dir = await Deno.makeTempDir();
    await using tracker = new Tracker({ dbPath: `${dir}/provenance.duckdb`, enabled: false });
    assert.equal(tracker.enabled, false);
    await useTracker(tracker, async () => await body({ dir, tracker }));
    await tracker.close();
    const made = [...Deno.readDirSync(dir)].map((entry) => entry.name).filter((name) => /duckdb|wal/.test(name));
    assert.deepEqual(made, []);
    const runs = await Deno.stat(`${dir}/runs`).then(() => [...Deno.readDirSync(`${dir}/runs`)].map((entry) => entry.name), () => []);
    assert.deepEqual(runs.filter((name) => name !== "outputs"), []);
  });
}

off("a step executes each time, with its inputs loaded and its outputs in files", async ({ dir }) => {
  await Deno.writeTextFile(`${dir}/raw.csv`, "value\n1\n2\n");
  let executed = 0;
  const call = () =>
    run({
      name: "clean",
      fn: ({ raw }, { config }) => (executed++, raw.filter(pl.col("value").gt(config.threshold))),
      inputs: { raw: `${dir}/raw.csv` },
      config: { threshold: 1 },
      outputs: ["cleaned"],
      year: 2030,
      tags: ["t"],
    });
  const [first, second] = [await call(), await call()];
  assert.equal(executed, 2);
  assert.equal(first.cacheHit, false);
  assert.equal(second.cacheHit, false);
  assert.notEqual(first.outputs.cleaned.path, second.outputs.cleaned.path);
  assert.equal((await second.load("cleaned")).height, 1);
  assert.equal((await load(first.outputs.cleaned)).height, 1);
  assert.equal((await Deno.stat(first.outputs.cleaned.path)).isFile, true);
  assert.deepEqual({ model: first.run.model, year: first.run.year, tags: first.run.tags, status: first.run.status }, {
    model: "clean",
    year: 2030,
    tags: ["t"],
    status: "completed",
  });
  assert.deepEqual(first.run.facet, { threshold: 1 });
  assert.match(first.explain(), /Tracking is off/);
  assert.equal(first.miss?.code, "not_tracked");
  assert.match(Deno.inspect(first), /clean/);
});

off(
  "scenarios, couplers, traces, nested runs and definitions work, and required outputs are required",
  async ({ dir }) => {
    await Deno.writeTextFile(`${dir}/k.txt`, "k");
    const step = defineStep({ outputs: ["n"], nameTemplate: "{fnName}_{year}" }, function count({ x }: { x: number }) {
      return x + 1;
    });
    const once = () =>
      scenario("study", { tags: ["s"] }, async (sc) => {
        await sc.run({ name: "make", fn: () => 41, outputs: ["x"] });
        await sc.coupler.setFromArtifact("k", `${dir}/k.txt`);
        const made = await sc.run({ fn: step, inputs: ["x"], year: 2030 });
        assert.equal(made.run.model, "count_2030");
        assert.equal(made.run.scenarioId, "study");
        assert.deepEqual(made.run.tags, ["s"]);
        const traced = await sc.trace({ name: "log", inputs: ["n", "k"] }, async (at) => {
          assert.equal(at.cacheHit, false);
          assert.equal(await at.load("k"), "k");
          await logDataframe(pl.DataFrame({ id: [1] }), { key: "persons" });
          await logMeta({ host: "a" });
          return (await run({ name: "inner", fn: () => input(`${dir}/k.txt`), outputs: ["t"] })).run.parentId === at.runId;
        });
        assert.equal(traced.value, true);
        assert.equal(traced.run.meta.host, "a");
        assert.deepEqual([...sc.coupler.keys()].sort(), ["k", "n", "persons", "x"]);
        return await made.load("n");
      });
    assert.equal(await once(), 42);
    assert.equal(await once(), 42);
    const missing = await refused(scenario("short", { requireOutputs: ["skims"] }, () => {}));
    assert.equal(missing.code, "missing_outputs");
    const again = await scenario("open");
    const other = await scenario("open");
    assert.throws(() => again.run({ name: "late", fn: () => 1, outputs: ["n"] }), /has ended/);
    await other.end();
  },
);

off("reading answers as for an empty ledger", async ({ tracker }) => {
  const made = await run({ name: "make", fn: () => 1, outputs: ["n"] });
  assert.deepEqual(await findRuns({}), []);
  assert.equal(await tracker.getRun(made.run.id), undefined);
  assert.equal(await tracker.getArtifact(made.outputs.n.id), undefined);
  assert.equal((await tracker.runSet()).length, 0);
  assert.deepEqual(await runQuery("select count(*)::int as n from run"), [{ n: 0 }]);
  assert.deepEqual(await runQuery(sql`select count(*)::int as n from artifact`), [{ n: 0 }]);
  assert.deepEqual(await pivotFacets({ keys: ["n"] }).rows(), []);
  assert.equal(await view({ Trip: z.object({ id: z.int() }) }).Trip.count(), 0);
  assert.equal((await refused(tracker.findRun({ id: made.run.id }))).code, "run_not_found");
  assert.equal((await refused(verifyRun(made))).code, "run_not_found");
  assert.equal((await wouldHit({ name: "make", fn: () => 1, outputs: ["n"] })).hit, false);
  assert.deepEqual((await tracker.rebuild()).runs, []);
  const connection = await tracker.connection();
  assert.deepEqual((await connection.runAndReadAll("select count(*)::int from run")).getRows(), [[0]]);
  connection.disconnectSync();
});

off("what is refused of a call is refused, and failures are the step's", async ({ dir }) => {
  const codes = await Promise.all([
    run({ name: "a", fn: () => 1, outpts: ["n"] } as never),
    run({ name: "a", fn: () => 1, config: { f: NaN }, outputs: ["n"] }),
    run({ name: "a", fn: () => 1, inputs: { raw: `${dir}/none.csv` }, outputs: ["n"] }),
    run({ name: "a", fn: () => {}, outputs: ["n"] }),
    run({
      name: "a",
      fn: () => {
        throw new RangeError("no luck");
      },
      outputs: ["n"],
    }),
    run({ name: "a", fn: () => 1, configSchema: z.object({ k: z.number() }), config: {} as never, outputs: ["n"] }),
  ].map((promise) => refused(promise).then((error) => error.code)));
  assert.deepEqual(codes, ["unknown_option", "config_not_plain", "input_missing", "missing_outputs", "step_failed", "schema_mismatch"]);
  assert.throws(() => new Tracker({ enabled: "no" as never }), /enabled/);
});

off("a label names a run once; another run with it gets an id of its own", async () => {
  const call = () => run({ name: "make", fn: () => 1, outputs: ["n"], runId: "baseline" });
  const [first, second] = [await call(), await call()];
  assert.equal(first.run.id, "baseline");
  assert.notEqual(second.run.id, "baseline");
  assert.equal(second.run.meta.label, "baseline");
  assert.notEqual(first.outputs.n.path, second.outputs.n.path);
});

off("rows run, one by one and in worker processes, and a failed one is a failure", async ({ dir }) => {
  const path = `${dir}/steps.mjs`;
  await Deno.writeTextFile(
    path,
    `import { defineStep } from ${JSON.stringify(new URL("../mod.ts", import.meta.url).href)};
     export const step = defineStep({ outputs: ["n"] }, function step(_, { config }) {
       if (config.k > 2) throw new RangeError("too large");
       return config.k * 2;
     });`,
  );
  const { step } = await import(toFileUrl(path).href);
  for (const executor of ["in_process", "worker"] as const) {
    const sweep = await mapRuns({ rows: [{ k: 1 }, { k: 2 }, { k: 3 }], fn: step as (_: unknown, at: unknown) => number, executor });
    assert.deepEqual(await Promise.all(sweep.successes.map(({ result }) => result.load("n"))), [2, 4]);
    assert.match(sweep.failures[0]!.error.message, /too large/);
    assert.equal(sweep.hits.length, 0);
    const table = await sweep.df();
    assert.deepEqual(table.select("k", "n", "status").rows(), [[1, 2, "completed"], [2, 4, "completed"], [3, null, "failed"]]);
  }
});

Deno.test("scenario(name, { enabled: false }) tracks nothing of what is in it; what is around it stays tracked", () =>
  withTracker(async (tracker) => {
    const body = async (sc: Scenario) => {
      await sc.run({
        name: "outer",
        fn: async () => {
          await run({ name: "inner", fn: () => 1, outputs: ["x"] });
          await scenario("within", (inner) => inner.run({ name: "deep", fn: () => 1, outputs: ["x"] }));
          return 41;
        },
        outputs: ["n"],
      });
      return await sc.run({ name: "next", fn: ({ n }: { n: number }) => n + 1, inputs: ["n"], outputs: ["m"] }).load();
    };
    assert.equal(await scenario("study", { enabled: false }, body), 42);
    assert.deepEqual(await tracker.findRuns({ history: true }), []);
    assert.equal(await scenario("study", body), 42);
    const tracked = (await tracker.findRuns({ history: true })).length;
    assert.equal(tracked, 6);
    assert.equal(await scenario("study", { enabled: false }, body), 42); // and does not end or change the tracked one
    assert.equal((await tracker.findRuns({ history: true })).length, tracked);
    const made = await run({ name: "free", fn: () => 1, outputs: ["n"] });
    assert.equal((await tracker.findRun({ step: "free" })).id, made.run.id);
  }));

Deno.test("a scenario that is not tracked makes no ledger; a tracked step that runs one notes what it read", () =>
  withTracker(async (tracker) => {
    await scenario("off", { enabled: false }, (sc) => sc.run({ name: "a", fn: () => 1, outputs: ["n"] }));
    await assert.rejects(Deno.stat(tracker.dbPath), Deno.errors.NotFound);
    const path = `${await Deno.makeTempDir()}/k.txt`;
    await Deno.writeTextFile(path, "one");
    const outer = () =>
      run({
        name: "outer",
        fn: () =>
          scenario("off", { enabled: false }, (sc) => sc.run({ name: "a", fn: ({ k }) => k, inputs: { k: path }, outputs: ["t"] }).load()),
        outputs: ["t"],
      });
    assert.equal(await outer().load(), "one");
    assert.equal((await outer()).cacheHit, true);
    await Deno.writeTextFile(path, "two");
    assert.equal(await outer().load(), "two");
  }));

Deno.test("CONSIST_ENABLED=0 turns tracking off where the program says nothing", async () => {
  const dir = await Deno.makeTempDir();
  const program = `
    import { run, Tracker, logOutput, outputPath, findRuns } from "consist";
    const made = await run({ name: "make", fn: () => 41, outputs: ["n"] });
    console.log(await made.load("n"), made.cacheHit, (await findRuns({})).length, new Tracker({ enabled: true }).enabled);
  `;
  const config = fromFileUrl(new URL("../deno.json", import.meta.url));
  const runWith = async (value: string, permission = "-A") => {
    await Deno.writeTextFile(`${dir}/program.ts`, program);
    const { stdout, stderr, code } = await new Deno.Command(Deno.execPath(), {
      args: ["run", "--no-check", "--no-prompt", permission, "--config", config, "program.ts"],
      cwd: dir,
      env: { CONSIST_ENABLED: value },
    }).output();
    return { code, out: new TextDecoder().decode(stdout).trim(), err: new TextDecoder().decode(stderr) };
  };
  for (const value of ["0", "false", "Off"]) assert.deepEqual((await runWith(value)).out, "41 false 0 true", value);
  await assert.rejects(Deno.stat(`${dir}/provenance.duckdb`), Deno.errors.NotFound);
  assert.equal((await runWith("1")).out, "41 false 1 true");
  const { stdout } = await new Deno.Command(Deno.execPath(), {
    args: ["run", "-A", "--no-check", "--config", config, fromFileUrl(new URL("../cli.ts", import.meta.url)), "runs", "--json"],
    cwd: dir,
    env: { CONSIST_ENABLED: "0" },
  }).output(); // the command line reads what is there, whatever programs may do
  assert.deepEqual(JSON.parse(new TextDecoder().decode(stdout)).map((run: { model: string }) => run.model), ["make"]);
  assert.match((await runWith("maybe")).err, /CONSIST_ENABLED is "maybe"/);
});
