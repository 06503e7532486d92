import assert from "node:assert/strict";
import { Handover } from "./handover.ts";

const isDone = async (promise: Promise<void>): Promise<boolean> =>
  await Promise.race([promise.then(() => true), new Promise<boolean>((resolve) => setTimeout(() => resolve(false)))]);

Deno.test("Handover: a row may be recorded when the next one has begun", async () => {
  const first = new Handover(undefined);
  first.begins();
  first.ends();
  await first.executed;
  const second = new Handover(first);
  assert.equal(await isDone(first.followed), false);
  second.begins();
  await first.followed;
  second.ends();
  second.follow();
  await second.followed;
});

Deno.test("Handover: a row is recorded all the same where the next one does not begin soon", async () => {
  const row = new Handover(undefined);
  row.ends();
  await row.followed;
});
