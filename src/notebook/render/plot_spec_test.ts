import assert from "node:assert/strict";
import { OptionError } from "../../errors.ts";
import { columnOfField, fieldName, plotSpec } from "./plot_spec.ts";

type Channel = {
  type: string;
  field: string;
  axis?: { format?: string; values?: number[]; labelAngle?: number };
  scale?: { type?: string; zero?: boolean };
  sort?: null;
};
const encodingOf = (options: Parameters<typeof plotSpec>[0], rows: Parameters<typeof plotSpec>[1]) =>
  plotSpec(options, rows).encoding as { x: Channel; y: Channel; color: Channel };

Deno.test("plotSpec() picks the measure by looking at the values", () => {
  const rows = [
    { n: 1.5, big: 2n, date: new Date(0), iso: "2026-11-20", text: "a", flag: true, mixed: 1, gap: null },
    { n: 2.5, big: 3n, date: new Date(1), iso: "2026-11-21T10:00:00Z", text: "b", flag: false, mixed: "x", gap: 4 },
  ];
  const of = (x: string) => encodingOf({ x, y: "n" }, rows).x.type;
  assert.deepEqual(["n", "big", "date", "iso", "text", "flag", "mixed", "gap"].map(of), [
    "quantitative",
    "quantitative",
    "temporal",
    "temporal",
    "nominal",
    "nominal",
    "nominal",
    "quantitative",
  ]);
});

Deno.test("plotSpec() shows dates in UTC and years without a separator", () => {
  const rows = [{ year: 2020, at: new Date(0), y: 1 }, { year: 2030, at: new Date(1), y: 2 }];
  assert.equal(encodingOf({ x: "at", y: "y" }, rows).x.scale?.type, "utc");
  assert.deepEqual(encodingOf({ x: "year", y: "y" }, rows).x.axis, { format: "d", tickMinStep: 1, values: [2020, 2030] });
});

Deno.test("plotSpec() gives bars and rectangles categories, and bars a zero", () => {
  const rows = [{ a: 1, b: 2, z: 0.5 }, { a: 2, b: 3, z: 0.7 }];
  const bar = encodingOf({ x: "a", y: "z", mark: "bar" }, rows);
  assert.deepEqual([bar.x.type, bar.y.type, bar.y.scale?.zero], ["ordinal", "quantitative", true]);
  const rect = encodingOf({ x: "a", y: "b", color: "z", mark: "rect" }, rows);
  assert.deepEqual([rect.x.type, rect.y.type, rect.color.type], ["ordinal", "ordinal", "quantitative"]);
});

Deno.test("plotSpec() colours few whole numbers as kinds", () => {
  const rows = [{ x: 1, y: 1, k: 1 }, { x: 2, y: 2, k: 2 }];
  assert.equal(encodingOf({ x: "x", y: "y", color: "k" }, rows).color.type, "nominal");
  assert.equal(encodingOf({ x: "x", y: "y", color: "k" }, rows.map((row) => ({ ...row, k: row.k / 3 }))).color.type, "quantitative");
});

Deno.test("plotSpec() names the nearest column for one that is not there", () => {
  assert.throws(() => plotSpec({ x: "yaer", y: "n" }, [{ year: 1, n: 2 }]), (error) => {
    assert.ok(error instanceof OptionError);
    assert.equal(error.code, "unknown_key");
    assert.match(error.message, /"yaer".*"year", "n".*Did you mean "year"/s);
    return true;
  });
  assert.ok(plotSpec({ x: "anything", y: "goes" }, []));
});

Deno.test("fieldName() and columnOfField() are inverse, whatever the column is called", () => {
  for (const column of ["a.b", "a[0]", 'say "hi"', "it's", "back\\slash", "plain", ""]) {
    assert.equal(columnOfField(fieldName(column)), column);
  }
  assert.equal(fieldName("a.b[0]"), "a\\.b\\[0\\]");
});

Deno.test("plotSpec() writes few short words below an axis level, and leaves many or long ones to Vega-Lite", () => {
  const labelAngle = (words: readonly string[]) => {
    const rows = words.map((word, n) => ({ word, n }));
    return encodingOf({ x: "word", y: "n", mark: "bar" }, rows).x.axis?.labelAngle;
  };
  assert.equal(labelAngle(["as it is", "insulate", "heat pump", "both"]), 0);
  assert.equal(labelAngle(["the baseline of the year 2020", "the second scenario", "the third scenario"]), undefined);
  assert.equal(labelAngle(Array.from({ length: 30 }, (_, i) => `s${i}`)), undefined);
});
