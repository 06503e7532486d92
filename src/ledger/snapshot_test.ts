import assert from "node:assert/strict";
import { basename, join } from "@std/path";
import { readSnapshot, readSnapshotFile, type Snapshot, snapshotPath, writeSnapshot } from "./mod.ts";
import { artifactRow, HOSTILE, ownRow, runRow, tempDir } from "./support_test.ts";

const snapshotOf = (id: string): Snapshot => ({
  run: runRow(id, { meta: { text: HOSTILE.join(""), odd: NaN, large: 2n ** 60n + 1n } }),
  inputs: [artifactRow(1)],
  outputs: [artifactRow(2)],
  cached_run: runRow("source"),
  config: { a: [1, null] },
  facet: null,
  deno: {
    run: ownRow(id, { signature: "s" }),
  },
});

Deno.test("writeSnapshot() and readSnapshot() are inverse, and nothing else is left in the folder", async () => {
  await using dir = await tempDir();
  for (const id of ["clean_57eb6b28", ...HOSTILE, "..", "x".repeat(400)]) {
    const path = await writeSnapshot(dir.path, snapshotOf(id));
    assert.equal(path, snapshotPath(dir.path, id));
    assert.deepEqual(await readSnapshot(dir.path, id), snapshotOf(id));
  }
  const names = [...Deno.readDirSync(join(dir.path, "consist_runs"))].map((entry) => entry.name);
  assert.equal(names.length, HOSTILE.length + 3);
  for (const name of names) assert.match(name, /^[A-Za-z0-9_-][A-Za-z0-9_.-]*\.json$|^\.\.[A-Za-z0-9_.-]*\.json$/);
});

Deno.test("snapshotPath() gives each id a file of its own", () => {
  const names = ["a/b", "a_b", "a\\b", "a b"].map((id) => basename(snapshotPath("/runs", id)));
  assert.equal(new Set(names).size, names.length);
  assert.equal(names[1], "a_b.json");
});

Deno.test("writeSnapshot() replaces an earlier one", async () => {
  await using dir = await tempDir();
  await writeSnapshot(dir.path, snapshotOf("r"));
  await writeSnapshot(dir.path, { ...snapshotOf("r"), config: "new" });
  assert.equal((await readSnapshot(dir.path, "r"))!.config, "new");
});

Deno.test("writeSnapshot() leaves nothing behind where it fails", async () => {
  await using dir = await tempDir();
  await Deno.mkdir(join(snapshotPath(dir.path, "r"), "in_the_way"), { recursive: true });
  await assert.rejects(writeSnapshot(dir.path, snapshotOf("r")));
  assert.deepEqual([...Deno.readDirSync(join(dir.path, "consist_runs"))].map((entry) => entry.name), ["r.json"]);
});

Deno.test("readSnapshot() gives none where there is none, and an error for half of one", async () => {
  await using dir = await tempDir();
  assert.equal(await readSnapshot(dir.path, "r"), undefined);
  const path = await writeSnapshot(dir.path, snapshotOf("r"));
  await Deno.truncate(path, 50);
  await assert.rejects(readSnapshotFile(path), { name: "LedgerError", code: "ledger_unreadable", path });
  await Deno.writeTextFile(path, "{}");
  await assert.rejects(readSnapshotFile(path), /There is no run in it/);
});

Deno.test("readSnapshotFile() takes the least that Python accepts", async () => {
  await using dir = await tempDir();
  const path = join(dir.path, "least.json");
  await Deno.writeTextFile(
    path,
    '{"run": {"id": "r", "status": "completed", "model_name": "m", "config_hash": "c", "git_hash": "g"}, "extra": NaN}',
  );
  const snapshot = await readSnapshotFile(path);
  assert.deepEqual([snapshot!.run.id, snapshot!.inputs, snapshot!.outputs, snapshot!.cached_run], ["r", [], [], null]);
});
