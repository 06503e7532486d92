import assert from "node:assert/strict";
import {
  artifactsByHash,
  artifactsById,
  artifactsOfRuns,
  changeOwnRun,
  completedBySignature,
  digestsOf,
  fieldsOfSchemas,
  finishRun,
  identitiesOf,
  insertArtifacts,
  insertIdentities,
  insertLinks,
  insertObservations,
  insertOwnRuns,
  insertRelations,
  insertRuns,
  insertSchemas,
  linksOfArtifacts,
  observationsOf,
  observationsOfSchemas,
  type OwnRunRow,
  ownRunsById,
  putDigests,
  recentRuns,
  relationsOfSchemas,
  runIdsByLabel,
  runningRuns,
  runsById,
  schemasById,
  setArtifactMeta,
} from "./mod.ts";
import { artifactRow, at, HOSTILE, runRow, tempLedger } from "./support_test.ts";

const ownRow = (run_id: string, columns: Partial<OwnRunRow> = {}): OwnRunRow => ({
  run_id,
  scenario_name: null,
  header_id: null,
  source_run_id: null,
  seconds: 1.5,
  label: null,
  hit: false,
  signature: "s",
  result: null,
  ...columns,
});
const ids = (rows: readonly { id: string }[]): string[] => rows.map((row) => row.id);

Deno.test("insertRuns() and runsById() keep every column", async () => {
  await using temp = await tempLedger();
  const row = runRow("r", {
    parent_run_id: "p",
    description: "what",
    year: 2030,
    iteration: 0,
    stage: "st",
    phase: "ph",
    tags: ["a", "größe"],
    meta: { deep: { list: [1, null, NaN] }, text: HOSTILE.join("") },
  });
  await temp.ledger.write((db) => insertRuns(db, [row]));
  assert.deepEqual(await temp.ledger.read((db) => runsById(db, ["r", "nobody"])), [row]);
  assert.deepEqual(await temp.ledger.read((db) => runsById(db, [])), []);
});

Deno.test("insertRuns() keeps hostile ids and names as they are", async () => {
  await using temp = await tempLedger();
  const rows = HOSTILE.map((text) => runRow(text, { model_name: text, tags: [text], meta: { [text]: text }, signature: text }));
  await temp.ledger.write((db) => insertRuns(db, rows));
  for (const row of rows) {
    assert.deepEqual(await temp.ledger.read((db) => runsById(db, [row.id])), [row]);
    assert.deepEqual(ids(await temp.ledger.read((db) => completedBySignature(db, row.signature!))), [row.id]);
    assert.deepEqual(ids(await temp.ledger.read((db) => recentRuns(db, row.model_name))), [row.id]);
  }
});

Deno.test("insertRuns() refuses an id that is there already", async () => {
  await using temp = await tempLedger();
  await temp.ledger.write((db) => insertRuns(db, [runRow("r")]));
  await assert.rejects(temp.ledger.write((db) => insertRuns(db, [runRow("r")])), /Duplicate key/i);
});

Deno.test("finishRun() changes the named columns and no others", async () => {
  await using temp = await tempLedger();
  const row = runRow("r", { status: "running", ended_at: null });
  await temp.ledger.write((db) => insertRuns(db, [row, runRow("other")]));
  await temp.ledger.write((db) => finishRun(db, "r", { status: "failed", ended_at: at(9), meta: { error: "it's" } }));
  assert.deepEqual(await temp.ledger.read((db) => runsById(db, ["r"])), [{
    ...row,
    status: "failed",
    ended_at: at(9),
    meta: { error: "it's" },
  }]);
  assert.deepEqual(await temp.ledger.read((db) => runsById(db, ["other"])), [runRow("other")]);
  await temp.ledger.write((db) => finishRun(db, "r", {}));
});

