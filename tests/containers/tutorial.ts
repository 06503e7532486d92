/** The tutorial with a program in a container, in a real kernel with podman. Run by `deno task test:containers`. */
import assert from "node:assert/strict";
import { testNotebook } from "consist/testing";
import { prepareTutorial } from "../../tools/notebooks.ts";
import { shownBy, steadyFinding } from "../../tools/tutorials.ts";

Deno.test("tutorial: a program in a container is a step, with what it printed, and another image is a miss", async () => {
  const { path, env } = await prepareTutorial("container");
  const report = await testNotebook(path, { env });
  assert.match(String(shownBy(report, "Simulate the weather")["text/plain"]), /1461 days, at most 289 mm of snow/);
  assert.match(String(shownBy(report.again!, "Simulate the weather")["text/plain"]), /hit[^]*1461 days, at most 289 mm of snow/);
  assert.match(String(shownBy(report, "Ask for another image")["text/plain"]), /changed: image/);
  assert.match(String(shownBy(report, "Warm the weather")["text/plain"]), /5 runs: 1 hit, 4 executed/);
  assert.match(steadyFinding(report), /Two degrees of warming take 43 % of the river's summer water .*from 59 to 33 mm.* by 3 % only/);
});
