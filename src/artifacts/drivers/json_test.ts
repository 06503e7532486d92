import assert from "node:assert/strict";
import fc from "fast-check";
import pl from "polars";
import { driverNamed } from "../driver.ts";
import { tempFolder } from "../temp_folder.ts";
import { testDriver } from "./contract_suite.ts";

testDriver({
  driver: driverNamed("json"),
  values: {
    "an object": () => ({ mean: 1.5, names: ["x", null, "é😀"], nested: { "": true } }),
    "a number": () => -1e-300,
    "null": () => null,
    "half of a surrogate pair": () => "\ud800",
    "a key that objects have already": () => JSON.parse('{"__proto__":{"a":1},"constructor":2}'),
    "one object in two places": () => {
      const shared = { a: 1 };
      return [shared, shared];
    },
  },
  any: fc.jsonValue({ noUnicodeString: false } as never).filter((value) =>
    !JSON.stringify(value, (_, each) => Object.is(each, -0) ? "-0" : each).includes('"-0"')
  ),
  foreign: {
    "undefined": () => undefined,
    "not a number": () => ({ a: NaN }),
    "minus zero": () => [-0],
    "infinity": () => Infinity,
    "a bigint": () => 1n,
    "a date": () => ({ when: new Date(0) }),
    "a map": () => new Map(),
    "a hole": () => [1, , 2],
    "an array with a name": () => Object.assign([1], { x: 1 }),
    "an undefined property": () => ({ a: undefined }),
    "a symbol key": () => ({ [Symbol("x")]: 1 }),
    "a function": () => ({ toJSON: () => 1 }),
    "an instance": () => new (class Model {})(),
    "a boxed number": () => Object(1),
    "a typed array": () => new Float64Array(1),
    "a frame": () => ({ table: pl.DataFrame({ a: [1] }) }),
    "a proxy": () => new Proxy({}, {}),
    "a cycle": () => {
      const cycle: unknown[] = [];
      cycle.push(cycle);
      return cycle;
    },
    "too deep a nest": () => {
      let nest: unknown = 1;
      for (let depth = 0; depth < 50_000; depth++) nest = [nest];
      return nest;
    },
  },
  damaged: { "an empty file": "", "an unfinished object": '{"a":', "two values": "1 2", "bytes": new Uint8Array([34, 0xff, 34]) },
});

Deno.test("driver json reads past a byte order mark", async () => {
  await using folder = await tempFolder();
  assert.deepEqual(await driverNamed("json").read(await folder.write("x.json", '\ufeff{"a":1}')), { a: 1 });
});

Deno.test("driver json names the place inside a value that it cannot keep", async () => {
  await assert.rejects(driverNamed("json").write({ a: [{ "b c": 1n }] }, "never.json"), { why: 'value.a[0]["b c"] is a bigint.' });
});
