import assert from "node:assert/strict";
import fc from "fast-check";
import { isGlob, readGlob, splitGlob } from "./glob.ts";

const CASES: readonly (readonly [pattern: string, matching: readonly string[], other: readonly string[]])[] = [
  ["*.csv", ["a.csv", ".csv", ".a.csv", "new\nline.csv", "é😀.csv"], ["a.csv.gz", "x/a.csv", "acsv"]],
  ["?.csv", ["a.csv", "😀.csv"], [".csv", "ab.csv", "/.csv"]],
  ["[a-c1].x", ["a.x", "c.x", "1.x"], ["d.x", "-.x", "[.x"]],
  ["[!a-c].x", ["d.x", "^.x"], ["a.x", "/.x"]],
  ["[^a].x", ["b.x"], ["a.x"]],
  ["[]].x", ["].x"], ["[.x"]],
  ["a[*]b", ["a*b"], ["axb", "ab"]],
  ["[\\d^].x", ["\\.x", "d.x", "^.x"], ["1.x"]],
  ["**/*.csv", ["a.csv", "x/a.csv", "x/.y/a.csv"], ["a.txt"]],
  ["x/**", ["x/a", "x/y/z"], ["y/x"]],
  ["x/**/y", ["x/y", "x/a/b/y"], ["xy", "x/ay"]],
  ["{a,b{1,2}}.x", ["a.x", "b1.x", "b2.x"], ["b.x", "{a}.x"]],
  ["{a/b,c}/d", ["a/b/d", "c/d"], ["a/d"]],
  ["{a}.x", ["{a}.x"], ["a.x"]],
  ["a(1)+$.^|", ["a(1)+$.^|"], ["a1"]],
  ["a{,.bak}", ["a", "a.bak"], ["ab"]],
  ["./a", ["a"], ["b"]],
];
for (const [pattern, matching, other] of CASES) {
  Deno.test(`readGlob() reads ${JSON.stringify(pattern)}`, () => {
    const glob = readGlob(pattern);
    for (const path of matching) assert.ok(glob.matches(path), path);
    for (const path of other) assert.ok(!glob.matches(path), path);
  });
}

Deno.test("readGlob() reaches each folder above a match", () => {
  const names = fc.array(fc.constantFrom("a", "b", ".c", "d e"), { minLength: 1, maxLength: 5 });
  fc.assert(fc.property(names, fc.constantFrom("**/d e", "a/*/b", "*/**", "{a,b}/.c/**/a", "a/b/**"), (segments, pattern) => {
    const glob = readGlob(pattern);
    if (!glob.matches(segments.join("/"))) return;
    for (let depth = 1; depth < segments.length; depth++) assert.ok(glob.reaches(segments.slice(0, depth).join("/")));
  }));
  assert.ok(!readGlob("a/*.csv").reaches("b"));
  assert.ok(!readGlob("*.csv").reaches("b/c"));
});

Deno.test("isGlob() tells patterns from plain paths", () => {
  for (const path of ["*.csv", "a?", "x[12].csv", "{a,b}"]) assert.ok(isGlob(path), path);
  for (const path of ["a.csv", "a]b", "{a}", "a,b", "a[b/c]"]) assert.ok(!isGlob(path), path);
});

Deno.test("splitGlob() finds the folder above all matches", () => {
  assert.deepEqual(splitGlob("/data/2030/*.csv"), { base: "/data/2030", rest: "*.csv" });
  assert.deepEqual(splitGlob("*.csv"), { base: ".", rest: "*.csv" });
  assert.deepEqual(splitGlob("/*.csv"), { base: "/", rest: "*.csv" });
  assert.deepEqual(splitGlob("a/{b/c,d}/e"), { base: "a", rest: "{b/c,d}/e" });
});
