/** Notebooks as tests: every cell runs in a real kernel, shows what was saved, and a second run finds everything in the ledger. */
import { basename, fromFileUrl, join, resolve } from "@std/path";
import { exists } from "@std/fs";
import { listNames, NotebookError } from "../errors.ts";
import type { Run } from "../types.ts";
import { outputDifference } from "./compare_outputs.ts";
import { type Notebook, readNotebook } from "./notebook_file.ts";
import type { Output } from "../kernels/mod.ts";
import { type CellOutcome, type NotebookRun, runNotebook } from "./runner.ts";

/** So many steps that executed are told. */
const MISSES_TOLD = 10;

/** How a notebook is tested. */
export interface NotebookOptions {
  /** Run the notebook twice and demand that every step of the second run is a hit. @default true */
  readonly secondRunHits?: boolean | undefined;
  /** Compare outputs with those saved in the notebook; cells that were saved without outputs may show anything. @default true */
  readonly checkOutputs?: boolean | undefined;
  /** Values for the cell tagged `parameters`, as papermill takes them. */
  readonly parameters?: { readonly [name: string]: unknown } | undefined;
  /** Cells with one of these tags are not run. */
  readonly skipTags?: readonly string[] | undefined;
  /** For each cell, in milliseconds. @default 120_000 */
  readonly timeout?: number | undefined;
  /** The cells' working directory. @default the notebook's folder */
  readonly cwd?: string | undefined;
  /** Environment variables of the kernel, beside those of the test. */
  readonly env?: { readonly [name: string]: string } | undefined;
}
/** What a code cell did. */
export interface CellReport {
  /** Its place among all cells, from 0. */
  readonly index: number;
  /** Its code. */
  readonly source: string;
  /** Did it do what it should? */
  readonly ok: boolean;
  /** What it showed, by MIME type; printed text is `text/plain`. */
  readonly outputs: readonly { readonly [mime: string]: unknown }[];
  /** What it failed with, where it was expected to fail. */
  readonly error?: { readonly name: string; readonly message: string; readonly traceback: readonly string[] };
}
/** What a notebook did. */
export interface NotebookReport {
  /** Its code cells, in order. */
  readonly cells: readonly CellReport[];
  /** The runs that it recorded, newest first, without the headers of scenarios. */
  readonly runs: readonly Run[];
  /** How long it took, with the kernel's start. */
  readonly seconds: number;
  /** The same of the second run, where there was one. */
  readonly again?: NotebookReport;
}

/** One execution of the notebook, with what it recorded. */
interface Pass {
  readonly report: NotebookRun;
  readonly runs: readonly Run[];
}

/**
 * Runs a notebook through a real kernel, in its own folder, with a ledger that is gone afterwards (unless the notebook chooses a ledger).
 *
 * @param path the notebook
 * @param options what is demanded
 * @returns what it did, the first time and `again`
 * @throws {NotebookError} where a cell fails, shows something else than was saved, or a step of the second run executes
 *
 * @example A notebook under test
 * ```ts ignore
 * import { testNotebook } from "consist/testing";
 *
 * Deno.test("the analysis runs, and runs again from the ledger", async () => {
 *   const { runs, cells, again } = await testNotebook(new URL("./analysis.ipynb", import.meta.url));
 *   assert.equal(runs.length, 5);
 *   assert.deepEqual(again?.cells.at(-1)?.outputs, cells.at(-1)?.outputs);
 * });
 * ```
 */
