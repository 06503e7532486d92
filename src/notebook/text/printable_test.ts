import assert from "node:assert/strict";
import fc from "fast-check";
import { clip, clipMiddle, displayWidth, oneLine, printable, short } from "./printable.ts";

const anyText = fc.string({ unit: "binary" });
const lengthOf = (text: string) => [...new Intl.Segmenter("en", { granularity: "grapheme" }).segment(text)].length;
// deno-lint-ignore no-control-regex
const INVISIBLE = /[\0-\x08\x0b-\x1f\x7f-\x9f\u200e\u200f\u202a-\u202e\u2066-\u2069\ud800-\udfff]/;

Deno.test("printable() leaves no control character, direction override or broken surrogate", () => {
  fc.assert(fc.property(anyText, (text) => {
    const shown = printable(text);
    assert.ok(shown.isWellFormed());
    assert.doesNotMatch(shown.replace(/[\ud800-\udbff][\udc00-\udfff]/g, ""), INVISIBLE);
  }));
});

Deno.test("printable() shows an escape sequence and an override instead of obeying them", () => {
  assert.equal(printable("a\u001b[31mb\u202ec"), "a\u241b[31mb\\u202ec");
});

Deno.test("oneLine() has no line break", () => {
  fc.assert(fc.property(anyText, (text) => assert.doesNotMatch(oneLine(text), /[\r\n\t]/)));
  assert.equal(oneLine("a\r\nb\tc"), "a⏎b⇥c");
});

Deno.test("clip(), clipMiddle() and short() keep to the limit and cut no character in two", () => {
  fc.assert(fc.property(anyText, fc.integer({ min: 2, max: 20 }), (text, limit) => {
    assert.ok(lengthOf(clip(printable(text), limit)) <= limit);
    assert.ok(lengthOf(clipMiddle(printable(text), limit)) <= limit);
    assert.ok(lengthOf(short(text, limit)) <= limit);
  }));
  assert.equal(clip("👩🏽‍🔬👩🏽‍🔬👩🏽‍🔬", 2), "👩🏽‍🔬…");
});

Deno.test("clip() and clipMiddle() leave alone what fits; clipMiddle() keeps both ends", () => {
  assert.equal(clip("abc", 3), "abc");
  assert.equal(clipMiddle("abc", 3), "abc");
  assert.equal(clip("abcd", 3), "ab…");
  assert.equal(clipMiddle("/home/ada/study/runs/trips.parquet", 20), "/home/a…rips.parquet");
});

Deno.test("displayWidth() counts wide characters twice and combining ones not at all", () => {
  assert.deepEqual(["abc", "日本", "é", "e\u0301", "👩🏽‍🔬", ""].map(displayWidth), [3, 4, 1, 1, 2, 0]);
});
