import assert from "node:assert/strict";
import fc from "fast-check";
import { callIdentity } from "./call.ts";
import type { CodeIdentity } from "./code_parts.ts";
import { hashConfig } from "./config.ts";
import { inputIdentity, type InputPart } from "./inputs.ts";
import { identityTexts, stepIdentity, type StepParts, storedIdentity } from "./signature.ts";

const code = (hash: string | null, opaque: CodeIdentity["opaque"] = []): CodeIdentity => ({
  mode: "source",
  hash,
  parts: [],
  opaque,
  outside: [],
});
const input = (more: Partial<InputPart> = {}): InputPart => ({
  key: "raw",
  binding: "data",
  driver: "csv@1",
  hash: "aa",
  label: "raw.csv",
  ...more,
});
const parts = (more: Partial<StepParts> = {}): StepParts => ({
  code: code("c0de"),
  call: callIdentity({ outputs: [{ key: "n" }] }),
  config: hashConfig({ a: 1 }, { model: "m" }),
  inputs: inputIdentity([input()]),
  ...more,
});

Deno.test("stepIdentity() changes with code, mode, call, config, inputs and bindings", () => {
  const others = [
    parts(),
    parts({ code: code("other") }),
    parts({ code: { ...code("c0de"), mode: "module" } }),
    parts({ call: callIdentity({ outputs: [{ key: "m" }] }) }),
    parts({ config: hashConfig({ a: 2 }, { model: "m" }) }),
    parts({ inputs: inputIdentity([input({ hash: "bb" })]) }),
    parts({ inputs: inputIdentity([input({ binding: "path" })]) }),
    parts({ inputs: inputIdentity([input({ driver: "csv@2" })]) }),
  ].map((each) => stepIdentity(each));
  assert.equal(new Set(others.map(({ signature }) => signature)).size, others.length);
  assert.match(others[0]!.codeHash!, /^deno:[0-9a-f]{64}$/);
  assert.equal(stepIdentity(parts({ inputs: inputIdentity([input({ label: "moved.csv" })]) })).signature, others[0]!.signature);
});

Deno.test("stepIdentity() has no signature where something is opaque, unless that is allowed", () => {
  const opaque = parts({ code: code("c0de", [{ name: "P", why: "a Proxy" }]) });
  assert.deepEqual([stepIdentity(opaque).signature, stepIdentity(opaque).codeHash], [null, null]);
  assert.match(stepIdentity(opaque, "allow").signature!, /^[0-9a-f]{64}$/);
  assert.throws(() => stepIdentity(opaque, "error"), /identity_unknown|P \(a Proxy\)/);
  const nothing = parts({ code: code(null, [{ name: "step", why: "native" }]) });
  assert.equal(stepIdentity(nothing, "allow").signature, null);
  assert.throws(() => stepIdentity(nothing, "error"), { code: "identity_unknown" });
});

Deno.test("storedIdentity() reads what identityTexts() wrote", () => {
  const whole = parts({ config: hashConfig({ big: 2n ** 70n, text: "é'\"<b>" }, { model: "m", cacheEpoch: 1 }) });
  const stored = storedIdentity(identityTexts(whole));
  assert.deepEqual(stored.config, {
    big: 2n ** 70n,
    text: "é'\"<b>",
    __consist_run_fields__: { model: "m", year: null, iteration: null, cache_epoch: 1 },
  });
  assert.deepEqual([stored.code, stored.call, stored.inputs], [whole.code, whole.call, whole.inputs]);
  assert.deepEqual(storedIdentity({ config: "null", code: "null", call: "null", inputs: "null" }).code.parts, []);
});

Deno.test("stepIdentity() gives any two different code hashes different signatures", () => {
  fc.assert(fc.property(fc.string(), fc.string(), (a, b) => {
    const [x, y] = [a, b].map((hash) => stepIdentity(parts({ code: code(hash) })).signature);
    assert.equal(x === y, a === b);
  }));
});
