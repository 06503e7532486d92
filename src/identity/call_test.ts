import assert from "node:assert/strict";
import fc from "fast-check";
import { callIdentity, type CallSpec } from "./call.ts";

const base: CallSpec = { outputs: [{ key: "b", driver: "csv@1" }, { key: "a" }], bindings: { raw: "data" } };

Deno.test("callIdentity() names every part", () => {
  const { parts } = callIdentity({
    outputs: [{ key: "cleaned", driver: "parquet@1+polars 0.25.2", schema: { id: "int" } }],
    bindings: { raw: "lazy" },
    capture: { pattern: "*.csv", dir: undefined },
    command: { image: "sha256:ab", argv: ["sort", "-u"] },
    also: { "output policy": "warn" },
  });
  assert.deepEqual(parts.map(({ name, text }) => `${name}: ${text}`), [
    'binding of raw: "lazy"',
    'capture pattern: "*.csv"',
    'command argv: ["sort", "-u"]',
    'command image: "sha256:ab"',
    'driver of cleaned: "parquet@1+polars 0.25.2"',
    'output policy: "warn"',
    'outputs: ["cleaned"]',
    'schema of cleaned: {"id": "int"}',
  ]);
});

Deno.test("callIdentity() does not depend on the order of outputs", () => {
  assert.equal(callIdentity(base).hash, callIdentity({ ...base, outputs: base.outputs.toReversed() }).hash);
});

Deno.test("callIdentity() changes with every part", () => {
  const others: CallSpec[] = [
    { ...base, outputs: [{ key: "b", driver: "csv@1" }] },
    { ...base, outputs: [{ key: "b", driver: "csv@2" }, { key: "a" }] },
    { ...base, outputs: [{ key: "b" }, { key: "a", driver: "csv@1" }] },
    { ...base, outputs: [{ key: "b", driver: "csv@1", schema: 1 }, { key: "a" }] },
    { ...base, bindings: { raw: "path" } },
    { ...base, bindings: { other: "data" } },
    { ...base, capture: { pattern: "*" } },
    { ...base, command: { image: "x" } },
    { ...base, also: { x: 1 } },
  ];
  assert.equal(new Set([base, ...others].map((spec) => callIdentity(spec).hash)).size, others.length + 1);
});

Deno.test("callIdentity() lets no hostile key pass for another part", () => {
  fc.assert(fc.property(fc.uniqueArray(fc.string(), { maxLength: 4 }), fc.uniqueArray(fc.string(), { maxLength: 4 }), (a, b) => {
    const hash = (keys: string[]) => callIdentity({ outputs: keys.map((key) => ({ key })) }).hash;
    assert.equal(hash(a) === hash(b), JSON.stringify(a.toSorted()) === JSON.stringify(b.toSorted()));
  }));
});

Deno.test("callIdentity() refuses a part that is no plain data, by its name", () => {
  assert.throws(() => callIdentity({ outputs: [{ key: "a", schema: { parse: () => 1 } }] }), /schema of a\.parse is a function/);
});
