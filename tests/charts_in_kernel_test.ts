/** A returned chart in a real kernel: shown by a cell, and shown the same by the hit of a second run. */
import assert from "node:assert/strict";
import { join } from "@std/path";
import { type NotebookReport, testNotebook } from "consist/testing";
import { isProgress } from "./frontends/expected.ts";

const CELLS = [
  `import { chart, run, scenario, which } from "consist";
const bars = { mark: "bar", encoding: { x: { field: "mode" }, y: { field: "trips", type: "quantitative" } } };`,
  `const drawn = await run({ name: "draw", fn: () => chart([{ mode: "bus", trips: 3n }], bars), outputs: ["figure"] });
await drawn.load()`,
  `await (await drawn.load()).save("figure.png");
console.log(drawn.cacheHit, (await which("figure.png"))[0]?.id === drawn.outputs.figure.runId);
await Deno.remove("figure.png");`,
  `const sc = await scenario("baseline");
await sc.run({ name: "simulate", fn: () => 1, outputs: ["n"] });
await sc.end();
sc.timeline()`,
];

/** What a cell shows, without the display of work that took long on this machine. */
const lasting = ({ outputs }: NotebookReport["cells"][number]) =>
  outputs.filter((data) => !isProgress({ output_type: "display_data", data: { ...data }, metadata: {} }));

Deno.test("a chart that a step returned shows itself in a cell, and a hit shows the same", async () => {
  const dir = await Deno.realPath(await Deno.makeTempDir());
  try {
    const cells = CELLS.map((source, index) => ({
      cell_type: "code",
      id: `c${index}`,
      metadata: {},
      source,
      outputs: [],
      execution_count: null,
    }));
    await Deno.writeTextFile(join(dir, "figures.ipynb"), JSON.stringify({ nbformat: 4, nbformat_minor: 5, metadata: {}, cells }));
    const { cells: first, again } = await testNotebook(join(dir, "figures.ipynb"), { cwd: Deno.cwd() });
    const [shown] = lasting(first[1]!);
    assert.deepEqual(Object.keys(shown!).sort(), ["application/vnd.vegalite.v5+json", "image/svg+xml", "text/plain"]);
    assert.match(String(shown!["image/svg+xml"]), /^<svg[^>]*><metadata id="consist">.*"run":"draw_/);
    assert.deepEqual(lasting(again!.cells[1]!), lasting(first[1]!));
    assert.deepEqual([first[2], again!.cells[2]].map((cell) => lasting(cell!)[0]!["text/plain"]), ["false true\n", "true true\n"]);
    assert.match(String(first[3]!.outputs.at(-1)!["text/plain"]), /Timeline of baseline: 1 run, /);
    assert.match(String(again!.cells[3]!.outputs.at(-1)!["text/plain"]), /1 run, 1 hit/);
  } finally {
    await Deno.remove(dir, { recursive: true });
  }
});
