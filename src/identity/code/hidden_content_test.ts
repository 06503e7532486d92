import assert from "node:assert/strict";
import pl from "polars";
import { codeIdentity } from "../code.ts";
import type { CodeIdentity } from "../code_parts.ts";
import type { AnyFunction } from "./functions.ts";

const hashOf = async (fn: AnyFunction) => (await codeIdentity(fn)).hash;

/** The hashes of a step while a member has one value, then another, then none, as before. */
async function hashesWith(object: object, name: string, values: readonly unknown[], fn: AnyFunction): Promise<(string | null)[]> {
  const before = await hashOf(fn);
  const hashes: (string | null)[] = [];
  try {
    for (const value of values) {
      Reflect.set(object, name, value);
      hashes.push(await hashOf(fn));
    }
  } finally {
    Reflect.deleteProperty(object, name);
  }
  assert.equal(await hashOf(fn), before);
  return [before, ...hashes];
}

Deno.test("codeIdentity() counts a value that was put on a namespace of the language", async () => {
  const math = Math as unknown as { LIMIT?: number };
  assert.equal(new Set(await hashesWith(Math, "LIMIT", [1, 2], () => math.LIMIT)).size, 3);
  assert.equal(new Set(await hashesWith(Math, "LIMIT", [1, 2], () => (Math as unknown as { LIMIT?: number }).LIMIT)).size, 3);
});

Deno.test("codeIdentity() counts what was put on the language's own prototypes", async () => {
  const last = (xs: number[]) => (xs as unknown as { last(): number }).last();
  const [first, second] = [(xs: number[]) => xs.at(-1), (xs: number[]) => xs.at(-2)];
  assert.equal(new Set(await hashesWith(Array.prototype, "last", [first, second], last)).size, 3);
});

/** The identities of a step while a method of the language is one of the user's, and then another of his. */
async function identitiesWith(object: object, key: string, fn: AnyFunction): Promise<CodeIdentity[]> {
  const original = Object.getOwnPropertyDescriptor(object, key);
  const identities: CodeIdentity[] = [];
  try {
    for (const by of [1, 2]) {
      const replaced = function (this: unknown, ...given: unknown[]): unknown {
        return [by, original, given];
      };
      Object.defineProperty(object, key, { value: replaced, configurable: true, writable: true, enumerable: false });
      identities.push(await codeIdentity(fn));
    }
  } finally {
    if (original) Object.defineProperty(object, key, original);
    else Reflect.deleteProperty(object, key);
  }
  return identities;
}

Deno.test("codeIdentity() counts a method of the language that was replaced, and one that was put there unseen", async () => {
  const step = (xs: number[]) => xs.map((x) => x + 1);
  const before = await hashOf(step);
  for (const [object, key] of [[Promise.prototype, "finally"], [String.prototype, "shout"]] as const) {
    const hashes = (await identitiesWith(object, key, step)).map(({ hash }) => hash);
    assert.equal(new Set([before, ...hashes]).size, 3, key);
  }
  assert.equal(await hashOf(step), before);
});

Deno.test("codeIdentity() counts what was put on prototypes without a name, and on classes of Intl, Temporal and the runtime that a step reaches", async () => {
  const url = new URL("a:b"), day = Temporal.PlainDate.from("2020-01-01");
  const prototypeOf = (object: object): object => Object.getPrototypeOf(object);
  const cases: readonly (readonly [path: string, object: object, key: string, fn: AnyFunction])[] = [
    ["Iterator.prototype", Iterator.prototype, "toArray", () => [1].values().toArray()],
    ["Generator.prototype", prototypeOf(function* () {}.prototype), "last", () => [1]],
    ["TypedArray.prototype", prototypeOf(Float64Array.prototype), "mean", () => new Float64Array(1)],
    ["Float64Array.prototype", Float64Array.prototype, "mean", () => new Float64Array(1)],
    ["WeakRef.prototype", WeakRef.prototype, "deref", () => new WeakRef({}).deref()],
    ["Intl.NumberFormat.prototype", Intl.NumberFormat.prototype, "format", () => new Intl.NumberFormat("en").format(1)],
    ["Temporal.PlainDate.prototype", Temporal.PlainDate.prototype, "add", () => day.add({ days: 1 })],
    ["URL.prototype", URL.prototype, "toString", () => String(new URL("a:b"))],
    ["URL.prototype of an object", URL.prototype, "toJSON", () => url.toJSON()],
    ["Response.prototype", Response.prototype, "text", () => new Response("a").text()],
    ["Response", Response, "json", () => Response.json({})],
  ];
  for (const [path, object, key, fn] of cases) {
    const before = await codeIdentity(fn);
    assert.deepEqual(before.opaque, [], path);
    const hashes = (await identitiesWith(object, key, fn)).map(({ hash }) => hash);
    assert.equal(new Set([before.hash, null, ...hashes]).size, 4, path);
    assert.equal(await hashOf(fn), before.hash, path);
  }
});

Deno.test("codeIdentity() knows the language's own class behind one that a test put in its place", async () => {
  const Real = Date;
  try {
    Object.assign(globalThis, { Date: class extends Real {} });
    assert.deepEqual((await codeIdentity(() => new Date(1).toISOString())).opaque, []);
  } finally {
    Object.assign(globalThis, { Date: Real });
  }
});

Deno.test("codeIdentity() tells nothing while a method with which it tells is another one", async () => {
  const step = (xs: number[]) => xs.map((x) => x + 1);
  for (
    const [path, object, key] of [
      ["Array.prototype.map", Array.prototype, "map"],
      ["Object.keys", Object, "keys"],
      ["Reflect.ownKeys", Reflect, "ownKeys"],
      ["WeakSet.prototype.has", WeakSet.prototype, "has"],
      ["Array.prototype.toJSON", Array.prototype, "toJSON"],
    ] as const
  ) {
    for (const { hash, opaque } of await identitiesWith(object, key, step)) {
      assert.equal(hash, null);
      assert.deepEqual(opaque.map(({ name }) => name), [path]);
    }
  }
  assert.deepEqual((await codeIdentity(step)).opaque, []);
});

Deno.test("codeIdentity() tells a NaN in an expression from an infinity and from null", async () => {
  const hashes = await Promise.all([NaN, Infinity, -Infinity, null].map((value) => {
    const expression = pl.lit(value as number);
    return hashOf(() => expression);
  }));
  assert.equal(new Set(hashes).size, hashes.length);
});

Deno.test("codeIdentity() calls a handle of native code opaque: nothing tells one from another", async () => {
  const { DuckDBInstance } = await import("@duckdb/node-api");
  const connection = await (await DuckDBInstance.create(":memory:")).connect();
  try {
    const { opaque } = await codeIdentity(() => connection);
    assert.match(opaque.map(({ why }) => why).join(), /native/);
    const bare: unknown = Object.create(null);
    assert.deepEqual((await codeIdentity(() => bare)).opaque, []);
  } finally {
    connection.closeSync();
  }
});
