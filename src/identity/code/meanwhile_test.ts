import assert from "node:assert/strict";
import { codeIdentity } from "../code.ts";

Deno.test("codeIdentity: a first step waits around the look at all scripts, and counts what it captured as it is afterwards", async () => {
  const held = { factor: 2 }; // of an object the sources tell more than a glance
  let waits = 0;
  const step = (): number => held.factor;
  const meanwhile = async (): Promise<void> => {
    waits++;
    held.factor++;
    await new Promise((resolve) => setTimeout(resolve));
  };
  const first = await codeIdentity(step, { meanwhile });
  assert.deepEqual([waits, held.factor], [2, 4]);
  assert.equal(first.hash, (await codeIdentity(step)).hash);
  held.factor = 2;
  assert.notEqual(first.hash, (await codeIdentity(step)).hash);
});

Deno.test("codeIdentity: nobody is waited for once the scripts are known", async () => {
  const other = (): number => 7;
  const meanwhile = (): undefined => assert.fail("it waited");
  assert.notEqual((await codeIdentity(other, { meanwhile })).hash, null);
});
