import assert from "node:assert/strict";
import { exists } from "@std/fs";
import { dirname } from "@std/path";
import { run } from "./ambient_steps.ts";
import { assertHit, assertMiss, withTracker } from "./testing.ts";

const simulate = (seed: number) => run({ name: "simulate", fn: (_, { config }) => config.seed * 2, config: { seed }, outputs: ["n"] });

Deno.test("withTracker() gives what its body gives, and its folder is gone afterwards, also where the body throws", async () => {
  let folder = "";
  const value = await withTracker(async (tracker) => {
    folder = dirname(tracker.dbPath);
    await simulate(1);
    assert.ok(await exists(tracker.dbPath));
    return 7;
  });
  assert.equal(value, 7);
  assert.ok(folder !== "" && !await exists(folder));
  await assert.rejects(
    withTracker(async (tracker) => {
      folder = dirname(tracker.dbPath);
      await simulate(1);
      throw new RangeError("no");
    }),
    RangeError,
  );
  assert.ok(!await exists(folder));
});

Deno.test("withTracker() is ambient for its own body only, also where several run at once", async () => {
  const paths = await Promise.all([1, 2, 3].map((seed) =>
    withTracker(async (tracker) => {
      assertMiss(await simulate(seed % 2)); // two of them have the same step, and each a ledger of its own
      assertHit(await simulate(seed % 2));
      return tracker.dbPath;
    })
  ));
  assert.equal(new Set(paths).size, 3);
});

Deno.test("assertHit() and assertMiss() throw with the step and the reason", () =>
  withTracker(async () => {
    const first = await simulate(1);
    assertMiss(first);
    assert.throws(() => assertHit(first), /Step "simulate" was to be a hit\. .*[Nn]o earlier/s);
    const again = await simulate(1);
    assertHit(again);
    assert.throws(() => assertMiss(again), /Step "simulate" was to be a miss\. Hit: the outputs come from/);
    const other = await simulate(2);
    assertMiss(other, "config");
    assert.throws(() => assertMiss(other, "code"), {
      name: "AssertionError",
      message: /was to miss because of its code\. .*seed/s,
      expected: "code",
    });
  }));
