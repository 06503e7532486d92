/** Both languages on one ledger: made by either, in turns, at once, and brought back from either's snapshots. Run by `deno task test:python`. */
import assert from "node:assert/strict";
import { join } from "@std/path";
import type pl from "polars";
import { hydrateRunOutputs, type RunResult, Tracker, useTracker } from "consist";
import { callIn } from "../cli/call.ts";
import { soakMixed } from "./mixed_soak.ts";
import { folder, ledgerIn, olderSqlModel, python, pythonCli, type PythonOptions } from "./python.ts";

/** What `make_theirs.py` tells. */
interface Made {
  readonly done: readonly { readonly id: string; readonly hit: boolean; readonly table: string; readonly n: number }[];
  readonly executed: readonly number[];
  readonly runs: readonly string[];
}

/** A folder that both work in. */
async function place() {
  const dir = await folder();
  await Deno.writeTextFile(join(dir.path, "raw.csv"), "id,value\n1,0.5\n");
  const open = () => new Tracker({ dbPath: ledgerIn(dir.path) });
  const theirs = (args: object, options: PythonOptions = {}) => python<Made>("make_theirs.py", { dir: dir.path, ...args }, options);
  return { dir: dir.path, open, theirs, [Symbol.asyncDispose]: () => dir[Symbol.asyncDispose]() };
}

/** The step that Python has too: name, config, inputs and output are the same. */
function shared(
  tracker: Tracker,
  dir: string,
  n: number,
  cacheMode: "reuse" | "overwrite" = "reuse",
): Promise<RunResult<{ table: string }>> {
  return tracker.run({
    name: "shared",
    fn: (_: { raw: unknown }, { config }: { config: { n: number } }) => `ours ${config.n}`,
    inputs: { raw: join(dir, "raw.csv") },
    config: { n },
    facet: { n },
    outputs: ["table"],
    cacheOptions: { cacheMode },
  });
}

const removeLedger = async (dir: string) => {
  for (const ending of ["", ".wal"]) await Deno.remove(`${ledgerIn(dir)}${ending}`).catch(() => {}); // there may be no log
};

for (const first of ["python", "deno"]) {
  Deno.test(`a ledger that ${first} made: each executes its own step once and hits it; overwriting and purging leave the other's rows`, async () => {
    await using here = await place();
    await using tracker = here.open();
    const ours = async () => {
      const result = await shared(tracker, here.dir, 3);
      await tracker.close();
      return result;
    };
    if (first === "deno") assert.equal((await ours()).cacheHit, false);
    const theirs = await here.theirs({ numbers: [3] });
    assert.deepEqual([theirs.done[0]!.hit, theirs.executed], [false, [3]]);
    if (first === "python") assert.equal((await ours()).cacheHit, false);
    const again = await ours();
    assert.deepEqual([again.cacheHit, await again.load()], [true, "ours 3"]);
    const theirsAgain = await here.theirs({ numbers: [3] });
    assert.deepEqual([theirsAgain.done[0]!.hit, theirsAgain.executed, theirsAgain.done[0]!.table], [true, [], theirs.done[0]!.table]);

    const newer = await shared(tracker, here.dir, 3, "overwrite");
    assert.equal(newer.cacheHit, false);
    await tracker.close();
    assert.equal((await here.theirs({ numbers: [3], mode: "overwrite" })).done[0]!.hit, false);
    assert.equal((await shared(tracker, here.dir, 3)).cacheHit, true);
    const own = (await tracker.findRuns({ model: "shared", history: true })).filter(({ meta }) => meta.code_identity !== "callable_module");
    await tracker.close();
    for (const { id } of own) assert.equal((await callIn(here.dir, "db", "purge", id, "--with-dependents", "--yes")).code < 2, true);
    const left = await here.theirs({ numbers: [3] });
    assert.deepEqual([left.done[0]!.hit, left.executed], [true, []]);
    assert.ok(theirs.runs.every((id) => own.some((run) => run.id === id) || left.runs.includes(id)));
    await tracker.run({ name: "kept", fn: () => 5, outputs: ["n"] });
    await tracker.close();
    const purged = await pythonCli(["db", "purge", left.done[0]!.id, "--yes", "--db-path", ledgerIn(here.dir)], { cwd: here.dir });
    assert.equal(purged.code, 0, purged.out + purged.err);
    assert.equal((await tracker.run({ name: "kept", fn: () => 5, outputs: ["n"] })).cacheHit, true);
  });
}

Deno.test("Python's ledger of today, hostile as it is, is read, searched, traced, loaded and hydrated", async () => {
  await using here = await place();
  await readsHostile(here);
});

Deno.test("the same with times without a zone, as an older SQLModel writes them, in a zone west of Greenwich", async () => {
  await using here = await place();
  await readsHostile(here, { env: { PYTHONPATH: await olderSqlModel(), TZ: Deno.env.get("TZ") ?? "UTC" } });
});

