import assert from "node:assert/strict";
import { COMMANDS, runRounds } from "./outputs/rounds.ts";

Deno.test("in our kernel 300 outputs of all kinds stand under their own cells, in order, when all cells are sent at once, three times", async () => {
  const { seconds: _, ...figures } = await runRounds(COMMANDS["Deno (Consist)"], 3);
  assert.deepEqual(figures, { rounds: 3, outputs: 900, lost: 0, misplaced: 0, repeated: 0, disordered: 0 });
});
