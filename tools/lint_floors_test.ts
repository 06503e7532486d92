import assert from "node:assert/strict";
import plugin, { floorViolation } from "./lint_floors.ts";

/** What the rule says of a source in a file. */
function complaints(file: string, source: string): string[] {
  return Deno.lint.runPlugin(plugin, file, source).map((diagnostic) => diagnostic.message);
}

for (
  const [kind, source] of Object.entries({
    "an import": 'import { run } from "../run/mod.ts";',
    "a type-only import": 'import type { Step } from "../run/mod.ts";',
    "an export from": 'export { run } from "../run/mod.ts";',
    "an export of everything": 'export * from "../run/mod.ts";',
    "a dynamic import": 'const run = await import("../run/mod.ts");',
    "an import type": 'type Step = import("../run/mod.ts").Step;',
  })
) {
  Deno.test(`lint_floors flags ${kind} from a floor above`, () => {
    assert.match(complaints("src/ledger/lease.ts", source)[0] ?? "", /src\/ledger is below src\/run/);
    assert.deepEqual(complaints("src/scenario/scenario.ts", source), []);
  });
}

Deno.test("lint_floors lets a floor into another one through its mod.ts only", () => {
  assert.match(floorViolation("src/run/run.ts", "../ledger/runs.ts") ?? "", /through its mod\.ts only/);
  assert.equal(floorViolation("src/run/run.ts", "../ledger/mod.ts"), undefined);
  assert.equal(floorViolation("src/run/run.ts", "./result.ts"), undefined);
  assert.equal(floorViolation("src/run/run_test.ts", "../ledger/runs.ts"), undefined);
});

Deno.test("lint_floors keeps the ground free of floors, and floors free of the package's name and of what lies above src", () => {
  assert.match(floorViolation("src/types.ts", "./run/mod.ts") ?? "", /imports from no floor/);
  assert.match(floorViolation("src/run/run.ts", "consist") ?? "", /by its own name/);
  assert.match(floorViolation("src/run/run.ts", "../../mod.ts") ?? "", /above src/);
  assert.equal(floorViolation("src/run/run.ts", "../errors.ts"), undefined);
  assert.match(floorViolation("src/utils/x.ts", "../run/mod.ts") ?? "", /no known floor/);
});

Deno.test("lint_floors lets what loads with the package import what loads late by import() only, and for its types", () => {
  const late = /src\/query\/answers loads when it is first used/;
  assert.match(complaints("src/tracker/tracker.ts", 'import { findRun } from "../query/answers/mod.ts";')[0] ?? "", late);
  assert.match(complaints("src/tracker/tracker.ts", 'import { type Found, findRun } from "../query/answers/mod.ts";')[0] ?? "", late);
  assert.match(complaints("src/tracker/tracker.ts", 'import "../query/answers/mod.ts";')[0] ?? "", late);
  assert.match(complaints("src/query/mod.ts", 'export { findRun } from "./answers/mod.ts";')[0] ?? "", late);
  assert.match(complaints("src/query/view.ts", 'export * from "./answers/mod.ts";')[0] ?? "", late);
  assert.match(complaints("mod.ts", 'export { findRun } from "./src/query/answers/mod.ts";')[0] ?? "", late);
  for (
    const [file, source] of [
      ["src/tracker/tracker.ts", 'const { findRun } = await import("../query/answers/mod.ts");'],
      ["src/tracker/tracker.ts", 'import type { Found } from "../query/answers/mod.ts";'],
      ["src/tracker/tracker.ts", 'import { type Found } from "../query/answers/mod.ts";'],
      ["src/query/mod.ts", 'export { type Found } from "./answers/mod.ts";'],
      ["src/query/mod.ts", 'export type { Found } from "./answers/mod.ts";'],
      ["mod.ts", 'export type { Found } from "./src/query/answers/mod.ts";'],
      ["src/run/care/accept.ts", 'import { findRun } from "../../query/answers/mod.ts";'],
      ["src/cli/runs.ts", 'import { listRuns } from "../query/answers/mod.ts";'],
      ["src/tracker/tracker_test.ts", 'import { findRun } from "../query/answers/mod.ts";'],
    ] as const
  ) assert.deepEqual(complaints(file, source), [], source);
});

Deno.test("lint_floors lets nobody into a part past its mod.ts, nor a part into a floor above", () => {
  assert.match(
    floorViolation("src/tracker/tracker.ts", "../query/answers/find.ts", "later") ?? "",
    /query\/answers is imported through its mod\.ts/,
  );
  assert.match(floorViolation("src/query/view.ts", "./answers/find.ts", "later") ?? "", /query\/answers is imported through its mod\.ts/);
  assert.match(floorViolation("src/query/answers/find.ts", "../../run/care/mod.ts") ?? "", /src\/query is below src\/run/);
  assert.match(floorViolation("src/query/answers/find.ts", "../../run/care/mod.ts", "later") ?? "", /src\/query is below src\/run/);
  assert.equal(floorViolation("src/query/answers/find.ts", "../reading.ts"), undefined);
});
