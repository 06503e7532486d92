import assert from "node:assert/strict";
import { fromFileUrl } from "@std/path";
import { run, Tracker, useTracker } from "consist";
import { ledgerAt } from "../ledger/mod.ts";
import { assertHit, assertMiss, withTracker } from "consist/testing";
import { isNewSignature, learnSignatures, noteSignature } from "./known_signatures.ts";

const CONFIG = fromFileUrl(new URL("../../deno.json", import.meta.url));

/** A module with a step, so that two processes have the same one. */
async function stepIn(dir: string): Promise<{ path: string; step: (n: number) => ReturnType<typeof run> }> {
  const path = `${dir}/step.ts`;
  await Deno.writeTextFile(
    path,
    `import { run } from "consist";
export const step = (n: number) => run({ name: "known", fn: (_, { config }) => config.n, config: { n }, outputs: ["x"] });
`,
  );
  return { path, step: (await import(`file://${path}`)).step };
}

Deno.test("a signature that was new is asked for again after another process recorded it", () =>
  withTracker(async (tracker) => {
    const dir = await Deno.realPath(await Deno.makeTempDir());
    const { path, step } = await stepIn(dir);
    for (const n of [1, 2, 3]) assertMiss(await step(n));
    await ledgerAt(tracker.dbPath)!.release();
    const code = `const { Tracker, useTracker } = await import("consist");
const { step } = await import(${JSON.stringify(`file://${path}`)});
const tracker = new Tracker({ dbPath: Deno.args[0], runDir: Deno.args[1] });
useTracker(tracker);
await step(4);
await tracker.close();`;
    const { code: ended, stderr } = await new Deno.Command(Deno.execPath(), {
      args: ["eval", "--config", CONFIG, code, tracker.dbPath, tracker.runDir],
      stdin: "null",
    }).output();
    assert.equal(ended, 0, new TextDecoder().decode(stderr));
    assertHit(await step(4));
    assertMiss(await step(5));
    await Deno.remove(dir, { recursive: true });
  }));

Deno.test("a signature that was new to one tracker is a hit after another one of this process recorded it", () =>
  withTracker(async (tracker) => {
    const step = (n: number) => run({ name: "shared", fn: (_, { config }) => config.n, config: { n }, outputs: ["x"] });
    for (const n of [1, 2]) assertMiss(await step(n));
    await using other = new Tracker({ dbPath: tracker.dbPath, runDir: `${tracker.runDir}/of-another` });
    await useTracker(other, async () => assertMiss(await step(3)));
    assertHit(await step(3));
    await useTracker(other, async () => assertHit(await step(2)));
  }));

Deno.test("a signature that was new is a hit after a snapshot brought its run back", () =>
  withTracker(async (tracker) => {
    const step = (n: number) => run({ name: "back", fn: (_, { config }) => config.n, config: { n }, outputs: ["x"] });
    for (const n of [1, 2, 3]) assertMiss(await step(n));
    await tracker.close();
    await Deno.remove(tracker.dbPath);
    await tracker.rebuild();
    for (const n of [1, 2, 3]) assertHit(await step(n));
    assertMiss(await step(4));
  }));

Deno.test("in a ledger that was empty, of more steps than are remembered each one is a hit the second time", () =>
  withTracker(async () => {
    const step = (k: number) => run({ name: `step_${k}`, fn: (_, { config }) => config.k, config: { k }, outputs: ["x"] });
    for (let k = 0; k < 70; k++) assertMiss(await step(k));
    for (const k of [0, 5, 69]) assertHit(await step(k));
  }));

Deno.test("in a ledger that was empty, a step that a second tracker recorded is no first run to the first one", () =>
  withTracker(async (tracker) => {
    const step = (n: number) => run({ name: "shared", fn: (_, { config }) => config.n, config: { n }, outputs: ["x"] });
    await using other = new Tracker({ dbPath: tracker.dbPath, runDir: tracker.runDir });
    await useTracker(other, async () => assertMiss(await step(1)));
    assertHit(await step(1));
    assert.match((await step(2)).explain(), /n: 1 → 2|config/);
  }));

Deno.test("what is about to be written is not new, whenever the ledger is asked for all others", () =>
  withTracker(async (tracker) => {
    const step = (n: number) => run({ name: "noted", fn: (_, { config }) => config.n, config: { n }, outputs: ["x"] });
    await step(1);
    await tracker.connection().then((connection) => connection.disconnectSync()); // from now on nothing says that all runs are ours
    const services = { ledger: ledgerAt(tracker.dbPath)! };
    for (const model of ["noted", "never before"]) {
      noteSignature(services, model, "on its way");
      await learnSignatures(services, model);
      assert.deepEqual(["on its way", "new"].map((signature) => isNewSignature(services, model, signature)), [false, true]);
    }
  }));
