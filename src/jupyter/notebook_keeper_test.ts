import assert from "node:assert/strict";
import { LedgerError } from "../errors.ts";
import type { Notebook } from "./notebook_file.ts";
import { NotebookKeeper } from "./notebook_keeper.ts";
import type { Target } from "./target.ts";

const FULL = new LedgerError("storage_failed", { problem: "Cannot write.", why: "The disk is full.", fix: "Free some space." });

function notebookOf(cells: number): Notebook {
  const cell = (n: number) => ({
    cell_type: "code" as const,
    id: `c${n}`,
    metadata: {},
    source: "",
    outputs: [{ output_type: "stream" as const, name: "stdout" as const, text: `of before ${n}` }],
    execution_count: 7,
  });
  return { nbformat: 4, nbformat_minor: 5, metadata: {}, cells: Array.from({ length: cells }, (_, n) => cell(n)) };
}

/** A place that notes what is written there: the numbers of executions, or `done` for the whole. */
function placeOf(target: Partial<Target>): { readonly target: Target; readonly written: unknown[] } {
  const written: unknown[] = [];
  const counts = ({ cells }: Notebook) => cells.map((cell) => cell.cell_type === "code" ? cell.execution_count : undefined);
  return {
    written,
    target: {
      path: "/there/a.ipynb",
      meanwhile: "/there/a.ipynb",
      isThere: false,
      keep: (notebook) => Promise.resolve(void written.push(counts(notebook))),
      write: () => Promise.resolve((written.push("done"), { path: "/there/a.ipynb" })),
      ...target,
    },
  };
}

function runs(keeper: NotebookKeeper, notebook: Notebook, index: number): void {
  const cell = notebook.cells[index]!;
  if (cell.cell_type === "code") [cell.outputs, cell.execution_count] = [[], index + 1];
  keeper.cellDone({ index, number: index + 1, of: notebook.cells.length });
}
const pass = (milliseconds: number) => new Promise((resolve) => setTimeout(resolve, milliseconds));

Deno.test("NotebookKeeper writes what is done without what is still to be run, a cell that was done in a pause too, and the whole at the end", async () => {
  const notebook = notebookOf(3);
  const { target, written } = placeOf({});
  using keeper = new NotebookKeeper(target, notebook);
  runs(keeper, notebook, 0);
  runs(keeper, notebook, 1);
  assert.deepEqual(written, [], "not before its time");
  await pass(1500);
  assert.deepEqual(written, [[1, 2, null]]);
  runs(keeper, notebook, 2);
  assert.deepEqual(await keeper.finish(), { path: "/there/a.ipynb" });
  assert.deepEqual(written, [[1, 2, null], "done"]);
});

Deno.test("NotebookKeeper goes on where it cannot write meanwhile, and says at the end what there is", async () => {
  const [notebook, refuse] = [notebookOf(2), () => Promise.reject(FULL)];
  for (
    const [what, expected] of [
      [{}, /"\/there\/a\.ipynb"\.\nWhy: The disk is full\. The file has the first 1 of 2 code cells executed\./],
      [{ keep: refuse }, /Why: The disk is full\. There is no file\.\nFix: Free some space there/],
      [{ keep: refuse, isThere: true }, /The file is as it was before\./],
      [
        { meanwhile: "/there/b.ipynb", isThere: true },
        /The file is as it was before; "\/there\/b\.ipynb" has the first 1 of 2 code cells executed\./,
      ],
    ] as const
  ) {
    const { target } = placeOf({ ...what, write: refuse });
    using keeper = new NotebookKeeper(target, notebook);
    runs(keeper, notebook, 0);
    await pass(1200);
    const { path, failure } = await keeper.finish();
    assert.equal(path, undefined);
    assert.match(failure!.message, expected);
    assert.equal(failure!.cause, FULL);
  }
});

Deno.test("NotebookKeeper leaves faults of our own to be seen", async () => {
  const { target } = placeOf({ write: () => Promise.reject(new TypeError("a fault")) });
  using keeper = new NotebookKeeper(target, notebookOf(1));
  await assert.rejects(keeper.finish(), TypeError);
});
