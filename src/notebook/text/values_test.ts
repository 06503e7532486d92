import assert from "node:assert/strict";
import fc from "fast-check";
import { cellOf, columnFormat, valueText } from "./values.ts";

Deno.test("cellOf() says what a value is and how it reads", () => {
  const cases: [unknown, string, string][] = [
    [null, "null", "null"],
    [undefined, "null", "null"],
    [1.5, "number", "1.5"],
    [-0, "number", "-0"],
    [NaN, "number", "NaN"],
    [9007199254740993n, "number", "9007199254740993"],
    [true, "boolean", "true"],
    ["a\nb", "text", "a⏎b"],
    [new Date("2026-11-20"), "date", "2026-11-20"],
    [[1, "a", null, 2n], "nested", '[1, "a", null, 2]'],
    [{ a: { b: new Date("2026-11-20") } }, "nested", '{"a": {"b": 2026-11-20}}'],
    [new Map<unknown, unknown>([["t", 1], [2, "x"]]), "nested", '{"t": 1, 2: "x"}'],
    [new Set([1, 2]), "nested", "[1, 2]"],
    [new Uint8Array(300), "nested", "300 bytes"],
    [() => 1, "nested", "[function]"],
    [Symbol("s"), "nested", "[symbol]"],
  ];
  for (const [value, kind, text] of cases) assert.deepEqual(cellOf(value), { kind, text });
});

Deno.test("cellOf() and valueText() never throw and keep to the limit", () => {
  fc.assert(fc.property(fc.anything({ withBigInt: true, withDate: true, withMap: true, withSet: true, withTypedArray: true }), (value) => {
    for (const text of [cellOf(value, 30).text, valueText(value, 30)]) {
      assert.ok([...new Intl.Segmenter("en").segment(text)].length <= 30, text);
      assert.doesNotMatch(text, /[\r\n]/);
    }
  }));
});

Deno.test("cellOf() survives cycles, getters that throw and proxies", () => {
  const cycle: unknown[] = [1];
  cycle.push(cycle);
  assert.equal(cellOf(cycle).text, "[1, [cycle]]");
  const throws = Object.defineProperty({}, "x", { enumerable: true, get: () => assert.fail("no") });
  assert.equal(cellOf(throws).text, "[not printable]");
  const proxy = new Proxy({}, { ownKeys: () => assert.fail("no") });
  assert.equal(cellOf(proxy).text, "[not printable]");
});

Deno.test("cellOf() looks at the beginning of a large value only", () => {
  let read = 0;
  const large = new Proxy({}, {
    ownKeys: () => Array.from({ length: 1000 }, (_, i) => `k${i}`),
    getOwnPropertyDescriptor: () => ({ enumerable: true, configurable: true, value: 1 }),
    get: () => ++read,
  });
  assert.match(cellOf(large, 40).text, /…$/);
  assert.ok(read < 50, `${read} properties read`);
});

Deno.test('valueText() quotes text, so that 1 and "1" differ', () => {
  assert.deepEqual([valueText(1), valueText("1"), valueText("a\nb"), valueText(undefined)], ["1", '"1"', '"a⏎b"', "undefined"]);
});

Deno.test("columnFormat() gives fractions the same decimals and puts numbers at the right", () => {
  const fractions = columnFormat([1, 0.25, null, 1 / 3], 80);
  assert.equal(fractions.numeric, true);
  assert.deepEqual([1, 0.25, null, 1 / 3, NaN].map((value) => fractions.cell(value).text), [
    "1.000000",
    "0.250000",
    "null",
    "0.333333",
    "NaN",
  ]);
  assert.deepEqual([1, 2n].map((value) => columnFormat([1, 2n], 80).cell(value).text), ["1", "2"]);
  assert.deepEqual([1e-9, 1].map((value) => columnFormat([1e-9, 1], 80).cell(value).text), ["1e-9", "1"]);
});

Deno.test("columnFormat() leaves mixed columns at the left", () => {
  assert.equal(columnFormat([1, "a"], 80).numeric, false);
  assert.equal(columnFormat([null], 80).numeric, false);
});
