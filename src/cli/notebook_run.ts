/** `consist notebook run`: notebooks through a Deno kernel, without Python. */
import { relative } from "@std/path";
import { ConsistError, OptionError } from "../errors.ts";
import {
  checkParameters,
  type Kept,
  type NotebookRun,
  notWritten,
  readNotebook,
  renderHtmlPage,
  runNotebook,
  type RunNotebookOptions,
  withoutColours,
  writeWhole,
} from "../jupyter/mod.ts";
import { type NotebookArguments, notebookArguments, type NotebookFlags, type NotebookJob } from "./notebook_arguments.ts";
import { notebookLine, NotebookProgress, stepsOf } from "./notebook_progress.ts";
import type { Output } from "./output.ts";
import { stopSignal } from "./stop_signal.ts";

const COMMAND = "notebook run";

/** Does it; `false` where a notebook failed. Ends with code 130 where it was interrupted. */
export async function notebookRun(say: Output, flags: NotebookFlags, ...paths: string[]): Promise<boolean> {
  const given = await notebookArguments(COMMAND, paths, flags);
  for (const { path } of given.jobs) await checkNotebook(path, given);
  const stop = stopSignal();
  const ended = await runAll(say, given, stop.signal);
  stop.dispose();
  if (say.json) say.answer({ json: () => ended.map(jsonOf), text: () => "" });
  if (stop.signal.aborted) Deno.exit(130);
  return ended.every(({ ok }) => ok);
}

/** As many at once as are wanted; in the order of the call. */
async function runAll(say: Output, given: NotebookArguments, signal: AbortSignal): Promise<Ended[]> {
  const ended = new Map<NotebookJob, Ended>();
  using progress = new NotebookProgress({ withNames: given.atOnce > 1, ...(say.json ? {} : { print: (line) => say.text(line) }) });
  const waiting = [...given.jobs];
  const work = async () => {
    for (let job = waiting.shift(); job !== undefined; job = waiting.shift()) {
      const one = await runJob(job, given, { say, progress, signal });
      ended.set(job, one);
      if (signal.aborted || (!one.ok && given.stopOnError)) waiting.length = 0;
    }
  };
  await Promise.all(Array.from({ length: Math.min(given.atOnce, waiting.length) }, work));
  return given.jobs.map((job) => ended.get(job) ?? { job, ok: false });
}

/** What became of a notebook; without a report and an error it was not run. */
interface Ended {
  readonly job: NotebookJob;
  readonly ok: boolean;
  readonly report?: NotebookRun;
  readonly error?: ConsistError;
  /** What became of its page. */
  readonly page?: Kept;
}

/** A notebook that is not there, and a value that it does not take, are wrong calls: found before anything runs. */
export async function checkNotebook(path: string, { parameters }: NotebookArguments): Promise<void> {
  try {
    const notebook = await readNotebook(path);
    if (parameters !== undefined) checkParameters(notebook, parameters, path);
  } catch (error) {
    if (!(error instanceof ConsistError) || (parameters === undefined && !(error.cause instanceof Deno.errors.NotFound))) throw error;
    const { problem, why, fix } = error;
    throw new OptionError("option_invalid", { problem, why, fix, path, cause: error });
  }
}

/** What a run of a notebook says, and what ends it. */
interface Around {
  readonly say: Output;
  readonly progress: NotebookProgress;
  readonly signal: AbortSignal;
}

async function runJob(job: NotebookJob, given: NotebookArguments, { say, progress, signal }: Around): Promise<Ended> {
  try {
    const report = await runNotebook(job.path, optionsOf(job, given, progress, signal));
    const page = await writtenPage(job.page, report);
    progress.done(job.path, notebookLine(report, [report.output, page?.path].filter((place) => place !== undefined).map(shown)));
    if (report.failure !== undefined) say.note(failureText(report));
    for (const failure of [report.notWritten, page?.failure]) {
      if (failure !== undefined && failure !== report.failure) say.note(failure.message);
    }
    return { job, ok: report.ok && page?.failure === undefined, report, ...(page === undefined ? {} : { page }) };
  } catch (error) {
    if (!(error instanceof ConsistError)) throw error;
    progress.say(`${shown(job.path)}: failed`);
    say.note(error.message);
    return { job, ok: false, error };
  }
}

/** The page of a notebook, if one is wanted. */
async function writtenPage(page: string | undefined, { notebook }: NotebookRun): Promise<Kept | undefined> {
  if (page === undefined) return undefined;
  try {
    await writeWhole(page, await renderHtmlPage(notebook));
    return { path: page };
  } catch (error) {
    if (!(error instanceof ConsistError)) throw error;
    return { failure: notWritten(page, error) };
  }
}

/** How a notebook is run that a command line asks for. */
export function optionsOf(
  job: NotebookJob,
  { parameters, timeout, stopOnError, kernel }: NotebookArguments,
  progress: NotebookProgress,
  signal: AbortSignal,
): RunNotebookOptions {
  return {
    output: job.output,
    timings: true,
    onStart: (cell) => progress.start(job.path, cell),
    onCell: (cell) => progress.end(job.path, cell),
    parameters,
    timeout,
    stopOnError,
    kernel,
    signal,
  };
}

/** A path as it is short to read. */
export const shown = (path: string): string => {
  const below = relative(Deno.cwd(), path);
  return below.startsWith("..") ? path : below;
};

/** So much of a stack is shown. */
const STACK_LINES = 20;

/** What failed, with the stack of the cell. */
export function failureText({ failure, cells }: NotebookRun): string {
  const { error } = cells.find(({ status }) => status === "failed") ?? {};
  const { message, cause } = failure!;
  if (error === undefined || cause !== undefined) return message;
  const told = `${message}\n${withoutColours(`${error.ename}: ${error.evalue}`)}`;
  const stack = withoutColours(error.traceback.join("\n")).split("\n").filter((line) => !told.includes(line.trim()));
  return [message, ...stack.slice(0, STACK_LINES)].join("\n");
}

function jsonOf({ job, ok, report, error, page }: Ended): object {
  const failure = report?.failure ?? error ?? page?.failure;
  return {
    notebook: job.path,
    status: ok ? "ok" : failure === undefined ? "not run" : "failed",
    ...(report?.output === undefined ? {} : { output: report.output }),
    ...(page?.path === undefined ? {} : { page: page.path }),
    ...(report === undefined
      ? {}
      : { seconds: report.seconds, steps: stepsOf(report), ledgers: report.ledgers, cells: report.cells.map(cellJson) }),
    ...(failure === undefined ? {} : { failure: { problem: failure.problem, why: failure.why, fix: failure.fix } }),
  };
}

function cellJson({ index, id, status, seconds, executionCount, steps, error }: NotebookRun["cells"][number]): object {
  return {
    index,
    id,
    status,
    executionCount,
    seconds,
    ...(steps === undefined ? {} : { steps }),
    ...(error === undefined ? {} : { error: { name: error.ename, message: error.evalue } }),
  };
}
