/** What a step shows in a notebook, shown again on its hit: in Deno's own kernel, and read from the notebook as a frontend has it. */
import assert from "node:assert/strict";
import { fromFileUrl } from "@std/path";
import { KernelProcess, type Output } from "../src/kernels/mod.ts";

const SHOW = `
const shown = (data) => ({ [Symbol.for("Jupyter.display")]: () => data });
const ask = (more = {}) => run({
  name: "show",
  outputs: ["n"],
  fn: async (_, step) => {
    console.log("first", { deep: [1, "<b>"] });
    console.log("<script>alert(1)</script>");
    console.error("a complaint");
    await Deno.jupyter.display(shown({ "text/html": "<b>table</b>", "text/plain": "table" }));
    console.table([{ a: 1 }]);
    await Deno.jupyter.broadcast("display_data", { data: { "image/png": "iVBORw0KGgo=", "text/plain": "picture" }, metadata: { "image/png": { width: 8 } }, transient: {} });
    await Deno.jupyter.display(shown({ "text/plain": "0 %" }), { display_id: "bar" });
    console.log("last");
    await Deno.jupyter.display(shown({ "text/plain": "100 %" }), { display_id: "bar", update: true });
    return 1;
  },
  ...more,
});
undefined`;

/** The outputs without the library's mark, and the mark. */
function split(outputs: readonly Output[]): { mark: string[]; rest: Output[] } {
  const isMark = (output: Output) => output.output_type === "display_data" && output.metadata.consist !== undefined;
  return {
    mark: outputs.filter(isMark).map((output) => String((output as { data: Record<string, unknown> }).data["text/html"])),
    rest: outputs.filter((output) => !isMark(output)),
  };
}

const plain = (outputs: readonly Output[]) => JSON.parse(JSON.stringify(outputs).replaceAll(/\\u001b\[[\d;]*m/g, "")) as Output[];

const CLI = fromFileUrl(new URL("../cli.ts", import.meta.url));
const CONFIG = fromFileUrl(new URL("../deno.json", import.meta.url));
/** Deno's own, which misplaces what comes late, and ours before it; the signature of a step that prints is the same in both. */
const KERNELS = {
  "Deno's kernel": [Deno.execPath(), "jupyter", "--kernel", "--conn", "{connection_file}"],
  "our kernel": [Deno.execPath(), "run", "-A", "--no-check", "--config", CONFIG, CLI, "kernel", "start", "{connection_file}"],
};
const signatures = new Set<string>();

for (const [name, command] of Object.entries(KERNELS)) {
  Deno.test(`${name}: a hit shows again what the step showed, in order: text, html, pictures, both streams, displays in their last state`, async () => {
    const dir = await Deno.makeTempDir();
    await using kernel = await KernelProcess.start({ command });
    const cell = async (code: string): Promise<Output[]> => {
      const { outputs, error } = await kernel.execute(code);
      assert.equal(error, undefined, error?.evalue);
      return plain(outputs);
    };
    try {
      await cell(`const { run, Tracker, useTracker } = await import("consist");
      const tracker = new Tracker({ dbPath: ${JSON.stringify(`${dir}/p.duckdb`)} });
      useTracker(tracker); undefined`);
      await cell(SHOW);
      const executed = await cell("const executed = await ask(); undefined");
      const hit = await cell("const hit = await ask(); undefined");
      const { outputs: [told] } = await kernel.execute("console.log(hit.explain())");
      assert.match(JSON.stringify(told), /Hit: the outputs come from/);
      assert.deepEqual(executed.map(kindOf), [
        'stdout first { deep: [ 1, "<b>" ] }\n<script>alert(1)</script>\n',
        "stderr a complaint\n",
        "display_data text/html,text/plain",
        "stdout ┌───────┬───┐\n│ (idx) │ a │\n├───────┼───┤\n│     0 │ 1 │\n└───────┴───┘\n",
        "display_data image/png,text/plain",
        "display_data text/plain 100 %",
        "stdout last\n",
      ]);
      const { mark, rest } = split(hit);
      assert.deepEqual(rest, executed);
      assert.equal(mark.length, 1);
      assert.match(mark[0]!, /replayed.*show.*from run .*show_[0-9a-f]{12}.*, \d{4}-\d\d-\d\d \d\d:\d\d: 9 lines, 3 displays/);
      assert.deepEqual(await cell("const quiet = await ask({ displayOutputs: false }); quiet.cacheHit ? undefined : 1"), []);
      const [signature] = await cell("console.log(hit.run.signature)");
      signatures.add(JSON.stringify(signature));
      assert.equal(signatures.size, 1);
      // What a display shows later can be changed by the id that the step gave it.
      const updated = await cell(
        `await ask(); await Deno.jupyter.display(shown({ "text/plain": "over" }), { display_id: "bar", update: true }); undefined`,
      );
      assert.equal(kindOf(updated.findLast(({ output_type }) => output_type === "display_data")!), "display_data text/plain over");
      await cell("await tracker.close(); undefined");
    } finally {
      await kernel.shutdown();
      await Deno.remove(dir, { recursive: true });
    }
  });
}

/** An output in a line. */
function kindOf(output: Output): string {
  if (output.output_type === "stream") return `${output.name} ${output.text}`;
  if (output.output_type === "error") return output.evalue;
  const types = Object.keys(output.data).sort();
  return `${output.output_type} ${types.join()}${types.length === 1 ? ` ${output.data[types[0]!]}` : ""}`;
}
