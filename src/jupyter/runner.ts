/** Runs a notebook through a Deno kernel, cell by cell, with no Python. */
import { basename, dirname, resolve } from "@std/path";
import { type ErrorDetails, NotebookError } from "../errors.ts";
import { type Execution, KernelProcess, withoutColours } from "../kernels/mod.ts";
import { type KernelChoice, kernelCommand, kernelFor, kernelspecMetadata } from "./kernel_choice.ts";
import { type Cell, type CodeCell, type Notebook, parseNotebook, readNotebookText } from "./notebook_file.ts";
import type { ErrorOutput, Metadata, Output, StepNotes } from "../kernels/mod.ts";
import { NotebookKeeper } from "./notebook_keeper.ts";
import { injectParameters } from "./parameters.ts";
import { targetOf } from "./target.ts";

/** How a notebook is run. */
export interface RunNotebookOptions {
  /** Where the executed notebook is written, as its cells are done and at the end; may be the notebook itself. @default nowhere */
  readonly output?: string | undefined;
  /** Called before each code cell. */
  readonly onStart?: ((cell: CellStart) => void) | undefined;
  /** Called after each code cell, also after those that were not run. */
  readonly onCell?: ((cell: CellOutcome) => void) | undefined;
  /** How long a cell may take, in milliseconds. @default no limit */
  readonly timeout?: number | undefined;
  /** Environment variables of the kernel, beside those of this process. */
  readonly env?: Readonly<Record<string, string>> | undefined;
  /** The cells' working directory. @default the notebook's folder, as under JupyterLab */
  readonly cwd?: string | undefined;
  /** Leave out the cells after one that failed; a cell tagged `raises-exception` may fail. @default true */
  readonly stopOnError?: boolean | undefined;
  /** Values for the cell tagged `parameters`: a cell that sets them is run after it. */
  readonly parameters?: Readonly<Record<string, unknown>> | undefined;
  /** Cells with one of these tags are not run. */
  readonly skipTags?: readonly string[] | undefined;
  /** The kernel. @default what the notebook's metadata asks for */
  readonly kernel?: KernelChoice | undefined;
  /** Write into each cell's metadata when it was run, as JupyterLab does. @default false */
  readonly timings?: boolean | undefined;
  /** Ends the run where it is aborted: the cell that runs fails, and the rest is left out. */
  readonly signal?: AbortSignal | undefined;
}
/** A code cell that is about to be run. */
export interface CellStart {
  /** Its place among all cells, from 0. */
  readonly index: number;
  /** Its place among the code cells, from 1. */
  readonly number: number;
  /** How many code cells there are. */
  readonly of: number;
  /** Its id in the notebook. */
  readonly id: string;
  /** Its code. */
  readonly source: string;
}
/** What became of a code cell. */
export interface CellOutcome extends CellStart {
  /** `skipped`: by its tag, because it is empty, or because an earlier one failed. */
  readonly status: "ok" | "failed" | "skipped";
  /** What it showed. */
  readonly outputs: readonly Output[];
  /** The number that Jupyter shows beside the cell. */
  readonly executionCount: number | null;
  /** How long it took. */
  readonly seconds: number;
  /** What it failed with. */
  readonly error?: ErrorOutput;
  /** How the steps ended that it ran; none where it does not use our library. */
  readonly steps?: StepNotes;
}
/** What became of a notebook. */
export interface NotebookRun {
  /** The notebook's absolute path. */
  readonly path: string;
  /** Did every cell do what it should? */
  readonly ok: boolean;
  /** Its code cells, in order. */
  readonly cells: readonly CellOutcome[];
  /** The ledgers that it used: absolute paths. What it recorded is written there. */
  readonly ledgers: readonly string[];
  /** How long it took, with the kernel's start. */
  readonly seconds: number;
  /** Why it failed: which cell, with what. */
  readonly failure?: NotebookError;
  /** The notebook with its outputs. */
  readonly notebook: Notebook;
  /** Where it was written, if it was. */
  readonly output?: string;
  /** Why it is not where it was to be, or not as a whole. */
  readonly notWritten?: NotebookError;
}

/**
 * Runs all cells of a notebook in a new kernel. A failing cell, a dead kernel and a time-out make `ok` false, with the rest of the report
 * as far as it came; a notebook that cannot be read, or a kernel that does not start, rejects.
 */
