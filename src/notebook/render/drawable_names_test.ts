import assert from "node:assert/strict";
import { completeSpec, pictureOf } from "./chart.ts";
import { ownSpec } from "./own_spec.ts";
import { plotSpec } from "./plot_spec.ts";

type Drawn = {
  readonly data: { readonly values: readonly { readonly [column: string]: unknown }[] };
  readonly encoding: { readonly [channel: string]: { readonly field: string; readonly title: string } };
  readonly transform: readonly { readonly [word: string]: unknown }[];
};
const rowOf = (entries: readonly (readonly [string, unknown])[]) => Object.fromEntries(entries);
const ownChart = (spec: object, rows: readonly { readonly [column: string]: unknown }[]) =>
  completeSpec({ spec: ownSpec(spec as never, rows), rows }) as unknown as Drawn;

const HOSTILE = [
  ...['say "x"', "it's", "back\\slash", "new\nline", "\u2028", "tab\t", "nul\0", "\u202e", "\ud800", `a"b.c[0]'\\`],
  ...["", "__proto__", "constructor", "toString", "hasOwnProperty", "x".repeat(5000)],
];

for (const name of HOSTILE) {
  Deno.test(`a column named ${JSON.stringify(name.slice(0, 20))} is drawn under a name that every Vega-Lite draws`, async () => {
    for (const mark of ["point", "bar"] as const) {
      const rows = [rowOf([[name, mark === "bar" ? "a" : 1], ["other", 2]]), rowOf([[name, mark === "bar" ? "b" : 4], ["other", 5]])];
      const complete = completeSpec({ spec: plotSpec({ x: name, y: "other", mark }, rows), rows });
      const { data, encoding } = complete as unknown as Drawn;
      const [column] = Object.keys(data.values[0]!);
      assert.deepEqual(data.values.map((row) => row[column!]), rows.map((row) => row[name]));
      assert.doesNotMatch(column!, /["'\\\p{C}\u2028]/u);
      assert.ok(!(column! in {}) && column !== "" && column!.length <= 120);
      assert.doesNotMatch(encoding.x!.title, /["\\\p{C}\u2028]/u);
      assert.equal(encoding.x!.field.replaceAll(/\\(.)/g, "$1"), column);
      const svg = await pictureOf(complete);
      const drawn = [...svg.matchAll(/<path[^>]*aria-roledescription="(?:point|bar)"([^>]*)>/g)].map(([, where]) => where);
      assert.equal(new Set(drawn).size, 2, svg);
    }
  });
}

Deno.test("columns that can be drawn keep their names, and what is drawn under another one has its own as the title", () => {
  const rows = [{ "a.b[0] of 人口 (%)": 1, 'say "x"': 2 }];
  const { data, encoding } = completeSpec({ spec: plotSpec({ x: "a.b[0] of 人口 (%)", y: 'say "x"' }, rows), rows }) as unknown as Drawn;
  assert.deepEqual(data.values, [{ "a.b[0] of 人口 (%)": 1, "say ”x”": 2 }]);
  assert.equal(encoding.y!.title, "say ”x”", "JupyterLab's Vega-Lite puts titles into expressions as they are");
});

Deno.test("two columns that look alike stay two", () => {
  const rows = [{ 'a"': 1, "a”": 2, "a\\": 3 }];
  const { data, encoding } = completeSpec({ spec: plotSpec({ x: 'a"', y: "a\\", color: "a”" }, rows), rows }) as unknown as Drawn;
  assert.deepEqual(data.values, [{ "a” (2)": 1, "a”": 2, "a＼": 3 }]);
  assert.deepEqual([encoding.x!.field, encoding.y!.field, encoding.color!.field], ["a” (2)", "a＼", "a”"]);
});

Deno.test("transforms and expressions of a user's specification name the same columns, and titles say the true names", async () => {
  const rows = [{ 'say "x"': 1, "it's": 2, constructor: 3 }, { 'say "x"': 5, "it's": 4, constructor: 3 }];
  const spec = ownChart({
    mark: "bar",
    transform: [
      { calculate: `datum["say \\"x\\""] + datum['it\\'s'] + datum.constructor`, as: 'the "sum"' },
      { filter: { and: [`datum["say \\u0022x\\""] > 0`, { field: "it's", gt: 0 }] } },
      { aggregate: [{ op: "max", field: 'the "sum"', as: "most" }], groupby: ["it's"] },
    ],
    encoding: { x: { field: "it's", type: "ordinal" }, y: { field: "most", aggregate: "max", type: "quantitative" } },
  }, rows);
  assert.deepEqual(spec.transform, [
    { calculate: 'datum["say ”x”"] + datum["it’s"] + datum["constructor (column)"]', as: "the ”sum”" },
    { filter: { and: ['datum["say ”x”"] > 0', { field: "it’s", gt: 0 }] } },
    { aggregate: [{ op: "max", field: "the ”sum”", as: "most" }], groupby: ["it’s"] },
  ]);
  assert.equal(spec.encoding.x!.title, "it's", "other than in the name");
  assert.match(await pictureOf(spec as never), /aria-label="it's: 2; max of most: 6|aria-label="it's: 2; Max of most: 6/);
});

Deno.test("columns that become values by a fold are called by their true names", async () => {
  const rows = [{ year: 2020, 'say "x"': 1, plain: 2 }];
  const spec = ownChart({
    mark: "point",
    transform: [{ fold: ['say "x"', "plain"], as: ["what", "n"] }],
    encoding: { x: { field: "n", type: "quantitative" }, y: { field: "what", type: "nominal" } },
  }, rows);
  assert.match((await pictureOf(spec as never)).replaceAll("&quot;", '"'), /<text[^>]*>say "x"<\/text>/);
});

Deno.test("a part with data of its own keeps its names, and a repeated column is drawn", async () => {
  const own = { mark: "point", data: { values: [{ "it's own": 1 }] }, encoding: { x: { field: "it's own", type: "quantitative" } } };
  const rows = [{ "it's": 1, 'say "x"': 2 }];
  const layered = ownChart({ layer: [own] }, rows) as unknown as { layer: object[] };
  assert.deepEqual(layered.layer[0], own);
  const repeated = ownChart({
    repeat: { column: ['say "x"', "it's"] },
    spec: { mark: "point", encoding: { x: { field: { repeat: "column" }, type: "quantitative" } } },
  }, rows);
  assert.match(await pictureOf(repeated as never), /say ”x”[^]*it’s/);
});

Deno.test("titles that a user gives to axes and legends are drawn in every Vega-Lite", () => {
  const title = 'a "title"\nof \\ two lines';
  const axis = { title: [title, "more"] };
  const spec = {
    title,
    mark: "point",
    encoding: { x: { field: "x", title }, y: { field: "y", axis }, color: { field: "y", legend: { title } } },
  };
  const { encoding, title: own } = ownChart(spec, [{ x: 1, y: 2 }]) as unknown as { encoding: unknown; title: unknown };
  const plain = "a ”title” of ＼ two lines";
  assert.deepEqual(encoding, {
    x: { field: "x", title: plain },
    y: { field: "y", axis: { title: [plain, "more"] } },
    color: { field: "y", legend: { title: plain } },
  });
  assert.equal(own, title);
});

Deno.test("a title that is the name of a method of every object is drawn", async () => {
  const rows = [{ x: 1, y: 2 }];
  for (const title of ["constructor", "toString", "__proto__"]) {
    assert.match(await pictureOf(completeSpec({ spec: plotSpec({ x: "x", y: "y", title }, rows), rows })), new RegExp(`>${title}\u00a0?<`));
  }
});
