/** Runs inside of runs, when they want each other's results. */
import assert from "node:assert/strict";
import { run } from "consist";
import { withTracker } from "consist/testing";

const pause = () => new Promise((done) => setTimeout(done, 20));

Deno.test("two steps that run each other inside of themselves do not wait for each other for ever", () =>
  withTracker(async () => {
    const a = (depth: number): Promise<unknown> =>
      run({
        name: "a",
        fn: async (_, { config }) => {
          await pause();
          if (config.depth > 0) await b(config.depth - 1);
          return "a";
        },
        config: { depth },
        outputs: ["value"],
      }).load();
    const b = (depth: number): Promise<unknown> =>
      run({
        name: "b",
        fn: async (_, { config }) => {
          await pause();
          if (config.depth >= 0) await a(config.depth);
          return "b";
        },
        config: { depth },
        outputs: ["value"],
      }).load();
    // a(1) runs b(0) inside, which runs a(0) inside; b(0) is asked for by others at the same moment.
    assert.deepEqual(await Promise.all([a(1), b(0), a(1), b(0), a(0)]), ["a", "b", "a", "b", "a"]);
  }));

Deno.test("a circle of three steps ends", () =>
  withTracker(async () => {
    const steps: Record<string, () => Promise<unknown>> = {};
    const entered = new Set<string>();
    for (const [name, next] of [["x", "y"], ["y", "z"], ["z", "x"]] as const) {
      steps[name] = () =>
        run({
          name,
          fn: async () => {
            const isFirst = !entered.has(name);
            entered.add(name);
            await pause();
            if (isFirst) await steps[next]!();
            return name;
          },
          cacheOptions: { codeIdentity: "source" },
          outputs: ["value"],
        }).load();
    }
    assert.deepEqual(await Promise.all([steps.x!(), steps.y!(), steps.z!()]), ["x", "y", "z"]);
  }));
