/** `consist cache prune`: deletes cached files that nothing needs, once the user agrees. */
import { OptionError } from "../errors.ts";
import { byteSize, countOf, DISPLAY } from "../notebook/mod.ts";
import { type PruneOptions, pruneCache, type PruneReport } from "../run/mod.ts";
import type { LedgerFlags } from "./flags.ts";
import type { Output } from "./output.ts";
import { placeThatIs } from "./place.ts";
import { readerFor, readingOf, trackerFor } from "./tracker.ts";

/** What it takes. */
export interface PruneFlags extends LedgerFlags {
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
  /** Delete nothing. */
  readonly dryRun?: boolean;
  /** Ask nothing. */
  readonly yes?: boolean;
}

/** Does it; `false` where the user did not agree, or something could not be deleted. */
export async function cachePrune(output: Output, { dryRun = false, yes = false, ...flags }: PruneFlags): Promise<boolean> {
  const { db, runDir, json: _, ...rules } = flags;
  const place = { ...(db === undefined ? {} : { db }), ...(runDir === undefined ? {} : { runDir }) };
  const options = { ...rules, dryRun } as PruneOptions; // what is given is text: the library checks it
  await placeThatIs(place);
  await using tracker = dryRun ? await readerFor(place) : trackerFor(place);
  using progress = output.progress();
  const asked = { isAgreed: yes, isShown: false };
  const report = await pruneCache(readingOf(tracker), options, {
    agrees: (plan) => yes || agrees(output, plan, asked),
    onProgress: (done, total) => progress.show(done, total, "folders"),
  });
  progress.end();
  const isDone = dryRun || asked.isAgreed || report.runs.length === 0;
  output.answer({ json: () => jsonOf(report), text: () => shown(report, asked) });
  return isDone && report.failures.length === 0;
}

function agrees(output: Output, plan: PruneReport, asked: { isAgreed: boolean; isShown: boolean }): boolean {
  if (!output.json) output.text(plan[DISPLAY]());
  asked.isShown = true;
  const answer = output.agrees(`Delete the cached files of ${countOf(plan.runs.length, "run")}, ${byteSize(plan.bytes)}?`);
  if (answer === undefined) throw nobodyToAsk(plan);
  return asked.isAgreed = answer;
}

/** A program, or a pipe, is not asked: it has to say that it means it. */
function nobodyToAsk({ runs, bytes }: PruneReport): OptionError {
  return new OptionError("option_invalid", {
    problem: "Nothing was deleted.",
    why: `The cached files of ${countOf(runs.length, "run")}, ${byteSize(bytes)}, would go, and there is no terminal to ask.`,
    fix: "Give --yes to delete them, or --dry-run to see them.",
    path: "yes",
  });
}

function shown(report: PruneReport, { isAgreed, isShown }: { isAgreed: boolean; isShown: boolean }): string {
  if (isShown && !isAgreed) return "nothing was deleted";
  const table = isShown ? report.summary : String(report[DISPLAY]()["text/plain"]);
  return [table, ...report.failures.map((failure) => `not deleted: ${failure}`)].join("\n");
}

function jsonOf({ dryRun, runs, bytes, before, inUse, needed, failures }: PruneReport): object {
  return { dryRun, runs, bytes, before, inUse, needed, failures };
}
