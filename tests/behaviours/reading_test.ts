import assert from "node:assert/strict";
import pl from "polars";
import { z } from "zod";
import { logDataframe, pivotFacets, run, sql, Tracker } from "consist";
import { refused, test } from "../in_tracker.ts";

test("facetFrom picks keys of the config, names one that is missing, and a facet wins over it", async () => {
  const config = { alpha: 0.1, beta: 2, path: "/somewhere" };
  const result = await run({ name: "model", fn: () => undefined, config, facetFrom: ["alpha", "beta"], facet: { beta: 3 } });
  assert.deepEqual(result.run.facet, { alpha: 0.1, beta: 3 });
  // @ts-expect-error the compiler says so too
  const error = await refused(run({ name: "model", fn: () => undefined, config, facetFrom: ["alhpa"] }));
  assert.match(error.message, /alhpa.*alpha/s);
});

test("scalars of the config and of the outputs are facets without asking, and facet: false keeps none", async () => {
  const step = (name: string, facet?: false) =>
    run({
      name,
      fn: (_, { config }) => ({ score: config.alpha * 2, table: [1, 2] }),
      config: { alpha: 0.5, deep: { mode: "car" }, list: [1] },
      outputs: ["score", "table"],
      ...(facet === undefined ? {} : { facet }),
    });
  await step("with");
  assert.deepEqual(
    await pivotFacets({ namespace: "with", keys: ["alpha", "deep.mode", "score"], runIdLabel: "id" }).df().then((df) =>
      df.drop("id").toRecords()
    ),
    [
      { alpha: 0.5, "deep.mode": "car", score: 1 },
    ],
  );
  assert.deepEqual((await step("without", false)).run.facet, {});
});

test("facets of artifacts are asked for with sql", async () => {
  for (const [year, kind] of [[2020, "base"], [2030, "high"]] as const) {
    await run({
      name: "persons",
      fn: async (_, step) => {
        await logDataframe(pl.DataFrame({ id: [step.year ?? 0] }), { key: "persons", facet: { kind } });
      },
      year,
      outputs: ["persons"],
    });
  }
  const found = await sql`
    select a.key, r.year::int as year from artifact_kv kv join artifact a on a.id = kv.artifact_id join run r on r.id = a.run_id
    where kv.key_path = ${"kind"} and kv.value_str = ${"high"}`.rows();
  assert.deepEqual(found, [{ key: "persons", year: 2030 }]);
});

test("rows in the ledger load through another tracker of the same ledger", async ({ tracker }) => {
  const made = await run({ name: "make", fn: () => pl.DataFrame({ id: [1, 2] }), outputs: { table: { ingest: true } } });
  await Deno.remove(made.outputs.table.path);
  await using other = new Tracker({ dbPath: tracker.dbPath, runDir: tracker.runDir });
  const { outputs } = await other.getArtifactsForRun(made.run.id);
  assert.equal((await other.loadDf(outputs.table!)).height, 2);
});

test("a view reads files below a mount", async ({ dir }) => {
  const Person = z.object({ id: z.int() });
  await using tracker = new Tracker({ dbPath: `${dir}/own.duckdb`, runDir: `${dir}/own`, mounts: { work: dir }, schemas: { Person } });
  const made = await tracker.run({ name: "make", fn: () => pl.DataFrame({ id: [1, 2] }), outputs: { persons: { schema: Person } } });
  assert.match(made.outputs.persons.uri, /^work:\/\/own\//);
  assert.equal(await tracker.views.Person.count(), 2);
});

test("a view reads hundreds of files, those of each format in one scan", async ({ tracker }) => {
  const Person = z.object({ id: z.int(), age: z.int().nullable().optional() });
  const keys = Array.from({ length: 120 }, (_, index) => `part_${index}`);
  await tracker.run({
    name: "many",
    fn: () => Object.fromEntries(keys.map((key, id) => [key, pl.DataFrame(id % 2 === 0 ? { id: [id] } : { id: [id], age: [30] })])),
    outputs: Object.fromEntries(keys.map((key, id) => [key, { schema: Person, driver: id < 100 ? "parquet" : "csv" }])),
  });
  const { people } = tracker.view({ people: Person });
  assert.deepEqual(await sql`select count(*) as n, count(age) as aged, sum(id) as ids from ${people}`.rows(), [
    { n: 120, aged: 60, ids: 7_140 },
  ]);
  const text = await sql`from ${people}`.explainSql();
  const scans = [/read_parquet\(/g, /read_csv\(/g].map((scan) => text.match(scan)?.length);
  assert.deepEqual(scans, [1, 2]); // separated values: one for each header
});
