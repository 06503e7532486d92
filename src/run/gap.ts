/** While which steps the ledger is left to others. */
import type { Ledger } from "../ledger/mod.ts";

/**
 * A step shorter than this keeps the ledger; a longer one gives it back first, so that other processes can have it. Its execution is as long
 * as the gap after a stretch.
 */
export const SHORT_STEP_SECONDS = 0.3;

/**
 * Has the ledger to be left to others while a short step executes? A sweep that would come to that among its last rows, and would have to wait
 * at its end, does it as soon as it can: its rows go on meanwhile.
 */
export function isGapDue(ledger: Pick<Ledger, "isDueWithin">, seconds: number, rowsAfter = 0): boolean {
  if (ledger.isDueWithin(seconds * 1000)) return true;
  const ahead = rowsAfter * seconds;
  return ahead > 1.5 * SHORT_STEP_SECONDS && ledger.isDueWithin(ahead * 1000) && !ledger.isDueWithin((ahead - SHORT_STEP_SECONDS) * 1000);
}