export async function testNotebook(path: string | URL, options: NotebookOptions = {}): Promise<NotebookReport> {
  const file = resolve(path instanceof URL ? fromFileUrl(path) : path);
  const saved = await readNotebook(file);
  const folder = await Deno.realPath(await Deno.makeTempDir({ prefix: "consist-" }));
  try {
    const first = await runOnce(file, folder, options);
    if (options.checkOutputs !== false) checkOutputs(file, saved, first.report);
    if (options.secondRunHits === false) return reportOf(first);
    const second = await runOnce(file, folder, options);
    checkHits(file, second);
    return { ...reportOf(first), again: reportOf(second) };
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

async function runOnce(file: string, folder: string, options: NotebookOptions): Promise<Pass> {
  const { parameters, skipTags, cwd, timeout = 120_000 } = options;
  const began = Date.now();
  // The default tracker keeps its ledger where it believes the notebook to be.
  const env = { JPY_SESSION_NAME: join(folder, basename(file)), ...options.env };
  const report = await runNotebook(file, { timeout, env, parameters, skipTags, cwd });
  if (report.failure) throw report.failure;
  const runs = await Promise.all(report.ledgers.map((ledger) => runsSince(ledger, began)));
  return { report, runs: runs.flat() };
}

async function runsSince(dbPath: string, since: number): Promise<Run[]> {
  if (!await exists(dbPath)) return []; // the notebook had one for itself, and has cleared it away
  const { Tracker } = await import("../tracker/mod.ts"); // the runner needs no ledger
  await using tracker = new Tracker({ dbPath, enabled: true });
  const runs = await tracker.findRuns({ history: true });
  return runs.filter((run) => run.startedAt.getTime() >= since && !run.tags.includes("scenario_header"));
}

function checkOutputs(file: string, saved: Notebook, { cells }: NotebookRun): void {
  const before = new Map(saved.cells.map((cell) => [cell.id, cell]));
  for (const cell of cells) {
    const was = before.get(cell.id);
    if (was?.cell_type !== "code" || was.outputs.length === 0 || cell.status === "skipped") continue;
    const difference = outputDifference(was.outputs, cell.outputs);
    if (difference !== undefined) throw otherOutputs(file, cell, difference);
  }
}

/** What the kernel noted names the cells; the ledgers know of steps that other programs of the notebook ran. */
function checkHits(file: string, { report, runs }: Pass): void {
  const recorded = runs.filter((run) => !run.cacheHit && run.status === "completed").map((run) => run.model);
  const count = report.cells.reduce((sum, { steps }) => sum + (steps?.executed ?? 0), 0);
  if (recorded.length === 0 && count === 0) return;
  const noted = report.cells.flatMap((cell) => (cell.steps?.misses ?? []).map(({ step, why }) => ({ cell, step, why })));
  const others = [...new Set(recorded)].filter((name) => noted.every(({ step }) => step !== name));
  const lines = [
    ...noted.slice(0, MISSES_TOLD).map(({ cell, step, why }) => `Cell ${cell.number}, step "${step}": ${why}`),
    ...count > MISSES_TOLD ? [`… and ${count - MISSES_TOLD} more.`] : [],
    ...others.length > 0 ? [`Outside of the cells' own code: ${listNames(others)}.`] : [],
  ];
  throw new NotebookError("notebook_failed", {
    problem: `The second run of the notebook "${basename(file)}" executed steps that were to be hits.`,
    why: lines.join("\n"),
    fix: "Look for time, randomness and changing values in those steps, or say `secondRunHits: false`.",
    path: file,
  });
}

function otherOutputs(file: string, { number, source }: CellOutcome, difference: string): NotebookError {
  return new NotebookError("notebook_failed", {
    problem: `Cell ${number} of the notebook "${basename(file)}" shows something else than was saved: ${source.trim().split("\n")[0]}`,
    why: difference,
    fix: "Mend the cell; or run the notebook and save it, where what it shows now is right; or say `checkOutputs: false`.",
    path: file,
  });
}

function reportOf({ report: { cells, seconds }, runs }: Pass): NotebookReport {
  return { cells: cells.map(cellReport), runs, seconds };
}

function cellReport({ index, source, status, outputs, error }: CellOutcome): CellReport {
  const failed = error && { name: error.ename, message: error.evalue, traceback: error.traceback };
  return { index, source, ok: status !== "failed", outputs: outputs.flatMap(bundle), ...(failed ? { error: failed } : {}) };
}

function bundle(output: Output): { readonly [mime: string]: unknown }[] {
  if (output.output_type === "stream") return [{ "text/plain": output.text }];
  return "data" in output ? [output.data] : [];
}
