import assert from "node:assert/strict";
import { alignedRows, indented, labelled, pad } from "./layout.ts";

Deno.test("alignedRows() lines columns up by what a terminal shows, and drops empty ones", () => {
  const rows = [["a", "", "1"], ["日本", "", "22"], ["abc", "", "333"]];
  assert.deepEqual(alignedRows(rows, new Set([2])), ["a       1", "日本   22", "abc   333"]);
});

Deno.test("alignedRows() takes rows of different length and leaves no space at the end", () => {
  assert.deepEqual(alignedRows([["a", "b"], ["long"]]), ["a     b", "long"]);
  assert.deepEqual(alignedRows([]), []);
});

Deno.test("pad() fills at the side that is asked for, and never cuts", () => {
  assert.deepEqual([pad("ab", 4), pad("ab", 4, "right"), pad("abcdef", 4)], ["ab  ", "  ab", "abcdef"]);
});

Deno.test("labelled() and indented() keep lines together", () => {
  assert.deepEqual(labelled("files", ["a", "b"], 6), ["files   a", "        b"]);
  assert.deepEqual(labelled("files", [], 6), []);
  assert.deepEqual(indented(["a", ""], 2), ["  a", ""]);
});
