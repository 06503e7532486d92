/** The same notebook in our kernel, from the cache and without, and in Deno's own: the same values. */
import assert from "node:assert/strict";
import { became, Notebook } from "./notebook.ts";

const CELLS = {
  helpers: `import pl from "polars";
import { input } from "consist";
let counter = 0;
function grow(rows: number[]): number[] { return rows.map((row) => row * factor); }
const factor = 3;
class Model { constructor(readonly k: number) {} run(x: number): number { return x * this.k; } }`,
  patterns: `//| step: patterns
const { a, b: { c = 7, ...others } , ...rest } = { a: 1, b: { d: 2, e: 3 }, f: 4 } as Record<string, any>;
const [first, , third = "3"] = ["x", "y"];`,
  kinds: `//| step: kinds
enum Colour { Red = 1, Green }
interface Row { readonly colour: Colour; readonly when?: Date }
const rows: Row[] = [{ colour: Colour.Green, when: new Date(86_400_000) }];
const map = new Map<string, number>([["one", 1]]);
const bytes = Uint8Array.of(1, 2, 3);
const nothing = undefined;
const none = null;
const big = 12n;
let text = "ä" + rows.length, flag = true;
var old = -0;`,
  loops: `//| step: loops
//| outputs: [sum, squares]
let sum = 0;
const squares: number[] = [];
for (const n of [1, 2, 3]) { squares.push(n ** 2); sum += n; }
label: while (true) { sum++; if (sum > 10) break label; }
function unused<T>(x: T): T { return x; }`,
  reassigned: `sum = sum + 100; counter += squares.length;`,
  awaited: `//| step: awaited
//| outputs: loaded
import { delayed } from "./delayed.ts";
const values = await Promise.all([1, 2].map(async (n) => await delayed(n)));
const loaded = values.map((value) => new Model(value).run(sum));`,
  frame: `//| step: frame
//| outputs: [table, height]
const read = await input("rows.csv") as pl.DataFrame;
const table = read.withColumns(pl.col("x").mul(factor).alias("y")).sort("x", true);
const height = table.height;`,
  derived: `//| step: derived
const ys = table.getColumn("y").toArray() as number[];
const grown = grow(ys);`,
  later:
    `const summary = JSON.stringify([a, c, others, rest, first, third, rows, [...map], [...bytes], String(nothing), none, String(big), text, flag, Object.is(old, -0), sum, squares, counter, loaded, height, ys, grown, Colour.Green, table.columns]);`,
};

Deno.test("a notebook of many kinds of cells has the same values from the cache, without it, and in Deno's own kernel", async () => {
  await using notebook = await Notebook.in({
    "rows.csv": "x\n1\n3\n2\n",
    "delayed.ts": "export const delayed = (n: number): Promise<number> => Promise.resolve(n * 2);",
  });
  const [plain] = await notebook.plainValues(CELLS, ["summary"]);
  const steps = ["patterns", "kinds", "loops", "awaited", "frame", "derived"];
  for (const round of ["executed", "hit", "hit"] as const) {
    const results = await notebook.run(CELLS);
    const expected = Object.keys(CELLS).map((id) => `${id} ${steps.includes(id) ? round : "plain"}`).join(", ");
    assert.equal(became(results), expected, Object.values(results).flatMap(({ texts }) => texts).join("\n"));
    assert.equal((await notebook.values(["summary"]))[0], plain);
    await notebook.restart();
  }
});

Deno.test("a second Run All in the same kernel gives the same again", async () => {
  await using notebook = await Notebook.in({
    "rows.csv": "x\n1\n3\n2\n",
    "delayed.ts": "export const delayed = (n: number): Promise<number> => Promise.resolve(n * 2);",
  });
  await notebook.run(CELLS);
  const first = await notebook.values(["summary"]);
  const again = await notebook.run(CELLS);
  assert.doesNotMatch(became(again), /executed/);
  assert.deepEqual(await notebook.values(["summary"]), first);
});
