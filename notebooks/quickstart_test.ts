import assert from "node:assert/strict";
import { testNotebook } from "consist/testing";
import { prepareData } from "../tools/datasets.ts";

Deno.test("the quickstart runs in a real kernel, shows cards, tables, charts and a finding, and its second run is all hits", async () => {
  await prepareData("seattle-weather.csv");
  const { cells, runs } = await testNotebook(new URL("./quickstart.ipynb", import.meta.url));
  assert.deepEqual([...new Set(runs.map((run) => run.model))].sort(), ["clean", "score", "summarise"]);
  assert.equal(runs.length, 16);
  const shown = (title: string) => cells.find(({ source }) => source.startsWith(`// ${title}`))!.outputs.at(-1)!;
  assert.match(String(shown("Clean the days")["text/html"]), /executed/);
  assert.match(String(shown("Read the months")["text/html"]), /wet_share[\s\S]*12 rows/);
  assert.ok("application/vnd.vegalite.v5+json" in shown("Chart the runs"));
  assert.match(String(shown("Trace the months back")["text/plain"]), /run clean/);
  assert.match(String(shown("State the finding")["text/markdown"]), /Only yesterday counts.*72\.1 %.*73 %/s);
});
