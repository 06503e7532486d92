import assert from "node:assert/strict";
import { join } from "@std/path";
import { LedgerError, OptionError } from "../errors.ts";
import { type Db, digestsOf, insertRuns, openLedger, putDigests, runsById } from "./mod.ts";
import { at, HOSTILE, runRow, tempDir, tempLedger } from "./support_test.ts";

const count = async (db: Db): Promise<number> => (await db.all<{ n: number }>("SELECT count(*) AS n FROM run"))[0]!.n;

Deno.test("openLedger() touches no file before the first use", async () => {
  await using dir = await tempDir();
  const ledger = openLedger(join(dir.path, "deep", "down", "provenance.duckdb"));
  assert.equal(ledger.isHeld, false);
  assert.deepEqual([...Deno.readDirSync(dir.path)], []);
  assert.equal(await ledger.read(count), 0);
  assert.deepEqual([...Deno.readDirSync(join(dir.path, "deep", "down"))].map((entry) => entry.name).sort().slice(0, 1), [
    "provenance.duckdb",
  ]);
  await ledger.close();
  assert.equal(ledger.isHeld, false);
});

Deno.test("openLedger() refuses a ledger that is no file", () => {
  for (const path of ["", ":memory:"]) assert.throws(() => openLedger(path), OptionError);
});

Deno.test("write() is one transaction: all of it is there afterwards, or nothing", async () => {
  await using temp = await tempLedger();
  const { ledger } = temp;
  assert.equal(await ledger.write(async (db) => (await insertRuns(db, [runRow("a"), runRow("b")]), "done")), "done");
  await assert.rejects(
    ledger.write(async (db) => {
      await insertRuns(db, [runRow("c")]);
      throw new RangeError("stop");
    }),
    RangeError,
  );
  await assert.rejects(ledger.write((db) => insertRuns(db, [runRow("d"), runRow("a")])), /Duplicate key/i);
  assert.equal(await ledger.read(count), 2);
});

Deno.test("lookUp() and read() do not see an open transaction, work inside it does", async () => {
  await using temp = await tempLedger();
  const { ledger } = temp;
  const middle = Promise.withResolvers<void>();
  const seen = Promise.withResolvers<void>();
  const writing = ledger.write(async (db) => {
    await insertRuns(db, [runRow("a")]);
    assert.equal(await ledger.lookUp(count), 1);
    assert.equal(await ledger.read(count), 1);
    middle.resolve();
    await seen.promise;
  });
  await middle.promise;
  assert.equal(await ledger.lookUp(count), 0);
  seen.resolve();
  await writing;
  assert.equal(await ledger.lookUp(count), 1);
});

Deno.test("write() inside write() joins it, and is undone with it", async () => {
  await using temp = await tempLedger();
  const { ledger } = temp;
  await assert.rejects(ledger.write(async () => {
    await ledger.write((db) => insertRuns(db, [runRow("inner")]));
    throw new RangeError("stop");
  }));
  assert.equal(await ledger.read(count), 0);
});

Deno.test("writes that are started together run one after the other", async () => {
  await using temp = await tempLedger();
  const { ledger } = temp;
  await Promise.all(Array.from({ length: 20 }, (_, index) =>
    ledger.write(async (db) => {
      const before = await count(db);
      await insertRuns(db, [runRow(`r${index}`)]);
      assert.equal(await count(db), before + 1);
    })));
  assert.equal(await ledger.read(count), 20);
});

Deno.test("lookups that are started together do not mix their parameters", async () => {
  await using temp = await tempLedger();
  const { ledger } = temp;
  const ids = Array.from({ length: 50 }, (_, index) => `r${index}`);
  await ledger.write((db) => insertRuns(db, ids.map((id) => runRow(id))));
  const found = await Promise.all(ids.map((id) => ledger.lookUp((db) => runsById(db, [id]))));
  assert.deepEqual(found.map((rows) => rows[0]!.id), ids);
  const inside = await ledger.lookUp((db) => Promise.all(ids.map((id) => runsById(db, [id]))));
  assert.deepEqual(inside.map((rows) => rows[0]!.id), ids);
});

Deno.test("later() is written before any read(), but lookUp() does not wait for it", async () => {
  await using temp = await tempLedger();
  const { ledger } = temp;
  for (let index = 0; index < 30; index++) ledger.later((db) => insertRuns(db, [runRow(`r${index}`)]));
  assert.equal(await ledger.lookUp(count), 0);
  assert.equal(await ledger.read(count), 30);
});

