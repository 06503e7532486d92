import assert from "node:assert/strict";
import pl from "polars";
import { driverNamed } from "./driver.ts";
import { differenceWords, firstDifference as first, valueDifference as ofValues } from "./first_difference.ts";

const firstDifference = async (...args: Parameters<typeof first>) => differenceWords(await first(...args));
function valueDifference(...args: Parameters<typeof ofValues>): string | undefined {
  const found = ofValues(...args);
  return found && differenceWords(found);
}
async function differing(driver: string, before: unknown, after: unknown): Promise<string> {
  const dir = await Deno.makeTempDir();
  try {
    await driverNamed(driver).write(before, `${dir}/a`);
    await driverNamed(driver).write(after, `${dir}/b`);
    return await firstDifference(driver, `${dir}/a`, `${dir}/b`);
  } finally {
    await Deno.remove(dir, { recursive: true });
  }
}

Deno.test("firstDifference() names row and column of a table, the earliest row first", async () => {
  const table = (x: number[], y: (string | null)[]) => pl.DataFrame({ x, y });
  const base = table([1, 2, 3], ["a", "b", "c"]);
  for (const driver of ["parquet", "csv", "arrow"]) {
    assert.equal(await differing(driver, base, table([1, 2, 4], ["a", "B", "c"])), 'row 2 (index 1), column "y": "b" → "B"', driver);
    assert.equal(await differing(driver, base, table([1, 2], ["a", "b"])), "number of rows: 3 → 2", driver);
    assert.match(await differing(driver, base, base.rename({ y: "z" })), /^columns: \["x","y"\] → \["x","z"\]$/, driver);
  }
  assert.equal(await differing("parquet", base, table([1, 2, 3], ["a", null, "c"])), 'row 2 (index 1), column "y": "b" → null');
  assert.match(await differing("parquet", base, pl.DataFrame({ x: ["1", "2", "3"], y: ["a", "b", "c"] })), /^type of column "x": /);
});

Deno.test("firstDifference() names the path inside a JSON value, a line, a byte", async () => {
  assert.equal(await differing("json", { a: [1, { b: 2 }] }, { a: [1, { b: 3 }] }), "$.a[1].b: 2 → 3");
  assert.equal(await differing("json", { a: 1 }, { a: 1, "b c": 2 }), '$["b c"]: nothing → 2');
  assert.equal(await differing("json", { a: 1, b: 2 }, { a: 1 }), "$.b: 2 → nothing");
  assert.equal(await differing("json", [1], { a: 1 }), '$: [1] → {"a":1}');
  assert.equal(await differing("txt", "a\nb\nc", "a\nB\nc"), 'line 2: "b" → "B"');
  assert.equal(await differing("txt", "a", "b"), 'text: "a" → "b"');
  assert.equal(await differing("bytes", new Uint8Array([1, 2]), new Uint8Array([1, 3])), "byte 1: 0x02 → 0x03");
  assert.equal(await differing("bytes", new Uint8Array([1, 2]), new Uint8Array([1])), "size: 2 bytes → 1 bytes");
  const big = new Uint8Array(3_000_000);
  const other = big.with(2_500_000, 7);
  assert.equal(await differing("bytes", big, other), "byte 2500000: 0x00 → 0x07");
});

Deno.test("firstDifference() says where only the bytes of files differ", async () => {
  const dir = await Deno.makeTempDir();
  try {
    await Deno.writeTextFile(`${dir}/a`, '{"a":1}');
    await Deno.writeTextFile(`${dir}/b`, '{"a": 1}');
    assert.equal(await firstDifference("json", `${dir}/a`, `${dir}/b`), "same values in other bytes, byte 5: 0x31 → 0x20");
  } finally {
    await Deno.remove(dir, { recursive: true });
  }
});

Deno.test("valueDifference() sees into maps, sets, dates and typed arrays, and NaN is NaN", () => {
  const at = (day: string) => new Date(`2026-11-${day}T00:00:00Z`);
  assert.equal(valueDifference(new Map([["a", 1]]), new Map([["a", 2]]), "$"), '$.get("a"): 1 → 2');
  assert.equal(valueDifference(new Set([1]), new Set([2]), "$"), "$(member 0): 1 → 2");
  assert.equal(valueDifference({ at: at("01") }, { at: at("02") }, "$"), "$.at: 2026-11-01T00:00:00.000Z → 2026-11-02T00:00:00.000Z");
  assert.equal(valueDifference(at("01"), at("01"), "$"), undefined);
  assert.equal(valueDifference(Float64Array.of(1, NaN), Float64Array.of(1, NaN), "$"), undefined);
  assert.equal(valueDifference(Float64Array.of(1), Float64Array.of(2), "$"), "$[0]: 1 → 2");
  assert.equal(valueDifference(0, -0, "$"), "$: 0 → -0");
  assert.equal(valueDifference([1n], [2n], "$"), "$[0]: 1n → 2n");
  const long = "x".repeat(200);
  assert.ok(valueDifference(long, `${long}y`, "$")!.length < 200);
  const circle = (n: number) => {
    const value: { n: number; self?: unknown } = { n };
    return Object.assign({ self: value, list: [value] }, { last: n });
  };
  assert.equal(valueDifference(circle(1), circle(1), "$"), undefined);
  assert.equal(valueDifference(circle(1), circle(2), "$"), "$.self.n: 1 → 2");
  const ring: { self?: unknown; n: number } = { n: 1 };
  ring.self = ring;
  const other: { self?: unknown; n: number } = { n: 1 };
  other.self = other;
  assert.equal(valueDifference(ring, other, "$"), undefined);
});

Deno.test("firstDifference() compares dates, lists and structs in cells", async () => {
  const at = (day: number) => new Date(Date.UTC(2026, 10, day));
  const table = (n: number) =>
    pl.DataFrame({ at: [at(1), at(n)], list: [[1, 2], [3, n]], struct: [{ a: 1 }, { a: n }], whole: [1n, BigInt(n)], none: [null, null] });
  for (const column of ["at", "list", "struct", "whole"]) {
    const found = await differing("parquet", table(4).select(column, "none"), table(5).select(column, "none"));
    assert.match(found, new RegExp(`^row 2 \\(index 1\\), column "${column}": .+ → .+`));
  }
  assert.match(
    await differing("parquet", table(4).withColumn(pl.lit(1).alias("more")), table(4).withColumn(pl.lit(2).alias("more"))),
    /column "more"/,
  );
});
