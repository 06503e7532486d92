import assert from "node:assert/strict";
import { changeLines } from "../text/changes.ts";
import { changeTable } from "./changes.ts";

const lines = (before: unknown, after: unknown) => changeLines([{ name: "f", before, after }]);

Deno.test("changeLines() puts short values side by side, names in a column", () => {
  assert.deepEqual(
    changeLines([{ name: "config.threshold", before: 0.5, after: 0.7 }, { name: "config.m", before: "car", after: 1n }]),
    ["config.threshold  0.5 → 0.7", 'config.m          "car" → 1'],
  );
});

Deno.test("changeLines() says none for what is new or gone, and null for null", () => {
  assert.deepEqual(lines(undefined, 1), ["f  none → 1"]);
  assert.deepEqual(lines(null, undefined), ["f  null → none"]);
  assert.deepEqual(changeLines([{ name: "f", after: 1 }]), ["f  none → 1"]);
});

Deno.test("changeLines() shows the beginning of a hash", () => {
  assert.deepEqual(lines("ab".repeat(32), "cd".repeat(32)), ["f  abababab → cdcdcdcd"]);
});

Deno.test("changeLines() shows of two texts the lines that differ", () => {
  const before = "function f(x: number) {\n  const k = 2;\n  return x * k;\n}\n";
  assert.deepEqual(lines(before, before.replace("k = 2", "k = 3")), ["f", "  -   const k = 2;", "  +   const k = 3;"]);
  assert.deepEqual(lines(before, before.replace("  return", "  log(x);\n  return")), ["f", "  +   log(x);"]);
});

Deno.test("changeLines() cuts two long lines around the difference", () => {
  const before = `${"a".repeat(500)}OLD${"b".repeat(500)}`;
  const [, left, right] = lines(before, before.replace("OLD", "NEWER"));
  assert.equal(left, `  - …${"a".repeat(28)}OLD${"b".repeat(28)}…`);
  assert.equal(right, `  + …${"a".repeat(28)}NEWER${"b".repeat(28)}…`);
});

Deno.test("changeLines() shows the difference deep in long nested values", () => {
  const nested = (last: number) => ({ list: Array.from({ length: 200 }, (_, i) => i), last });
  assert.match(lines(nested(1), nested(2)).join("\n"), /- ….*"last": 1}\n {2}\+ ….*"last": 2}/);
});

Deno.test("changeLines() and changeTable() cut long lists and say how many are left", () => {
  const many = Array.from({ length: 150 }, (_, i) => ({ name: `k${i}`, before: i, after: i + 1 }));
  assert.equal(changeLines(many).at(-1), "and 142 more differences");
  const html = changeTable(many).toString();
  assert.match(html, /142 more differences/);
  assert.equal((html.match(/<tr/g) ?? []).length, 100);
});

Deno.test("changeTable() is nothing without changes", () => {
  assert.equal(changeTable([]).toString(), "");
});