Deno.test("finishRun() works in the transaction that made the run, and on a run with links", async () => {
  await using temp = await tempLedger();
  await temp.ledger.write(async (db) => {
    await insertRuns(db, [runRow("r", { status: "running" })]);
    await insertArtifacts(db, [artifactRow(1, { run_id: "r" })]);
    await insertLinks(db, [{ run_id: "r", artifact_id: artifactRow(1).id, direction: "output", is_implicit: false }]);
    await finishRun(db, "r", { status: "completed" });
    await finishRun(db, "r", { signature: null });
  });
  const [row] = await temp.ledger.read((db) => runsById(db, ["r"]));
  assert.deepEqual([row!.status, row!.signature], ["completed", null]);
});

for (const way of ["write", "writeRows"] as const) {
  Deno.test(`finishRun() keeps hostile and long text as it is, and the order of changes (${way})`, async () => {
    await using temp = await tempLedger();
    const ids = [...HOSTILE, "long"];
    const change = (id: string, index: number) => ({
      status: id,
      description: id === "long" ? "x'".repeat(200_000) : id,
      tags: [id, "'"],
      meta: { [id]: [id, "\0", null, 1.5] },
      year: index % 2 === 0 ? null : 2 ** 31 - 1 - index,
      ended_at: index % 3 === 0 ? null : at(index),
    });
    await temp.ledger[way](async (db) => {
      for (const [index, id] of ids.entries()) {
        await insertRuns(db, [runRow(id)]);
        await finishRun(db, id, { status: "earlier", stage: "stays" });
        await finishRun(db, id, change(id, index));
        await insertRuns(db, [runRow(`${id} after`)]);
      }
    });
    const found = await temp.ledger.read((db) => runsById(db, ids));
    for (const [index, id] of ids.entries()) {
      assert.deepEqual(found.find((row) => row.id === id), runRow(id, { stage: "stays", ...change(id, index) }));
    }
    assert.equal((await temp.ledger.read((db) => runsById(db, ids.map((id) => `${id} after`)))).length, ids.length);
  });
}

Deno.test("finishRun() takes nothing of a transaction that fails", async () => {
  await using temp = await tempLedger();
  await temp.ledger.writeRows((db) => insertRuns(db, [runRow("r")]));
  const failing = temp.ledger.writeRows(async (db) => {
    await finishRun(db, "r", { status: "failed" });
    await insertRuns(db, [runRow("r")]);
  });
  await assert.rejects(failing, /Duplicate key/i);
  assert.deepEqual(await temp.ledger.read((db) => runsById(db, ["r"])), [runRow("r")]);
});

Deno.test("completedBySignature() gives our completed executions, newest first", async () => {
  await using temp = await tempLedger();
  await temp.ledger.write(async (db) => {
    await insertRuns(db, [
      runRow("old", { created_at: at(1) }),
      runRow("new", { created_at: at(2) }),
      runRow("hit", { created_at: at(3), meta: { cache_hit: true } }),
      runRow("failed", { created_at: at(4), status: "failed" }),
      runRow("python", { created_at: at(5), git_hash: "67174ce6f907519c9fb45c8725dfb0eafe205cce" }),
      runRow("unknown", { created_at: at(6), git_hash: null }),
      runRow("other", { signature: "t" }),
    ]);
    await insertOwnRuns(db, [
      ownRow("old"),
      ownRow("new"),
      ownRow("hit", { hit: true, signature: null }),
      ownRow("failed"),
      ownRow("gone"),
    ]);
  });
  assert.deepEqual(ids(await temp.ledger.read((db) => completedBySignature(db, "s"))), ["new", "old"]);
  assert.deepEqual(ids(await temp.ledger.read((db) => completedBySignature(db, "s", 1))), ["new"]);
  assert.deepEqual(await temp.ledger.read((db) => completedBySignature(db, "nothing")), []);
});

