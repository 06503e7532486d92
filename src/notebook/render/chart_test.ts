import assert from "node:assert/strict";
import { OptionError } from "../../errors.ts";
import { chartSvg, chartText, renderChart } from "./chart.ts";
import { plotSpec } from "./plot_spec.ts";

const MIME = "application/vnd.vegalite.v5+json";
type Sent = {
  $schema: string;
  background: string;
  title?: { text?: string; subtitle?: string | string[] };
  data: { values: Record<string, unknown>[] };
};
const specOf = (bundle: { readonly [mime: string]: string | object }) => bundle[MIME] as Sent;

Deno.test("renderChart() gives the specification, a picture and text, and no html", async () => {
  const rows = [{ x: 1, y: 2n }, { x: 2, y: null }, { x: 3, y: NaN }];
  const bundle = await renderChart({ spec: plotSpec({ x: "x", y: "y" }, rows), rows });
  assert.deepEqual(Object.keys(bundle).sort(), [MIME, "image/svg+xml", "text/plain"].sort());
  assert.match(String(bundle["image/svg+xml"]), /^<svg [^]*<\/svg>$/);
  assert.deepEqual(specOf(bundle).data.values, [{ x: 1, y: 2 }, { x: 2, y: null }, { x: 3, y: null }]);
  assert.match(specOf(bundle).$schema, /vega-lite\/v5/);
  assert.equal(specOf(bundle).background, "transparent");
});

Deno.test("renderChart() inlines only the columns that the chart shows", async () => {
  const rows = [{ x: 1, y: 2, secret: "s" }];
  assert.deepEqual(specOf(await renderChart({ spec: plotSpec({ x: "x", y: "y" }, rows), rows })).data.values, [{ x: 1, y: 2 }]);
  const computed = { mark: "point", transform: [{ calculate: "datum.secret", as: "z" }], encoding: { x: { field: "z" } } };
  assert.deepEqual(specOf(await renderChart({ spec: computed, rows })).data.values, rows);
});

Deno.test("renderChart() thins many rows and says so, beside the title that there was", async () => {
  const rows = Array.from({ length: 12_000 }, (_, x) => ({ x, y: x % 7 }));
  const titled = specOf(await renderChart({ spec: plotSpec({ x: "x", y: "y", title: "T" }, rows), rows }));
  const drawn = titled.data.values.length;
  assert.ok(drawn <= 5000 && drawn > 4990, String(drawn));
  assert.deepEqual(titled.title, { text: "T", subtitle: `${drawn.toLocaleString("en-US")} of 12,000 rows drawn` });
  const own = { ...plotSpec({ x: "x", y: "y" }, rows), title: { text: "T", subtitle: "S" } };
  assert.deepEqual(specOf(await renderChart({ spec: own, rows })).title?.subtitle, ["S", titled.title?.subtitle]);
});

Deno.test("renderChart() shows a column whose name is a path in Vega", async () => {
  const rows = [{ "a.b[0]": 1, y: 2 }, { "a.b[0]": 5, y: 3 }];
  const bundle = await renderChart({ spec: plotSpec({ x: "a.b[0]", y: "y" }, rows), rows });
  assert.deepEqual(specOf(bundle).data.values, rows);
  assert.match(String(bundle["image/svg+xml"]), /a\.b\[0\]/);
});

Deno.test("renderChart() gives a picture in which values are text", async () => {
  const hostile = "<script>alert(1)</script>\u0000\"'><img src=x onerror=alert(2)>";
  const rows = [{ [hostile]: hostile, y: 1 }];
  const svg = String(
    (await renderChart({ spec: plotSpec({ x: hostile, y: "y", title: hostile, mark: "bar" }, rows), rows }))["image/svg+xml"],
  );
  assert.doesNotMatch(svg, /<script|<img/);
  // deno-lint-ignore no-control-regex
  assert.doesNotMatch(svg, /[\0-\x08\x0b\x0c\x0e-\x1f]/);
});

