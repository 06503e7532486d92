/** `consist cache prune`: deletes cached files that nothing needs, once the user agrees. */
import { byteSize, countOf, DISPLAY } from "../notebook/mod.ts";
import { pruneCache, type PruneOptions, type PruneReport } from "../run/care/mod.ts";
import { servicesOf } from "../tracker/mod.ts";
import { type ChangeFlags, consents } from "./consent.ts";
import type { LedgerFlags } from "./flags.ts";
import type { Output } from "./output.ts";
import { placeThatIs } from "./place.ts";
import { readerFor, trackerFor } from "./tracker.ts";

/** What it takes. */
export interface PruneFlags extends LedgerFlags, ChangeFlags {
  /** Only runs that ended so long ago. */
  readonly olderThan?: string;
  /** Only runs that were not used for so long. */
  readonly unusedFor?: string;
  /** How many runs of each step stay. */
  readonly keepLatest?: number;
  /** How large the cache may be. */
  readonly maxSize?: string;
  /** Only runs of this step. */
  readonly step?: string;
  /** Only runs of this scenario. */
  readonly scenario?: string;
}

/** Does it; `false` where the user did not agree, or something could not be deleted. */
export async function cachePrune(output: Output, flags: PruneFlags): Promise<boolean> {
  const { db, runDir, json: _, yes: _yes, dryRun = false, ...rules } = flags;
  const place = { ...(db === undefined ? {} : { db }), ...(runDir === undefined ? {} : { runDir }) };
  const options = { ...rules, dryRun } as PruneOptions; // spans and sizes are the text that was given: the library checks it
  placeThatIs(place);
  await using tracker = dryRun ? readerFor(place) : trackerFor(place);
  using progress = output.progress();
  let isRefused = false;
  const report = await pruneCache(servicesOf(tracker), options, {
    agrees: (plan) => {
      isRefused = !agreed(output, flags, plan);
      return !isRefused;
    },
    onProgress: (done, total) => progress.show(done, total, "folders"),
  });
  progress.end();
  if (isRefused) output.note("nothing was deleted");
  else output.answer({ json: () => jsonOf(report), text: () => shown(report) });
  return !isRefused && report.failures.length === 0;
}

function agreed(output: Output, flags: PruneFlags, plan: PruneReport): boolean {
  if (flags.yes !== true && !output.json) output.note(String(plan[DISPLAY]()["text/plain"]));
  return consents(output, flags, `Delete the cached files of ${countOf(plan.runs.length, "run")}, ${byteSize(plan.bytes)}?`);
}

function shown(report: PruneReport): string {
  return [String(report[DISPLAY]()["text/plain"]), ...report.failures.map((failure) => `not deleted: ${failure}`)].join("\n");
}

function jsonOf({ dryRun, runs, bytes, before, inUse, needed, failures }: PruneReport): object {
  return { dryRun, runs, bytes, before, inUse, needed, failures };
}