Deno.test("later() is written when nobody asks for it", async () => {
  await using temp = await tempLedger();
  const { ledger } = temp;
  ledger.later((db) => insertRuns(db, [runRow("a")]));
  while (await ledger.lookUp(count) === 0) await new Promise((resolve) => setTimeout(resolve, 20));
});

Deno.test("later() is written by close(), and the ledger can be used again", async () => {
  await using temp = await tempLedger();
  const { ledger } = temp;
  ledger.later((db) => insertRuns(db, [runRow("a")]));
  await ledger.close();
  await ledger.close();
  assert.equal(await ledger.lookUp(count), 1);
});

Deno.test("close() waits for a file that is being opened, and closes it", async () => {
  await using temp = await tempLedger();
  temp.ledger.prepare();
  await temp.ledger.close();
  assert.equal(temp.ledger.isHeld, false);
  await new Promise((resolve) => setTimeout(resolve, 150));
  assert.equal(temp.ledger.isHeld, false);
});

Deno.test("later() replaces the same row twice in one batch", async () => {
  await using temp = await tempLedger();
  const { ledger } = temp;
  const digest = (text: string) => ({ path: "/a", size: 1, mtime_ms: 1, ctime_ms: null, inode: null, digest: text, taken_at: at() });
  for (const text of ["first", "second"]) ledger.later((db) => putDigests(db, [digest(text)]));
  assert.equal((await ledger.read((db) => digestsOf(db, ["/a"])))[0]!.digest, "second");
});

