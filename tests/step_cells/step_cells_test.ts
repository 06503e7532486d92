/** Step cells in a real kernel: what they cache, what they count, what later cells see. */
import assert from "node:assert/strict";
import { became, Notebook } from "./notebook.ts";

const CELLS = {
  setting: "const threshold = 1; const scale = (x: number): number => x * 10;",
  clean: `//| step: clean
//| outputs: cleaned
import { input } from "consist";
const raw = await input("raw.json") as number[];
type Kept = number[];
const cleaned: Kept = raw.filter((x: number) => x > threshold).map(scale);`,
  sum: `//| step: sum
const total = cleaned.reduce((a: number, b: number) => a + b, 0);`,
};

Deno.test("a step cell executes, hits in another kernel, and counts helpers, constants and files", async () => {
  await using notebook = await Notebook.in({ "raw.json": "[3,1,2]" });
  assert.equal(became(await notebook.run(CELLS)), "setting plain, clean executed, sum executed");
  assert.deepEqual(await notebook.values(["total", "cleaned"]), [50, [30, 20]]);
  assert.equal(became(await notebook.run(CELLS)), "setting plain, clean hit, sum hit");
  await notebook.restart();
  assert.equal(became(await notebook.run(CELLS)), "setting plain, clean hit, sum hit");
  assert.deepEqual(await notebook.values(["total", "cleaned"]), [50, [30, 20]]);
  const edits = {
    "a helper": { ...CELLS, setting: CELLS.setting.replace("x * 10", "x * 20") },
    "a constant": { ...CELLS, setting: CELLS.setting.replace("threshold = 1", "threshold = 2") },
  };
  for (const [what, cells] of Object.entries(edits)) {
    assert.equal(became(await notebook.run(cells)), "setting plain, clean executed, sum executed", what);
    assert.deepEqual(await notebook.values(["total", "cleaned"]), await notebook.plainValues(cells, ["total", "cleaned"]));
  }
  await notebook.write("raw.json", "[7]");
  assert.equal(became(await notebook.run(CELLS)), "setting plain, clean executed, sum executed");
  assert.deepEqual(await notebook.values(["total"]), [70]);
  const same = { ...CELLS, clean: CELLS.clean.replace("//| outputs: cleaned", "//| outputs: [ cleaned ] # the rows\n// a comment\n") };
  assert.equal(became(await notebook.run(same)), "setting plain, clean hit, sum hit");
});

Deno.test("a step that makes the same again lets its readers hit", async () => {
  await using notebook = await Notebook.in({ "raw.json": "[3,1,2]" });
  await notebook.run(CELLS);
  const other = { ...CELLS, setting: CELLS.setting.replace("threshold = 1", "threshold = 1.5") };
  assert.equal(became(await notebook.run(other)), "setting plain, clean executed, sum hit");
  assert.deepEqual(await notebook.values(["total"]), [50]);
});

Deno.test("a value that a plain cell changed or declared anew counts as it is; one that it only looked at counts as it was recorded", async () => {
  await using notebook = await Notebook.in({ "raw.json": "[3,1,2]" });
  await notebook.run(CELLS);
  await notebook.run({ look: "cleaned.map((x) => x + 1)" });
  assert.equal(became(await notebook.run({ sum: CELLS.sum })), "sum hit");
  await notebook.run({ change: "cleaned.push(1)" });
  assert.equal(became(await notebook.run({ sum: CELLS.sum })), "sum executed");
  assert.deepEqual(await notebook.values(["total"]), [51]);
  await notebook.run({ declare: "const cleaned = [4]" });
  assert.equal(became(await notebook.run({ sum: CELLS.sum })), "sum executed");
  assert.deepEqual(await notebook.values(["total"]), [4]);
});

Deno.test("a hit loads nothing until a cell names its output; what is gone by then is made again", async () => {
  await using notebook = await Notebook.in({ "raw.json": "[3,1,2]" });
  await notebook.run(CELLS);
  await notebook.restart();
  assert.equal(became(await notebook.run(CELLS)), "setting plain, clean hit, sum hit");
  for await (const { name } of Deno.readDir(`${notebook.dir}/runs/outputs/clean`)) {
    await Deno.remove(`${notebook.dir}/runs/outputs/clean/${name}/cleaned.json`);
  }
  const mean = "//| step: mean\nconst mean = cleaned.reduce((a, b) => a + b) / cleaned.length;";
  assert.equal(became(await notebook.run({ mean })), "mean executed");
  assert.deepEqual(await notebook.values(["mean", "cleaned"]), [25, [30, 20]]);
});

Deno.test("files that a cell reads by Deno's and polars' own functions count, by their content", async () => {
  await using notebook = await Notebook.in({ "a.txt": "1", "b.csv": "x\n1\n" });
  const cells = {
    names: `import pl from "polars"; const table = "b.csv";`,
    reads:
      `//| step: reads\n//| outputs: [text, sum]\nconst text = await Deno.readTextFile("a.txt");\nconst sum = pl.readCSV(table).getColumn("x").sum();`,
    parsed: `//| step: parsed\nconst parsed = pl.readCSV("y\\n4\\n").height;`,
  };
  assert.equal(became(await notebook.run(cells)), "names plain, reads executed, parsed executed");
  assert.equal(became(await notebook.run(cells)), "names plain, reads hit, parsed hit");
  for (const [name, text, values] of [["a.txt", "2", ["2", 1]], ["b.csv", "x\n5\n", ["2", 5]]] as const) {
    await notebook.write(name, text);
    assert.equal(became(await notebook.run(cells)), "names plain, reads executed, parsed hit");
    assert.deepEqual(await notebook.values(["text", "sum"]), values);
  }
});
