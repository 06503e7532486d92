/**
 * A dynamic import leaves its async context to what the runtime calls next, such as the next test or cell: nothing that was around it may
 * still count there. Each first test leaves one, each second test looks.
 */
import assert from "node:assert/strict";
import { run, type Scenario, scenario, Tracker, useTracker } from "consist";

const dir = await Deno.makeTempDir();
const tracker = new Tracker({ dbPath: `${dir}/provenance.duckdb` });
const other = new Tracker({ dbPath: `${dir}/other.duckdb`, enabled: false });
async function leak(): Promise<number> {
  const path = `${dir}/${crypto.randomUUID()}.ts`;
  await Deno.writeTextFile(path, "export const one = 1;");
  return (await import(`file://${path}`)).one;
}

Deno.test("a step of a scenario, inside of which a module is imported", async () => {
  useTracker(tracker);
  const sc = await scenario("study");
  await sc.run({ name: "first", fn: leak, outputs: ["x"] });
});
Deno.test("the next test's calls are not inside of it", async () => {
  const sc = await scenario("another");
  await sc.run({ name: "make", fn: () => 2, outputs: ["x"] });
  assert.equal(await sc.coupler.require("x").load(), 2);
  const made = await run({ name: "free", fn: () => 3, outputs: ["n"] });
  assert.equal(made.run.parentId, undefined);
  await sc.end();
});

let open: Scenario | undefined;
Deno.test("a scenario that stays open, whose step imports a module", async () => {
  useTracker(tracker);
  open = await scenario("open");
  await open.run({ name: "first", fn: leak, outputs: ["x"] });
});
Deno.test("a later call gives the same key, and holds it", async () => {
  const sc = open ??= await scenario("open");
  await sc.run({ name: "second", fn: () => "second", outputs: ["x"] });
  assert.equal(await sc.coupler.require("x").load(), "second");
  await sc.end();
});

Deno.test("a body with a tracker of its own, which is off, imports a module", async () => {
  await useTracker(other, () => run({ name: "off", fn: leak, outputs: ["x"] }).load());
});
Deno.test("the next test has the tracker that was set for what follows, and is tracked", async () => {
  useTracker(tracker);
  const made = await run({ name: "on", fn: () => 1, outputs: ["n"] });
  assert.equal((await tracker.findRun({ id: made.run.id })).id, made.run.id);
  await tracker.close();
  await other.close();
});
