import assert from "node:assert/strict";
import { BoundedMemo } from "./bounded_memo.ts";

Deno.test("BoundedMemo keeps what was last used, and no more than its limit", () => {
  const made: string[] = [];
  const memo = new BoundedMemo<string>(2);
  const get = (key: string) => memo.get(key, () => (made.push(key), key));
  for (const key of ["a", "b", "a", "c", "a", "b"]) get(key);
  assert.deepEqual(made, ["a", "b", "c", "b"]);
  assert.equal(memo.size, 2);
});
