import assert from "node:assert/strict";
import fc from "fast-check";
import { literal, textLiteral } from "./literals.ts";
import type { ColumnType } from "./schema.ts";
import { tempLedger, VALUES } from "./support_test.ts";
import type { SqlScalar } from "./values.ts";

for (const [type, values] of Object.entries(VALUES) as [ColumnType, fc.Arbitrary<SqlScalar>][]) {
  Deno.test(`literal() of ${type} is what the same value is as a parameter`, async () => {
    await using temp = await tempLedger();
    await temp.ledger.read(async (db) => {
      await fc.assert(
        fc.asyncProperty(fc.oneof(fc.constant(null), values), async (value) => {
          const text = literal(value, type);
          assert.notEqual(text, undefined);
          // Two of them, and a column after each: a literal that ends too early or too late is seen.
          const [row] = await db.all<Record<string, unknown>>(
            `SELECT (${text})::${type} AS a, 1 AS one, (${text})::${type} AS b, list_extract($1::${type}[], 1) AS c, a IS NOT DISTINCT FROM c AS same, 2 AS two`,
            [{ type: type === "JSON" ? "VARCHAR" : type, list: [value] }],
          );
          assert.deepEqual([row!.one, row!.two, row!.same], [1, 2, true]);
          assert.deepEqual([row!.a, row!.b], [row!.c, row!.c]);
        }),
        { numRuns: 150 },
      );
    });
  });
}

Deno.test("literal() leaves to a parameter what is not plainly of the column's type", () => {
  const others: [SqlScalar, ColumnType][] = [
    [2.5, "INTEGER"],
    [2 ** 31, "INTEGER"],
    [2n ** 63n, "BIGINT"],
    [2 ** 60, "BIGINT"],
    ["1; DROP TABLE run", "INTEGER"],
    ["1", "DOUBLE"],
    [1, "BOOLEAN"],
    [1, "VARCHAR"],
    [new Uint8Array(1), "VARCHAR"],
    [new Date(NaN), "TIMESTAMP WITH TIME ZONE"],
    ["2030-01-01", "TIMESTAMP WITH TIME ZONE"],
  ];
  for (const [value, type] of others) assert.equal(literal(value, type), undefined, `${value} ${type}`);
});

Deno.test("textLiteral() holds a text of megabytes with quotes and NUL in it", async () => {
  await using temp = await tempLedger();
  const text = "it's\0\n".repeat(300_000);
  const [row] = await temp.ledger.read((db) => db.all<{ text: string }>(`SELECT ${textLiteral(text)} AS text`));
  assert.equal(row!.text === text, true);
});
