import assert from "node:assert/strict";
import { NotebookError } from "../errors.ts";
import { formatNotebook, type Notebook, parseNotebook, readNotebook, writeNotebook } from "./notebook_file.ts";

const code = (source: unknown, rest: object = {}) => ({
  cell_type: "code",
  id: "a",
  metadata: {},
  source,
  outputs: [],
  execution_count: null,
  ...rest,
});
const file = (cells: unknown, rest: object = {}) => JSON.stringify({ nbformat: 4, nbformat_minor: 5, metadata: {}, cells, ...rest });

Deno.test("parseNotebook() joins lines, also in outputs, but leaves JSON as it is", () => {
  const outputs = [
    { output_type: "stream", name: "stdout", text: ["a\n", "b"] },
    {
      output_type: "display_data",
      metadata: {},
      data: { "text/html": ["<p>\n", "</p>"], "application/json": ["x", "y"], "application/vnd.vegalite.v5+json": { mark: ["bar"] } },
    },
  ];
  const [cell] = parseNotebook(file([code(["1\n", "2"], { outputs })]), "n.ipynb").cells;
  assert.equal(cell?.source, "1\n2");
  assert.ok(cell?.cell_type === "code");
  assert.deepEqual(cell.outputs, [
    { output_type: "stream", name: "stdout", text: "a\nb" },
    {
      output_type: "display_data",
      metadata: {},
      data: { "text/html": "<p>\n</p>", "application/json": ["x", "y"], "application/vnd.vegalite.v5+json": { mark: ["bar"] } },
    },
  ]);
});

