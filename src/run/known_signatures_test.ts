import assert from "node:assert/strict";
import { run, Tracker, useTracker } from "consist";
import { ledgerAt } from "../ledger/mod.ts";
import { assertHit, assertMiss, withTracker } from "consist/testing";
import { isNewSignature, learnSignatures, noteSignature } from "./known_signatures.ts";
import { elsewhere, stepModule } from "./support_test.ts";

type Step = (n: number) => ReturnType<typeof run>;

const STEP = '(n: number) => run({ name: "known", fn: (_, { config }) => config.n, config: { n }, outputs: ["x"] })';

Deno.test("a signature that was new is asked for again after another process recorded it", () =>
  withTracker(async (tracker) => {
    const dir = await Deno.realPath(await Deno.makeTempDir());
    const { path, step } = await stepModule<Step>(dir, STEP);
    for (const n of [1, 2, 3]) assertMiss(await step(n));
    await ledgerAt(tracker.dbPath)!.release();
    await elsewhere(tracker, path, "await step(4);");
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
