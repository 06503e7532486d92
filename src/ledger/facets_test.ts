import assert from "node:assert/strict";
import {
  canonicalFacet,
  FACET_BYTES_AT_MOST,
  FACET_ROWS_AT_MOST,
  facetId,
  facetsOfArtifacts,
  facetsOfRuns,
  insertArtifactFacets,
  insertArtifacts,
  insertFacets,
  insertRuns,
} from "./mod.ts";
import { artifactRow, at, HOSTILE, runRow, tempLedger } from "./support_test.ts";

const facetOf = (run_id: string, facet: Record<string, unknown>) => ({ run_id, namespace: "clean", facet, created_at: at() });

Deno.test("insertFacets() stores a facet once and its leaves for each run", async () => {
  await using temp = await tempLedger();
  const facet = { a: 1, b: { "c.d": "x" }, list: [0.1], none: null, yes: true };
  const stored = await temp.ledger.write((db) => insertFacets(db, [facetOf("r", facet), facetOf("q", facet)]));
  assert.deepEqual(stored, [{ facet_id: facetId(facet), rows: 5 }, { facet_id: facetId(facet), rows: 5 }]);
  await temp.ledger.write((db) => insertFacets(db, [facetOf("r", facet)]));
  const rows = await temp.ledger.read((db) =>
    db.all("SELECT key, value_type, value_str, value_num, value_bool, value_json FROM run_config_kv WHERE run_id = 'r' ORDER BY key")
  );
  assert.deepEqual(rows, [
    { key: "a", value_type: "int", value_str: null, value_num: 1, value_bool: null, value_json: "null" },
    { key: "b.c\\.d", value_type: "str", value_str: "x", value_num: null, value_bool: null, value_json: "null" },
    { key: "list", value_type: "json", value_str: null, value_num: null, value_bool: null, value_json: "[0.1]" },
    { key: "none", value_type: "null", value_str: null, value_num: null, value_bool: null, value_json: "null" },
    { key: "yes", value_type: "bool", value_str: null, value_num: null, value_bool: true, value_json: "null" },
  ]);
  assert.deepEqual(await temp.ledger.read((db) => facetsOfRuns(db, ["q"])), [
    { run_id: "q", facet_id: facetId(facet), namespace: "clean", facet, schema_name: "dict", schema_version: null },
  ]);
});

Deno.test("insertFacets() keeps numbers exact, also those that 32 bits do not hold", async () => {
  await using temp = await tempLedger();
  const facet = { a: 0.1, b: 16777217, c: 1e300, d: 5e-324 };
  await temp.ledger.write((db) => insertFacets(db, [facetOf("r", facet)]));
  const rows = await temp.ledger.read((db) =>
    db.all<{ key: keyof typeof facet; value_num: number }>("SELECT key, value_num FROM run_config_kv")
  );
  for (const { key, value_num } of rows) assert.equal(value_num, facet[key]);
  assert.equal(rows.length, 4);
});

Deno.test("insertFacets() leaves out rows above their number, on request, and the whole facet above its size", async () => {
  await using temp = await tempLedger();
  const wide = (count: number) => Object.fromEntries(Array.from({ length: count }, (_, index) => [`k${index}`, index]));
  const large = { text: "x".repeat(FACET_BYTES_AT_MOST - canonicalFacet({ text: "" }).length) };
  const stored = await temp.ledger.write((db) =>
    insertFacets(db, [
      facetOf("full", wide(FACET_ROWS_AT_MOST)),
      facetOf("wide", wide(FACET_ROWS_AT_MOST + 1)),
      { ...facetOf("quiet", { a: 1 }), index: false },
      facetOf("large", large),
      facetOf("larger", { text: large.text + "x" }),
      facetOf("empty", {}),
    ])
  );
  assert.deepEqual(stored.map((item) => item.rows), [500, 0, 0, 1, 0, 0]);
  assert.deepEqual(stored.map((item) => item.facet_id === null), [false, false, false, false, true, false]);
});

Deno.test("facetsOfRuns() finds a facet without rows by the run's notes, and copes with notes in Python's JSON", async () => {
  await using temp = await tempLedger();
  await temp.ledger.write(async (db) => {
    const [stored] = await insertFacets(db, [{ ...facetOf("r", { a: 1 }), index: false }]);
    await insertRuns(db, [
      runRow("r", { meta: { config_facet_id: stored!.facet_id, config_facet_namespace: "sim", odd: NaN } }),
      runRow("none", { meta: { odd: Infinity } }),
    ]);
  });
  const found = await temp.ledger.read((db) => facetsOfRuns(db, ["r", "none"]));
  assert.deepEqual(found.map((row) => [row.run_id, row.namespace, row.facet]), [["r", "sim", { a: 1 }]]);
});

Deno.test("facets keep hostile keys, values and namespaces", async () => {
  await using temp = await tempLedger();
  const facet = Object.fromEntries(HOSTILE.map((text) => [text, text]));
  await temp.ledger.write((db) => insertFacets(db, [{ ...facetOf(HOSTILE[0]!, facet), namespace: HOSTILE[1]! }]));
  const [row] = await temp.ledger.read((db) => facetsOfRuns(db, [HOSTILE[0]!]));
  assert.deepEqual([row!.namespace, row!.facet], [HOSTILE[1], facet]);
});

Deno.test("insertArtifactFacets() stores leaves but no lists", async () => {
  await using temp = await tempLedger();
  const artifact = artifactRow(1);
  await temp.ledger.write(async (db) => {
    await insertArtifacts(db, [artifact]);
    assert.deepEqual(
      (await insertArtifactFacets(db, [{
        artifact_id: artifact.id,
        namespace: null,
        facet: { a: 1, l: [1] },
        schema_version: "v1",
        created_at: at(),
      }]))[0]!.rows,
      1,
    );
  });
  assert.deepEqual(await temp.ledger.read((db) => facetsOfArtifacts(db, [artifact.id])), [
    {
      artifact_id: artifact.id,
      facet_id: facetId({ a: 1, l: [1] }),
      namespace: null,
      facet: { a: 1, l: [1] },
      schema_name: null,
      schema_version: "v1",
    },
  ]);
});
