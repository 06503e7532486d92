import assert from "node:assert/strict";
import * as consist from "consist";

const page = await Deno.readTextFile(new URL("../docs/from_python.md", import.meta.url));
/** What stands in the right column of each table. */
const here = page.split("\n").filter((line) => line.startsWith("| ") && !line.startsWith("| --"))
  .map((line) => line.replaceAll("\\|", "").split(" | ").at(-1)!.trim());

/** The functions that a text calls, as far as they are the library's: `findRuns({ ... })`, `tracker.getRun(id)`, `sc.run({ ... })`. */
function calls(text: string): { readonly name: string; readonly there: boolean }[] {
  return [...text.matchAll(/`(?:new )?((?:tracker|sc)\.)?([A-Za-z]\w+)\(/g)].map(([, owner = "", name]) => {
    const holder = owner === "tracker." ? consist.Tracker.prototype : owner === "sc." ? consist.Scenario.prototype : consist;
    return { name: `${owner}${name}`, there: name! in holder || (owner === "tracker." && name === "scenario") };
  });
}

Deno.test("docs/from_python.md names functions that are there, or says that they are not yet", () => {
  for (const text of here) {
    const [now] = text.split("not yet");
    for (const { name, there } of calls(now!)) assert.ok(there, `${name} is not exported: ${text}`);
  }
});

Deno.test("docs/from_python.md has a counterpart for each name", () => {
  assert.ok(here.length > 120);
  for (const text of here) assert.notEqual(text.replace(/\|$/, "").trim(), "");
});
