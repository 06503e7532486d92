import assert from "node:assert/strict";
import { OptionError } from "../../errors.ts";
import { ownSpec } from "./own_spec.ts";

const rows = [{ year: 2020, "a.b": 1, "it's [x]": 2 }, { year: 2030, "a.b": 3, "it's [x]": 4, late: 1 }];
const on = (x: string, more: object = {}) => ({ mark: "line", encoding: { x: { field: x } }, ...more });
const fieldOf = (spec: object) => (spec as { encoding: { x: { field: string } } }).encoding.x.field;

Deno.test("ownSpec() takes every column by its name, also one with dots, brackets and quotes, and one that only later rows have", () => {
  assert.equal(fieldOf(ownSpec(on("a.b"), rows)), "a\\.b");
  assert.equal(fieldOf(ownSpec(on("a\\.b"), rows)), "a\\.b");
  assert.equal(fieldOf(ownSpec(on("it's [x]"), rows)), "it\\'s \\[x\\]");
  assert.equal(fieldOf(ownSpec(on("late"), rows)), "late");
  assert.equal(fieldOf(ownSpec(on("anything"), [])), "anything");
});

Deno.test("ownSpec() refuses a field that is no column, wherever it stands, unless the specification computes it", () => {
  const wrong = [on("yaer"), { layer: [on("year"), on("yaer")] }, { facet: { field: "yaer" }, spec: on("year") }];
  for (const spec of wrong) {
    assert.throws(() => ownSpec(spec, rows), (error) => {
      assert.ok(error instanceof OptionError);
      assert.equal(error.code, "unknown_key");
      assert.match(error.message, /"yaer".*"year", "a\.b".*Did you mean "year"\?/s);
      return true;
    });
  }
  assert.equal(fieldOf(ownSpec(on("sum", { transform: [{ calculate: "1", as: "sum" }] }), rows)), "sum");
  const own = { layer: [on("year"), { ...on("mark"), data: { values: [{ mark: 2025 }] } }] };
  assert.deepEqual((ownSpec(own, rows).layer as object[])[1], own.layer[1]);
});

Deno.test("ownSpec() gives one chart the size of plot(), and leaves several charts and given sizes alone", () => {
  const { width, height } = ownSpec(on("year"), rows);
  assert.deepEqual([width, height], [460, 260]);
  assert.equal(ownSpec(on("year", { width: 100 }), rows).width, 100);
  for (
    const spec of [{ hconcat: [on("year")] }, { facet: { field: "year" }, spec: on("year") }, { encoding: { row: { field: "year" } } }]
  ) {
    assert.equal("width" in ownSpec(spec, rows), false);
  }
});

Deno.test("ownSpec() refuses to sum up more rows than a chart holds, and draws a part of them where nothing is summed", () => {
  const many = Array.from({ length: 5001 }, (_, year) => ({ year }));
  const sums = [
    { mark: "bar", encoding: { x: { field: "year", bin: true }, y: { aggregate: "count" } } },
    { layer: [{ mark: { type: "errorband" }, encoding: { y: { field: "year" } } }] },
    { mark: "boxplot", encoding: { y: { field: "year" } } },
  ];
  for (const spec of sums) {
    assert.throws(() => ownSpec(spec, many), /Cannot sum up 5,001 rows.*Let the query sum up/s);
    ownSpec(spec, many.slice(1));
  }
  assert.equal(fieldOf(ownSpec(on("year"), many)), "year");
});
