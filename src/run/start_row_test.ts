import assert from "node:assert/strict";
import { findRuns, run } from "consist";
import { withTracker } from "consist/testing";

const pause = (ms: number) => new Promise<void>((resolve) => setTimeout(resolve, ms));
/** A step that sees how it is recorded while it executes. */
const step = (n: number, ms: number, seen: (statuses: string[]) => void) =>
  run({
    name: "seen",
    fn: async (_: unknown, { runtime }: { runtime: { ms: number; look: () => Promise<void> } }) => {
      await pause(runtime.ms);
      await runtime.look();
      return 1;
    },
    config: { n },
    outputs: ["x"],
    cacheOptions: { untracked: "allow" },
    executionOptions: {
      runtimeArgs: {
        ms,
        look: async () => seen((await findRuns({ step: "seen", history: true, status: "running" })).map(({ status }) => status)),
      },
    },
  });

Deno.test("the first run of a step has a row while it executes; a quick one after it only at its end; a slower one soon", () =>
  withTracker(async () => {
    const seen: string[][] = [];
    const note = (statuses: string[]) => void seen.push(statuses);
    await step(1, 0, note);
    await step(2, 0, note);
    await step(3, 400, note);
    assert.deepEqual(seen, [["running"], [], ["running"]]);
    const runs = await findRuns({ step: "seen", history: true });
    assert.deepEqual(runs.map(({ status }) => status), ["completed", "completed", "completed"]);
  }));

Deno.test("a quick step that fails is recorded as failed, once, with its error", () =>
  withTracker(async () => {
    const failing = (n: number) =>
      run({
        name: "fails",
        fn: (_: unknown, { config }) => {
          if (config.n > 1) throw new RangeError(`no ${config.n}`);
          return 1;
        },
        config: { n },
        outputs: ["x"],
      });
    await failing(1);
    await assert.rejects(failing(2), /no 2/);
    const runs = await findRuns({ step: "fails", history: true });
    assert.deepEqual(runs.map(({ status }) => status), ["failed", "completed"]);
    assert.equal(runs[0]!.error?.name, "RangeError");
  }));
