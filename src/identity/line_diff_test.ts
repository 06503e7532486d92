import assert from "node:assert/strict";
import fc from "fast-check";
import { lineDiff } from "./line_diff.ts";

Deno.test("lineDiff() shows what went and came with two lines around", () => {
  const before = "a\nb\nc\nd\ne\nf\ng", after = "a\nb\nc\nD\ne\nf\ng";
  assert.deepEqual(lineDiff(before, after), ["…", "  b", "  c", "- d", "+ D", "  e", "  f", "…"]);
  assert.deepEqual(lineDiff("a", "a"), []);
});

Deno.test("lineDiff() is capped", () => {
  const lines = lineDiff("", Array.from({ length: 500 }, (_, i) => `line ${i}`).join("\n"));
  assert.equal(lines.length, 41);
  assert.match(lines.at(-1)!, /more lines/);
});

Deno.test("lineDiff() of short texts holds both", () => {
  const text = fc.array(fc.constantFrom("a", "b", "c", "{", "}"), { maxLength: 12, minLength: 1 });
  fc.assert(fc.property(text, text, (a, b) => {
    fc.pre(a.join() !== b.join());
    const lines = lineDiff(a.join("\n"), b.join("\n"));
    const marked = (marks: string) => lines.filter((line) => marks.includes(line[0]!)).map((line) => line.slice(2));
    const isPart = (part: string[], whole: string[]) => part.reduce((at, line) => at < 0 ? at : whole.indexOf(line, at) + 1 || -1, 0) >= 0;
    assert.ok(isPart(marked(" -"), a) && isPart(marked(" +"), b));
    assert.equal(a.length - b.length, marked("-").length - marked("+").length);
  }));
});

Deno.test("lineDiff() of very long texts does not compare every pair", () => {
  const long = (seed: number) => Array.from({ length: 3000 }, (_, i) => `${(i * seed) % 7919}`).join("\n");
  assert.equal(lineDiff(long(3), long(5)).length, 41);
});