Deno.test("completedBySignature() finds runs that came without our tables, but never Python's", async () => {
  await using temp = await tempLedger();
  await temp.ledger.write((db) => insertRuns(db, [runRow("merged"), runRow("python", { git_hash: "abc" })]));
  assert.deepEqual(ids(await temp.ledger.read((db) => completedBySignature(db, "s"))), ["merged"]);
});

Deno.test("recentRuns() and runningRuns() choose by model and status", async () => {
  await using temp = await tempLedger();
  await temp.ledger.write((db) =>
    insertRuns(db, [
      runRow("a", { created_at: at(1), parent_run_id: "header" }),
      runRow("b", { created_at: at(2), parent_run_id: "header" }),
      runRow("c", { created_at: at(3), status: "running" }),
      runRow("d", { created_at: at(4), model_name: "other" }),
    ])
  );
  assert.deepEqual(ids(await temp.ledger.read((db) => recentRuns(db, "clean", 5))), ["b", "a"]);
  assert.deepEqual(ids(await temp.ledger.read((db) => recentRuns(db, "clean", 1))), ["b"]);
  assert.deepEqual(ids(await temp.ledger.read((db) => runningRuns(db))), ["c"]);
});

Deno.test("insertArtifacts() keeps every column, and one content row for the same bytes and driver", async () => {
  await using temp = await tempLedger();
  const full = artifactRow(1, {
    table_path: "t",
    array_path: "a",
    parent_artifact_id: artifactRow(9).id,
    run_id: "r",
    meta: { a: [1] },
    hash: "same",
  });
  await temp.ledger.write((db) =>
    insertArtifacts(db, [
      full,
      artifactRow(2, { hash: "same" }),
      artifactRow(3, { hash: "same", driver: "csv" }),
      artifactRow(4, { hash: null }),
    ])
  );
  await temp.ledger.write((db) => insertArtifacts(db, [artifactRow(5, { hash: "same" })]));
  const rows = await temp.ledger.read((db) => artifactsById(db, [1, 2, 3, 4, 5].map((number) => artifactRow(number).id)));
  const content = new Map(rows.map((row) => [row.id, row.content_id]));
  const [one, two, three, four, five] = [1, 2, 3, 4, 5].map((number) => content.get(artifactRow(number).id));
  assert.match(one!, /^[0-9a-f-]{36}$/);
  assert.deepEqual([two, five, four], [one, one, null]);
  assert.notEqual(three, one);
  assert.deepEqual(rows.find((row) => row.id === full.id), { ...full, content_id: one });
  assert.deepEqual(await temp.ledger.read((db) => db.all("SELECT count(*) AS n FROM artifact_content")), [{ n: 2 }]);
});

Deno.test("artifacts are found by content, newest first", async () => {
  await using temp = await tempLedger();
  const uri = HOSTILE[0]!;
  await temp.ledger.write((db) =>
    insertArtifacts(db, [artifactRow(1, { hash: "h", container_uri: uri, run_id: "r" }), artifactRow(2, { hash: "h" })])
  );
  assert.deepEqual(ids(await temp.ledger.read((db) => artifactsByHash(db, "h"))), [artifactRow(2).id, artifactRow(1).id]);
  assert.deepEqual(await temp.ledger.read((db) => artifactsByHash(db, "nothing")), []);
});

Deno.test("artifactsOfRuns() gives links and artifacts; of two links the first one stays", async () => {
  await using temp = await tempLedger();
  const [one, two] = [artifactRow(1), artifactRow(2)];
  await temp.ledger.write(async (db) => {
    await insertArtifacts(db, [one, two]);
    await insertLinks(db, [
      { run_id: "r", artifact_id: one.id, direction: "input", is_implicit: true },
      { run_id: "r", artifact_id: two.id, direction: "output", is_implicit: false },
      { run_id: "r", artifact_id: one.id, direction: "output", is_implicit: false },
      { run_id: "q", artifact_id: two.id, direction: "input", is_implicit: false },
    ]);
  });
  const linked = await temp.ledger.read((db) => artifactsOfRuns(db, ["r"]));
  assert.deepEqual(linked.map((link) => [link.run_id, link.artifact_id, link.direction, link.is_implicit, link.artifact.key]), [
    ["r", one.id, "input", true, "out"],
    ["r", two.id, "output", false, "out"],
  ]);
  assert.deepEqual(linked[1]!.artifact, { ...two, content_id: linked[1]!.artifact.content_id });
  assert.equal((await temp.ledger.read((db) => artifactsOfRuns(db, ["r", "q"]))).length, 3);
  assert.deepEqual((await temp.ledger.read((db) => linksOfArtifacts(db, [two.id]))).map((link) => link.run_id).sort(), ["q", "r"]);
});

