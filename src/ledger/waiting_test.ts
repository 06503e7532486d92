import assert from "node:assert/strict";
import { waitWhile } from "./waiting.ts";

Deno.test("waitWhile() looks again after each change, and ends when there is nothing more to wait for", async () => {
  let left = 3;
  await waitWhile(() => left > 0, () => Promise.resolve(left--), 60_000);
  assert.equal(left, 0);
  await waitWhile(() => false, () => assert.fail("there was nothing to wait for"), 60_000);
});

Deno.test("waitWhile() ends also where no change ever comes, and where changes never suffice", async () => {
  await waitWhile(() => true, () => new Promise(() => {}), 5);
  await waitWhile(() => true, () => new Promise((resolve) => setTimeout(resolve)), 5);
});

Deno.test("waitWhile() fails as the change does, and leaves no timer", async () => {
  await assert.rejects(waitWhile(() => true, () => Promise.reject(new Error("broken")), 60_000), /broken/);
});
