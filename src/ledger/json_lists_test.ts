import assert from "node:assert/strict";
import fc from "fast-check";
import { asParameter, textList, texts } from "./json_lists.ts";
import type { ColumnType } from "./schema.ts";
import { HOSTILE, tempLedger, VALUES } from "./support_test.ts";
import type { SqlScalar } from "./values.ts";

for (const [type, values] of Object.entries(VALUES) as [ColumnType, fc.Arbitrary<SqlScalar>][]) {
  Deno.test(`asParameter() of ${type} gives the rows that a list of DuckDB's own gives`, async () => {
    await using temp = await tempLedger();
    await temp.ledger.read(async (db) => {
      await fc.assert(
        fc.asyncProperty(fc.array(fc.oneof(fc.constant(null), values), { minLength: 1, maxLength: 20 }), async (list) => {
          const { value, sql } = asParameter({ type, list });
          assert.equal(typeof value, "string");
          const rows = await db.all<Record<string, unknown>>(
            `SELECT *, a IS NOT DISTINCT FROM b AS same FROM (SELECT (${sql(1)})::${type} AS a, unnest($2::${type}[]) AS b)`,
            [value, { type: type === "JSON" ? "VARCHAR" : type, list }],
          );
          assert.deepEqual(rows.map(({ same }) => same), list.map(() => true));
          assert.deepEqual(rows.map(({ a }) => a), rows.map(({ b }) => b)); // also -0, which SQL does not tell from 0
        }),
        { numRuns: 60 },
      );
    });
  });
}

Deno.test("asParameter() leaves a list to DuckDB where a value is not plainly of the column's type", () => {
  for (const [value, type] of [[2.5, "INTEGER"], [2 ** 60, "BIGINT"], ["1", "DOUBLE"], [1, "VARCHAR"], ["x", "BOOLEAN"]] as const) {
    const list = { type, list: [null, value] };
    assert.equal(asParameter(list).value, list);
    assert.equal(asParameter(list).sql(3), `unnest($3::${type}[])`);
  }
});

Deno.test("texts() gives the rows of textList(), whatever they are; of null none", async () => {
  await using temp = await tempLedger();
  const list = [...HOSTILE, "", "null", "a\0b", "\ud800", "['x']"];
  await temp.ledger.read(async (db) => {
    const rows = await db.all<{ text: string }>(`SELECT ${texts(2)} AS text, $1 AS one`, [1, textList(list)]);
    assert.deepEqual(rows.map(({ text }) => text), list.map((text) => text.toWellFormed()));
    assert.deepEqual(await db.all(`SELECT ${texts(1)} AS text`, [textList([])]), []);
    assert.deepEqual(await db.all(`SELECT ${texts(1)} AS text`, [null]), []);
  });
});
