/** What the tests of this floor share. It has no tests of its own. */
import assert from "node:assert/strict";
import { fromFileUrl, join } from "@std/path";
import type { Tracker } from "consist";

/** Where this project's names are. */
export const CONFIG = fromFileUrl(new URL("../../deno.json", import.meta.url));

/** A module that exports `step`, so that two processes have the same one. `step` is its text. */
export async function stepModule<Step>(dir: string, step: string): Promise<{ readonly path: string; readonly step: Step }> {
  const path = join(dir, "step.ts");
  await Deno.writeTextFile(path, `import { run } from "consist";\nexport const step = ${step};\n`);
  return { path, step: (await import(`file://${path}`)).step };
}

/** Executes code in another process with the same ledger and folder of runs, and with the `step` of a module. */
export async function elsewhere({ dbPath, runDir }: Tracker, path: string, code: string): Promise<void> {
  const program = `const { Tracker, useTracker } = await import("consist");
const { step } = await import(${JSON.stringify(`file://${path}`)});
const tracker = new Tracker({ dbPath: Deno.args[0], runDir: Deno.args[1] });
useTracker(tracker);
${code}
await tracker.close();`;
  const { code: ended, stderr } = await new Deno.Command(Deno.execPath(), {
    args: ["eval", "--config", CONFIG, program, dbPath, runDir],
    stdin: "null",
  }).output();
  assert.equal(ended, 0, new TextDecoder().decode(stderr));
}
