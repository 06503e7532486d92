import assert from "node:assert/strict";
import fc from "fast-check";
import { byteSize, count, countOf, duration, isoTime, localTime, preciseTime, shortHash } from "./units.ts";

Deno.test.each([
  [0, "0 ms"],
  [0.0008, "0.8 ms"],
  [0.00994, "9.9 ms"],
  [0.00995, "10 ms"],
  [0.9994, "999 ms"],
  [0.9996, "1 s"],
  [12.34, "12.3 s"],
  [59.96, "1 min"],
  [80, "1 min 20 s"],
  [3599.6, "1 h"],
  [7500, "2 h 5 min"],
  [86_399, "1 d"],
  [273_600, "3 d 4 h"],
  [NaN, "unknown"],
  [-1, "unknown"],
  [Infinity, "unknown"],
])("duration(%s) is %s", (seconds, text) => {
  assert.equal(duration(seconds), text);
});

Deno.test.each([
  [0, "0 B"],
  [999, "999 B"],
  [999.6, "1 kB"],
  [1000, "1 kB"],
  [4_210_000, "4.2 MB"],
  [99_960_000, "100 MB"],
  [999_600_000, "1 GB"],
  [2.5e18, "2500 PB"],
  [-1, "unknown size"],
  [NaN, "unknown size"],
])("byteSize(%s) is %s", (bytes, text) => {
  assert.equal(byteSize(bytes), text);
});

Deno.test("duration() and byteSize() never show 60 of a unit that has a larger one, or a thousand", () => {
  fc.assert(fc.property(fc.double({ min: 0, max: 1e7, noNaN: true }), (value) => {
    assert.doesNotMatch(duration(value), /\b60 (s|min)|\b24 h|\b1000\b/);
    assert.doesNotMatch(byteSize(value), /\b1000 (B|kB|MB|GB)/);
  }));
});

Deno.test("count() and countOf() group digits and choose the word", () => {
  assert.equal(count(1_234_567), "1,234,567");
  for (const n of [0, 7, 999, 1000, 12_345.6, -1, -1234, 999_999.5, 1e15, 123_456_789_012_345_680, 2e21]) {
    assert.equal(count(n), Math.round(n).toLocaleString("en-US"));
  }
  assert.equal(count(-0.2), "0");
  assert.equal(count(NaN), "unknown");
  assert.equal(countOf(1, "run"), "1 run");
  assert.equal(countOf(0, "run"), "0 runs");
  assert.equal(countOf(2, "entry", "entries"), "2 entries");
});

Deno.test("localTime() and preciseTime() show this machine's clock, isoTime() shows UTC and leaves out what is zero", () => {
  const date = new Date(2026, 10, 20, 14, 3, 5);
  assert.equal(localTime(date), "2026-11-20 14:03");
  assert.equal(preciseTime(date), "2026-11-20 14:03:05");
  assert.equal(isoTime(new Date("2026-11-20T14:03:05Z")), "2026-11-20T14:03:05Z");
  assert.equal(isoTime(new Date("2026-11-20T14:03:05.250Z")), "2026-11-20T14:03:05.250Z");
  assert.equal(isoTime(new Date("2026-11-20")), "2026-11-20");
});

Deno.test("an invalid date is said to be one", () => {
  const invalid = new Date(NaN);
  assert.deepEqual([localTime(invalid), preciseTime(invalid), isoTime(invalid)], ["unknown time", "unknown time", "invalid date"]);
});

Deno.test("shortHash() keeps eight characters", () => {
  assert.equal(shortHash("abcdef0123456789"), "abcdef01");
  assert.equal(shortHash(""), "");
});
