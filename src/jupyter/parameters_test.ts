import assert from "node:assert/strict";
import { formatNotebook, parseNotebook } from "./notebook_file.ts";
import { injectParameters } from "./parameters.ts";

const cell = (id: string, source: string, tags: readonly string[] = []) => ({
  cell_type: "code",
  id,
  metadata: { tags },
  source,
  outputs: [],
  execution_count: null,
});
const notebook = (...cells: object[]) => parseNotebook(JSON.stringify({ nbformat: 4, nbformat_minor: 5, metadata: {}, cells }), "n.ipynb");
const original = notebook(
  cell("a", "1"),
  cell("p", "// How warm?\nconst warm = 20;\nlet städte = ['Seattle'];", ["parameters"]),
  cell("z", "warm"),
);

Deno.test("injectParameters() adds a cell after the defaults, with the same keywords, and leaves the notebook as it is", () => {
  const before = formatNotebook(original);
  const { cells } = injectParameters(original, { warm: 25, städte: ['"; Deno.exit() //', "\u2028"] }, "n.ipynb");
  assert.deepEqual(cells.map(({ id }) => id === cells[2]!.id ? "new" : id), ["a", "p", "new", "z"]);
  assert.equal(cells[2]!.source, '// Parameters\nconst warm = 25;\nlet städte = ["\\"; Deno.exit() //","\u2028"];');
  assert.deepEqual(cells[2]!.metadata.tags, ["injected-parameters"]);
  assert.equal(formatNotebook(original), before);
});

Deno.test("injectParameters() replaces the cell of an earlier injection", () => {
  const once = injectParameters(original, { warm: 25 }, "n.ipynb");
  const twice = injectParameters(once, { warm: 30 }, "n.ipynb");
  assert.equal(twice.cells.length, 4);
  assert.match(twice.cells[2]!.source, /warm = 30/);
});

Deno.test("injectParameters() refuses an unknown name, a value that is no JSON and a notebook without the cell", () => {
  assert.throws(
    () => injectParameters(original, { warn: 1 }, "n.ipynb"),
    /parameter "warn".*declares "warm", "städte".*Did you mean "warm"/s,
  );
  assert.throws(() => injectParameters(original, { warm: () => 1 }, "n.ipynb"), /value of type function is none/);
  assert.throws(() => injectParameters(notebook(cell("a", "1")), { warm: 1 }, "n.ipynb"), /No code cell .* tag "parameters"/);
});

Deno.test("injectParameters() writes numbers that JSON lacks, and keeps every key of an object", () => {
  const value = [NaN, -Infinity, -0, 12n, JSON.parse('{"__proto__":1,"a b":null}')];
  const { cells } = injectParameters(original, { warm: value }, "n.ipynb");
  const line = cells[2]!.source.split("\n")[1]!;
  const read = new Function(`${line} return warm;`)() as unknown[];
  assert.deepEqual(read, value);
  assert.deepEqual(Object.keys(read[4] as object), ["__proto__", "a b"]);
  assert.throws(() => injectParameters(original, { warm: [new Date()] }, "n.ipynb"), /value of type object is none/);
});
