/** `consist verify`: executes recorded runs again, each beside its original, and says which give the same. */
import { resolve, toFileUrl } from "@std/path";
import { FindError, OptionError } from "../errors.ts";
import { namedRun } from "../query/answers/mod.ts";
import { type Recall, rehearse, type Verification } from "../run/mod.ts";
import { verifyRun } from "../run/care/mod.ts";
import { servicesOf, type Tracker, useTracker } from "../tracker/mod.ts";
import { oneLine } from "../notebook/mod.ts";
import type { Run } from "../types.ts";
import type { FileFlags } from "./flags.ts";
import type { Output } from "./output.ts";
import { readingOf, trackerFor } from "./tracker.ts";

/** What it takes. */
export interface VerifyFlags extends FileFlags {
  /** Only runs of this step. */
  readonly step?: string;
  /** Only runs of this scenario. */
  readonly scenario?: string;
  /** At most so many. */
  readonly limit?: number;
  /** Modules that are imported first. */
  readonly import?: readonly string[];
}

/** Does it; `false` where something differs, and where nothing could be verified. */
export async function verify(output: Output, flags: VerifyFlags, ...ids: readonly string[]): Promise<boolean> {
  checkChoice(flags, ids);
  await using tracker = trackerFor(flags);
  useTracker(tracker);
  const runs = await runsToVerify(tracker, flags, ids);
  const modules = (flags.import ?? []).map((path) => resolve(path));
  const found = await rehearse(() => verifyEach(tracker, runs, modules, output));
  // Steps print what they print (another console would be another step): the answer is the last line.
  output.answerOnOneLine({ json: () => found.map(plain), text: () => [...found.flatMap(lines), summary(found)].join("\n") });
  return found.every(({ verdict }) => verdict !== "different") && isAnyVerified(found);
}

function checkChoice({ step, scenario, limit }: VerifyFlags, ids: readonly string[]): void {
  if (ids.length === 0 || (step ?? scenario ?? limit) === undefined) return;
  throw new OptionError("option_invalid", {
    problem: "Cannot tell which runs are meant.",
    why: "Runs were named, and --step, --scenario and --limit choose among all runs.",
    fix: "Name runs, or choose them by options.",
  });
}

// ── which runs ──────────────────────────────────────────────────────────────────────────────────────────────────────────────

/** The executions behind what is asked for, each once: a hit stands for the run that its outputs come from. */
async function runsToVerify(tracker: Tracker, { step, scenario, limit }: VerifyFlags, ids: readonly string[]): Promise<Run[]> {
  const chosen = ids.length > 0
    ? await Promise.all(ids.map((id) => namedRun(readingOf(tracker), id)))
    : await tracker.findRuns({ step, scenario, status: "completed" });
  const steps = chosen.filter(({ tags }) => !tags.includes("scenario_header"));
  const sources = new Map<string, Run>();
  for (const run of steps) {
    const source = typeof run.meta.cache_source === "string" ? run.meta.cache_source : run.id;
    if (!sources.has(source)) sources.set(source, source === run.id ? run : await executedRun(tracker, source, run));
    if (limit !== undefined && sources.size === limit) break;
  }
  if (sources.size === 0 && (step ?? scenario) !== undefined) throw nothingToVerify(step, scenario);
  return [...sources.values()];
}

/** No run at all proves nothing: a misspelt step must not pass. */
function nothingToVerify(step: string | undefined, scenario: string | undefined): FindError {
  const of = [step === undefined ? [] : `of step "${step}"`, scenario === undefined ? [] : `of scenario "${scenario}"`].flat().join(" ");
  return new FindError("run_not_found", {
    problem: `Found no run ${of} to verify.`,
    why: "The ledger has no completed run that is meant.",
    fix: "consist summary lists the steps, consist scenarios the scenarios.",
  });
}

/** A ledger that was put together from parts may lack the run behind a hit: then the hit itself says so. */
async function executedRun(tracker: Tracker, id: string, hit: Run): Promise<Run> {
  try {
    return await tracker.findRun({ id });
  } catch (error) {
    if (error instanceof FindError) return hit;
    throw error;
  }
}

// ── verifying ───────────────────────────────────────────────────────────────────────────────────────────────────────────────

/** What came of one run. */
interface Verified extends Pick<Verification, "verdict" | "differences" | "reason"> {
  readonly run: Run;
  readonly seconds: number;
}

async function verifyEach(tracker: Tracker, runs: readonly Run[], extra: readonly string[], output: Output): Promise<Verified[]> {
  const recall = new ImportedModules();
  for (const path of extra) await importedFirst(recall, path);
  using progress = output.progress();
  const found: Verified[] = [];
  for (const [index, run] of runs.entries()) {
    progress.next(index + 1, runs.length, oneLine(`${run.model} ${run.id}`));
    const began = performance.now();
    const { verdict, differences, reason } = await verifyRun(servicesOf(tracker), run, undefined, recall);
    const seconds = (performance.now() - began) / 1000;
    found.push({ run, verdict, differences, seconds, ...(reason === undefined ? {} : { reason }) });
  }
  return found;
}

async function importedFirst(recall: ImportedModules, path: string): Promise<void> {
  try {
    await recall.importModule(path);
  } catch (cause) {
    throw new OptionError("option_invalid", {
      problem: `${path} cannot be imported.`,
      why: cause instanceof Error ? cause.message : String(cause),
      fix: "Give the path of a module that defines or runs the steps.",
      path,
      cause,
    });
  }
}

/** Modules by their addresses; what was imported before them is looked through as well. */
class ImportedModules implements Recall {
  readonly #names: Record<string, object> = {};

  async importModule(address: string): Promise<object> {
    const url = /^[a-z][a-z0-9+.-]+:/.test(address) ? address : toFileUrl(address).href;
    this.#names[url] ??= await import(url) as object;
    const others = Object.values(this.#names).flatMap((names) => Object.entries(names));
    return Object.fromEntries([...others, ...Object.entries(this.#names[url]!)]);
  }

  enter(folder: string): void {
    Deno.chdir(folder);
  }
}

// ── showing ─────────────────────────────────────────────────────────────────────────────────────────────────────────────────

function lines({ run, verdict, differences, reason }: Verified): string[] {
  const more = [...differences.map(({ key, first }) => `output ${key}, ${first}`), ...(reason === undefined ? [] : [reason])];
  return [`${verdict.replace("_", " ").padEnd(16)}${run.model}  ${run.id}`, ...more.map((line) => `${" ".repeat(16)}${line}`)].map(oneLine);
}

const isAnyVerified = (found: readonly Verified[]): boolean => found.some(({ verdict }) => verdict !== "not_repeatable");

function summary(found: readonly Verified[]): string {
  const count = (verdict: Verification["verdict"]): number => found.filter((each) => each.verdict === verdict).length;
  const runs = found.length === 1 ? "1 run" : `${found.length} runs`;
  return `${runs}: ${count("equal")} equal, ${count("different")} different, ${count("not_repeatable")} not repeatable${
    isAnyVerified(found) ? "" : ". Nothing was verified."
  }`;
}

function plain({ run, ...rest }: Verified): object {
  return { run: run.id, step: run.model, ...rest };
}
