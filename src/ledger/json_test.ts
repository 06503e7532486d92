import assert from "node:assert/strict";
import fc from "fast-check";
import { canonicalFacetJson, jsonText, parseJson, parseObject, parseTexts, pythonNumber } from "./json.ts";

Deno.test("parseJson reads what Python writes: NaN, Infinity, whole numbers beyond a double", () => {
  assert.deepEqual(parseJson('{"a": NaN, "b": [Infinity, -Infinity], "c": "NaN Infinity \\" NaN"}'), {
    a: NaN,
    b: [Infinity, -Infinity],
    c: 'NaN Infinity " NaN',
  });
  assert.deepEqual(parseJson('{"big": 9007199254740993, "near": 9007199254740991, "x": 1.5, "y": NaN}'), {
    big: 9007199254740993n,
    near: 9007199254740991,
    x: 1.5,
    y: NaN,
  });
  assert.equal(parseJson("null"), null);
  assert.equal(parseJson(null), null);
});

Deno.test("parseJson refuses what is not JSON in either language", () => {
  for (const text of ["{", "NaNa", "{'a': 1}", '{"a": nan}', ""]) assert.throws(() => parseJson(text), SyntaxError);
});

Deno.test("parseJson survives hostile nesting and keys without touching prototypes", () => {
  const value = parseObject('{"__proto__": {"polluted": true}, "constructor": 1}');
  assert.equal(({} as { polluted?: boolean }).polluted, undefined);
  assert.deepEqual(Object.keys(value), ["__proto__", "constructor"]);
});

Deno.test("parseObject and parseTexts give something usable for any text", () => {
  assert.deepEqual(parseObject("[1]"), {});
  assert.deepEqual(parseObject(null), {});
  assert.deepEqual(parseTexts('["a", 1, "b"]'), ["a", "b"]);
  assert.deepEqual(parseTexts("null"), []);
});

Deno.test("jsonText and parseJson are inverse for JSON values", () => {
  fc.assert(fc.property(fc.jsonValue({ noUnicodeString: false }), (value) => {
    assert.deepEqual(parseJson(jsonText(value)), JSON.parse(JSON.stringify(value)));
  }));
});

Deno.test("jsonText keeps bigint, NaN and infinities, and leaves out what is undefined", () => {
  assert.equal(
    jsonText({ a: 2n ** 70n, b: NaN, c: -Infinity, d: undefined, e: () => 1 }),
    '{"a":1180591620717411303424,"b":NaN,"c":-Infinity}',
  );
  assert.equal(jsonText([undefined, new Date(0), new Set([1]), new Map([["k", 2]])]), '[null,"1970-01-01T00:00:00.000Z",[1],{"k":2}]');
  assert.equal(jsonText(undefined), "null");
  assert.equal(jsonText({ "\ud800": ["a\udc00b"] }), '{"\ufffd":["a\ufffdb"]}');
  assert.equal(canonicalFacetJson("\ud800"), '"\\ufffd"');
});

Deno.test("canonicalFacetJson sorts by code points and escapes all but ASCII, as Python does", () => {
  assert.equal(
    canonicalFacetJson({ "\u{1F680}": 1, "\uFFFD": 2, z: 3, é: "\u007f" }),
    '{"z":3,"\\u00e9":"\\u007f","\\ufffd":2,"\\ud83d\\ude80":1}',
  );
});

Deno.test("canonicalFacetJson does not depend on the order of keys", () => {
  fc.assert(fc.property(fc.dictionary(fc.string(), fc.jsonValue()), (facet) => {
    const turned = Object.fromEntries(Object.entries(facet).reverse());
    assert.equal(canonicalFacetJson(turned), canonicalFacetJson(facet));
  }));
});

Deno.test("pythonNumber prints numbers as Python's repr does", () => {
  const cases: [number, string][] = [
    [0.1, "0.1"],
    [1e-4, "0.0001"],
    [1e-5, "1e-05"],
    [1.5e-7, "1.5e-07"],
    [5e-324, "5e-324"],
    [1e300, "1e+300"],
    [3, "3"],
    [1e20, "100000000000000000000"],
    [-2.5, "-2.5"],
  ];
  for (const [value, text] of cases) assert.equal(pythonNumber(value), text);
});
