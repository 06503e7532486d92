import assert from "node:assert/strict";
import { changedCells, changeText } from "./changed_cells.ts";
import { parseNotebook } from "./notebook_file.ts";

/** Code cells by id and source; `#` is a Markdown cell. */
const notebook = (...cells: readonly (readonly [id: string, source: string])[]) =>
  parseNotebook(
    JSON.stringify({
      nbformat: 4,
      nbformat_minor: 5,
      metadata: {},
      cells: cells.map(([id, source]) => ({ cell_type: source.startsWith("#") ? "markdown" : "code", id, metadata: {}, source })),
    }),
    "n.ipynb",
  );
const before = notebook(["t", "# title"], ["a", "1"], ["b", "2"], ["c", "3"]);

const CASES: readonly (readonly [what: string, after: ReturnType<typeof notebook>, text: string, first: number | undefined])[] = [
  ["a changed text", notebook(["t", "# other"], ["a", "1"], ["b", "2"], ["c", "3"]), "no code changed", undefined],
  ["a changed cell", notebook(["t", "# title"], ["a", "1"], ["b", "9"], ["c", "3"]), "cell 2 changed", 2],
  ["two changed cells and a new one", notebook(["a", "0"], ["b", "2"], ["c", "0"], ["d", "4"]), "cells 1, 3 changed; cell 4 new", 1],
  ["a removed cell", notebook(["a", "1"], ["b", "2"]), "1 removed", 3],
  ["another order", notebook(["a", "1"], ["c", "3"], ["b", "2"]), "order changed", 2],
];
for (const [what, after, text, first] of CASES) {
  Deno.test(`changedCells() finds ${what}`, () => {
    const changes = changedCells(before, after);
    assert.equal(changeText(changes), text);
    assert.equal(changes.first, first);
  });
}
