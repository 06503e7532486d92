import assert from "node:assert/strict";
import fc from "fast-check";
import { ConsistError, InputError, LedgerError, listNames, nearestName, StepFailedError } from "./errors.ts";

Deno.test("ConsistError says problem, why, fix, and where; the original stays in cause", async (t) => {
  const cause = new RangeError("model diverged");
  const error = new StepFailedError("step_failed", {
    problem: 'Step "simulate" failed: model diverged',
    why: "Its function threw a RangeError.",
    fix: "See the stack.",
    run: "simulate_0a1b2c3d4e5f",
    step: "simulate",
    cause,
  });
  await t.assertSnapshot(error.message);
  assert.equal(error.cause, cause);
  assert.equal(error.name, "StepFailedError");
  assert.equal(error.code, "step_failed");
  assert.ok(error instanceof ConsistError && error instanceof Error);
});

Deno.test("ConsistError has no fields for what it does not know", () => {
  const error = new InputError("input_missing", { problem: "p", why: "w", fix: "f" });
  assert.deepEqual(Object.keys(error).sort(), ["code", "fix", "problem", "why"]);
  assert.equal(error.name, "InputError");
  assert.equal(new LedgerError("ledger_locked", { problem: "p", why: "w", fix: "f", path: "x" }).path, "x");
});

Deno.test("nearestName finds the word that was meant, and none where nothing is near", () => {
  assert.equal(nearestName("analysys", ["preprocessed", "analysis"]), "analysis");
  assert.equal(nearestName("cacheOption", ["cacheOptions", "outputPolicy"]), "cacheOptions");
  assert.equal(nearestName("hte", ["the", "a"]), "the");
  assert.equal(nearestName("zzzzzz", ["raw", "cleaned"]), undefined);
  assert.equal(nearestName("x", []), undefined);
  assert.equal(nearestName("x", ["ci", "y"]), undefined);
  assert.equal(nearestName("ab", ["cd", "ba"]), "ba");
  assert.equal(nearestName("raw", ["row", "map"]), "row");
  assert.equal(nearestName("raw", ["sum"]), undefined);
});

Deno.test("nearestName finds any word after one edit", () => {
  const word = fc.string({ minLength: 4, maxLength: 12, unit: fc.constantFrom(..."abcdefgh") });
  fc.assert(fc.property(word, fc.nat(), (name, place) => {
    const at = place % name.length;
    assert.equal(nearestName(name.slice(0, at) + name.slice(at + 1), [name, "0123456789"]), name);
  }));
});

Deno.test("listNames quotes names and counts those it leaves out", () => {
  assert.equal(listNames([]), "none");
  assert.equal(listNames(["a", 'b"c']), '"a", "b\\"c"');
  assert.match(listNames(Array.from({ length: 11 }, (_, n) => `k${n}`)), / and 3 more$/);
});
