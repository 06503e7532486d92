import assert from "node:assert/strict";
import fc from "fast-check";
import { type Db, insertArtifacts, insertFacets, insertIdentities, insertLinks, insertRuns } from "./mod.ts";
import { gathering, insertRows } from "./insert.ts";
import { artifactRow, at, HOSTILE, runRow, tempLedger } from "./support_test.ts";

/** A connection that counts what it is asked. */
function counting(db: Db): { db: Db; sent: string[] } {
  const sent: string[] = [];
  const counted: Db = {
    all: (sql, params) => (sent.push(sql), db.all(sql, params)),
    run: (sql, params) => (sent.push(sql), db.run(sql, params)),
    raw: db.raw,
    born: db.born,
  };
  return { db: counted, sent };
}

const identity = (run_id: string, text: string) => ({ run_id, config: {}, code: { text }, call: {}, inputs: [], outputs: [] });

Deno.test("gathering() sends the rows of a run as one question and one text", async () => {
  await using temp = await tempLedger();
  await temp.ledger.write(async (raw) => {
    const { db, sent } = counting(raw);
    await gathering(db, async (db) => {
      await insertArtifacts(db, [artifactRow(1, { run_id: "r" }), artifactRow(2, { run_id: "r" })]);
      await insertLinks(db, [{ run_id: "r", artifact_id: artifactRow(1).id, direction: "output", is_implicit: false }], { areNew: true });
      await insertFacets(db, [{ run_id: "r", namespace: "m", facet: { a: 1 }, created_at: at() }], { areNew: true });
      await insertIdentities(db, [identity("r", "x".repeat(500))]);
      await insertRuns(db, [runRow("r")]);
    });
    assert.equal(sent.length, 2);
  });
  const count = (table: string) => temp.ledger.read(async (db) => (await db.all(`SELECT * FROM ${table}`)).length);
  assert.deepEqual(
    await Promise.all(["run", "artifact", "artifact_content", "run_artifact_link", "config_facet", "deno_text"].map(count)),
    [1, 2, 2, 1, 1, 1],
  );
});

Deno.test("gathering() keeps one row of a content, a facet and a text that several pieces of work bring", async () => {
  await using temp = await tempLedger();
  const round = (n: number) =>
    temp.ledger.write((db) =>
      gathering(db, async (db) => {
        for (const k of [2 * n, 2 * n + 1]) {
          await insertArtifacts(db, [artifactRow(k, { hash: "same" })]);
          await insertFacets(db, [{ run_id: `r${k}`, namespace: "m", facet: { a: 1 }, created_at: at() }], { areNew: true });
          await insertIdentities(db, [identity(`r${k}`, "same ".repeat(100))]);
        }
      })
    );
  await round(0);
  await round(1);
  const rows = (sql: string) => temp.ledger.read((db) => db.all<{ n: number }>(sql));
  assert.deepEqual(await rows("SELECT count(*) AS n FROM artifact_content"), [{ n: 1 }]);
  assert.deepEqual(await rows("SELECT count(DISTINCT content_id) AS n FROM artifact"), [{ n: 1 }]);
  assert.deepEqual(await rows("SELECT count(*) AS n FROM artifact WHERE content_id IS NULL"), [{ n: 0 }]);
  assert.deepEqual(await rows("SELECT count(*) AS n FROM config_facet"), [{ n: 1 }]);
  assert.deepEqual(await rows("SELECT count(*) AS n FROM deno_text"), [{ n: 1 }]);
});

Deno.test("gathering() writes before anything else is asked of the connection", async () => {
  await using temp = await tempLedger();
  await temp.ledger.write((db) =>
    gathering(db, async (db) => {
      await insertRuns(db, [runRow("r")]);
      assert.deepEqual(await db.all("SELECT id FROM run"), [{ id: "r" }]);
      await insertArtifacts(db, [artifactRow(1)]);
      await db.run("UPDATE artifact SET key = 'other' WHERE id = $1", [artifactRow(1).id]);
    })
  );
  assert.deepEqual(await temp.ledger.read((db) => db.all("SELECT key FROM artifact")), [{ key: "other" }]);
});

