import assert from "node:assert/strict";
import fc from "fast-check";
import { chartRows, chartValue, thinRows } from "./chart_rows.ts";

Deno.test("chartValue() makes every value plain JSON", () => {
  const cases: [unknown, unknown][] = [
    [1, 1],
    [2n ** 60n, 2 ** 60],
    [NaN, null],
    [-Infinity, null],
    [undefined, null],
    [new Date("2026-11-20"), "2026-11-20T00:00:00.000Z"],
    [new Date(NaN), null],
    ["a\u0000", "a\u2400"],
    [[1, 2], "[1, 2]"],
    [true, true],
  ];
  for (const [value, shown] of cases) assert.equal(chartValue(value), shown);
  fc.assert(fc.property(fc.anything({ withBigInt: true, withDate: true }), (value) => {
    const shown = chartValue(value);
    assert.deepEqual(JSON.parse(JSON.stringify([shown])), [Object.is(shown, -0) ? 0 : shown]);
  }));
});

Deno.test("chartRows() keeps the named columns, also one called __proto__", () => {
  const row = JSON.parse('{"a":1,"b":2,"__proto__":3}');
  assert.deepEqual(Object.keys(chartRows([row], ["a", "__proto__", "missing"])[0]!), ["a", "__proto__"]);
  assert.deepEqual(Object.keys(chartRows([row], undefined)[0]!), ["a", "b", "__proto__"]);
});

const walk = Array.from({ length: 20_000 }, (_, t) => ({ t, y: Math.sin(t / 50) + (t === 7777 ? 9 : t === 12_345 ? -9 : 0), g: t % 3 }));

Deno.test("thinRows() of points keeps to the limit, the order and the extremes, and is always the same", () => {
  const kept = thinRows(walk, { x: "t", y: "y", joined: false });
  assert.ok(kept.length <= 5000 && kept.length > 4500, String(kept.length));
  assert.deepEqual(kept.map(({ t }) => t), kept.map(({ t }) => t).toSorted((a, b) => Number(a) - Number(b)));
  for (const t of [0, 7777, 12_345, 19_999]) assert.ok(kept.some((row) => row.t === t), String(t));
  assert.deepEqual(thinRows(walk, { x: "t", y: "y", joined: false }), kept);
});

Deno.test("thinRows() of lines keeps to the limit, every line and the extremes of each", () => {
  const kept = thinRows(walk, { x: "t", y: "y", group: "g", joined: true });
  assert.ok(kept.length <= 5000 && kept.length > 4500, String(kept.length));
  assert.equal(new Set(kept.map(({ g }) => g)).size, 3);
  for (const t of [7777, 12_345]) assert.ok(kept.some((row) => row.t === t), String(t));
});

Deno.test("thinRows() leaves few rows alone, and survives more lines than rows may be", () => {
  const few = walk.slice(0, 10);
  assert.equal(thinRows(few, { joined: false }), few);
  assert.equal(thinRows(walk.map((row) => ({ ...row, g: row.t })), { x: "t", y: "y", group: "g", joined: true }).length, 5000);
});
