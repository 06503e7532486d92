import assert from "node:assert/strict";
import { isGapDue } from "./gap.ts";

/** A ledger whose stretch is over in so many milliseconds. */
const dueIn = (left: number) => ({ isDueWithin: (ms: number) => ms > left });

Deno.test("a gap is due while the step executes in which the stretch ends", () => {
  assert.equal(isGapDue(dueIn(40), 0.05), true);
  assert.equal(isGapDue(dueIn(60), 0.05), false);
});

Deno.test("a sweep takes a gap early that would else be due among its last rows, and no other", () => {
  const rows = (seconds: number, each: number): number => seconds / each;
  assert.equal(isGapDue(dueIn(1_900), 0.05, rows(2, 0.05)), true, "it would be due 100 ms before the end");
  assert.equal(isGapDue(dueIn(1_900), 0.05, rows(1.8, 0.05)), false, "it is over before");
  assert.equal(isGapDue(dueIn(1_900), 0.05, rows(4, 0.05)), false, "rows enough come after it");
  assert.equal(isGapDue(dueIn(300), 0.05, rows(0.4, 0.05)), false, "there are not rows enough to go on with");
  assert.equal(isGapDue(dueIn(1_900), 0.05), false, "a single step");
});
