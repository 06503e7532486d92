import assert from "node:assert/strict";
import fc from "fast-check";
import { ConfigError } from "../errors.ts";
import { canonicalJson, parseCanonicalJson } from "./canonical_json.ts";
import { plainConfig } from "./plain_config.ts";

Deno.test("canonicalJson() writes numbers as Python does", () => {
  const cases: [unknown, string][] = [
    [1, "1"],
    [-0, "-0.0"],
    [0.1, "0.1"],
    [0.00001, "1e-05"],
    [1.2345e-5, "1.2345e-05"],
    [0.0001, "0.0001"],
    [5e-324, "5e-324"],
    [1234567890123456.7, "1234567890123456.8"],
    [2 ** 63, "9223372036854775808"],
    [10n ** 39n, "1" + "0".repeat(39)],
    [2n, "2"],
  ];
  for (const [value, text] of cases) assert.equal(canonicalJson(value), text);
});

Deno.test("canonicalJson() escapes all but printable ASCII", () => {
  assert.equal(canonicalJson('\u007f\u00e9\ud83d"\\\n</script>'), '"\\u007f\\u00e9\\ud83d\\"\\\\\\n</script>"');
});

Deno.test("canonicalJson() sorts keys by code point, __proto__ among them", () => {
  assert.equal(
    canonicalJson(JSON.parse('{"\ud83d\ude00":1,"\ue000":2,"__proto__":3}')),
    '{"__proto__": 3, "\\ue000": 2, "\\ud83d\\ude00": 1}',
  );
});

Deno.test("plainConfig() takes Date, URL, Set, Map and toJSON for what they say", () => {
  class Money {
    constructor(readonly amount: number) {}
    toJSON() {
      return { amount: this.amount, at: new Date(0) };
    }
  }
  const config = {
    absent: undefined,
    at: new Date(Date.UTC(2026, 0, 2)),
    url: new URL("https://example.org/a b"),
    set: new Set(["b", 1, null, "a"]),
    map: new Map<string, unknown>([["k", new Set([2, 1])], ["gone", undefined]]),
    money: new Money(3),
    bare: Object.assign(Object.create(null), { x: 1n }),
    large: 2n ** 60n,
  };
  assert.deepEqual(plainConfig(config), {
    at: "2026-01-02T00:00:00.000Z",
    url: "https://example.org/a%20b",
    set: ["a", "b", 1, null],
    map: { k: [1, 2] },
    money: { amount: 3, at: "1970-01-01T00:00:00.000Z" },
    bare: { x: 1 },
    large: 2n ** 60n,
  });
  assert.deepEqual(plainConfig(undefined), {});
});

Deno.test("plainConfig() refuses what no text can say, and names its path", () => {
  class Client {}
  const cycle: Record<string, unknown> = {};
  cycle["in a"] = [cycle];
  let deep: unknown = 1;
  for (let i = 0; i < 5000; i++) deep = [deep];
  const cases: [unknown, RegExp][] = [
    [{ threshold: 0.5, hook: () => 1 }, /config\.hook is a function/],
    [{ model: { fn: class {} } }, /config\.model\.fn is a function/],
    [{ list: [1, Symbol("s")] }, /config\.list\[1\] is a symbol/],
    [{ n: NaN }, /config\.n is NaN/],
    [{ n: [{ m: -Infinity }] }, /config\.n\[0\]\.m is -Infinity/],
    [{ client: new Client() }, /config\.client is an instance of Client/],
    [{ bytes: new Uint8Array(2) }, /config\.bytes is an instance of Uint8Array/],
    [{ map: new Map([[1, 2]]) }, /config\.map is a Map with a number as a key/],
    [{ at: new Date(NaN) }, /config\.at is an invalid Date/],
    [{ list: [undefined] }, /config\.list\[0\] is undefined/],
    // deno-lint-ignore no-sparse-arrays
    [{ list: [, 1] }, /config\.list is a list with holes/],
    [{ [Symbol("s")]: 1 }, /config has a symbol as a key/],
    [cycle, /config\["in a"\]\[0\] contains itself/],
    [{ deep }, /nested more than 200 levels/],
    [[1], /config is a list, not an object/],
    [5, /config is a number, not an object/],
    ["<b>'; drop table run; --", /config is a string/],
  ];
  for (const [config, message] of cases) {
    assert.throws(
      () => plainConfig(config),
      (error) => error instanceof ConfigError && error.code === "config_not_plain" && message.test(error.message),
    );
  }
});

Deno.test("plainConfig() takes one object in two places for no cycle", () => {
  const shared = { a: 1 };
  assert.equal(canonicalJson({ x: shared, y: [shared, shared] }), '{"x": {"a": 1}, "y": [{"a": 1}, {"a": 1}]}');
});

const json = fc.jsonValue({ maxDepth: 4 });

Deno.test("canonicalJson() parses back to the same value", () => {
  fc.assert(fc.property(json, (value) => {
    assert.deepEqual(parseCanonicalJson(canonicalJson(value)), plainOf(value));
  }));
  fc.assert(fc.property(fc.bigInt(), (value) => assert.equal(BigInt(parseCanonicalJson(canonicalJson(value)) as bigint), value)));
  fc.assert(fc.property(fc.double({ noNaN: true, noDefaultInfinity: true }), (value) => {
    assert.ok(Object.is(Number(parseCanonicalJson(canonicalJson(value))), value), String(value));
  }));
});

/** A number above 2^53 comes back as the bigint of the same value. */
const plainOf = (value: unknown): unknown =>
  typeof value === "number" && Number.isInteger(value) && !Number.isSafeInteger(value)
    ? BigInt(value)
    : Array.isArray(value)
    ? value.map(plainOf)
    : value !== null && typeof value === "object"
    ? Object.fromEntries(Object.entries(value).map(([key, member]) => [key, plainOf(member)]))
    : value;

Deno.test("canonicalJson() does not depend on the order of keys", () => {
  fc.assert(fc.property(fc.dictionary(fc.string(), json), (value) => {
    const reversed = Object.fromEntries(Object.entries(value).reverse());
    assert.equal(canonicalJson(reversed), canonicalJson(value));
  }));
});

Deno.test("canonicalJson() says different things of different values", () => {
  fc.assert(fc.property(json, json, (a, b) => {
    const same = (() => {
      try {
        return assert.deepEqual(a, b), true;
      } catch {
        return false; // deepEqual says by throwing that they differ
      }
    })();
    assert.equal(canonicalJson(a) === canonicalJson(b), same);
  }));
});