Deno.test("renderChart() and chartSvg() say which part of a specification Vega refuses", async () => {
  const x = { field: "x", type: "quantitative" };
  const broken = { calculate: "datum.(", as: "z" };
  const cases: [object, string][] = [
    [{ mark: "point", encoding: { x }, transform: [{ filter: "datum.x > 0" }, broken] }, "transform[1]"],
    [
      { layer: [{ mark: "point", encoding: { x } }, { mark: "line", encoding: { x, y: { ...x, axis: { labelExpr: "datum.(" } } } }] },
      "layer[1].encoding.y",
    ],
    [{ hconcat: [{ mark: "point", encoding: { x } }, { mark: "line", encoding: { x }, transform: [broken] }] }, "hconcat[1].transform[0]"],
  ];
  for (const [spec, part] of cases) {
    for (const drawn of [() => renderChart({ spec: spec as never, rows: [{ x: 1 }] }), () => chartSvg(spec as never, [{ x: 1 }])]) {
      await assert.rejects(drawn(), (error) => {
        assert.ok(error instanceof OptionError && error.code === "option_invalid", String(error));
        assert.equal(error.path, part);
        assert.ok(error.problem.includes(JSON.stringify(part)) && error.why.startsWith("Vega says: ") && error.cause instanceof Error);
        return true;
      });
    }
  }
});

Deno.test("renderChart() draws a message where there are no rows", async () => {
  const bundle = await renderChart({ spec: { ...plotSpec({ x: "x", y: "y", title: "T" }, []) }, rows: [] });
  assert.match(String(bundle["image/svg+xml"]), />No rows to draw</);
  assert.match(String(bundle["image/svg+xml"]), />T</);
  assert.match(String(bundle["text/plain"]), /0 rows/);
});

Deno.test("renderChart() says what a frontend would load, which is in no picture of ours", async () => {
  const spec = {
    layer: [
      { mark: "point", encoding: { x: { field: "x", type: "quantitative" } } },
      { mark: "geoshape", data: { url: "https://example.org/zones.json" } },
    ],
  };
  const bundle = await renderChart({ spec, rows: [{ x: 1 }] });
  assert.match(String(bundle["image/svg+xml"]), />without https:\/\/example.org\/zones.json, which is loaded only/);
  assert.match(String(bundle["text/plain"]), /without https:\/\/example.org\/zones.json/);
  assert.equal("title" in specOf(bundle), false);
});

Deno.test("renderChart() keeps a specification's own $schema, under the type that frontends draw", async () => {
  const $schema = "https://vega.github.io/schema/vega-lite/v6.json";
  const spec = { $schema, usermeta: { embedOptions: { theme: "dark" } }, ...plotSpec({ x: "x", y: "y" }, [{ x: 1, y: 2 }]) };
  const bundle = await renderChart({ spec, rows: [{ x: 1, y: 2 }] });
  assert.equal(specOf(bundle).$schema, $schema);
  assert.deepEqual((specOf(bundle) as unknown as typeof spec).usermeta, spec.usermeta);
  assert.match(String(bundle["image/svg+xml"]), /mark-symbol/);
});

Deno.test("chartSvg() is the same for the same rows", async () => {
  const rows = [{ x: 1, y: 2 }, { x: 2, y: 3 }];
  const spec = plotSpec({ x: "x", y: "y", mark: "line" }, rows);
  assert.equal(await chartSvg(spec, rows), await chartSvg(spec, rows));
});

Deno.test("chartText() says what is drawn, with ranges and kinds", () => {
  const rows = [{ year: 2020, share: 0.5, mode: "car" }, { year: 2030, share: 0.25, mode: "bus" }];
  assert.equal(
    chartText(plotSpec({ x: "year", y: "share", color: "mode", mark: "line", title: "Shares" }, rows), rows),
    "Shares\nline chart  share by year, coloured by mode\n  year: 2020 to 2030\n  share: 0.25 to 0.5\n  mode: car, bus\n  2 rows",
  );
});

Deno.test("drawing a chart leaves the language's objects as they were", async () => {
  const prototypes = [Object, Array, Map, Set, String, Number, Date, Promise, Function, RegExp, Error].map(({ prototype }) =>
    prototype as object
  );
  const members = () => prototypes.map((prototype) => Object.getOwnPropertyNames(prototype).join());
  const before = members();
  const rows = [{ x: 1, y: 2 }];
  await chartSvg(plotSpec({ x: "x", y: "y" }, rows), rows);
  assert.deepEqual(members(), before);
  assert.equal(JSON.stringify(new Set([1])), "{}");
  await assert.rejects(chartSvg({ mark: "point", transform: [{ calculate: "datum.(", as: "z" }] }, rows));
  assert.deepEqual(members(), before);
  const own = function (this: Set<unknown>) {
    return [...this];
  };
  Object.assign(Set.prototype, { toJSON: own });
  try {
    await chartSvg(plotSpec({ x: "x", y: "y" }, rows), rows);
    assert.equal(JSON.stringify(new Set([1])), "[1]");
  } finally {
    Reflect.deleteProperty(Set.prototype, "toJSON");
  }
});
