import assert from "node:assert/strict";
import fc from "fast-check";
import { configKinds, givenConfig, keptConfig } from "./given_config.ts";
import { plainConfig } from "./plain_config.ts";

Deno.test("givenConfig() gives configs of one identity to a step in one form", () => {
  const one = { b: 1, a: { d: undefined, c: [1, { z: 1, y: 2 }] }, set: new Set(["b", "a"]) };
  const other = { set: new Set(["a", "b"]), a: { c: [1, { y: 2, z: 1 }] }, b: 1 };
  assert.deepEqual(plainConfig(one), plainConfig(other));
  const show = (config: unknown) => JSON.stringify(givenConfig(config), (_key, value) => value instanceof Set ? [...value] : value);
  assert.equal(show(one), show(other));
});

Deno.test("givenConfig() is a copy: what a step does to it is done to nobody else's", () => {
  const config = { list: [1], at: new Date(0), map: new Map([["k", { n: 1 }]]) };
  const given = givenConfig(config) as typeof config;
  given.list.push(2);
  given.at.setTime(5);
  given.map.get("k")!.n = 2;
  assert.deepEqual(config, { list: [1], at: new Date(0), map: new Map([["k", { n: 1 }]]) });
});

Deno.test("keptConfig() is a copy whose keys stand as they were written", () => {
  const config = { b: 1, a: { d: undefined, c: [1, { z: 1, y: 2 }] } };
  const kept = keptConfig(config) as typeof config;
  assert.equal(JSON.stringify(kept), JSON.stringify(config));
  kept.a.c.push(5);
  assert.equal(config.a.c.length, 2);
});

Deno.test("givenConfig() keeps every value of a JSON config", () => {
  fc.assert(fc.property(fc.dictionary(fc.string(), fc.jsonValue()), (config) => {
    assert.deepEqual(givenConfig(config), { ...config });
    assert.deepEqual(configKinds(config), []);
  }));
});

Deno.test("configKinds() names what a step can tell apart and a text cannot", () => {
  class Money {
    toJSON(): number {
      return 1;
    }
  }
  const config = { at: new Date(0), n: 1n, set: new Set([1n]), map: new Map([["k", 1]]), url: new URL("http://a/"), money: new Money() };
  assert.deepEqual(configKinds(config), [
    "config.at is a Date",
    "config.map is a Map",
    "config.money is a Money",
    "config.n is a bigint",
    "config.set is a Set",
    "config.set[0] is a bigint",
    "config.url is a URL",
  ]);
});
