import assert from "node:assert/strict";
import { codeIdentity } from "../code.ts";

Deno.test("codeIdentity: a first step waits around the look at all scripts, and counts what it captured as it is afterwards", async () => {
  let factor = 2;
  let waits = 0;
  const step = (): number => factor;
  const meanwhile = async (): Promise<void> => {
    waits++;
    factor++;
    await new Promise((resolve) => setTimeout(resolve));
  };
  const first = await codeIdentity(step, { meanwhile });
  assert.deepEqual([waits, factor], [2, 4]);
  assert.equal(first.hash, (await codeIdentity(step)).hash);
  factor = 2;
  assert.notEqual(first.hash, (await codeIdentity(step)).hash);
});

Deno.test("codeIdentity: nobody is waited for once the scripts are known", async () => {
  const other = (): number => 7;
  const meanwhile = (): undefined => assert.fail("it waited");
  assert.notEqual((await codeIdentity(other, { meanwhile })).hash, null);
});
