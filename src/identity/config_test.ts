import assert from "node:assert/strict";
import fc from "fast-check";
import vectors from "../../tests/fixtures/config-hash-vectors.json" with { type: "json" };
import { hashConfig, refuseReservedKeys } from "./config.ts";
import { inputIdentity } from "./inputs.ts";
import { signature } from "./signature.ts";

type Vector = typeof vectors.vectors[number] & { pythonExpression?: string };

/** A config as a JavaScript user would write it: from its JSON text, with bigint where a number cannot hold the digits. */
function configOf(vector: Vector): unknown {
  if (vector.name.includes("set is sorted")) return { s: new Set((vector.config as { s: unknown[] }).s.toReversed()) };
  if (vector.configSource === null) return vector.config;
  return JSON.parse(vector.configSource, (_key, value, context?: { source?: string }) => {
    const source = context?.source ?? "";
    return typeof value === "number" && /^-?\d+$/.test(source) && !Number.isSafeInteger(value) ? BigInt(source) : value;
  });
}

const hashOf = (vector: Vector, config = configOf(vector)) => {
  const { model, year, iteration, cache_epoch, cache_version } = vector.runFields;
  return hashConfig(config, { model, year, iteration, cacheEpoch: cache_epoch, cacheVersion: cache_version });
};

for (const vector of vectors.vectors.filter(({ js }) => js !== "ambiguous" && js !== "not-json")) {
  Deno.test(`hashConfig() agrees with Python on: ${vector.name}`, () => {
    const { canonical, hash } = hashOf(vector);
    assert.equal(canonical, vector.canonical);
    assert.equal(hash, vector.sha256);
  });
}

// "ambiguous" vectors hold a float that is a whole number (1.0, 1e16, 3e10). JavaScript has one number type and cannot tell it from the integer; a whole number
// is written as Python writes the integer, so these hash as their integer twins, and not as Python hashes the float.
for (const vector of vectors.vectors.filter(({ js }) => js === "ambiguous")) {
  Deno.test(`hashConfig() writes a whole number as an integer, which Python's float is not: ${vector.name}`, () => {
    const { canonical } = hashOf(vector);
    assert.notEqual(canonical, vector.canonical);
    assert.doesNotMatch(canonical, /\d\.0[,}\]]|e\+/);
  });
}

// "not-json": NaN and the infinities are refused, Python writes words that are no JSON.
Deno.test("hashConfig() refuses NaN and infinities", () => {
  assert.throws(() => hashConfig({ n: NaN }, { model: "m" }), /config\.n is NaN/);
});

Deno.test("hashConfig() gives a double of 2^63 and 10^21 the digits of the integer", () => {
  for (const [name, value] of [["2^63", 2 ** 63], ["10^21 int", 1e21]] as const) {
    const vector = vectors.vectors.find((one) => one.name === name)!;
    assert.equal(hashOf(vector, { n: value }).hash, vector.sha256);
  }
});

Deno.test("hashConfig() mixes in what the run depends on, and keeps it in the value", () => {
  const plain = hashConfig({ a: 1 }, { model: "m" });
  const mixed = hashConfig({ a: 1 }, { model: "m" }, { "lookup.csv": "aa", "b": "cc" });
  assert.equal(
    mixed.canonical,
    '{"__consist_hash_inputs__": {"b": "cc", "lookup.csv": "aa"}, "__consist_run_fields__": {"iteration": null, "model": "m", "year": null}, "a": 1}',
  );
  assert.deepEqual(mixed.value, { a: 1, __consist_hash_inputs__: { b: "cc", "lookup.csv": "aa" } });
  assert.notEqual(mixed.hash, plain.hash);
  assert.deepEqual(plain.value, { a: 1 });
});

Deno.test("refuseReservedKeys() names the key that hashConfig() would overwrite", () => {
  assert.throws(() => refuseReservedKeys({ __consist_run_fields__: {} }), /config\.__consist_run_fields__ is a reserved key/);
  assert.throws(() => refuseReservedKeys({ __consist_hash_inputs__: {} }), /reserved key/);
  refuseReservedKeys({ a: { __consist_run_fields__: 1 } });
});

Deno.test("hashConfig() changes with any run field", () => {
  const base = { model: "m", year: 2030, iteration: 1, cacheEpoch: 1, cacheVersion: 1 };
  const others = [{ model: "n" }, { year: 2031 }, { iteration: 0 }, { cacheEpoch: 2 }, { cacheVersion: 2 }, { cacheVersion: null }, {
    year: undefined,
  }];
  const hashes = [base, ...others.map((other) => ({ ...base, ...other }))].map((fields) => hashConfig({}, fields).hash);
  assert.equal(new Set(hashes).size, hashes.length);
});

Deno.test("hashConfig() gives equal content one hash and other content another", () => {
  const config = fc.dictionary(fc.string().filter((key) => !key.startsWith("__consist")), fc.jsonValue());
  fc.assert(fc.property(config, fc.string(), fc.integer(), (value, key, number) => {
    fc.pre(!key.startsWith("__consist"));
    const hash = hashConfig(value, { model: "m" }).hash;
    assert.equal(hashConfig(structuredClone(value), { model: "m" }).hash, hash);
    fc.pre(value[key] !== number);
    assert.notEqual(hashConfig(Object.fromEntries([...Object.entries(value), [key, number]]), { model: "m" }).hash, hash);
  }));
});

for (const { name, code, config, input, signature: expected } of vectors.signature.vectors) {
  Deno.test(`signature() agrees with Python on: ${name}`, () => assert.equal(signature(code, config, input), expected));
}

Deno.test("inputIdentity() of no inputs is Python's", () => {
  assert.equal(inputIdentity([]).hash, vectors.inputHash.vectors.find(({ name }) => name === "no inputs")!.sha256);
});