export async function runNotebook(path: string, options: RunNotebookOptions = {}): Promise<NotebookRun> {
  const started = performance.now();
  const absolute = resolve(path);
  const text = await readNotebookText(absolute);
  const source = parseNotebook(text, absolute);
  const notebook = options.parameters ? injectParameters(source, options.parameters, absolute) : source;
  const run = new Run(notebook, absolute, options);
  const target = options.output === undefined ? undefined : await targetOf(options.output, absolute, text);
  using keeper = target && new NotebookKeeper(target, notebook);
  await run.all((cell) => keeper?.cellDone(cell));
  const { path: output, failure: notWritten } = await keeper?.finish() ?? {};
  const seconds = (performance.now() - started) / 1000;
  const failure = run.failure ?? notWritten;
  return {
    path: absolute,
    ok: failure === undefined,
    cells: run.cells,
    ledgers: run.ledgers,
    seconds,
    notebook,
    ...(failure ? { failure } : {}),
    ...(output ? { output } : {}),
    ...(notWritten ? { notWritten } : {}),
  };
}

/** One run of a notebook: writes outputs into its cells. */
class Run {
  readonly cells: CellOutcome[] = [];
  readonly kernelChoice: KernelChoice;
  failure: NotebookError | undefined;
  ledgers: readonly string[] = [];
  #kernelLost = false;

  constructor(readonly notebook: Notebook, readonly path: string, readonly options: RunNotebookOptions) {
    this.kernelChoice = options.kernel ?? kernelFor(notebook.metadata, path);
  }

  /** Runs them; `done` is told of each code cell that has its outputs. */
  async all(done: (cell: CellStart) => void): Promise<void> {
    // Where our library finds the notebook's folder; JupyterLab sets the same variable.
    const env = { JPY_SESSION_NAME: this.path, ...this.options.env };
    const cwd = this.options.cwd ?? dirname(this.path);
    await using kernel = await KernelProcess.start({ cwd, env, command: kernelCommand(this.kernelChoice) });
    const end = () => void kernel.shutdown();
    this.options.signal?.addEventListener("abort", end);
    try {
      await this.#allIn(kernel, done);
    } finally {
      this.options.signal?.removeEventListener("abort", end);
    }
  }

  async #allIn(kernel: KernelProcess, done: (cell: CellStart) => void): Promise<void> {
    describeLanguage(this.notebook.metadata, kernel, this.kernelChoice);
    const cells = this.notebook.cells.entries().filter((entry): entry is [number, CodeCell] => entry[1].cell_type === "code").toArray();
    for (const [number, [index, cell]] of cells.entries()) {
      const start = { index, number: number + 1, of: cells.length, id: cell.id, source: cell.source };
      delete cell.metadata.execution;
      const outcome = this.#skips(cell) ? skipped(start) : await this.#run(kernel, start, cell);
      cell.outputs = [...outcome.outputs];
      cell.execution_count = outcome.executionCount;
      this.cells.push(outcome);
      done(start);
      this.options.onCell?.(outcome);
    }
    if (this.options.signal?.aborted) this.failure ??= interrupted(this.path);
    else if (!this.#kernelLost) await this.#settle(kernel);
  }

