import assert from "node:assert/strict";
import { emptyLedger, insertRuns, runsById } from "./mod.ts";
import { runRow } from "./support_test.ts";

Deno.test("emptyLedger() reads as an empty ledger, takes back what is written, and makes no file", async () => {
  const dir = await Deno.makeTempDir();
  const ledger = emptyLedger(`${dir}/provenance.duckdb`);
  const count = () => ledger.read((db) => db.all<{ n: number }>("SELECT count(*) AS n FROM run"));
  assert.deepEqual(await count(), [{ n: 0 }]);
  const row = runRow("a");
  const seen = await ledger.write(async (db) => {
    await insertRuns(db, [row]);
    return (await runsById(db, [row.id])).length;
  });
  assert.equal(seen, 1);
  await assert.rejects(ledger.write((db) => db.run("SELECT nothing_of_the_kind")), /nothing_of_the_kind/);
  await ledger.write(() => ledger.write((db) => insertRuns(db, [row])));
  ledger.later(() => Promise.reject(new Error("It was written.")));
  await ledger.flush();
  assert.deepEqual(await count(), [{ n: 0 }]);
  const connection = await ledger.connection();
  assert.deepEqual((await connection.runAndReadAll("SELECT count(*)::INT FROM artifact")).getRows(), [[0]]);
  connection.disconnectSync();
  await ledger.close();
  await ledger.close();
  assert.deepEqual(await count(), [{ n: 0 }]);
  await ledger.close();
  assert.deepEqual([...Deno.readDirSync(dir)], []);
});
