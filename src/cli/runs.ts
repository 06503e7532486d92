/** `consist runs`: the runs of a ledger as a table. */
import { DISPLAY } from "../notebook/mod.ts";
import type { MimeBundle } from "../types.ts";
import type { LedgerFlags } from "./flags.ts";
import type { Output } from "./output.ts";
import { trackerFor } from "./tracker.ts";

/** What it takes. */
export interface RunsFlags extends LedgerFlags {
  /** Only runs of this scenario. */
  readonly scenario?: string;
  /** Only runs of this step. */
  readonly step?: string;
  /** Every run ever recorded. */
  readonly history?: boolean;
}

/** Does it. */
export async function runs(output: Output, { scenario, step, history, ...flags }: RunsFlags): Promise<boolean> {
  await using tracker = trackerFor(flags);
  const set = await tracker.runSet({ scenario, step, history: history ?? false });
  output.answer({ json: () => [...set], text: () => (set as unknown as { [DISPLAY](): MimeBundle })[DISPLAY]() });
  return true;
}
