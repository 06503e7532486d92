import assert from "node:assert/strict";
import fc from "fast-check";
import { ownPiece, relationOf } from "../../relations/mod.ts";
import { valueAt } from "./numbered.ts";
import { HOSTILE } from "../support_test.ts";

/** The values as DuckDB gives them, by the numbers 0, 1, … */
async function given(values: readonly (string | number | null)[], type = "VARCHAR"): Promise<unknown[]> {
  const text = valueAt(values, "f.n", type)!;
  const query = `select ${text} as v from (select unnest(range(${values.length}))::ubigint as n) f`;
  return (await relationOf<{ v: unknown }>({ write: () => ownPiece(query, "values") }).rows()).map(({ v }) => v);
}

Deno.test("valueAt() gives each value back, whatever it is", async () => {
  const lists: (string | null)[][] = [
    ["a", "b", "c"],
    ["same", "same"],
    [null, null],
    [null, "", " ", "a ", " a", "|", "||", "a|", "%7C", "+", "\0", "\t"],
    ["ab", "é", "🚀", "日本"],
    [...HOSTILE, null],
  ];
  for (const list of lists) assert.deepEqual(await given(list), list);
  assert.deepEqual(await given([2030, null, -1, 0, 2147483647], "INTEGER"), [2030, null, -1, 0, 2147483647]);
  assert.deepEqual(await given([7, 7], "INTEGER"), [7, 7]);
});

Deno.test("valueAt() gives back any list of texts and nulls", async () => {
  const texts = fc.array(fc.option(fc.string({ unit: "grapheme" })), { minLength: 1, maxLength: 20 });
  await fc.assert(fc.asyncProperty(texts, async (list) => assert.deepEqual(await given(list), list)), { numRuns: 50 });
});

Deno.test("valueAt() leaves what would be a very long text to a join", () => {
  assert.equal(valueAt(["x".repeat(1_000_000), "b", "c", "d", "e"], "n", "VARCHAR"), undefined);
});
