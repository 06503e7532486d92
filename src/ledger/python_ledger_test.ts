import assert from "node:assert/strict";
import { join } from "@std/path";
import {
  artifactsById,
  artifactsOfRuns,
  completedBySignature,
  exactFacetValue,
  facetLeaves,
  facetsOfArtifacts,
  facetsOfRuns,
  fieldsOfSchemas,
  insertFacets,
  insertRuns,
  type Ledger,
  observationsOfSchemas,
  openLedger,
  parseJson,
  readSnapshot,
  type RunRow,
  runsById,
  schemasById,
} from "./mod.ts";
import { at, finished, program, runRow, tempDir } from "./support_test.ts";

const PROJECT = new URL("../../tests/fixtures/python-project/", import.meta.url);
const expected = parseJson(await Deno.readTextFile(new URL("expected.json", PROJECT))) as Expected;

interface Expected {
  runs: Record<string, Record<string, unknown> & { inputs: Files; outputs: Files; kv: unknown[][]; meta_keys: string[]; config: unknown }>;
  find_runs: { all: { run_ids: string[] } };
  schemas: Record<string, { summary: unknown; profile: unknown; fields: unknown[][] }>;
  schema_observations: Record<string, unknown>[];
  artifact_kv: unknown[][];
  artifact_facet_meta: Record<string, unknown>;
  tables: { links: { artifact_id: string } };
}
type Files = Record<string, Record<string, unknown>>;

/** A copy of Python's ledger, so that the kept one stays as it is. */
async function pythonLedger(): Promise<{ ledger: Ledger } & AsyncDisposable> {
  const dir = await tempDir();
  const path = join(dir.path, "provenance.duckdb");
  await Deno.copyFile(new URL("ledger.duckdb", PROJECT), path);
  const ledger = openLedger(path);
  return {
    ledger,
    [Symbol.asyncDispose]: async () => {
      await ledger.close();
      await dir[Symbol.asyncDispose]();
    },
  };
}

const ids = Object.keys(expected.runs);
const moment = (value: Date | null): string | null => value?.toISOString().replace("Z", "") ?? null;

Deno.test("a ledger of Python: runs read as Python reads them", async () => {
  await using temp = await pythonLedger();
  const rows = await temp.ledger.read((db) => runsById(db, ids));
  assert.deepEqual(rows.map((row) => row.id), expected.find_runs.all.run_ids);
  for (const row of rows) {
    const run = expected.runs[row.id]!;
    const same: (keyof RunRow)[] = [
      "status",
      "description",
      "year",
      "iteration",
      "phase",
      "stage",
      "tags",
      "parent_run_id",
      "config_hash",
      "git_hash",
      "input_hash",
      "signature",
    ];
    for (const column of same) assert.deepEqual(row[column], run[column], `${row.id}.${column}`);
    assert.equal(row.model_name, run.model);
    assert.deepEqual(Object.keys(row.meta).sort(), run.meta_keys);
    assert.deepEqual([row.meta.cache_hit ?? null, row.meta.cache_source ?? null], [run.cache_hit, run.cache_source]);
    assert.equal(moment(row.started_at), String(run.started_at).slice(0, 23));
    assert.equal(moment(row.ended_at), String(run.ended_at).slice(0, 23));
  }
});

Deno.test("a ledger of Python: artifacts and links read as Python reads them", async () => {
  await using temp = await pythonLedger();
  const linked = await temp.ledger.read((db) => artifactsOfRuns(db, ids));
  for (const [id, run] of Object.entries(expected.runs)) {
    for (const direction of ["input", "output"] as const) {
      const files = Object.entries(run[`${direction}s`]).map(([, file]) => file);
      const found = linked.filter((link) => link.run_id === id && link.direction === direction).map(({ artifact }) => artifact);
      const columns = found.map(({ id, key, container_uri, driver, hash, run_id, content_id }) => ({
        id,
        key,
        container_uri,
        driver,
        hash,
        run_id,
        content_id,
      }));
      for (const file of files) assert.deepEqual(columns.find((row) => row.id === file.id), file, `${id} ${direction}`);
      if (new Set(columns.map((row) => row.key)).size === columns.length) assert.equal(columns.length, files.length, `${id} ${direction}`);
    }
  }
});

