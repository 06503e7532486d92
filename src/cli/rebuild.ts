/** `consist db rebuild`: brings back what a ledger lacks, from the snapshots of its runs. */
import type { LedgerFlags } from "./flags.ts";
import type { Output } from "./output.ts";
import { trackerFor } from "./tracker.ts";

/** Does it; `false` where a snapshot cannot be read. */
export async function rebuild(output: Output, flags: LedgerFlags): Promise<boolean> {
  await using tracker = trackerFor(flags);
  const { runs, movedAside, unreadable } = await tracker.rebuild();
  output.answer({
    json: () => ({ runs, movedAside, unreadable }),
    text: () =>
      [
        ...movedAside.map((path) => `moved aside: ${path}`),
        ...unreadable.map((path) => `no snapshot of a run: ${path}`),
        `${runs.length} runs came back into ${tracker.dbPath}`,
      ].join("\n"),
  });
  return unreadable.length === 0;
}
