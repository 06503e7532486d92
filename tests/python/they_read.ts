/** The Python library lists, shows, traces and loads what this one recorded. Run by `deno task test:python`. */
import assert from "node:assert/strict";
import { basename, join } from "@std/path";
import pl from "polars";
import { z } from "zod";
import { type Artifact, Tracker } from "consist";
import { runNotebook } from "../../src/jupyter/mod.ts";
import { prepareTutorial, type TutorialName } from "../../tools/notebooks.ts";
import { folder, ledgerIn, python, pythonCli } from "./python.ts";

/** What `read_ours.py` answers. */
interface Answer {
  readonly runs: Readonly<Record<string, TheirRun>>;
  readonly loaded: Readonly<Record<string, unknown>>;
  readonly failed: Readonly<Record<string, string>>;
  readonly lineage: Readonly<Record<string, unknown>>;
  readonly by: Readonly<Record<string, readonly string[]>>;
  readonly pivot: readonly Readonly<Record<string, unknown>>[];
  readonly view: readonly (readonly unknown[])[];
}
interface TheirRun {
  readonly model: string;
  readonly status: string;
  readonly year: number | null;
  readonly tags: readonly string[];
  readonly parent: string | null;
  readonly hit: boolean;
  readonly inputs: Readonly<Record<string, string>>;
  readonly outputs: Readonly<Record<string, string>>;
  readonly config: unknown;
  readonly values: Readonly<Record<string, unknown>>;
}

const idsOf = (artifacts: Readonly<Record<string, Artifact>>) =>
  Object.fromEntries(Object.entries(artifacts).map(([key, { id }]) => [key, id]));

/** Calls commands of the library on a ledger: each succeeds, says something, and has no traceback. */
async function commandsSucceed(t: Deno.TestContext, dir: string, commands: readonly (readonly string[])[]): Promise<void> {
  for (const words of commands) {
    await t.step(words.join(" "), async () => {
      const { code, out, err } = await pythonCli([...words, "--db-path", ledgerIn(dir)], { cwd: dir });
      assert.equal(code, 0, out + err);
      assert.doesNotMatch(out + err, /Traceback/);
      assert.doesNotMatch(err, /Error\b/); // a run's own notes may have the word
      assert.notEqual(out.trim(), "");
      if (words[0] === "validate") assert.match(out, /All artifacts|0 missing|valid/i);
      if (words[1] === "doctor") assert.deepEqual(Object.values(JSON.parse(out)).flatMap((found) => Object.keys(found ?? {})), []);
    });
  }
}

/** All commands that ask about a ledger, with names that are in it. */
function questions(dir: string, run: string, artifact: Artifact, scenario: string | undefined): (readonly string[])[] {
  const files = ["--run-dir", join(dir, "runs")];
  return [
    ...[["runs"], ["runs", "--json", "--limit", "1000"], ["runs", "--status", "completed"], ["summary"], ["scenarios"]],
    ...[["show", run], ["artifacts", run, ...files], ["lineage", artifact.id], ["lineage", artifact.key]],
    ...(artifact.driver === "parquet" ? [["preview", artifact.key, ...files]] : []),
    ...(scenario === undefined ? [] : [["scenario", scenario]]),
    ...[["search", run.slice(0, 4)], ["validate", ...files], ["db", "inspect", "--json"], [
      "db",
      "doctor",
      "--json",
    ]],
  ];
}

async function tutorial(name: TutorialName, dir: string): Promise<Tracker> {
  const { path, env } = await prepareTutorial(name);
  // The default tracker keeps its ledger where it believes the notebook to be.
  const { failure } = await runNotebook(path, { env: { ...env, JPY_SESSION_NAME: join(dir, basename(path)) } });
  if (failure) throw failure;
  return new Tracker({ dbPath: ledgerIn(dir), runDir: join(dir, "runs") });
}

for (const name of ["monte_carlo", "multi_year_loop", "scenario_views"] as const) {
  Deno.test(`the ledger of the tutorial ${name}: all of Python's commands succeed, and its API sees each run and loads each table`, async (t) => {
    await using dir = await folder();
    await using tracker = await tutorial(name, dir.path);
    const runs = await tracker.findRuns({ history: true });
    const ids = runs.filter(({ cacheHit }) => !cacheHit).map(({ id }) => id);
    const made = (await tables(tracker, ids))[0] ?? (await outputs(tracker, ids))[0];
    const header = runs.find(({ id }) => id === made!.run)!.scenarioId;
    const scenario = (await tracker.getRun(made!.run))!.parentId ?? header;
    await tracker.close();
    await commandsSucceed(t, dir.path, questions(dir.path, made!.run, made!.artifact, scenario));
    await seesAll(tracker, await python<Answer>("read_ours.py", { dir: dir.path }));
  });
}