Deno.test("a ledger of Python: facets are exact, and their rows are as Python wrote them", async () => {
  await using temp = await pythonLedger();
  const facets = await temp.ledger.read((db) => facetsOfRuns(db, ids));
  for (const [id, run] of Object.entries(expected.runs)) {
    const row = facets.find((facet) => facet.run_id === id);
    assert.equal(row?.facet_id ?? null, run.config_facet_id, id);
    assert.deepEqual(row?.facet ?? null, run.facet_json, id);
    const kv = await temp.ledger.read((db) =>
      db.all<Record<string, unknown>>(
        "SELECT key, value_type, value_str, value_num, value_bool, value_json FROM run_config_kv WHERE run_id = $1 ORDER BY key",
        [id],
      )
    );
    assert.deepEqual(kv.map((leaf) => [...Object.values(leaf).slice(0, 5), parseJson(leaf.value_json as string | null)]), run.kv, id);
    assert.deepEqual(facetLeaves(row?.facet ?? {}).map((leaf) => leaf.key).sort(), run.kv.map(([key]) => key).sort(), id);
  }
  const clean = facets.find((facet) => facet.run_id === "baseline_2040_clean_7f29ba39")!;
  assert.equal(exactFacetValue(clean.facet, "nested.deep.x"), 0.1);
  assert.equal(exactFacetValue(clean.facet, "nested.a\\.b"), 1);
});

Deno.test("a ledger of Python: the artifact's facet, schemas, fields and observations", async () => {
  await using temp = await pythonLedger();
  await temp.ledger.read(async (db) => {
    const links = expected.tables.links.artifact_id;
    const [facet] = await facetsOfArtifacts(db, [links]);
    const [artifact] = await artifactsById(db, [links]);
    assert.equal(facet!.facet_id, expected.artifact_facet_meta.artifact_facet_id);
    assert.equal(artifact!.meta.artifact_facet_id, facet!.facet_id);
    assert.deepEqual(facetLeaves(facet!.facet).map((leaf) => leaf.key).sort(), expected.artifact_kv.map(([key]) => key));
    const schemaIds = Object.keys(expected.schemas);
    for (const schema of await schemasById(db, schemaIds)) {
      assert.deepEqual([schema.summary_json, schema.profile_json], [
        expected.schemas[schema.id]!.summary,
        expected.schemas[schema.id]!.profile,
      ]);
      const fields = (await fieldsOfSchemas(db, [schema.id])).map((
        field,
      ) => [field.ordinal_position, field.name, field.logical_type, field.nullable, field.is_enum, field.enum_values_json]);
      assert.deepEqual(fields, expected.schemas[schema.id]!.fields);
    }
    const seen = await observationsOfSchemas(db, schemaIds);
    assert.equal(seen.length, expected.schema_observations.length);
    for (const { artifact_id, schema_id, run_id, source, sample_rows } of seen) {
      assert.ok(
        expected.schema_observations.some((row) =>
          JSON.stringify(row) === JSON.stringify({ artifact_id, schema_id, run_id, source, sample_rows })
        ),
      );
    }
  });
});

Deno.test("a ledger of Python keeps its own types and rows when we write to it", async () => {
  await using temp = await pythonLedger();
  const { ledger } = temp;
  const mine = "SELECT * FROM run WHERE git_hash NOT LIKE 'deno:%' OR git_hash IS NULL ORDER BY id";
  const before = await ledger.read((db) => db.all(mine));
  assert.deepEqual(await ledger.read((db) => Promise.resolve(db.born)), { timestamps: "TIMESTAMPTZ", valueNum: "FLOAT" });
  await ledger.write(async (db) => {
    await insertRuns(db, [runRow("ours")]);
    await insertFacets(db, [{ run_id: "ours", namespace: "clean", facet: { huge: 1e300, tiny: 0.1 }, created_at: at() }]);
  });
  await ledger.close();
  assert.deepEqual(await ledger.read((db) => db.all(mine)), before);
  assert.deepEqual(await ledger.read((db) => runsById(db, ["ours"])), [runRow("ours")]);
  const [facet] = await ledger.read((db) => facetsOfRuns(db, ["ours"]));
  assert.deepEqual([exactFacetValue(facet!.facet, "huge"), exactFacetValue(facet!.facet, "tiny")], [1e300, 0.1]);
  const rows = await ledger.read((db) =>
    db.all("SELECT key, value_num FROM run_config_kv WHERE run_id = 'ours' AND value_num = CAST($1 AS FLOAT)", [0.1])
  );
  assert.equal(rows.length, 1);
});

