import assert from "node:assert/strict";
import { stripVTControlCharacters as stripAnsiCode } from "node:util";
import { readNotebook } from "./notebook_file.ts";
import { type CellOutcome, runNotebook, type RunNotebookOptions } from "./runner.ts";

type Source = string | { readonly source: string; readonly tags?: readonly string[]; readonly markdown?: true };

/** Runs a notebook of these cells in a folder of its own. */
async function running(
  sources: readonly Source[],
  body: (path: string, run: (options?: RunNotebookOptions) => ReturnType<typeof runNotebook>) => Promise<void>,
): Promise<void> {
  const dir = await Deno.realPath(await Deno.makeTempDir());
  try {
    const path = `${dir}/some notebook.ipynb`;
    const cells = sources.map((given, index) => {
      const { source, tags = [], markdown } = typeof given === "string" ? { source: given } : given;
      const base = { id: `cell-${index}`, metadata: { tags }, source };
      return markdown ? { ...base, cell_type: "markdown" } : { ...base, cell_type: "code", outputs: [], execution_count: null };
    });
    await Deno.writeTextFile(path, JSON.stringify({ nbformat: 4, nbformat_minor: 5, metadata: {}, cells }));
    await body(path, (options) => runNotebook(path, { timeout: 20_000, ...options }));
  } finally {
    await Deno.remove(dir, { recursive: true });
  }
}
/** What each output says, without the colours that a kernel adds unless NO_COLOR is set. */
const texts = ({ outputs }: CellOutcome) =>
  outputs.map((output) => output.output_type === "stream" ? output.text : "data" in output ? output.data["text/plain"] : output.evalue)
    .map((text) => stripAnsiCode(String(text)));

Deno.test("runNotebook() runs all cells in one kernel, reports each, and writes the executed notebook", () =>
  running(
    [{ source: "# Title", markdown: true }, "const a: number = 20;\nconsole.log('a is', a)", "", "(a + 1).toString() + '!'"],
    async (path, run) => {
      const seen: string[] = [];
      const output = path.replace("some notebook", "out/executed");
      const report = await run({
        output,
        onStart: ({ number, of }) => seen.push(`start ${number} of ${of}`),
        onCell: ({ number, status }) => seen.push(`${status} ${number}`),
      });
      assert.equal(report.failure, undefined);
      assert.deepEqual(seen, ["start 1 of 3", "ok 1", "skipped 2", "start 3 of 3", "ok 3"]);
      assert.deepEqual(report.cells.map(({ index, status, executionCount }) => [index, status, executionCount]), [
        [1, "ok", 1],
        [2, "skipped", null],
        [3, "ok", 2],
      ]);
      assert.deepEqual(report.cells.map(texts), [["a is 20\n"], [], ['"21!"']]);
      assert.ok(report.seconds >= report.cells[0]!.seconds && report.cells[0]!.seconds > 0);
      const executed = await readNotebook(output);
      assert.deepEqual(executed.cells.map(({ id }) => id), ["cell-0", "cell-1", "cell-2", "cell-3"]);
      assert.deepEqual(
        executed.cells.flatMap((cell) => cell.cell_type === "code" ? cell.outputs : []),
        report.cells.flatMap(({ outputs }) => outputs),
      );
      assert.equal((executed.metadata.kernelspec as { name: string }).name, "deno");
      assert.equal((executed.metadata.language_info as { name: string }).name, "typescript");
      assert.deepEqual((await readNotebook(path)).cells.flatMap((cell) => cell.cell_type === "code" ? cell.outputs : []), []); // untouched
    },
  ));

Deno.test("runNotebook() runs in the notebook's folder and tells the cells its path", () =>
  running(["[Deno.cwd(), Deno.env.get('JPY_SESSION_NAME'), Deno.env.get('MINE')].join('|')"], async (path, run) => {
    const dir = path.replace("/some notebook.ipynb", "");
    const [cell] = (await run({ env: { MINE: "x" } })).cells;
    assert.match(String(texts(cell!)[0]), new RegExp(`"${RegExp.escape(`${dir}|${path}|x`)}"`));
  }));

