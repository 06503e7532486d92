import assert from "node:assert/strict";
import { packageFiles, Project } from "./code/case_harness_test.ts";
import { configCode } from "./config_code.ts";

/** A date with a zone that its `toJSON` does not show. */
const DATES = "export class Day { constructor(zone) { this.zone = zone } toJSON() { return '2020-01-01' } }";
const files = (zone: string) => ({
  "main.ts": `import { Day } from "./node_modules/pack/index.js"; export const day = new Day("${zone}"); export const main = () => day`,
  ...packageFiles("pack", "1.0.0", DATES, "index.js"),
});

Deno.test("configCode() counts what an object of a package is beyond its toJSON, and not what one of the user's is", async () => {
  const codeOf = async (zone: string) => {
    await using project = await Project.load(files(zone));
    return JSON.stringify(await configCode({ day: project.exports.day }, {}));
  };
  assert.equal(await codeOf("UTC"), await codeOf("UTC"));
  assert.notEqual(await codeOf("UTC"), await codeOf("Asia/Tokyo"));
  class Own {
    constructor(readonly note: string) {}
    toJSON(): string {
      return "own";
    }
  }
  assert.deepEqual(await configCode({ own: new Own("a") }, {}), await configCode({ own: new Own("b") }, {}));
});

Deno.test("configCode() takes a package's class for the package's, also where it is the first thing that is asked", async () => {
  await using project = await Project.load(files("UTC"));
  await configCode({ day: project.exports.day }, {});
  const { parts } = await project.identity();
  assert.ok(parts.some(({ kind, name }) => kind === "package" && name === "pack"), JSON.stringify(parts));
  assert.ok(!parts.some(({ kind }) => kind === "class"));
});
