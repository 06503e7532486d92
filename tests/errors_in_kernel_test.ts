/** An error in a cell of Deno's own kernel: what it says, and the user's own frames; nothing of the library's inside. */
import assert from "node:assert/strict";
import { stripVTControlCharacters } from "node:util";
import { join } from "@std/path";
import { KernelProcess } from "../src/kernels/mod.ts";
import { tempDir } from "./child.ts";

const CELLS: readonly [cell: string, frames: RegExp][] = [
  ['await run({ name: "a", fn: () => 1, inputs: { raw: "nothing.csv" }, outputs: ["n"] });', /^ {4}at (?:async )?<anonymous>:\d+:\d+$/],
  ['await run({ name: "a", fun: () => 1, outputs: ["n"] } as never);', /^ {4}at (?:async )?<anonymous>:\d+:\d+$/],
  [
    "const helper = (x) => x.missing.y;\nconst step = () => helper({});\nawait run({ name: 'a', fn: step, outputs: ['n'] });",
    /^ {4}at helper .*\n {4}at .*step/,
  ],
  [
    "async function mine() {\n  return await findRun({ step: 'claen' });\n}\nawait mine();",
    /^ {4}at async mine .*\n {4}at async <anonymous>/,
  ],
];

Deno.test("an error in Deno's own kernel shows what went wrong and the user's own frames", async () => {
  await using dir = await tempDir();
  await using kernel = await KernelProcess.start({ command: [Deno.execPath(), "jupyter", "--kernel", "--conn", "{connection_file}"] });
  const db = JSON.stringify(join(dir.path, "provenance.duckdb"));
  const { error } = await kernel.execute(`const { findRun, run, Tracker, useTracker } = await import("consist");
    const tracker = new Tracker({ dbPath: ${db} }); useTracker(tracker); undefined`);
  assert.equal(error, undefined, error?.evalue);
  try {
    for (const [cell, wanted] of CELLS) {
      const shown = (await kernel.execute(cell)).outputs.find((output) => output.output_type === "error");
      assert.ok(shown?.output_type === "error", cell);
      const lines = stripVTControlCharacters(shown.traceback.join("\n")).split("\n");
      assert.match(lines.join("\n"), /\nWhy: .*\nFix: /);
      const frames = lines.filter((line) => /^\s+at /.test(line)).join("\n");
      assert.match(frames, wanted);
      assert.doesNotMatch(frames, /src[\\/]/, cell);
    }
  } finally {
    await kernel.execute("await tracker.close()");
  }
});