async function readsHostile(here: Awaited<ReturnType<typeof place>>, options: PythonOptions = {}): Promise<void> {
  const began = Date.now();
  const made = await here.theirs({ numbers: [1, 2], hostile: true, scenario: true }, options);
  await using tracker = here.open();
  const runs = await tracker.findRuns({ history: true });
  assert.deepEqual(runs.map(({ id }) => id).filter((id) => !made.runs.includes(id)), []);
  const strange = made.done.find(({ n }) => n === -1)!;
  const run = (await tracker.getRun(strange.id))!;
  assert.equal(run.model, `host'ile "<b>"`);
  assert.deepEqual(run.tags, ["../../etc", "a b"]);
  assert.ok(run.startedAt.getTime() >= began - 1_000 && run.startedAt.getTime() <= Date.now(), run.startedAt.toISOString());
  assert.equal(run.facet.big, 2 ** 53 - 1);
  const frame = await (await tracker.getArtifactsForRun(strange.id)).outputs.frame!.load() as pl.DataFrame;
  assert.deepEqual(frame.getColumn("x").toArray(), [1.5, null]);
  const words = [
    ["runs"],
    ["runs", "--json"],
    ["show", strange.id],
    ["artifacts", strange.id],
    ["lineage", strange.table],
    ["preview", strange.table],
    ["scenarios"],
    ["scenario", "theirs"],
    ["search", "theirs"],
    ["summary"],
    ["validate"],
    ["db", "inspect"],
    ["db", "doctor"],
  ];
  for (const line of words) {
    const { code, out, err } = await callIn(here.dir, ...line);
    assert.equal(code, 0, `${line.join(" ")}: ${out}${err}`);
    assert.ok(!out.includes("\x1b"), line.join(" "));
  }
  const file = (await tracker.getArtifact(strange.table))!.path;
  assert.match((await callIn(here.dir, "which", file)).out, new RegExp(strange.id.slice(-8)));
  await useTracker(tracker, async () => {
    const restored = await hydrateRunOutputs(strange.id, { targetDir: join(here.dir, "restored") });
    assert.ok(Object.keys(restored).length > 0);
  });
  await tracker.close();
  assert.deepEqual((await here.theirs({ numbers: [1, 2] }, options)).executed, []);
}

Deno.test("runs that only Python's snapshots know come into our ledger, and Python hits them there", async () => {
  await using here = await place();
  const made = await here.theirs({ numbers: [1, 2], hostile: true });
  await removeLedger(here.dir);
  const { code, out, err } = await callIn(here.dir, "db", "rebuild");
  assert.equal(code, 0, out + err);
  await using tracker = here.open();
  for (const { id, table } of made.done) {
    assert.equal((await tracker.getRun(id))?.status, "completed");
    assert.ok(await (await tracker.getArtifact(table))!.load());
  }
  await tracker.close();
  assert.deepEqual((await here.theirs({ numbers: [1, 2] })).executed, []);
});

Deno.test("a run that Python could not record is brought in by db reconcile, once", async () => {
  await using here = await place();
  await using tracker = here.open();
  await shared(tracker, here.dir, 1);
  await tracker.close();
  await Deno.copyFile(ledgerIn(here.dir), join(here.dir, "before.duckdb"));
  const made = await here.theirs({ numbers: [4] });
  await removeLedger(here.dir);
  await Deno.rename(join(here.dir, "before.duckdb"), ledgerIn(here.dir));
  assert.match((await callIn(here.dir, "db", "reconcile", "--all")).out, /1 run/);
  assert.equal((await tracker.getRun(made.done[0]!.id))?.status, "completed");
  assert.match((await callIn(here.dir, "db", "reconcile", "--all")).out, /0 runs/);
});

Deno.test("our snapshots bring our runs back by Python's db rebuild, and they hit", async () => {
  await using here = await place();
  await using tracker = here.open();
  const made = await shared(tracker, here.dir, 1);
  await tracker.close();
  await removeLedger(here.dir);
  const env = { PYTHONPATH: await olderSqlModel() };
  await here.theirs({}, { env }); // it rebuilds into a ledger that is there
  const words = [
    "db",
    "rebuild",
    "--json-dir",
    join(here.dir, "runs", "consist_runs"),
    "--mode",
    "full",
    "--json",
    "--db-path",
    ledgerIn(here.dir),
  ];
  const { code, out, err } = await pythonCli(words, { cwd: here.dir, env });
  assert.equal(code, 0, out + err);
  const { runs } = await here.theirs({}, { env });
  assert.deepEqual(runs, [made.run.id]);
  assert.equal((await tracker.getRun(made.run.id))?.status, "completed");
  await callIn(here.dir, "db", "reconcile"); // what Python's ledger has no place for
  const again = await shared(tracker, here.dir, 1);
  assert.deepEqual([again.cacheHit, await again.load()], [true, "ours 1"]);
});

Deno.test("two processes of each language at once lose nothing, and each executes and records its runs", async () => {
  const { lost, servedAcross, complaints, notIndexed, unrecorded, starved } = await soakMixed(20);
  assert.deepEqual({ lost, servedAcross, complaints, notIndexed, unrecorded, starved }, {
    lost: [],
    servedAcross: [],
    complaints: [],
    notIndexed: 0,
    unrecorded: 0,
    starved: [],
  });
});
