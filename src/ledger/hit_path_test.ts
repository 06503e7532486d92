import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { fillLedger, runIdOf } from "../../bench/make_ledger.ts";
import {
  artifactsById,
  artifactsOfRuns,
  completedBySignature,
  type Db,
  digestsOf,
  facetsOfRuns,
  finishRun,
  identitiesOf,
  ownRunsById,
  putDigests,
  runIdsByLabel,
  runsById,
  servableRuns,
  setArtifactMeta,
  type SqlValue,
} from "./mod.ts";
import { at, tempLedger } from "./support_test.ts";

const sha = (text: string): string => createHash("sha256").update(text).digest("hex");

/** The statements that a piece of work sends. */
async function statementsOf(db: Db, work: (db: Db) => Promise<unknown>): Promise<[string, readonly SqlValue[]][]> {
  const sent: [string, readonly SqlValue[]][] = [];
  const recorder: Db = {
    raw: db.raw,
    born: db.born,
    all: (sql, params = []) => (sent.push([sql, params]), db.all(sql, params)),
    run: (sql, params = []) => (sent.push([sql, params]), db.run(sql, params)),
  };
  await work(recorder);
  return sent;
}

const PATHS: Record<string, (db: Db) => Promise<unknown>> = {
  completedBySignature: (db) => completedBySignature(db, sha("signature 17")),
  "completedBySignature of a new signature": (db) => completedBySignature(db, sha("nothing")),
  servableRuns: (db) => servableRuns(db, sha("signature 17")),
  runsById: (db) => runsById(db, [runIdOf(17)]),
  artifactsOfRuns: (db) => artifactsOfRuns(db, [runIdOf(17)]),
  artifactsById: (db) => artifactsById(db, ["00000000-0000-7000-8000-000000000017"]),
  facetsOfRuns: (db) => facetsOfRuns(db, [runIdOf(17)]),
  identitiesOf: (db) => identitiesOf(db, [runIdOf(17)]),
  "identitiesOf several": (db) => identitiesOf(db, [runIdOf(17), runIdOf(18), runIdOf(19)]),
  ownRunsById: (db) => ownRunsById(db, [runIdOf(17)]),
  runIdsByLabel: (db) => runIdsByLabel(db, "label"),
  digestsOf: (db) => digestsOf(db, ["/data/17"]),
  "digestsOf several": (db) => digestsOf(db, ["/data/17", "/data/18", "/data/19"]),
  finishRun: (db) => finishRun(db, runIdOf(17), { status: "completed" }),
  setArtifactMeta: (db) => setArtifactMeta(db, "00000000-0000-7000-8000-000000000017", {}),
};

Deno.test("nothing on the hit path reads a whole table: each scan goes by an index", async (t) => {
  await using temp = await tempLedger({ stretchMs: 60_000 });
  const { ledger } = temp;
  await fillLedger(ledger.path, 3_000, 3);
  await ledger.write((db) =>
    putDigests(
      db,
      Array.from(
        { length: 3_000 },
        (_, index) => ({ path: `/data/${index}`, size: 1, mtime_ms: 1, ctime_ms: 1, inode: "1", digest: "d", taken_at: at() }),
      ),
    )
  );
  for (const [name, work] of Object.entries(PATHS)) {
    await t.step(name, async () => {
      await ledger.write(async (db) => {
        for (const [sql, params] of await statementsOf(db, work)) {
          const [plan] = await db.all<{ explain_value: string }>(`EXPLAIN (ANALYZE, FORMAT JSON) ${sql}`, params);
          assert.match(plan!.explain_value, /TABLE_SCAN|EMPTY_RESULT/, sql);
          assert.doesNotMatch(plan!.explain_value, /Sequential Scan/, `${sql}\n${plan!.explain_value}`);
        }
      });
    });
  }
});