Deno.test("gathering() leaves nothing of a transaction in which one row is refused", async () => {
  await using temp = await tempLedger();
  await temp.ledger.write((db) => insertRuns(db, [runRow("taken")]));
  await assert.rejects(temp.ledger.write((db) =>
    gathering(db, async (db) => {
      await insertArtifacts(db, [artifactRow(1)]);
      await insertRuns(db, [runRow("taken")]);
    })
  ));
  assert.deepEqual(await temp.ledger.read((db) => db.all("SELECT id FROM artifact")), []);
  await temp.ledger.write((db) => insertRuns(db, [runRow("free")]));
});

Deno.test("writeRows() leaves nothing where a row is refused, and the next transaction begins anew", async () => {
  await using temp = await tempLedger();
  await temp.ledger.writeRows((db) => insertRuns(db, [runRow("taken")]));
  await assert.rejects(temp.ledger.writeRows(async (db) => {
    await insertArtifacts(db, [artifactRow(1)]);
    await insertRuns(db, [runRow("taken")]);
  }));
  await assert.rejects(
    temp.ledger.writeRows(async (db) => {
      await insertArtifacts(db, [artifactRow(2)]);
      throw new Error("of its own");
    }),
    /of its own/,
  );
  assert.deepEqual(await temp.ledger.read((db) => db.all("SELECT id FROM artifact")), []);
  await temp.ledger.writeRows((db) => insertRuns(db, [runRow("free")]));
  assert.deepEqual(await temp.ledger.read((db) => db.all("SELECT id FROM run ORDER BY id")), [{ id: "free" }, { id: "taken" }]);
});

Deno.test("writeRows() inside of a transaction is a part of it, in order", async () => {
  await using temp = await tempLedger();
  await assert.rejects(
    temp.ledger.write(async (db) => {
      await insertRuns(db, [runRow("first")]);
      await temp.ledger.writeRows(async (db) => {
        await insertRuns(db, [runRow("second")]);
        await db.run("UPDATE run SET status = 'changed' WHERE id = $1", ["second"]);
      });
      assert.deepEqual(await db.all("SELECT id, status FROM run ORDER BY id"), [{ id: "first", status: "completed" }, {
        id: "second",
        status: "changed",
      }]);
      throw new Error("taken back");
    }),
    /taken back/,
  );
  assert.deepEqual(await temp.ledger.read((db) => db.all("SELECT id FROM run")), []);
});

Deno.test("insertRows() keeps rows alike, whether they are few, many, or long", async () => {
  await using temp = await tempLedger();
  const text = fc.oneof(fc.string({ unit: "binary" }), fc.constantFrom(...HOSTILE, "a\0b", "'", ""));
  let made = 0;
  await fc.assert(
    fc.asyncProperty(
      fc.array(text, { minLength: 1, maxLength: 4 }),
      fc.constantFrom(1, 120),
      fc.constantFrom(1, 60_000),
      async (texts, times, length) => {
        const rows = Array.from({ length: times }, () => texts).flat().slice(0, 130).map((text, index) => ({
          hash: `${made++}`,
          text: index === 0 ? text.repeat(length) : text,
        }));
        await temp.ledger.write((db) => insertRows(db, "deno_text", rows));
        const first = made - rows.length;
        const found = await temp.ledger.read((db) =>
          db.all<{ hash: string; text: string }>("SELECT hash, text FROM deno_text WHERE hash::INTEGER >= $1 ORDER BY hash::INTEGER", [
            first,
          ])
        );
        // DuckDB holds UTF-8: half of a surrogate pair becomes the replacement character on either way.
        assert.deepEqual(found, rows.map(({ hash, text }) => ({ hash, text: text.toWellFormed() })));
      },
    ),
    { numRuns: 40 },
  );
});

Deno.test("writeRows() finds what is there already, before and after its first row", async () => {
  await using temp = await tempLedger();
  const bring = (n: number) =>
    temp.ledger.writeRows(async (db) => {
      assert.deepEqual(await db.all("SELECT count(*) AS n FROM artifact"), [{ n }]);
      await insertArtifacts(db, [artifactRow(n, { hash: "same" })]);
      assert.deepEqual(await db.all("SELECT count(*) AS n FROM artifact"), [{ n: n + 1 }]);
    });
  await bring(0);
  await bring(1);
  assert.deepEqual(await temp.ledger.read((db) => db.all("SELECT hash FROM artifact")), [{ hash: "same" }, { hash: "same" }]);
  await temp.ledger.writeRows((db) => insertArtifacts(db, [artifactRow(2, { hash: "same" })]));
  assert.deepEqual(await temp.ledger.read((db) => db.all("SELECT count(*) AS n FROM artifact_content")), [{ n: 1 }]);
});
