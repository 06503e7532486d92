/** A project that was copied with its ledger and its runs: where its files come from. */
import assert from "node:assert/strict";
import { join } from "@std/path";
import { Tracker } from "consist";
import { tempDir } from "./child.ts";

async function copyFolder(from: string, to: string): Promise<void> {
  await Deno.mkdir(to);
  for await (const { name, isDirectory } of Deno.readDir(from)) {
    if (isDirectory) await copyFolder(join(from, name), join(to, name));
    else await Deno.copyFile(join(from, name), join(to, name));
  }
}

const cells = () => [1, 2, 3];

Deno.test("a copied project whose output is gone says that it takes the file of the original's folder", async () => {
  await using dir = await tempDir();
  const [original, copy] = [join(dir.path, "original"), join(dir.path, "copy")];
  const trackerOf = (folder: string) => new Tracker({ dbPath: join(folder, "provenance.duckdb"), runDir: join(folder, "runs") });
  const step = (tracker: Tracker) => tracker.run({ name: "cells", fn: cells, outputs: ["cells"] });
  {
    await using tracker = trackerOf(original);
    await step(tracker);
  }
  await copyFolder(original, copy);
  await using tracker = trackerOf(copy);
  const whole = await step(tracker);
  assert.equal(whole.cacheHit, true);
  assert.ok(whole.outputs.cells.path.startsWith(copy), "its own file, where it has one");
  assert.doesNotMatch(whole.explain(), /original/);
  await Deno.remove(whole.outputs.cells.path);
  const hit = await step(tracker);
  assert.equal(hit.cacheHit, true);
  assert.deepEqual(await hit.load("cells"), [1, 2, 3]);
  assert.match(
    hit.explain(),
    /Note: "cells" comes from the folder in which its run executed, .*original.*no unharmed file in its own place, .*copy/,
  );
  // Without the original it executes.
  await Deno.remove(original, { recursive: true });
  assert.equal((await step(tracker)).cacheHit, false);
});
