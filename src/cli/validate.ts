/** `consist validate`: do the files still agree with the ledger? */
import { countOf } from "../notebook/mod.ts";
import { namedRun, validate as validateFiles, type Validation } from "../query/answers/mod.ts";
import type { FileFlags } from "./flags.ts";
import type { Output } from "./output.ts";
import { readerFor, readingOf } from "./tracker.ts";

/** What it takes. */
export interface ValidateFlags extends FileFlags {
  /** Only whether files are there. */
  readonly quick?: boolean;
}

/** So many are told one by one; --json tells all. */
const SHOWN = 40;

/** Does it; `false` where a file is missing or changed, and its content nowhere else. */
export async function validate(output: Output, { quick = false, ...flags }: ValidateFlags, text?: string): Promise<boolean> {
  await using tracker = readerFor(flags);
  const reading = readingOf(tracker);
  const run = text === undefined ? {} : { run: (await namedRun(reading, text)).id };
  using progress = output.progress();
  const found = await validateFiles(reading, { quick, ...run, onProgress: (done, total) => progress.show(done, total, "outputs") });
  progress.end();
  output.answer({ json: () => found, text: () => shown(found) });
  return found.faults.every(({ elsewhere }) => elsewhere !== undefined);
}

function shown({ checked, faults, partial }: Validation): string {
  const lines = faults.slice(0, SHOWN).map(({ fault, step, key, run, path, elsewhere }) =>
    `${fault.padEnd(12)}${step}  ${key}  ${run}  ${path}${elsewhere === undefined ? "" : ` (its content is in ${elsewhere})`}`
  );
  const wrong = faults.filter(({ elsewhere }) => elsewhere === undefined);
  const of = (fault: string): number => wrong.filter((each) => each.fault === fault).length;
  const counts = [["missing", of("missing")], ["changed", of("changed")], ["unreadable", of("unreadable")], [
    "in another place",
    faults.length - wrong.length,
  ]] as const;
  const words = counts.filter(([, n]) => n > 0).map(([word, n]) => `${n} ${word}`);
  const partly = partial.length === 0
    ? []
    : partial.slice(0, SHOWN).map((run) => `${"partial".padEnd(12)}${run} has some of its outputs, and not all`);
  const more = faults.length > SHOWN ? [`and ${faults.length - SHOWN} more`] : [];
  return [
    ...lines,
    ...more,
    ...partly,
    `${countOf(checked, "output")}: ${words.length === 0 ? "all as the ledger says" : words.join(", ")}`,
  ].join(
    "\n",
  );
}
