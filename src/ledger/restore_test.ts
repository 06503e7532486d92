import assert from "node:assert/strict";
import {
  artifactsOfRuns,
  completedBySignature,
  facetsOfRuns,
  identitiesOf,
  insertRuns,
  readSnapshotFile,
  restoreSnapshots,
  runsById,
  type Snapshot,
} from "./mod.ts";
import { artifactRow, at, runRow, tempLedger } from "./support_test.ts";

const snapshotOf = (id: string, ms: number): Snapshot => ({
  run: runRow(id, { created_at: at(ms), signature: `s ${id}` }),
  inputs: [artifactRow(1)],
  outputs: [artifactRow(ms + 10, { run_id: id })],
  cached_run: null,
  config: { a: 1 },
  facet: { a: 1 },
  deno: {
    run: {
      run_id: id,
      scenario_name: "sc",
      header_id: null,
      source_run_id: null,
      seconds: 1,
      label: null,
      hit: false,
      signature: `s ${id}`,
      result: null,
    },
    identity: { run_id: id, config: { a: 1 }, code: null, call: null, inputs: null, outputs: null },
  },
});

Deno.test("restoreSnapshots() rebuilds a lost ledger, and a second time adds nothing", async () => {
  await using temp = await tempLedger();
  const { ledger } = temp;
  const snapshots = [snapshotOf("b", 2), snapshotOf("a", 1)];
  assert.deepEqual(await ledger.write((db) => restoreSnapshots(db, snapshots, at(99))), ["a", "b"]);
  assert.deepEqual(await ledger.write((db) => restoreSnapshots(db, snapshots, at(99))), []);
  await ledger.read(async (db) => {
    assert.deepEqual(await completedBySignature(db, "s a"), [snapshots[1]!.run]);
    const linked = await artifactsOfRuns(db, ["a", "b"]);
    assert.deepEqual(linked.map((link) => `${link.run_id} ${link.direction} ${link.artifact.hash}`).sort(), [
      "a input h1",
      "a output h11",
      "b input h1",
      "b output h12",
    ]);
    assert.equal(linked[0]!.artifact.content_id?.length, 36);
    assert.deepEqual((await facetsOfRuns(db, ["a"])).map((row) => row.facet), [{ a: 1 }]);
    assert.deepEqual((await identitiesOf(db, ["a"])).map((row) => row.config), [{ a: 1 }]);
  });
});

Deno.test("restoreSnapshots() leaves what is there as it is", async () => {
  await using temp = await tempLedger();
  const mine = runRow("a", { description: "mine" });
  await temp.ledger.write((db) => insertRuns(db, [mine]));
  assert.deepEqual(await temp.ledger.write((db) => restoreSnapshots(db, [snapshotOf("a", 1), snapshotOf("b", 2)], at(99))), ["b"]);
  assert.deepEqual(await temp.ledger.read((db) => runsById(db, ["a"])), [mine]);
});

Deno.test("restoreSnapshots() takes the snapshots of Python, also the least ones", async () => {
  const folder = new URL("../../tests/fixtures/python-project/runs/consist_runs/", import.meta.url);
  const snapshots: Snapshot[] = [];
  for (const { name } of Deno.readDirSync(folder)) snapshots.push((await readSnapshotFile(new URL(name, folder).pathname))!);
  const least = {
    ...snapshots[0]!,
    inputs: [],
    outputs: [],
    facet: null,
    run: { id: "least", status: "completed", model_name: "m" } as Snapshot["run"],
  };
  await using temp = await tempLedger();
  const restored = await temp.ledger.write((db) => restoreSnapshots(db, [...snapshots, least], at(99)));
  assert.equal(restored.length, snapshots.length + 1);
  const [run] = await temp.ledger.read((db) => runsById(db, ["least"]));
  assert.deepEqual([run!.created_at, run!.meta, run!.tags], [at(99), {}, []]);
  const clean = await temp.ledger.read((db) => facetsOfRuns(db, ["baseline_2040_clean_7f29ba39"]));
  assert.equal(clean[0]!.facet_id, "70291d3e713d6b24d9b196b69796bd86566128da029d2625bf38a79a5c9148df");
});
