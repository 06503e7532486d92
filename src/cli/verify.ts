/** `consist verify`: executes recorded runs again, each beside its original, and says which give the same. */
import { parseArgs } from "node:util";
import { resolve, toFileUrl } from "@std/path";
import { FindError, OptionError } from "../errors.ts";
import { type Recall, rehearse, type Verification, verifyRun } from "../run/mod.ts";
import { servicesOf, Tracker, useTracker } from "../tracker/mod.ts";
import { oneLine } from "../notebook/mod.ts";
import type { Run } from "../types.ts";
import { badArguments } from "./main.ts";
import { Progress } from "./progress.ts";

const OPTIONS = {
  step: { type: "string" },
  scenario: { type: "string" },
  limit: { type: "string" },
  import: { type: "string", multiple: true },
  db: { type: "string" },
  "run-dir": { type: "string" },
  json: { type: "boolean" },
} as const;

/** Does it; `false` where something is not as it should be. */
export async function verify(args: readonly string[]): Promise<boolean> {
  const asked = parsed(args);
  await using tracker = new Tracker({
    enabled: true,
    ...(asked.db === undefined ? {} : { dbPath: asked.db }),
    ...(asked["run-dir"] === undefined ? {} : { runDir: asked["run-dir"] }),
  });
  useTracker(tracker);
  const runs = await runsToVerify(tracker, asked);
  const found = await rehearse(() => verifyEach(tracker, runs, asked.import));
  // Steps print what they print (another console would be another step): the answer is the last line.
  if (asked.json) console.log(JSON.stringify(found.map(plain)));
  else for (const line of [...found.flatMap(lines), summary(found)]) console.log(line);
  return found.every(({ verdict }) => verdict !== "different");
}

interface Asked {
  readonly ids: readonly string[];
  readonly step?: string | undefined;
  readonly scenario?: string | undefined;
  readonly limit: number | undefined;
  readonly import: readonly string[];
  readonly db?: string | undefined;
  readonly "run-dir"?: string | undefined;
  readonly json?: boolean | undefined;
}

function parsed(args: readonly string[]): Asked {
  try {
    const { values, positionals } = parseArgs({ args: [...args], options: OPTIONS, strict: true, allowPositionals: true });
    if (positionals.length > 0 && (values.step ?? values.scenario ?? values.limit) !== undefined) {
      throw new Error("Runs were named, and --step, --scenario and --limit choose among all runs.");
    }
    const limit = values.limit === undefined ? undefined : Number(values.limit);
    if (limit !== undefined && !(Number.isSafeInteger(limit) && limit > 0)) {
      throw new Error(`The limit is "${values.limit}", and a whole number from 1 on was wanted.`);
    }
    return { ...values, limit, ids: positionals, import: (values.import ?? []).map((path) => resolve(path)) };
  } catch (error) {
    throw badArguments("verify", error);
  }
}

// ── which runs ──────────────────────────────────────────────────────────────────────────────────────────────────────────────

/** The executions behind what is asked for, each once: a hit stands for the run that its outputs come from. */
async function runsToVerify(tracker: Tracker, { ids, step, scenario, limit }: Asked): Promise<Run[]> {
  const chosen = ids.length > 0
    ? await Promise.all(ids.map((id) => tracker.findRun({ id })))
    : await tracker.findRuns({ step, scenario, status: "completed" });
  const steps = chosen.filter(({ tags }) => !tags.includes("scenario_header"));
  const sources = new Map<string, Run>();
  for (const run of steps) {
    const source = typeof run.meta.cache_source === "string" ? run.meta.cache_source : run.id;
    if (!sources.has(source)) sources.set(source, source === run.id ? run : await executedRun(tracker, source, run));
    if (limit !== undefined && sources.size === limit) break;
  }
  return [...sources.values()];
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

async function verifyEach(tracker: Tracker, runs: readonly Run[], extra: readonly string[]): Promise<Verified[]> {
  const recall = new ImportedModules();
  for (const path of extra) await importedFirst(recall, path);
  using progress = new Progress(runs.length);
  const found: Verified[] = [];
  for (const run of runs) {
    progress.next(oneLine(`${run.model} ${run.id}`));
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

function summary(found: readonly Verified[]): string {
  const count = (verdict: Verification["verdict"]): number => found.filter((each) => each.verdict === verdict).length;
  const runs = found.length === 1 ? "1 run" : `${found.length} runs`;
  return `${runs}: ${count("equal")} equal, ${count("different")} different, ${count("not_repeatable")} not repeatable`;
}

function plain({ run, ...rest }: Verified): object {
  return { run: run.id, step: run.model, ...rest };
}
