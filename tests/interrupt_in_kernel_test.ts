/** A step in a cell that is interrupted: it ends as failed, whatever it was doing, and the same step can be asked for again. */
import assert from "node:assert/strict";
import { Client } from "../src/kernels/kernel_client_test.ts";

const BODIES = {
  "computes from its beginning on": "() => { while (hangs.on); return 1; }",
  "computes after it has waited": "async () => { await pause(20); while (hangs.on); return 1; }",
  "waits for what hears of no interrupt": "async () => { while (hangs.on) await pause(50); return 1; }",
};

Deno.test("a step that is interrupted ends as failed, and is executed when it is asked for again", async () => {
  const dir = await Deno.makeTempDir();
  const client = await Client.start();
  const cell = async (code: string): Promise<string[]> => {
    const { texts, error } = await client.execute(code);
    assert.equal(error, undefined);
    return texts;
  };
  try {
    await cell(`const { findRuns, run, Tracker, untracked, useTracker } = await import("consist");
      useTracker(new Tracker({ dbPath: ${JSON.stringify(`${dir}/p.duckdb`)} }));
      const hangs = untracked({ on: true });
      const pause = (ms) => new Promise((resolve) => setTimeout(resolve, ms));
      undefined`);
    for (const [name, body] of Object.entries(BODIES)) {
      const step = `await run({ name: ${JSON.stringify(name)}, fn: ${body}, outputs: ["n"] })`;
      await cell("hangs.on = true; undefined");
      const interrupted = client.execute(step);
      await new Promise((resolve) => setTimeout(resolve, 700));
      await client.request("control", "interrupt_request", {});
      assert.notEqual((await interrupted).error, undefined, name);
      assert.deepEqual(await cell(`hangs.on = false; console.log((${step}).cacheHit)`), ["false\n"], name);
      const runs = await cell(
        `console.log((await findRuns({ step: ${JSON.stringify(name)}, history: true })).map(({ status }) => status).sort().join())`,
      );
      assert.deepEqual(runs, ["completed,failed\n"], name);
    }
  } finally {
    await client[Symbol.asyncDispose]();
    await Deno.remove(dir, { recursive: true });
  }
});