  async #settle(kernel: KernelProcess): Promise<void> {
    try {
      this.ledgers = await writtenLedgers(kernel);
    } catch (error) {
      if (!(error instanceof NotebookError)) throw error;
      this.failure ??= error;
    }
  }

  #skips(cell: CodeCell): boolean {
    const stopped = this.#kernelLost || this.options.signal?.aborted === true ||
      (this.failure !== undefined && this.options.stopOnError !== false);
    return stopped || cell.source.trim() === "" || tagsOf(cell).some((tag) => this.options.skipTags?.some((skip) => skip === tag));
  }

  async #run(kernel: KernelProcess, start: CellStart, cell: CodeCell): Promise<CellOutcome> {
    this.options.onStart?.(start);
    const [began, at] = [performance.now(), new Date()];
    const execution = await this.#execute(kernel, start);
    if (this.options.timings) cell.metadata.execution = timings(at, new Date());
    const failed = execution.error !== undefined && (this.#kernelLost || !tagsOf(cell).includes("raises-exception"));
    if (failed) this.failure ??= cellFailed(this.path, start, execution.error);
    return { ...start, ...execution, status: failed ? "failed" : "ok", seconds: (performance.now() - began) / 1000 };
  }

  /** A kernel that died or hung is the cell's failure too: what the cell showed before is kept. */
  async #execute(kernel: KernelProcess, start: CellStart): Promise<Execution> {
    try {
      return await kernel.execute(start.source, { timeout: this.options.timeout, cellId: start.id });
    } catch (error) {
      if (!(error instanceof NotebookError)) throw error;
      this.#kernelLost = true;
      const isEnded = this.options.signal?.aborted === true;
      this.failure ??= isEnded ? interrupted(this.path) : cellFailed(this.path, start, undefined, error);
      const { name, message } = isEnded ? { name: "Interrupted", message: "The run was interrupted in this cell." } : error;
      const shown: ErrorOutput = { output_type: "error", ename: name, evalue: message, traceback: message.split("\n") };
      // Our kernel tells of its death by itself, in fewer words.
      const before = kernel.outputs.filter((output) => output.output_type !== "error" || output.ename !== "KernelDied");
      return { executionCount: null, outputs: [...before, shown], error: shown };
    }
  }
}

/** Our library writes rows of hits a little later: it is asked to do so now, because a kernel that is shut down does not wait. */
async function writtenLedgers(kernel: KernelProcess): Promise<string[]> {
  const paths = await kernel.ask(
    `Promise.all(
    [...globalThis[Symbol.for("consist.ledgers")]?.values() ?? []].map(async (ledger) => { await ledger.flush(); return String(ledger.path); }),
  )`,
    { timeout: 60_000 },
  );
  return paths as string[];
}

const tagsOf = ({ metadata }: Cell): readonly unknown[] => Array.isArray(metadata.tags) ? metadata.tags : [];

function skipped(start: CellStart): CellOutcome {
  return { ...start, status: "skipped", outputs: [], executionCount: null, seconds: 0 };
}

/** When a cell ran, in JupyterLab's words. */
function timings(began: Date, ended: Date): Metadata {
  const [from, to] = [began.toISOString(), ended.toISOString()];
  return { "iopub.status.busy": from, "iopub.execute_input": from, "shell.execute_reply": to, "iopub.status.idle": to };
}

/** What tells Jupyter which kernel and highlighter to use. */
function describeLanguage(metadata: Metadata, { languageInfo }: KernelProcess, kernel: KernelChoice): void {
  metadata.kernelspec ??= kernelspecMetadata(kernel);
  metadata.language_info = languageInfo;
}

function interrupted(path: string): NotebookError {
  return new NotebookError("notebook_failed", {
    problem: `The run of the notebook "${basename(path)}" was interrupted.`,
    why: "It was asked to end before its last cell was done.",
    fix: "Run it again: steps that were completed are served from the ledger.",
    path,
  });
}

function cellFailed(path: string, { number, of, source }: CellStart, error?: ErrorOutput, cause?: NotebookError): NotebookError {
  const line = source.trim().split("\n")[0] ?? "";
  return new NotebookError("notebook_failed", {
    problem: `Cell ${number} of ${of} of the notebook "${basename(path)}" failed: ${line}`,
    ...(cause ? { why: `${cause.problem} ${cause.why}`, fix: cause.fix } : reasonOf(error)),
    path,
    cause,
  });
}

/** Why a cell failed and what to do: an error of our library says both, and where. */
function reasonOf(error: ErrorOutput | undefined): Pick<ErrorDetails, "why" | "fix" | "step" | "run"> {
  const text = withoutColours(`${error?.ename}: ${error?.evalue}`);
  const ours = /^([^]*?)\nWhy: ([^]*?)\nFix: ([^]*?)(?:\nIn: step "([^]*?)"(?:, run (\S+))?)?$/.exec(text);
  if (ours === null) return { why: text, fix: "Open the notebook in JupyterLab, or the executed copy, and mend the cell." };
  const [, problem, why, fix, step, run] = ours;
  return { why: `${problem!.replace(/(?<![.!?])$/, ".")} ${why}`, fix: fix!, step, run };
}
