/** `consist diff`: what differs between two runs. */
import { DISPLAY } from "../notebook/mod.ts";
import { diffRuns, namedRun } from "../query/answers/mod.ts";
import type { LedgerFlags } from "./flags.ts";
import type { Output } from "./output.ts";
import { readerFor, readingOf } from "./tracker.ts";

/** Does it. That they differ is an answer, and no failure. */
export async function diff(output: Output, flags: LedgerFlags, left: string, right: string): Promise<boolean> {
  await using tracker = readerFor(flags);
  const reading = readingOf(tracker);
  const found = await diffRuns(reading, await namedRun(reading, left), await namedRun(reading, right));
  output.answer({
    json: () => ({ left: found.left.id, right: found.right.id, changed: found.changed, config: found.config, inputs: found.inputs }),
    text: () => String((found as unknown as { [DISPLAY](): Record<string, unknown> })[DISPLAY]()["text/plain"]),
  });
  return true;
}
