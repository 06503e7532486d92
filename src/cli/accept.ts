/** `consist accept`: lets the results of a step's old code stand for its new code, lists what was accepted, and takes it back. */
import { FindError, listNames, nearestName, OptionError } from "../errors.ts";
import { changeWords } from "../identity/mod.ts";
import { DISPLAY } from "../notebook/mod.ts";
import type { Acceptance } from "../query/mod.ts";
import { acceptances, summary } from "../query/answers/mod.ts";
import { accept as acceptRun, revokeAccept } from "../run/care/mod.ts";
import { servicesOf, type Tracker } from "../tracker/mod.ts";
import type { Run } from "../types.ts";
import type { FileFlags } from "./flags.ts";
import type { Output } from "./output.ts";
import { placeThatIs } from "./place.ts";
import { readerFor, readingOf, trackerFor } from "./tracker.ts";

/** What it takes. */
export interface AcceptFlags extends FileFlags {
  /** Why the old results may stand. */
  readonly because?: string;
  /** Also where outputs are known to differ. */
  readonly force?: boolean;
  /** Show what was accepted. */
  readonly list?: boolean;
  /** Take this one back. */
  readonly revoke?: string;
}

/** Does it. */
export async function accept(output: Output, flags: AcceptFlags, step?: string): Promise<boolean> {
  checkChoice(flags, step);
  placeThatIs(flags);
  if (flags.list === true) return await list(output, flags, step);
  await using tracker = trackerFor(flags);
  const services = servicesOf(tracker);
  const done = flags.revoke !== undefined
    ? await revokeAccept(services, flags.revoke)
    : await acceptRun(services, await newestExecuted(tracker, step!), flags.because!, { force: flags.force ?? false });
  output.answer({ json: () => done, text: () => told(done) });
  return true;
}

async function list(output: Output, flags: AcceptFlags, step: string | undefined): Promise<boolean> {
  await using tracker = readerFor(flags);
  const found = await acceptances(readingOf(tracker), step);
  output.answer({ json: () => [...found], text: () => found[DISPLAY]() });
  return true;
}

function checkChoice({ because, list, revoke, force }: AcceptFlags, step: string | undefined): void {
  const ways = [because !== undefined || force === true, list === true, revoke !== undefined].filter(Boolean).length;
  if (ways > 1 || (revoke !== undefined && step !== undefined)) {
    throw wrongCall("--because, --list and --revoke are three different things.", "Give one of them.");
  }
  if (list === true || revoke !== undefined) return;
  if (step === undefined) throw wrongCall("No step is named.", 'Name it: consist accept STEP --because "…".');
  if (because === undefined) throw wrongCall("Every card that rests on it shows why.", 'Say why the old results may stand: --because "…".');
}

function wrongCall(why: string, fix: string): OptionError {
  return new OptionError("option_invalid", { problem: "Nothing was accepted.", why, fix });
}

/** The newest run of a step that executed: its code is the one that is asked for. */
async function newestExecuted(tracker: Tracker, step: string): Promise<Run> {
  const runs = await tracker.findRuns({ step, status: "completed", history: true });
  const found = runs.find(({ cacheHit }) => !cacheHit);
  if (found !== undefined) return found;
  const steps = (await summary(readingOf(tracker))).steps.map((each) => each.step);
  const near = nearestName(step, steps);
  throw new FindError("run_not_found", {
    problem: `No run of step ${JSON.stringify(step)} has executed to its end.`,
    why: `Its steps are ${listNames(steps)}.`,
    fix: near === undefined ? "Name one of them." : `Did you mean ${JSON.stringify(near)}?`,
    step,
  });
}

function told({ id, step, run, standsFor, reason, by, changes, differingOutput, revoked }: Acceptance): string {
  const head = revoked === undefined
    ? `${id}: the results of the code of ${standsFor} stand for the code of ${run} (step ${step})`
    : `${id}: taken back by ${revoked.by} (step ${step})`;
  return [
    head,
    `  because: ${reason}`,
    `  by: ${by}`,
    ...changes.map((change) => `  ${change.name}: ${changeWords(change)}`),
    ...(differingOutput === undefined ? [] : [`  known to differ: ${differingOutput}`]),
  ].join("\n");
}
