import assert from "node:assert/strict";
import fc from "fast-check";
import { codeIdentity } from "../code.ts";
import type { AnyFunction } from "./functions.ts";
import { functionHash } from "./syntax.ts";

const source = (fn: AnyFunction) => codeIdentity(fn, { mode: "source" });
/** Functions from text, so that formatting and comments are what the test says. */
const made = (text: string): AnyFunction => (0, eval)(`(${text})`);

Deno.test('codeIdentity("source") does not count formatting, comments, quotes and parentheses', async () => {
  const plain = await source(made("function f(a) { return g(a) + 'x'; }"));
  for (const other of ['function f(a){return g(a)+"x"}', "function f(a) { // c\n  /* d */ return (g(a)) + 'x' ;; }"]) {
    assert.equal((await source(made(other))).hash, plain.hash);
  }
  assert.match(plain.hash!, /^[0-9a-f]{64}$/);
  assert.deepEqual(plain.parts.map(({ kind, name }) => [kind, name]), [["function", "f"]]);
});

Deno.test('codeIdentity("source") counts every token that can matter', async () => {
  const texts = [
    "() => 1",
    "() => 1n",
    "() => '1'",
    "() => `1`",
    "() => /1/",
    "() => /1/g",
    "async () => 1",
    "function () { return 1 }",
    "function* () { return 1 }",
    "() => -1",
    "() => { return 1 }",
    "(a) => 1",
    "({ a }) => 1",
    "(a = 1) => 1",
    "(...a) => 1",
    "() => a?.b",
    "() => a.b",
    "() => a['b c']",
    "function () { 'use strict'; return 1 }",
    "class { m() { return 1 } }",
    "class { static m() { return 1 } }",
    "class { #m() { return 1 } }",
    "() => null",
    "() => true",
  ];
  const hashes = await Promise.all(texts.map(async (text) => (await source(made(text))).hash));
  assert.equal(new Set(hashes).size, texts.length);
});

Deno.test('codeIdentity("source") takes methods, accessors and static methods', async () => {
  const of = async (n: number) => {
    const object = made(
      `function () { return { m() { return ${n} }, get g() { return ${n} }, async *["x" + 1]() { yield ${n} } } }`,
    ) as () => object;
    const type = made(`class { static s() { return ${n} } #p() {} static t() { return super.t } }`) as unknown as Record<
      string,
      AnyFunction
    >;
    const literal = object() as Record<string, AnyFunction>;
    const getter = Object.getOwnPropertyDescriptor(literal, "g")!.get!;
    return await Promise.all([literal.m!, getter, literal.x1!, type.s!, type.t!].map(async (fn) => (await source(fn)).hash));
  };
  const [one, again, two] = [await of(1), await of(1), await of(2)];
  assert.deepEqual(one, again);
  assert.ok(one.every((hash) => hash !== null));
  for (const index of [0, 1, 2, 3]) assert.notEqual(one[index], two[index]);
});

Deno.test('codeIdentity("source") has no hash where there is no text, and says why', async () => {
  const cases: [AnyFunction, RegExp][] = [
    [Math.max, /native or bound/],
    [(() => 1).bind(null), /native or bound/],
    [new Proxy(() => 1, {}), /Proxy/],
    [
      new Proxy(() => 1, {
        get() {
          throw new Error("a trap must not be called");
        },
      }),
      /Proxy/,
    ],
  ];
  for (const [fn, why] of cases) {
    const { hash, opaque } = await source(fn);
    assert.equal(hash, null);
    assert.match(opaque[0]!.why, why);
  }
});

Deno.test('codeIdentity("source") looks at the user\'s function behind a wrapper of ours', async () => {
  const inner = (x: number) => x + 1;
  const wrapper = Object.assign((x: number) => inner(x), { [Symbol.for("consist.step")]: inner });
  assert.deepEqual(await source(wrapper), await source(inner));
});

Deno.test("functionHash() does not depend on spaces between tokens", () => {
  const tokens = ["function", "f", "(", "a", ",", "b", ")", "{", "return", "a", "+", "b", "*", "2", ";", "}"];
  const space = fc.constantFrom(" ", "  ", "\t", "/* c */", " /**/ ");
  const expected = functionHash(tokens.join(" "));
  fc.assert(fc.property(fc.array(space, { minLength: tokens.length, maxLength: tokens.length }), (spaces) => {
    assert.equal(functionHash(tokens.map((token, index) => token + spaces[index]).join("")), expected);
  }));
});

Deno.test("functionHash() changes with any constant", () => {
  const constant = fc.oneof(fc.string(), fc.integer(), fc.double({ noNaN: true, noDefaultInfinity: true }), fc.boolean());
  fc.assert(fc.property(constant, constant, (a, b) => {
    const hash = (value: unknown) => functionHash(`() => (${Object.is(value, -0) ? "-0" : JSON.stringify(value)})`);
    assert.equal(hash(a) === hash(b), Object.is(a, b));
  }));
});