Deno.test("later(): a bad write is reported on stderr and does not take the others with it", async () => {
  await using temp = await tempLedger();
  const { ledger } = temp;
  const said = await stderrOf(async () => {
    ledger.later((db) => insertRuns(db, [runRow("a")]));
    ledger.later((db) => insertRuns(db, [runRow("a")]));
    ledger.later(() => Promise.reject(new Error("no such luck")));
    ledger.later((db) => insertRuns(db, [runRow("b")]));
    assert.equal(await ledger.read(count), 2);
  });
  assert.equal(said.length, 2);
  assert.match(said[0]!, /provenance\.duckdb": a row could not be written.*\n.*Duplicate key/s);
  assert.match(said[1]!, /no such luck/);
});

Deno.test("later() sees rows of the same batch", async () => {
  await using temp = await tempLedger();
  const { ledger } = temp;
  let seen = -1;
  ledger.later((db) => insertRuns(db, [runRow("a")]));
  ledger.later(async (db) => void (seen = await count(db)));
  await ledger.flush();
  assert.equal(seen, 1);
});

Deno.test("connection() gives DuckDB itself, on the same instance", async () => {
  await using temp = await tempLedger({ idleMs: 1, stretchMs: 1 });
  const { ledger } = temp;
  await ledger.write((db) => insertRuns(db, [runRow("a")]));
  const connection = await ledger.connection();
  await new Promise((resolve) => setTimeout(resolve, 30));
  assert.equal(ledger.isHeld, true);
  await connection.run("CREATE TABLE mine (a INTEGER)");
  assert.equal(await ledger.read(count), 1);
  assert.deepEqual(await ledger.read((db) => db.all("SELECT count(*) AS n FROM mine")), [{ n: 0 }]);
  connection.disconnectSync();
  await ledger.release();
  assert.equal(ledger.isHeld, false);
});

Deno.test("db.all() gives plain values: numbers, bigint where they do not fit, dates, text of JSON", async () => {
  await using temp = await tempLedger();
  const rows = await temp.ledger.read((db) =>
    db.all(
      `SELECT 1::BIGINT AS small, 9007199254740993::BIGINT AS large, sum(2) AS total, 1.5::DECIMAL(4, 2) AS money, TIMESTAMPTZ '2030-01-01 00:00:00+00' AS moment,
'{"a": 1}'::JSON AS json, [1::BIGINT, 2] AS list, {'n': 3::BIGINT} AS object, 'ab'::BLOB AS bytes, NULL AS nothing, 1 AS small`,
    )
  );
  assert.deepEqual(rows, [{
    small: 1,
    large: 9007199254740993n,
    total: 2,
    money: 1.5,
    moment: at(),
    json: '{"a": 1}',
    list: [1, 2],
    object: { n: 3 },
    bytes: new Uint8Array([97, 98]),
    nothing: null,
    "small:1": 1,
  }]);
});

Deno.test("db.all() takes every kind of parameter, and hostile text stays text", async () => {
  await using temp = await tempLedger();
  await temp.ledger.read(async (db) => {
    for (const value of [1, 1.5, 2 ** 40, 1e300, -0.5, true, false, null, 10n ** 18n, ...HOSTILE]) {
      const [row] = await db.all<{ v: unknown }>("SELECT $1 AS v", [value]);
      assert.deepEqual(row!.v, value);
    }
    assert.deepEqual(await db.all("SELECT $1::TIMESTAMPTZ AS v", [at(7)]), [{ v: at(7) }]);
    assert.deepEqual(
      await db.all("SELECT unnest($1) AS v", [{ type: "VARCHAR", list: [...HOSTILE, null] }]),
      [...HOSTILE, null].map((v) => ({ v })),
    );
    assert.deepEqual(await db.all("SELECT $1 AS v", [new Uint8Array([0, 255])]), [{ v: new Uint8Array([0, 255]) }]);
  });
});

Deno.test("errors of a query stay DuckDB's own", async () => {
  await using temp = await tempLedger();
  await assert.rejects(temp.ledger.read((db) => db.all("SELECT nothing FROM nowhere")), (error: Error) => {
    assert.ok(!(error instanceof LedgerError));
    assert.match(error.message, /nowhere/);
    return true;
  });
  assert.equal(await temp.ledger.read(count), 0);
});

Deno.test("many different statements do not pile up, and keep working", async () => {
  await using temp = await tempLedger();
  await temp.ledger.read(async (db) => {
    for (let index = 0; index < 200; index++) assert.deepEqual(await db.all(`SELECT ${index} AS n`), [{ n: index }]);
    assert.deepEqual(await db.all("SELECT 0 AS n"), [{ n: 0 }]);
  });
});

/** What was printed on stderr meanwhile. */
async function stderrOf(work: () => Promise<void>): Promise<string[]> {
  const said: string[] = [];
  const original = console.error;
  console.error = (...parts: unknown[]) => void said.push(parts.join(" "));
  try {
    await work();
  } finally {
    console.error = original;
  }
  return said;
}

Deno.test("close() waits for questions that nobody waits for any more, and not for itself inside of one", async () => {
  await using temp = await tempLedger();
  const { ledger } = temp;
  let answered = 0;
  const slow = async (db: Db): Promise<void> => {
    await new Promise((resolve) => setTimeout(resolve, 100));
    await count(db);
    answered++;
  };
  const both = Promise.all([ledger.lookUp(slow), ledger.lookUp(() => Promise.reject(new Error("no such run")))]);
  await assert.rejects(both, /no such run/);
  await ledger.close();
  assert.equal(answered, 1);
  assert.equal(ledger.isHeld, false);
  await ledger.lookUp(async (db) => {
    await ledger.close();
    assert.equal(await count(db), 0);
  });
  const lent = await ledger.connection();
  await ledger.close();
  assert.equal(ledger.isHeld, true);
  lent.disconnectSync();
  await ledger.close();
  assert.equal(ledger.isHeld, false);
});

Deno.test("otherWrites() stays the same while only rows of runs are written, and is unknown while a connection is lent", async () => {
  await using temp = await tempLedger();
  await temp.ledger.write((db) => insertRuns(db, [runRow("first")]));
  const first = temp.ledger.otherWrites();
  assert.notEqual(first, undefined);
  await temp.ledger.writeRows((db) => insertRuns(db, [runRow("second")]));
  temp.ledger.later((db) => insertRuns(db, [runRow("third")]));
  await temp.ledger.flush();
  await temp.ledger.release();
  await temp.ledger.lookUp((db) => db.all("SELECT 1"));
  assert.equal(temp.ledger.otherWrites(), first);
  await temp.ledger.write((db) => db.run("UPDATE run SET status = 'failed'"));
  const second = temp.ledger.otherWrites();
  assert.notEqual(second, first);
  const connection = await temp.ledger.connection();
  assert.equal(temp.ledger.otherWrites(), undefined);
  connection.disconnectSync();
  assert.notEqual(temp.ledger.otherWrites(), second);
});

Deno.test("underWay() resolves before the file is open, and there is nothing to wait for once it is", async () => {
  await using dir = await tempDir();
  const ledger = openLedger(join(dir.path, "provenance.duckdb"));
  assert.equal(ledger.underWay(), undefined);
  ledger.prepare();
  await Promise.resolve();
  const underWay = ledger.underWay();
  assert.ok(underWay instanceof Promise);
  assert.equal(await Promise.race([underWay.then(() => ledger.isHeld), ledger.lookUp(() => Promise.resolve("open"))]), false);
  await ledger.lookUp(() => Promise.resolve());
  assert.equal(ledger.underWay(), undefined);
  await ledger.close();
});
