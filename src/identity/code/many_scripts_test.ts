import assert from "node:assert/strict";
import { codeIdentity } from "../code.ts";
import type { AnyFunction } from "./functions.ts";

/** As a cell is run: a script of its own, without a url. */
const cell = (text: string): unknown => (0, eval)(text);

Deno.test("codeIdentity() follows helpers in more scripts than are remembered", async () => {
  const kept = Array.from({ length: 5_200 }, (_, index) => cell(`(() => ${index})`));
  const step = (n: number) => cell(`((helper) => () => helper(1))(${`(0, eval)("((x) => x * ${n})")`})`) as AnyFunction;
  const [two, again, three] = [step(2), step(2), step(3)];
  const identities = [await codeIdentity(two), await codeIdentity(again), await codeIdentity(three)];
  for (const { opaque, parts } of identities) {
    assert.deepEqual(opaque, []);
    assert.deepEqual(parts.map(({ kind }) => kind), ["function", "function"]);
  }
  assert.equal(identities[0]!.hash, identities[1]!.hash);
  assert.notEqual(identities[0]!.hash, identities[2]!.hash);
  assert.equal(kept.length, 5_200); // alive until here
});
