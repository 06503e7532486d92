import assert from "node:assert/strict";
import { CallOrder } from "./call_order.ts";

/** A coupler of one key, with calls that end when they are told to. */
function coupler() {
  const order = new CallOrder();
  let held = "nothing";
  const call = (name: string, until: Promise<void>, inside: () => Promise<void> = () => Promise.resolve()) =>
    order.next(async () => {
      await inside();
      await until;
      order.give("x", () => void (held = name));
    });
  const set = (name: string): void => {
    held = name;
    order.set("x");
  };
  return { call, set, held: () => held };
}
const now = Promise.resolve();

Deno.test("CallOrder: of calls that run side by side the last one made holds the key, whichever ends last", async () => {
  const { call, held } = coupler();
  const slow = Promise.withResolvers<void>();
  const first = call("first", slow.promise);
  await call("second", now);
  slow.resolve();
  await first;
  assert.equal(held(), "second");
  await call("third", now);
  assert.equal(held(), "third");
});

Deno.test("CallOrder: what is set by hand holds at once, until a later call gives the key", async () => {
  const { call, set, held } = coupler();
  const slow = Promise.withResolvers<void>();
  const first = call("first", slow.promise);
  set("by hand");
  slow.resolve();
  await first;
  assert.equal(held(), "by hand");
  await call("second", now);
  assert.equal(held(), "second");
});

Deno.test("CallOrder: a call is later than those inside of it, as it is where it is a hit and they are not made", async () => {
  const { call, set, held } = coupler();
  await call("outer", now, () => call("inner", now));
  assert.equal(held(), "outer");
  await call("outer", now, () => Promise.resolve(set("by hand, inside")));
  assert.equal(held(), "outer");
  const late = Promise.withResolvers<void>();
  let inner: Promise<void> | undefined;
  await call("outer", now, () => Promise.resolve(void (inner = call("inner", late.promise))));
  late.resolve();
  await inner;
  assert.equal(held(), "outer");
});