Deno.test("formatNotebook() and parseNotebook() keep everything, also what they do not know", () => {
  const text = formatNotebook(parseNotebook(
    file([
      code("const ü = '\u2028';\n\n", {
        metadata: { tags: ["x"], editor: { a: 1 } },
        outputs: [{ output_type: "error", ename: "E", evalue: "", traceback: [] }],
      }),
      { cell_type: "markdown", id: "b", metadata: {}, source: "# Title", attachments: { "p.png": { "image/png": "AAAA" } } },
      { cell_type: "raw", id: "c", metadata: {}, source: "" },
    ], { metadata: { kernelspec: { name: "deno" }, custom: [1, { z: 1, a: 2 }] }, nbformat_minor: 6 }),
    "n.ipynb",
  ));
  assert.equal(formatNotebook(parseNotebook(text, "n.ipynb")), text);
  assert.deepEqual(JSON.parse(text).cells[0].source, ["const ü = '\u2028';\n", "\n"]);
  assert.equal(JSON.parse(text).nbformat_minor, 6);
  assert.match(text, /^\{\n "cells": \[\n {2}\{\n {3}"cell_type": "code",\n {3}"execution_count": null,/); // as Jupyter writes it
});

Deno.test("formatNotebook() keeps numbers as they are written, and makes text of what is neither text nor JSON", () => {
  const text = file([], { metadata: { big: 0, one: 1 } }).replace('"big":0,"one":1', '"big":12345678901234567890,"one":1.0');
  assert.match(formatNotebook(parseNotebook(text, "n.ipynb")), /"big": 12345678901234567890,\n {2}"one": 1\.0\n/);
  const shown = { output_type: "display_data", metadata: {}, data: { "text/plain": 7, "application/json": 7 } };
  assert.deepEqual(JSON.parse(formatNotebook(parseNotebook(file([code("", { outputs: [shown] })]), "n.ipynb"))).cells[0].outputs[0].data, {
    "application/json": 7,
    "text/plain": "7",
  });
});

Deno.test("readNotebook() reads a file with a byte order mark, and refuses one that is no text", () =>
  inFolder(async (dir) => {
    const path = `${dir}/n.ipynb`;
    await Deno.writeTextFile(path, "\ufeff" + file([]));
    assert.deepEqual((await readNotebook(path)).cells, []);
    await Deno.writeFile(path, Uint8Array.of(123, 255, 125));
    await assert.rejects(readNotebook(path), /It is not UTF-8 text/);
  }));

Deno.test("parseNotebook() gives cells of older files an id, and raises the minor version", () => {
  const { id: _, ...old } = code("1");
  const notebook = parseNotebook(file([old, old], { nbformat_minor: 2 }), "n.ipynb");
  assert.equal(notebook.nbformat_minor, 5);
  assert.match(notebook.cells[0]!.id, /^[0-9a-f]{8}$/);
  assert.notEqual(notebook.cells[0]!.id, notebook.cells[1]!.id);
});

const INVALID: readonly (readonly [what: string, text: string, expected: RegExp])[] = [
  ["text that is no JSON", "{", /"n\.ipynb" as a notebook.*not JSON/s],
  ["a list", "[]", /the file: .*object/s],
  ["another version of the format", file([], { nbformat: 3 }), /nbformat: wanted 4, found 3/],
  ["no cells", JSON.stringify({ nbformat: 4, nbformat_minor: 5, metadata: {} }), /cells: .*array/],
  ["a cell of an unknown type", file([code("1"), { cell_type: "heading", source: "" }]), /cells\[1\].*wanted a cell with "cell_type"/],
  ["a source that is a number", file([code(7)]), /cells\[0\]\.source: wanted text, or a list of lines/],
  ["an output of an unknown type", file([code("", { outputs: [{ output_type: "pyout" }] })]), /cells\[0\]\.outputs\[0\].*wanted an output/],
  ["a stream without text", file([code("", { outputs: [{ output_type: "stream", name: "stdout" }] })]), /outputs\[0\]\.text: wanted text/],
  ["an id that is none", file([code("", { id: "<script>" })]), /cells\[0\]\.id: wanted 1 to 64/],
  ["one id twice", file([code("1"), code("2")]), /Two cells have the id "a"/],
];
for (const [what, text, expected] of INVALID) {
  Deno.test(`parseNotebook() says what is wrong with ${what}`, () => {
    assert.throws(() => parseNotebook(text, "n.ipynb"), (error) => {
      assert.ok(error instanceof NotebookError);
      assert.equal(error.path, "n.ipynb");
      assert.match(error.message, expected);
      return true;
    });
  });
}

Deno.test("readNotebook() names a file that does not exist", async () => {
  await assert.rejects(readNotebook("/no/such.ipynb"), /Cannot read "\/no\/such\.ipynb" as a notebook/);
});

async function inFolder(body: (dir: string) => Promise<void>): Promise<void> {
  const dir = await Deno.makeTempDir();
  try {
    await body(dir);
  } finally {
    await Deno.remove(dir, { recursive: true });
  }
}
const notebook = (source: string): Notebook => parseNotebook(file([code(source)]), "n.ipynb");

Deno.test("writeNotebook() is read whole at any moment, and leaves nothing beside the file", () =>
  inFolder(async (dir) => {
    const path = `${dir}/deep/n "'<b>.ipynb`;
    await writeNotebook(path, notebook("0"));
    let writing = true;
    const reading = (async () => {
      let reads = 0;
      for (; writing || reads === 0; reads++) assert.equal((await readNotebook(path)).cells.length, 1);
    })();
    for (let round = 1; round <= 20; round++) await writeNotebook(path, notebook("x".repeat(round * 20_000)));
    writing = false;
    await reading;
    assert.deepEqual(Array.from(Deno.readDirSync(`${dir}/deep`), ({ name }) => name), [`n "'<b>.ipynb`]);
  }));

Deno.test("writeNotebook() keeps the old file where the new one cannot be made", () =>
  inFolder(async (dir) => {
    const path = `${dir}/n.ipynb`;
    await writeNotebook(path, notebook("old"));
    const broken = notebook("new");
    broken.metadata.self = broken.metadata; // cannot be written as JSON
    await assert.rejects(writeNotebook(path, broken));
    assert.equal((await readNotebook(path)).cells[0]?.source, "old");
    assert.equal(Array.from(Deno.readDirSync(dir)).length, 1);
  }));

Deno.test({
  name: "writeNotebook() replaces what a link points to, not the link",
  ignore: Deno.build.os === "windows",
  fn: () =>
    inFolder(async (dir) => {
      await writeNotebook(`${dir}/real.ipynb`, notebook("old"));
      await Deno.symlink(`${dir}/real.ipynb`, `${dir}/link.ipynb`);
      await writeNotebook(`${dir}/link.ipynb`, notebook("new"));
      assert.equal((await readNotebook(`${dir}/real.ipynb`)).cells[0]?.source, "new");
      assert.ok((await Deno.lstat(`${dir}/link.ipynb`)).isSymlink);
    }),
});
