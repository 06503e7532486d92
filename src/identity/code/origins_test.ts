import assert from "node:assert/strict";
import { originOf } from "./origins.ts";

Deno.test("originOf() takes the library's own modules for the library, and what only stands in one of their comments or tests for the user's", () => {
  const kind = (path: string) => originOf(new URL(`../../../${path}`, import.meta.url).href).kind;
  assert.deepEqual(["mod.ts", "src/run/run.ts"].map(kind), ["library", "library"]);
  const others = [
    "src/tracker/ambient_care.ts#84-101.ts",
    "mod.ts#3-9.ts",
    "src/run/run.ts?v=2.ts",
    "src/a_test.ts",
    "tests/a.ts",
    "src/a.js",
  ];
  assert.deepEqual(others.map(kind), others.map(() => "user"));
});