/** The runs that made something, with it. */
async function outputs(tracker: Tracker, ids: readonly string[]): Promise<{ run: string; artifact: Artifact }[]> {
  const made = await Promise.all(
    ids.map(async (run) => Object.values((await tracker.getArtifactsForRun(run)).outputs).map((artifact) => ({ run, artifact }))),
  );
  return made.flat();
}

/** The runs that made a parquet table, with it. */
const tables = async (tracker: Tracker, ids: readonly string[]) =>
  (await outputs(tracker, ids)).filter(({ artifact }) => artifact.driver === "parquet");

/** Python's answers are ours: runs, links, facets, and tables by their content. */
async function seesAll(tracker: Tracker, answer: Answer): Promise<void> {
  const runs = await tracker.findRuns({ history: true });
  assert.ok(runs.length > 0);
  for (const run of runs) {
    const theirs = answer.runs[run.id];
    assert.ok(theirs, `${run.id} is not found`);
    assert.deepEqual(
      [theirs.model, theirs.status, theirs.year, theirs.tags, theirs.hit, theirs.parent],
      [run.model, run.status, run.year ?? null, run.tags, run.cacheHit, run.parentId ?? null],
    );
    const { inputs, outputs } = await tracker.getArtifactsForRun(run.id);
    assert.deepEqual([theirs.inputs, theirs.outputs], [idsOf(inputs), idsOf(outputs)], run.id);
  }
  for (const { artifact } of await tables(tracker, runs.map(({ id }) => id))) {
    assert.equal(answer.failed[artifact.id], undefined);
    const ours = await artifact.load() as pl.DataFrame;
    assert.deepEqual(rounded(answer.loaded[artifact.id]), rounded(JSON.parse(JSON.stringify(ours.toRecords(), plain))), artifact.key);
  }
}

const plain = (_: string, value: unknown) => typeof value === "bigint" ? Number(value) : value;
/** pandas writes ten digits, and times as milliseconds. */
function rounded(value: unknown): unknown {
  return JSON.parse(JSON.stringify(value), (_, each) => {
    if (typeof each === "number") return Number(each.toPrecision(8));
    return typeof each === "string" && /^\d{4}-\d\d-\d\dT/.test(each) ? Date.parse(each) : each;
  });
}

const Zone = z.object({ zone: z.string(), n: z.int(), mean: z.number() });

/** A study of two years in one scenario, with ingested rows, facets, tags, hits, a trace and names that are hostile. */
async function study(tracker: Tracker, dir: string): Promise<void> {
  await Deno.writeTextFile(join(dir, "raw.csv"), "zone,value\nnorth,1\nnorth,2\nsouth,4\n");
  for (let pass = 0; pass < 2; pass++) {
    for (const year of [2030, 2040]) {
      await tracker.scenario(`study ${year}`, { tags: ["interop"] }, async (sc) => {
        await sc.run({
          name: "clean",
          fn: ({ raw }: { raw: pl.DataFrame }, { config }: { config: { factor: number } }) =>
            raw.withColumn(pl.col("value").mul(config.factor)),
          inputs: { raw: join(dir, "raw.csv") },
          config: {
            factor: year === 2030 ? 0.5 : 0.1,
            label: "Zürich 🚀 'q' <b>",
            strict: true,
            note: null,
            nested: { deep: { x: 0.25 } },
            list: [1, 2],
          } as {
            factor: number;
          },
          facetFrom: ["factor", "label", "strict", "note", "nested", "list"] as never,
          outputs: ["cleaned"],
          year,
          tags: ["interop", "clean"],
        });
        await sc.run({
          name: "by zone",
          fn: ({ cleaned }: { cleaned: pl.DataFrame }) =>
            cleaned.groupBy("zone").agg(pl.col("value").count().cast(pl.Int64).alias("n"), pl.col("value").mean().alias("mean")).sort(
              "zone",
            ),
          inputs: ["cleaned"],
          outputs: { zones: { schema: Zone, ingest: true } },
          year,
        });
        await sc.trace({ name: "check", year }, async (step) => {
          await Promise.resolve();
          step.logMeta({ checked: true, year });
        });
      });
    }
  }
}