Deno.test("setArtifactMeta() works on an artifact whose schema was observed", async () => {
  await using temp = await tempLedger();
  await temp.ledger.write(async (db) => {
    await insertArtifacts(db, [artifactRow(1)]);
    await insertSchemas(db, [{ id: "s", profile_version: 1, summary_json: {}, profile_json: null, created_at: at() }], []);
    await insertObservations(db, [{
      id: crypto.randomUUID(),
      artifact_id: artifactRow(1).id,
      schema_id: "s",
      run_id: null,
      source: "file",
      sample_rows: 1,
      observed_at: at(),
    }]);
  });
  await temp.ledger.write((db) => setArtifactMeta(db, artifactRow(1).id, { note: "it's" }));
  const [row] = await temp.ledger.read((db) => artifactsById(db, [artifactRow(1).id]));
  assert.deepEqual(row!.meta, { note: "it's" });
});

Deno.test("schemas, fields, observations and relations come back as they were given", async () => {
  await using temp = await tempLedger();
  const schema = { id: "s", profile_version: 1, summary_json: { n: 1 }, profile_json: null, created_at: at() };
  const field = {
    schema_id: "s",
    ordinal_position: 1,
    name: HOSTILE[1]!,
    logical_type: "bigint",
    nullable: true,
    stats_json: null,
    is_enum: true,
    enum_values_json: ["a"],
  };
  const second = { ...field, ordinal_position: 2, name: "b", enum_values_json: null };
  const seen = (id: string, source: string) => ({
    id,
    artifact_id: artifactRow(1).id,
    schema_id: "s",
    run_id: "r",
    source,
    sample_rows: null,
    observed_at: at(),
  });
  const relation = { schema_id: "s", from_field: "a", to_table: "t", to_field: "id", relationship_type: "foreign_key", cardinality: null };
  await temp.ledger.write(async (db) => {
    await insertArtifacts(db, [artifactRow(1)]);
    await insertSchemas(db, [schema, schema], [second, field]);
    await insertSchemas(db, [schema], [field]);
    await insertObservations(db, [seen("1", "duckdb"), seen("2", "user_provided"), seen("3", "file")]);
    await insertRelations(db, [relation]);
  });
  await temp.ledger.read(async (db) => {
    assert.deepEqual(await schemasById(db, ["s"]), [schema]);
    assert.deepEqual(await fieldsOfSchemas(db, ["s"]), [field, second]);
    assert.deepEqual(ids(await observationsOf(db, [artifactRow(1).id])), ["2", "3", "1"]);
    assert.equal((await observationsOfSchemas(db, ["s"])).length, 3);
    assert.deepEqual(await relationsOfSchemas(db, ["s"]), [relation]);
  });
  await assert.rejects(temp.ledger.write((db) => insertObservations(db, [{ ...seen("4", "file"), schema_id: "nothing" }])), /foreign key/i);
});

