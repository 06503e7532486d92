import assert from "node:assert/strict";
import fc from "fast-check";
import { textDiff } from "./text_diff.ts";

Deno.test("textDiff() shows what was taken and added, with what is around it", () => {
  assert.equal(textDiff(["a", "b", "c", "d", "e", "f"], ["a", "b", "c", "x", "e", "f"]), "  b\n  c\n- d\n+ x\n  e\n  f");
  assert.equal(textDiff([], ["new"]), "+ new");
  assert.equal(textDiff(["old"], []), "- old");
});

Deno.test("textDiff() says how much it leaves out", () => {
  const diff = textDiff(Array.from({ length: 5_000 }, (_, at) => `${at}`), Array.from({ length: 5_000 }, (_, at) => `${-at}`));
  assert.match(diff, /\n… and \d+ lines more$/);
  assert.ok(diff.split("\n").length < 30);
});

Deno.test("textDiff() gives both texts back, whatever they are", () => {
  const lines = fc.array(fc.constantFrom("a", "b", "c"), { maxLength: 8 });
  fc.assert(fc.property(lines, lines, (before, after) => {
    const diff = textDiff(before, after).split("\n").filter(Boolean);
    const side = (mark: string) => diff.filter((line) => line.startsWith(mark)).map((line) => line.slice(2));
    const taken = before.length - side("-").length;
    assert.equal(taken, after.length - side("+").length); // what is left of both is what they have in common
    if (before.join() === after.join()) assert.deepEqual(diff, []);
  }));
});