Deno.test("a ledger of Python: none of its runs is ever a candidate of ours", async () => {
  await using temp = await pythonLedger();
  for (const run of Object.values(expected.runs)) {
    assert.deepEqual(await temp.ledger.lookUp((db) => completedBySignature(db, String(run.signature))), []);
  }
});

Deno.test("snapshots of Python read as its ledger does", async () => {
  const runs = new URL("runs/", PROJECT).pathname;
  await using temp = await pythonLedger();
  const rows = await temp.ledger.read((db) => runsById(db, ids));
  for (const row of rows) {
    const snapshot = await readSnapshot(runs, row.id);
    assert.equal(snapshot!.run.started_at.getTime(), row.started_at.getTime());
    assert.equal(snapshot!.run.signature, row.signature);
    assert.equal(snapshot!.run.id, row.id);
  }
});

Deno.test("times without a zone are the local times of the process, also across a change of clocks", async () => {
  await using dir = await tempDir();
  const path = join(dir.path, "local.duckdb");
  const code = `
const { DuckDBInstance } = await import("npm:@duckdb/node-api@1.5.5-r.5");
const instance = await DuckDBInstance.create(args[0]);
const connection = await instance.connect();
await connection.run("CREATE TABLE run (id VARCHAR PRIMARY KEY, parent_run_id VARCHAR, status VARCHAR NOT NULL, model_name VARCHAR NOT NULL, description VARCHAR, year INTEGER, iteration INTEGER, tags JSON, config_hash VARCHAR, git_hash VARCHAR, input_hash VARCHAR, signature VARCHAR, meta JSON, started_at TIMESTAMP NOT NULL, ended_at TIMESTAMP, created_at TIMESTAMP NOT NULL, updated_at TIMESTAMP NOT NULL)");
await connection.run("INSERT INTO run (id, status, model_name, started_at, created_at, updated_at) VALUES ('summer', 'completed', 'm', '2026-07-01 07:35', '2026-07-01 07:35', '2026-07-01 07:35'), ('winter', 'completed', 'm', '2026-12-01 07:35', '2026-12-01 07:35', '2026-12-01 07:35')");
connection.disconnectSync(); instance.closeSync();
const opened = ledger.openLedger(args[0]);
const when = new Date("2026-07-01T14:35:00Z");
const [row] = await opened.read((db) => ledger.runsById(db, ["summer"]));
await opened.write((db) => ledger.insertRuns(db, [{ ...row, id: "ours", started_at: when, created_at: when, updated_at: when, ended_at: null }]));
const rows = await opened.read((db) => ledger.runsById(db, ["summer", "winter", "ours"]));
const stored = await opened.read((db) => db.all("SELECT started_at::VARCHAR AS t FROM run WHERE id = 'ours'"));
await opened.close();
console.log(JSON.stringify([rows.map((r) => [r.id, r.started_at]).sort(), stored[0].t]));`;
  const { out, err } = await finished(program(code, [path], { TZ: "America/Los_Angeles" }));
  assert.equal(err, "");
  assert.deepEqual(JSON.parse(out), [
    [["ours", "2026-07-01T14:35:00.000Z"], ["summer", "2026-07-01T14:35:00.000Z"], ["winter", "2026-12-01T15:35:00.000Z"]],
    "2026-07-01 07:35:00",
  ]);
});
