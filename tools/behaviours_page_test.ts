import assert from "node:assert/strict";
import { type Area, behavioursPage, readBehaviours } from "./behaviours_page.ts";

Deno.test("docs/behaviours.md is up to date, and every test that it names exists: deno task behaviours writes it", async () => {
  assert.equal(await Deno.readTextFile(new URL("../docs/behaviours.md", import.meta.url)), await behavioursPage(await readBehaviours()));
});

Deno.test("the list of behaviours is whole", async () => {
  const areas = await readBehaviours();
  const says = areas.flatMap(({ behaviours }) => behaviours.map(({ says }) => says));
  const own = areas.filter(({ area }) => area === "One ledger, two languages").flatMap(({ behaviours }) => behaviours);
  assert.ok(own.length > 0);
  assert.equal(says.length - own.length, 216);
  assert.deepEqual([...new Set(says)], says);
});

Deno.test("behavioursPage() refuses a test that does not exist, and a behaviour that nothing is said of", async () => {
  const area = (behaviour: Area["behaviours"][number]): Area[] => [{ area: "A", behaviours: [behaviour] }];
  const here = "tools/behaviours_page_test.ts";
  await behavioursPage(area({ says: "x", tests: [`${here}: the list of behaviours is whole`] }));
  await assert.rejects(behavioursPage(area({ says: "x", tests: [`${here}: the list of behaviours is ${"half"}`] })), /there is no test/);
  await assert.rejects(behavioursPage(area({ says: "x", tests: [`tools/${"nowhere"}_test.ts: x`] })), /there is no test/);
  await assert.rejects(behavioursPage(area({ says: "x" })), /names no test and no reason/);
  await assert.rejects(behavioursPage(area({ says: "x", departs: "y", later: "z" })), /at once/);
});
