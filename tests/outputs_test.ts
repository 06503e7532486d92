import assert from "node:assert/strict";
import { run } from "consist";
import { inTracker } from "./in_tracker.ts";
import { COMMANDS, runRounds } from "./outputs/rounds.ts";

Deno.test("in our kernel 300 outputs of all kinds stand under their own cells, in order, when all cells are sent at once, three times", async () => {
  const { seconds: _, ...figures } = await runRounds(COMMANDS["Deno (Consist)"], 3);
  assert.deepEqual(figures, { rounds: 3, outputs: 900, lost: 0, misplaced: 0, repeated: 0, disordered: 0 });
});

Deno.test("half of a surrogate pair in a name, a config, a facet and an output is recorded, and the output comes back as it was", () =>
  inTracker(async () => {
    const half = "a\ud800";
    const step = (n: number) =>
      run({ name: `half ${half}`, fn: () => half, config: { [half]: half, n }, facet: { half }, tags: [half], outputs: ["text"] });
    assert.equal((await step(1)).cacheHit, false);
    const again = await step(1);
    assert.equal(again.cacheHit, true);
    assert.equal(await again.outputs.text.load(), half);
    assert.equal((await step(2)).cacheHit, false);
  }));
