/** What a config is to a step beyond its text: the code of what stands in it, kinds of values, and the moment of the call. */
import assert from "node:assert/strict";
import { run, type RunPromise, value } from "consist";
import { assertHit, assertMiss } from "consist/testing";
import { inTracker } from "./in_tracker.ts";

const priceOf = (price: { total(): number; toJSON(): unknown }): RunPromise<{ total: number }> =>
  run({ name: "price", fn: (_, { config }) => config.price.total(), config: { price }, outputs: ["total"] });

Deno.test("run() executes again when a method of a class in its config is another one", () =>
  inTracker(async () => {
    class Net {
      constructor(readonly amount: number) {}
      toJSON(): unknown {
        return { amount: this.amount };
      }
      total(): number {
        return this.amount;
      }
    }
    const Doubled = class Net { // the same name and the same fields
      constructor(readonly amount: number) {}
      toJSON(): unknown {
        return { amount: this.amount };
      }
      total(): number {
        return this.amount * 2;
      }
    };
    assertMiss(await priceOf(new Net(3)));
    assertHit(await priceOf(new Net(3)));
    const changed = await priceOf(new Doubled(3));
    assertMiss(changed);
    assert.equal(await changed.load(), 6);
    assert.match(changed.explain(), /config\.price/);
  }));

Deno.test("run() executes again when a function beside toJSON in its config is another one", () =>
  inTracker(async () => {
    const price = (total: () => number) => ({ total, toJSON: () => ({ amount: 3 }) });
    assertMiss(await priceOf(price(() => 3)));
    assertHit(await priceOf(price(() => 3)));
    assert.equal(await priceOf(price(() => 6)).load(), 6);
  }));

Deno.test("run() does not serve a class in the config whose code cannot be followed", () =>
  inTracker(async () => {
    const hidden = new Proxy({}, {});
    class Opaque {
      toJSON(): unknown {
        return {};
      }
      total(): number {
        return Reflect.has(hidden, "x") ? 1 : 2;
      }
    }
    await priceOf(new Opaque());
    const again = await priceOf(new Opaque());
    assertMiss(again);
    assert.match(again.explain(), /Proxy/);
  }));

Deno.test("run() tells Sets apart whose members are of other kinds in another order", () =>
  inTracker(async () => {
    const kinds = (set: Set<number | bigint>) =>
      run({ name: "kinds", fn: (_, { config }) => [...config.set].map((n) => `${typeof n} ${n}`), config: { set }, outputs: ["kinds"] });
    await kinds(new Set([2n, 1]));
    assertHit(await kinds(new Set([1, 2n])));
    const other = await kinds(new Set([1n, 2]));
    assertMiss(other);
    assert.deepEqual(await other.load(), ["bigint 1", "number 2"]);
  }));

Deno.test("run() takes the config as it is at the call, whatever becomes of the object afterwards", () =>
  inTracker(async () => {
    const config = { alpha: 0, deep: { list: [0] } };
    const calls = [1, 2, 3].map((alpha) => {
      config.alpha = alpha;
      config.deep.list[0] = alpha;
      return run({ name: "model", fn: (_, { config }) => [config.alpha, ...config.deep.list], config, outputs: ["seen"] });
    });
    const seen = await Promise.all(calls.map((call) => call.load()));
    assert.deepEqual(seen, [[1, 1], [2, 2], [3, 3]]);
  }));

Deno.test("run() never serves what a step made of a value that was changed after the call", () =>
  inTracker(async () => {
    const list = [0];
    const first = () => run({ name: "first", fn: ({ list }) => list[0], inputs: { list: value(list) }, outputs: ["n"] });
    const calls = [1, 2].map((n) => {
      list[0] = n;
      return first();
    });
    await Promise.all(calls);
    list[0] = 1;
    assert.equal(await first().load(), 1);
  }));

Deno.test("run() refuses a list with a hole and a property of its own", () =>
  inTracker(async () => {
    const list = Object.assign([1, 2, 3], { extra: 1 });
    delete list[1];
    const config: Record<string, unknown> = { list };
    await assert.rejects(run({ name: "odd", fn: () => 1, config, outputs: ["n"] }), { code: "config_not_plain" });
  }));

Deno.test("run() does not serve under one name what a step made of another name", () =>
  inTracker(async () => {
    const step = (name: string) => run({ name, model: "shared", fn: (_, step) => step.name, outputs: ["seen"] });
    assert.equal(await step("a").load(), "a");
    assert.equal(await step("b").load(), "b");
    const own = (name: string) => run({ name, fn: (_, step) => step.name, outputs: ["seen"] });
    await own("c");
    assertHit(await own("c"));
  }));

Deno.test("run() looks at the file of an artifact that came back from JSON", () =>
  inTracker(async () => {
    const { outputs } = await run({ name: "make", fn: () => "one", outputs: ["text"] });
    const copy = JSON.parse(JSON.stringify(outputs.text)) as typeof outputs.text;
    const read = () => run({ name: "read", fn: ({ text }) => `${text}!`, inputs: { text: copy }, outputs: ["loud"] });
    assert.equal(await read().load(), "one!");
    await Deno.writeTextFile(outputs.text.path, "two");
    await assert.rejects(read(), { code: "content_mismatch" });
    await Deno.writeTextFile(outputs.text.path, "one");
    assertHit(await read());
  }));
