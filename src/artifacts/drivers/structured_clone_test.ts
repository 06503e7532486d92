import assert from "node:assert/strict";
import { serialize } from "node:v8";
import fc from "fast-check";
import pl from "polars";
import { driverNamed } from "../driver.ts";
import { tempFolder } from "../temp_folder.ts";
import { testDriver } from "./contract_suite.ts";

const cycle = () => {
  const node: { self?: unknown; list: unknown[] } = { list: [] };
  node.self = node;
  node.list.push(node.list);
  return node;
};

testDriver({
  driver: driverNamed("structured_clone"),
  values: {
    "a map": () => new Map<unknown, unknown>([["t", new Date(0)], [{ a: 1 }, new Set([1n, -0, NaN])]]),
    "undefined": () => undefined,
    "odd numbers": () => [NaN, -0, Infinity, 2n ** 200n],
    "typed arrays": () => [new Float64Array([NaN, -0]), new BigInt64Array([-1n]), new Uint8ClampedArray(3), new Uint16Array([1, 2]).buffer],
    "a hole": () => [1, , 3],
    "a regular expression": () => /a\/b/giu,
    "boxed values": () => [Object(1), Object("x"), Object(1n), Object(false)],
    "half of a surrogate pair": () => "\ud800",
    "a cycle": cycle,
    "an invalid date": () => new Date(NaN),
  },
  any: fc.anything({
    withBigInt: true,
    withDate: true,
    withMap: true,
    withSet: true,
    withTypedArray: true,
    withSparseArray: true,
    withBoxedValues: true,
  }),
  foreign: {
    "a function": () => ({ model: { fn: () => 1 } }),
    "a symbol": () => [Symbol("x")],
    "a promise": () => Promise.resolve(1),
    "a proxy": () => new Proxy({}, {}),
    "a revoked proxy": () => {
      const { proxy, revoke } = Proxy.revocable({}, {});
      revoke();
      return proxy;
    },
    "a weak map": () => new WeakMap(),
    "a URL": () => new URL("http://localhost"),
    "an instance": () => [
      new (class Model {
        a = 1;
      })(),
    ],
    "an instance of a subclass": () => new (class Table extends Map {})(),
    "an error with fields": () => Object.assign(new Error("x"), { status: 5 }),
    "a date with a name": () => Object.assign(new Date(), { label: "x" }),
    "a symbol key": () => ({ [Symbol("x")]: 1 }),
    "a frame": () => ({ table: pl.DataFrame({ a: [1] }) }),
    "shared memory": () => new SharedArrayBuffer(1),
  },
  damaged: {
    "an empty file": "",
    "text": "hello",
    "an unfinished value": serialize(new Map([["a", "long enough"]])).subarray(0, 8),
  },
});

Deno.test("driver structured_clone keeps an error's words and cause", async () => {
  await using folder = await tempFolder();
  const path = `${folder.path}/x.v8`;
  await driverNamed("structured_clone").write(new TypeError("odd", { cause: { a: 1 } }), path);
  const read = await driverNamed("structured_clone").read(path);
  assert.ok(read instanceof TypeError);
  assert.equal(read.message, "odd");
  assert.deepEqual(read.cause, { a: 1 });
});

Deno.test("driver structured_clone keeps which objects are one and the same", async () => {
  await using folder = await tempFolder();
  const shared = { a: 1n };
  await driverNamed("structured_clone").write([shared, shared], `${folder.path}/x.v8`);
  const [one, other] = await driverNamed("structured_clone").read(`${folder.path}/x.v8`) as object[];
  assert.equal(one, other);
});
