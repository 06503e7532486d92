import assert from "node:assert/strict";
import pl from "polars";
import { OptionError } from "../errors.ts";
import { DISPLAY } from "../notebook/mod.ts";
import type { Chart, MimeBundle } from "../types.ts";
import { chart } from "./draw.ts";
import { makeSql } from "./template.ts";

const sql = makeSql(() => Promise.reject(new Error("no ledger")));
const rows = [{ year: 2020, low: 1, high: 3 }, { year: 2030, low: 2, high: 5 }];
const band = {
  layer: [
    { mark: "area", encoding: { x: { field: "year" }, y: { field: "low", type: "quantitative" }, y2: { field: "high" } } },
    { mark: "point", encoding: { x: { field: "year" }, y: { field: "high", type: "quantitative" } } },
  ],
};
const shown = (drawn: Chart) => (drawn as unknown as { [DISPLAY](): Promise<MimeBundle> })[DISPLAY]();
const valuesOf = (bundle: MimeBundle) => (bundle["application/vnd.vegalite.v5+json"] as { data: { values: object[] } }).data.values;

Deno.test("chart() draws rows, a DataFrame and a relation alike, with layers", async () => {
  for (const data of [rows, pl.DataFrame(rows), sql`select * from ${pl.DataFrame(rows)} order by year`]) {
    const bundle = await shown(chart(data, band));
    assert.deepEqual(valuesOf(bundle), rows);
    assert.match(String(bundle["image/svg+xml"]), /^<svg[^]*mark-area[^]*mark-symbol/);
    assert.match(String(bundle["text/plain"]), /layered chart[^]*2 rows/);
    assert.equal("text/html" in bundle, false);
  }
});

Deno.test("chart() reads its rows when it is shown, and draws hostile values as text", async () => {
  const data = [{ year: 2020, low: 1, high: 2 }];
  const drawn = chart(data, band);
  data.push({ year: 2030, low: 1, high: 2 });
  assert.equal(valuesOf(await shown(drawn)).length, 2);
  const hostile = [{ k: "<script>", v: 1 }];
  const svg = await chart(hostile, { mark: "bar", encoding: { x: { field: "k" }, y: { field: "v", type: "quantitative" } } }).svg();
  assert.ok(!svg.includes("<script>") && svg.includes("&lt;script&gt;"));
});

Deno.test("chart() refuses what has no rows, data inside of the specification, and a field that is no column", async () => {
  const wrong: [unknown, unknown, RegExp][] = [
    [null, band, /was given null/],
    ["rows.csv", band, /a value of type string.*relation\(artifact\)/s],
    [[{ a: 1 }, 2], band, /Row 2 \(index 1\) is 2/],
    [rows, "line", /is an object/],
    [rows, { ...band, data: { values: [] } }, /Leave `data` out/],
  ];
  for (const [data, spec, words] of wrong) {
    assert.throws(() => chart(data as never, spec as never), (error) => {
      assert.ok(error instanceof OptionError);
      assert.match(error.message, words);
      return true;
    });
  }
  await assert.rejects(chart(rows, { mark: "bar", encoding: { x: { field: "hihg" } } }).svg(), /Did you mean "high"/);
  await assert.rejects(shown(chart(sql`select 1 as a`, { mark: "bar", encoding: { x: { field: "b" } } })), /no such column: they have "a"/);
});
