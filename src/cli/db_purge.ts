/** `consist db purge`: takes runs out of the ledger and off the disk. */
import { OptionError } from "../errors.ts";
import type { PurgeFilter } from "../ledger/maintenance/mod.ts";
import { countOf } from "../notebook/mod.ts";
import { namedRun, scenarioRecord } from "../query/answers/mod.ts";
import { planPurge, purge, type PurgePlan } from "../run/care/mod.ts";
import { servicesOf, type Tracker } from "../tracker/mod.ts";
import { type ChangeFlags, consents } from "./consent.ts";
import type { LedgerFlags } from "./flags.ts";
import type { Output } from "./output.ts";
import { placeThatIs } from "./place.ts";
import { readingOf, trackerFor } from "./tracker.ts";

/** What it takes. */
export interface PurgeFlags extends LedgerFlags, ChangeFlags {
  /** All executions of this scenario. */
  readonly scenario?: string;
  /** Runs of this step. */
  readonly step?: string;
  /** Runs that ended so. */
  readonly status?: string;
  /** Also what rests on them. */
  readonly withDependents?: boolean;
  /** Leave files. */
  readonly keepFiles?: boolean;
}

/** Does it; `false` where runs that were meant stay, since others need them or they have not ended. */
export async function dbPurge(output: Output, flags: PurgeFlags, ...names: readonly string[]): Promise<boolean> {
  placeThatIs(flags);
  await using tracker = trackerFor(flags);
  const filter = await filterOf(tracker, flags, names);
  const { dryRun = false, withDependents = false, keepFiles = false } = flags;
  const options = { withDependents, keepFiles };
  const services = servicesOf(tracker);
  const plan = await planPurge(services, filter, options);
  if (!dryRun && plan.runs.length > 0 && !agreed(output, flags, plan)) return false;
  using progress = output.progress();
  const onProgress = (done: number, total: number, what: string): void => progress.show(done, total, what);
  const done = dryRun || plan.runs.length === 0 ? plan : await purge(services, filter, { ...options, onProgress });
  progress.end();
  output.answer({ json: () => ({ dryRun, ...done }), text: () => planText(done, dryRun) });
  return done.needed.length === 0 && done.running.length === 0;
}

function agreed(output: Output, flags: PurgeFlags, plan: PurgePlan): boolean {
  if (flags.yes !== true && !output.json) output.note(planText(plan, true));
  return consents(output, flags, `Remove ${countOf(plan.runs.length, "run")}?`);
}

async function filterOf(tracker: Tracker, { scenario, step, status }: PurgeFlags, names: readonly string[]): Promise<PurgeFilter> {
  if (names.length === 0 && [scenario, step, status].every((choice) => choice === undefined)) {
    throw new OptionError("option_invalid", {
      problem: "Cannot tell which runs are meant.",
      why: "No run was named, and none of --scenario, --step and --status was given.",
      fix: "Name runs, or choose them by options.",
    });
  }
  const reading = readingOf(tracker);
  if (scenario !== undefined) await scenarioRecord(reading, scenario); // a name that is wrong is told with the nearest right one
  const ids = await Promise.all(names.map(async (name) => (await namedRun(reading, name)).id));
  return { scenario, step, status, ids: ids.length === 0 ? undefined : ids };
}

const SHOWN = 20;

function planText({ runs, artifacts, folders, files, needed, running }: PurgePlan, dryRun: boolean): string {
  return [
    ...runs.slice(0, SHOWN).map(({ id, step, status }) => `${status.padEnd(12)}${step}  ${id}`),
    ...(runs.length > SHOWN ? [`and ${runs.length - SHOWN} more`] : []),
    ...needed.slice(0, SHOWN).map(({ run, neededBy }) =>
      `stays: ${run}, on which ${neededBy.slice(0, 3).join(", ")}${neededBy.length > 3 ? ", …" : ""} rest${
        neededBy.length === 1 ? "s" : ""
      }; --with-dependents removes these too`
    ),
    ...running.map((run) => `stays: ${run}, which has not ended`),
    `${countOf(runs.length, "run")}, ${countOf(artifacts.length, "artifact")}, ${countOf(folders.length, "folder")} and ${
      countOf(files.length, "file")
    } ${dryRun ? "would be removed" : "removed"}`,
  ].join("\n");
}
