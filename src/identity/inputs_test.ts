import assert from "node:assert/strict";
import fc from "fast-check";
import { inputIdentity, type InputPart } from "./inputs.ts";

const part = (key: string, hash: string, driver = "csv@1", label = "raw.csv"): InputPart => ({ key, binding: "data", driver, hash, label });

Deno.test("inputIdentity() counts key, driver and content; neither order nor place", () => {
  const base = inputIdentity([part("raw", "aa"), part("zones", "bb")]);
  assert.equal(inputIdentity([part("zones", "bb"), part("raw", "aa", "csv@1", "moved/raw.csv")]).hash, base.hash);
  assert.deepEqual(base.parts.map(({ key }) => key), ["raw", "zones"]);
  for (const other of [part("raw", "ab"), part("row", "aa"), part("raw", "aa", "csv@2")]) {
    assert.notEqual(inputIdentity([other, part("zones", "bb")]).hash, base.hash);
  }
  assert.notEqual(inputIdentity([part("raw", "bb"), part("zones", "aa")]).hash, base.hash);
});

Deno.test("inputIdentity() is injective, whatever stands in keys, drivers and hashes", () => {
  const any = fc.record({ key: fc.string(), driver: fc.string(), hash: fc.string() });
  const hostile = fc.constantFrom(...'|:,"[]\n').chain((mark) =>
    fc.record({ key: fc.constant(`a${mark}`), driver: fc.constant(mark), hash: fc.constant(`${mark}b`) })
  );
  const parts = fc.array(fc.oneof(any, hostile), { maxLength: 4 }).map((list) =>
    list.map(({ key, driver, hash }) => part(key, hash, driver))
  );
  const text = (list: InputPart[]) => JSON.stringify(list.map(({ key, driver, hash }) => JSON.stringify([key, driver, hash])).sort());
  fc.assert(fc.property(parts, parts, (a, b) => {
    assert.equal(inputIdentity(a).hash === inputIdentity(b).hash, text(a) === text(b));
    assert.equal(inputIdentity(a.toReversed()).hash, inputIdentity(a).hash);
  }));
});
