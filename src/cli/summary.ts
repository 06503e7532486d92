/** `consist summary`: what is in a ledger, counted. */
import { count, countOf, duration, localTime } from "../notebook/mod.ts";
import { renderTable } from "../notebook/render/mod.ts";
import { type LedgerSummary, summary as summaryOf } from "../query/answers/mod.ts";
import type { LedgerFlags } from "./flags.ts";
import type { Output } from "./output.ts";
import { readerFor, readingOf } from "./tracker.ts";

/** Does it. */
export async function summary(output: Output, flags: LedgerFlags): Promise<boolean> {
  await using tracker = readerFor(flags);
  const found = await summaryOf(readingOf(tracker));
  output.answer({ json: () => found, text: () => shown(found) });
  return true;
}

function shown(found: LedgerSummary): string {
  const { runs, executed, hits, failed, running, scenarios, artifacts, contents, seconds, savedSeconds, firstAt, lastAt, steps } = found;
  const span = firstAt === undefined ? "" : `, from ${localTime(firstAt)} to ${localTime(lastAt!)}`;
  const table = renderTable({
    columns: ["step", "executed", "hits", "failed", "running", "took", "saved", "last"].map((name) => ({ name })),
    rows: steps.map((
      s,
    ) => [s.step, s.executed, s.hits, s.failed, s.running, duration(s.seconds), duration(s.savedSeconds), localTime(s.lastAt)]),
  });
  return [
    found.path,
    `${countOf(runs, "run")}: ${count(executed)} executed, ${countOf(hits, "hit")}, ${count(failed)} failed, ${
      count(running)
    } running${span}`,
    `${countOf(scenarios, "scenario")}, ${countOf(artifacts, "artifact")} with ${countOf(contents, "content")}`,
    `executions took ${duration(seconds)}, hits saved ${duration(savedSeconds)}`,
    ...(steps.length === 0 ? [] : ["", String(table["text/plain"])]),
  ].join("\n");
}