Deno.test("runNotebook() stops at a failing cell, says which, and still writes what there is", () =>
  running(["console.log('before'); throw new TypeError('no <b>such</b> thing')", "console.log('after')"], async (path, run) => {
    const report = await run({ output: path });
    assert.equal(report.ok, false);
    assert.match(
      report.failure!.message,
      /Cell 1 of 2 of the notebook "some notebook\.ipynb" failed: console\.log\('before'\).*TypeError: no <b>such/s,
    );
    assert.deepEqual(report.cells.map(({ status }) => status), ["failed", "skipped"]);
    assert.deepEqual(texts(report.cells[0]!), ["before\n", "no <b>such</b> thing"]);
    const [failed, after] = (await readNotebook(path)).cells;
    assert.equal(failed?.cell_type === "code" && failed.outputs.length, 2);
    assert.equal(after?.cell_type === "code" && after.execution_count, null);
  }));

Deno.test("runNotebook() goes on after a failing cell where it may fail, or where the caller says so", () =>
  running(
    [{ source: "throw new Error('expected')", tags: ["raises-exception"] }, "throw new Error('not expected')", "3"],
    async (_path, run) => {
      assert.deepEqual((await run()).cells.map(({ status }) => status), ["ok", "failed", "skipped"]);
      const report = await run({ stopOnError: false });
      assert.deepEqual(report.cells.map(({ status }) => status), ["ok", "failed", "ok"]);
      assert.match(report.failure!.message, /Cell 2 of 3/);
    },
  ));

Deno.test("runNotebook() reports a cell that ends the kernel, and one that takes too long, with what they had shown", () =>
  running([
    "console.log('so far'); await new Promise((done) => setTimeout(done, 20)); if (Deno.env.get('HANG')) for (;;) {} else Deno.exit(3)",
    "1",
  ], async (path, run) => {
    for (
      const [options, expected] of [[{ stopOnError: false }, /exit code 3/], [
        { env: { HANG: "1" }, timeout: 400 },
        /did not finish within 400 ms/,
      ]] as const
    ) {
      const report = await run({ ...options, output: path });
      assert.match(report.failure!.message, expected);
      assert.deepEqual(report.cells.map(({ status }) => status), ["failed", "skipped"]);
      assert.equal(texts(report.cells[0]!)[0], "so far\n");
      assert.equal((await readNotebook(path)).cells.length, 2);
    }
  }));

Deno.test("runNotebook() injects parameters and leaves out cells by tag", () =>
  running(
    [{ source: "const warm = 20;", tags: ["parameters"] }, { source: "throw new Error('slow')", tags: ["slow"] }, "warm"],
    async (_path, run) => {
      const report = await run({ parameters: { warm: 25 }, skipTags: ["slow"] });
      assert.equal(report.failure, undefined);
      assert.deepEqual(report.cells.map(({ status }) => status), ["ok", "ok", "skipped", "ok"]);
      assert.deepEqual(texts(report.cells[3]!), ["25"]);
    },
  ));

Deno.test("runNotebook() applies an update to the display of an earlier cell", () =>
  running(
    [
      `await Deno.jupyter.display({ "text/plain": "50 %" }, { raw: true, display_id: "bar" })`,
      `await Deno.jupyter.display({ "text/plain": "done" }, { raw: true, display_id: "bar", update: true })`,
    ],
    async (path, run) => {
      await run({ output: path });
      const [first] = (await readNotebook(path)).cells;
      assert.ok(first?.cell_type === "code");
      assert.deepEqual(first.outputs, [{ output_type: "display_data", data: { "text/plain": "done" }, metadata: {} }]);
    },
  ));

Deno.test("runNotebook() rejects where there is no notebook", async () => {
  await assert.rejects(runNotebook("/no/such.ipynb"), /Cannot read "\/no\/such\.ipynb"/);
});