Deno.test("deno_run: rows change, labels find the newest run, orphans do no harm", async () => {
  await using temp = await tempLedger();
  await temp.ledger.write(async (db) => {
    await insertRuns(db, [runRow("a", { created_at: at(1) }), runRow("b", { created_at: at(2) })]);
    await insertOwnRuns(db, [ownRow("a", { label: "mine" }), ownRow("b", { label: "mine" }), ownRow("gone", { label: "mine" })]);
    await changeOwnRun(db, "a", { seconds: 0.25, hit: true, signature: null });
    await changeOwnRun(db, "b", {});
  });
  assert.deepEqual(await temp.ledger.read((db) => ownRunsById(db, ["a"])), [
    ownRow("a", { label: "mine", seconds: 0.25, hit: true, signature: null }),
  ]);
  assert.deepEqual(await temp.ledger.read((db) => runIdsByLabel(db, "mine")), ["b", "a"]);
  assert.deepEqual(await temp.ledger.read((db) => runIdsByLabel(db, "'; --")), []);
});

Deno.test("deno_identity keeps long texts once, and gives them back", async () => {
  await using temp = await tempLedger();
  const text = "const x = 1; // größe 🚀\n".repeat(20);
  const row = (run_id: string) => ({
    run_id,
    config: { threshold: 0.5, "$deno_text": "mine" },
    code: {
      mode: "dependencies",
      parts: [{ kind: "function", name: "clean", hash: "h", text }, { kind: "value", name: "n", hash: "i", text: "1" }],
    },
    call: { parts: [{ name: "outputs", text }] },
    inputs: [{ key: "raw", label: text }],
    outputs: null,
  });
  await temp.ledger.write((db) => insertIdentities(db, [row("a")]));
  await temp.ledger.write((db) => insertIdentities(db, [row("b")]));
  await assert.rejects(temp.ledger.write((db) => insertIdentities(db, [row("b")])), /Duplicate key/i);
  const found = await temp.ledger.read((db) => identitiesOf(db, ["a", "b"]));
  assert.deepEqual(found.toSorted((x, y) => x.run_id < y.run_id ? -1 : 1), [row("a"), row("b")]);
  assert.deepEqual(await temp.ledger.read((db) => db.all("SELECT count(*) AS n FROM deno_text")), [{ n: 1 }]);
  assert.deepEqual(await temp.ledger.read((db) => identitiesOf(db, ["nobody"])), []);
});

Deno.test("deno_digest: put replaces, many are found at once", async () => {
  await using temp = await tempLedger();
  const row = (path: string, digest: string) => ({
    path,
    size: 2 ** 40,
    mtime_ms: 1.5,
    ctime_ms: null,
    inode: "18446744073709551615",
    digest,
    taken_at: at(),
  });
  await temp.ledger.write((db) => putDigests(db, HOSTILE.map((path) => row(path, "old"))));
  await temp.ledger.write((db) => putDigests(db, [row(HOSTILE[0]!, "new")]));
  assert.deepEqual(await temp.ledger.read((db) => digestsOf(db, [HOSTILE[0]!])), [row(HOSTILE[0]!, "new")]);
  assert.equal((await temp.ledger.read((db) => digestsOf(db, HOSTILE))).length, HOSTILE.length);
});

Deno.test("a question asked before rows were added is answered rightly afterwards", async () => {
  await using temp = await tempLedger();
  await temp.ledger.write((db) => insertRuns(db, [runRow("a", { model_name: "m", git_hash: "abc", status: "failed" })]));
  const ask = () =>
    temp.ledger.read(async (db) => ({
      recent: ids(await recentRuns(db, "m")),
      running: ids(await runningRuns(db)),
      statuses: (await db.all<{ status: string }>("SELECT DISTINCT status FROM run ORDER BY status")).map(({ status }) => status),
    }));
  assert.deepEqual(await ask(), { recent: [], running: [], statuses: ["failed"] });
  await temp.ledger.write((db) => insertRuns(db, [runRow("b", { model_name: "m" }), runRow("c", { model_name: "m", status: "running" })]));
  assert.deepEqual(await ask(), { recent: ["b"], running: ["c"], statuses: ["completed", "failed", "running"] });
});
