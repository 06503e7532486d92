import assert from "node:assert/strict";
import { LATE } from "../tools/lint_floors.ts";
import { Child, tempDir } from "./child.ts";

/** Packages that are for tables, charts, schemas and notebooks alone. */
const PACKAGES = /\/(?:zod|nodejs-polars|vega[a-z-]*|@resvg|dejavu-fonts-ttf|katex|marked|@stricli)\//;

for (const [what, calls] of [["an import", 0], ["a step that executes", 1], ["a hit", 2]] as const) {
  Deno.test(`${what} loads nothing of what is loaded when it is first used`, async () => {
    await using dir = await tempDir();
    const { hits, loaded } = await new Child("simple_run.ts", { dbPath: `${dir.path}/l.duckdb`, calls })
      .answer<{ hits: boolean[]; loaded: string[] }>();
    assert.deepEqual(hits, [false, true].slice(0, calls));
    assert.ok(loaded.some((address) => address.endsWith("/src/run/look_up.ts")));
    const late = LATE.flatMap((part) => loaded.filter((address) => address.includes(`/src/${part}${part.endsWith(".ts") ? "" : "/"}`)));
    assert.deepEqual(late, []);
    assert.deepEqual(loaded.filter((address) => PACKAGES.test(address)), []);
  });
}

Deno.test("a step that asks the ledger is not served again, also where what asks was not loaded before it", async () => {
  await using dir = await tempDir();
  const dbPath = `${dir.path}/l.duckdb`;
  assert.deepEqual(await new Child("first_question.ts", { dbPath }).answer(), { hits: [false, false], counts: [0, 1] });
  assert.deepEqual(await new Child("first_question.ts", { dbPath }).answer(), { hits: [false, false], counts: [1, 1] });
});
