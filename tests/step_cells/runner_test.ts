/** Notebooks of step cells without Jupyter: the runner and the tests of notebooks use the kernel that the notebook asks for. */
import assert from "node:assert/strict";
import { testNotebook } from "consist/testing";
import { runNotebook } from "../../src/jupyter/mod.ts";
import { Notebook } from "./notebook.ts";

const SOURCES = [
  "const factor = 2;",
  "//| step: rows\nconst rows = [1, 2, 3].map((x) => x * factor);",
  "//| step: total\nconst total = rows.reduce((a, b) => a + b);\ntotal",
  "console.log(`sum ${total}`)",
];
const notebookOf = (kernel: string): string =>
  JSON.stringify({
    nbformat: 4,
    nbformat_minor: 5,
    metadata: { kernelspec: { name: kernel, display_name: kernel, language: "typescript" } },
    cells: SOURCES.map((source, index) => ({
      cell_type: "code",
      id: `c${index}`,
      metadata: {},
      source,
      outputs: [],
      execution_count: null,
    })),
  });

Deno.test("the runner runs step cells in our kernel, and every cell in Deno's", async () => {
  await using folder = await Notebook.in({ "ours.ipynb": notebookOf("deno-consist"), "denos.ipynb": notebookOf("deno") });
  const printed = [];
  for (const name of ["ours", "ours", "denos"]) {
    const steps: string[] = [];
    const report = await runNotebook(`${folder.dir}/${name}.ipynb`, {
      onCell: ({ steps: seen }) => void steps.push(seen === undefined ? "-" : `${seen.executed}/${seen.hit}`),
    });
    assert.equal(report.ok, true, JSON.stringify(report));
    printed.push(steps.join(" "));
  }
  assert.deepEqual(printed, ["0/0 1/0 1/0 0/0", "0/0 0/1 0/1 0/0", "0/0 0/0 0/0 0/0"]);
});

Deno.test("testNotebook() finds that the second run of a notebook of step cells is all hits", async () => {
  await using folder = await Notebook.in({ "ours.ipynb": notebookOf("deno-consist") });
  const { runs } = await testNotebook(`${folder.dir}/ours.ipynb`, { checkOutputs: false, secondRunHits: true });
  assert.deepEqual(runs.map(({ model }) => model).sort(), ["rows", "total"]);
});