Deno.test("a scenario with facets, ingested rows and hits: Python's API and commands give what ours gives", async (t) => {
  await using dir = await folder();
  await using tracker = new Tracker({ dbPath: ledgerIn(dir.path), schemas: { Zone } });
  await study(tracker, dir.path);
  const [zones] = await tables(tracker, (await tracker.findRuns({ model: "by zone", year: 2030 })).map(({ id }) => id));
  const history = await tracker.findRuns({ history: true });
  const hits = history.filter(({ cacheHit, model }) => cacheHit && model !== "scenario");
  assert.ok(hits.length >= 4);
  const header = (await tracker.getRun(zones!.run))!.parentId!;
  await tracker.close();
  await commandsSucceed(t, dir.path, [
    ...questions(dir.path, zones!.run, zones!.artifact, header),
    ["show", hits[0]!.id],
    ["schema", "export", "--artifact-id", zones!.artifact.id],
    ["schema", "capture-file", "--artifact-id", zones!.artifact.id, "--run-dir", join(dir.path, "runs")],
    ["runs", "--tag", "clean"],
    ["runs", "--model", "by zone"],
  ]);
  const clean = history.filter(({ model }) => model === "clean");
  const answer = await python<Answer>("read_ours.py", {
    dir: dir.path,
    filters: {
      year: { year: 2030 },
      half: { facet: { factor: 0.5 } },
      label: { facet: { label: "Zürich 🚀 'q' <b>" } },
      header: { parent_id: header },
    },
    views: true,
    pivot: {
      namespace: "clean",
      keys: ["factor", "label", "strict", "nested.deep.x"],
      value_columns: { label: "value_str", strict: "value_bool" },
    },
  });
  await seesAll(tracker, answer);
  await t.step("filters and facets", () => {
    const ofYear = (year: number) => clean.filter((run) => run.year === year).map(({ id }) => id).sort();
    assert.deepEqual([...answer.by.half!].sort(), ofYear(2030));
    assert.deepEqual([...answer.by.label!].sort(), clean.map(({ id }) => id).sort());
    assert.deepEqual([...answer.by.header!].sort(), history.filter(({ parentId }) => parentId === header).map(({ id }) => id).sort());
    for (const { id, facet } of clean) {
      assert.deepEqual(answer.runs[id]!.values["nested.deep.x"], (facet.nested as { deep: { x: number } }).deep.x);
    }
  });
  await t.step("pivot", () => {
    assert.equal(answer.pivot.length, clean.length);
    for (const row of answer.pivot) {
      const { year } = clean.find(({ id }) => id === row.run_id)!;
      assert.deepEqual([row.factor, row.label, row.strict, row["nested.deep.x"]], [
        year === 2030 ? 0.5 : 0.1,
        "Zürich 🚀 'q' <b>",
        true,
        0.25,
      ]);
    }
  });
  await t.step("its view has the ingested rows of each run that executed, once", async () => {
    const made = await tables(tracker, history.filter(({ model, cacheHit }) => model === "by zone" && !cacheHit).map(({ id }) => id));
    const expected = await Promise.all(made.map(async ({ run, artifact }) => {
      const { year, parentId } = history.find(({ id }) => id === run)!;
      const rows = (await artifact.load() as pl.DataFrame).toRecords() as z.infer<typeof Zone>[];
      return rows.map(({ zone, n, mean }) => [zone, Number(n), mean, run, year, parentId]);
    }));
    assert.deepEqual(answer.view, expected.flat().sort((a, b) => Number(a[4]) - Number(b[4]) || (String(a[0]) < String(b[0]) ? -1 : 1)));
  });
  await t.step("lineage", () => {
    const told = answer.lineage[zones!.artifact.id] as [string, string, [string, string, unknown[]][]];
    assert.deepEqual([told[0], told[1], told[2][0]![0]], ["zones", zones!.artifact.runId, "cleaned"]);
    assert.deepEqual((told[2][0]![2] as [string, null, []][]).map(([key, run]) => [key, run]), [["raw", null]]);
  });
});
