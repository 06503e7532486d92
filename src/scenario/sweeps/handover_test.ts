import assert from "node:assert/strict";
import { Handover } from "./handover.ts";

const isDone = async (promise: Promise<void>): Promise<boolean> =>
  await Promise.race([promise.then(() => true), new Promise<boolean>((resolve) => setTimeout(() => resolve(false)))]);

Deno.test("Handover: a row may be written when the next one has begun", async () => {
  const first = new Handover(undefined);
  first.begins();
  const followed = first.handedOver();
  first.ends();
  await first.executed;
  const second = new Handover(first);
  assert.equal(await isDone(followed), false);
  second.begins();
  await followed;
  second.ends();
  second.follow();
  await second.handedOver();
});

Deno.test("Handover: a row is written all the same where the next one does not begin soon", async () => {
  await new Handover(undefined).handedOver();
});
