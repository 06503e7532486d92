import assert from "node:assert/strict";
import { join } from "@std/path";
import { asksIndexes, openLedger } from "../../ledger/mod.ts";
import { findRuns, listRuns } from "./mod.ts";
import { Story } from "../support_test.ts";

const COUNT = 5_000;
/** The time of the nth row: rows in any order, with pairs that began at one moment. */
const ORDERS = {
  "in order": "n",
  "the newest first": `${COUNT} - n`,
  "in no order, with pairs of one moment": `(n * 7919) % ${COUNT} // 2`,
};

/** Many runs, of which every tenth is a hit on the one before, and one in three has a facet; the first ones have a header. */
async function fill(story: Story, order: string): Promise<void> {
  const made = `TIMESTAMPTZ '2030-01-01' + to_seconds(${order})`;
  const all = `FROM range(${COUNT}) AS t(n)`;
  await story.tell({ h: story.header("study") });
  await story.ledger.write(async (db) => {
    const signature = "'s' || (CASE WHEN n % 10 = 9 THEN n - 1 ELSE n END)";
    await db.run(
      `INSERT INTO run SELECT 'r' || n, CASE WHEN n < 10 THEN 'h' END, 'completed', 'm', NULL, NULL, NULL, NULL, NULL, '[]', NULL, 'deno:1',
NULL, ${signature}, '{}', ${made}, ${made}, ${made}, ${made} ${all}`,
    );
    await db.run(`INSERT INTO deno_run SELECT 'r' || n, NULL, NULL, NULL, 1.0, NULL, n % 10 = 9, NULL, NULL ${all} WHERE n % 2 = 0`);
    await db.run(`INSERT INTO config_facet SELECT 'f' || n, 'm', 'dict', NULL, '{"n":' || n || '}', ${made} ${all} WHERE n % 3 = 0`);
    await db.run(
      `INSERT INTO run_config_kv SELECT 'r' || n, 'f' || n, 'm', 'n', 'int', NULL, n, NULL, 'null', ${made} ${all} WHERE n % 3 = 0`,
    );
  });
}

for (const [name, order] of Object.entries(ORDERS)) {
  Deno.test(`listRuns() gives what findRuns() finds, of many rows ${name}, with and without indexes`, async () => {
    await using story = await Story.begin();
    await fill(story, order);
    const all = [...await findRuns(story.reading)].sort((a, b) => b.startedAt.getTime() - a.startedAt.getTime() || (a.id < b.id ? 1 : -1));
    assert.equal(all.length, COUNT * 0.9 + 1);
    await story.ledger.close();
    // A copy has another time than the one that is noted, as a file that another program wrote.
    const copy = join(story.dir, "copy.duckdb");
    await Deno.copyFile(story.ledger.path, copy);
    await Deno.utime(copy, 0, 0);
    for (const [ledger, indexes] of [[story.ledger, true], [openLedger(copy, { onlyReads: true }), false]] as const) {
      assert.equal(await ledger.read((db) => asksIndexes(db)), indexes);
      for (const limit of [1, 40, 1_500, Number.MAX_SAFE_INTEGER]) {
        const { runs, total } = await listRuns({ ledger }, {}, limit);
        assert.equal(total, all.length);
        assert.deepEqual(runs, all.slice(0, limit), `${limit}`);
      }
      await ledger.close();
    }
  });
}
