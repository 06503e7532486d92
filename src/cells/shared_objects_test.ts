import assert from "node:assert/strict";
import { sharingNames } from "./shared_objects.ts";

const sharing = (values: { readonly [name: string]: unknown }, ...others: unknown[]): string[] =>
  [...sharingNames(new Map(Object.entries(values)), others)].sort();

Deno.test("sharingNames() finds objects in common, however deep, and takes equal ones for different", () => {
  const row = { x: 1 };
  assert.deepEqual(sharing({ a: [row], b: new Map([["row", row]]), c: [{ x: 1 }], d: 5, e: "x", f: null }), ["a", "b"]);
  assert.deepEqual(sharing({ a: row, b: [2] }, [[{ deep: row }]]), ["a"]);
  assert.deepEqual(
    sharing({
      a: new Set([row]),
      b: {
        get row() {
          throw new Error("called");
        },
      },
    }, row),
    ["a"],
  );
  const bytes = new Uint8Array(8);
  assert.deepEqual(sharing({ a: bytes.subarray(1), b: bytes.subarray(2), c: bytes.slice() }), ["a", "b"]);
});

Deno.test("sharingNames() ends with cycles and Proxies, and assumes sharing in what is too large to look at", () => {
  const cycle: { self?: unknown } = {};
  cycle.self = cycle;
  const proxy = new Proxy({}, { ownKeys: () => assert.fail("asked") });
  assert.deepEqual(sharing({ cycle, proxy }), []);
  assert.deepEqual(sharing({ many: Array.from({ length: 300_000 }, () => ({})), one: {} }), ["many", "one"]);
});
