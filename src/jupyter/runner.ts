/** Runs a notebook through a Deno kernel, cell by cell, with no Python. */
import { basename, dirname, resolve } from "@std/path";
import { NotebookError } from "../errors.ts";
import { type Execution, KernelProcess } from "../kernels/mod.ts";
import { type Cell, type CodeCell, type Notebook, readNotebook, writeNotebook } from "./notebook_file.ts";
import type { ErrorOutput, Metadata, Output } from "../kernels/mod.ts";
import { injectParameters } from "./parameters.ts";

/** How a notebook is run. */
export interface RunNotebookOptions {
  /** Where the executed notebook is written; may be the notebook itself. @default nowhere */
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
}

/**
 * Runs all cells of a notebook in a new kernel. A failing cell, a dead kernel and a time-out make `ok` false, with the rest of the report
 * as far as it came; a notebook that cannot be read, or a kernel that does not start, rejects.
 */
export async function runNotebook(path: string, options: RunNotebookOptions = {}): Promise<NotebookRun> {
  const started = performance.now();
  const absolute = resolve(path);
  const source = await readNotebook(absolute);
  const notebook = options.parameters ? injectParameters(source, options.parameters, absolute) : source;
  const run = new Run(notebook, absolute, options);
  await run.all();
  if (options.output !== undefined) await writeNotebook(options.output, notebook);
  const seconds = (performance.now() - started) / 1000;
  const { cells, ledgers, failure } = run;
  return { path: absolute, ok: failure === undefined, cells, ledgers, seconds, notebook, ...(failure ? { failure } : {}) };
}

/** One run of a notebook: writes outputs into its cells. */
class Run {
  readonly cells: CellOutcome[] = [];
  failure: NotebookError | undefined;
  ledgers: readonly string[] = [];
  #kernelLost = false;

  constructor(readonly notebook: Notebook, readonly path: string, readonly options: RunNotebookOptions) {}

  async all(): Promise<void> {
    // Where our library finds the notebook's folder; JupyterLab sets the same variable.
    const env = { JPY_SESSION_NAME: this.path, ...this.options.env };
    await using kernel = await KernelProcess.start({ cwd: this.options.cwd ?? dirname(this.path), env });
    describeLanguage(this.notebook.metadata, kernel);
    const cells = this.notebook.cells.entries().filter((entry): entry is [number, CodeCell] => entry[1].cell_type === "code").toArray();
    for (const [number, [index, cell]] of cells.entries()) {
      const start = { index, number: number + 1, of: cells.length, id: cell.id, source: cell.source };
      const outcome = this.#skips(cell) ? skipped(start) : await this.#run(kernel, start, cell);
      cell.outputs = [...outcome.outputs];
      cell.execution_count = outcome.executionCount;
      this.cells.push(outcome);
      this.options.onCell?.(outcome);
    }
    if (!this.#kernelLost) await this.#settle(kernel);
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
    const stopped = this.#kernelLost || (this.failure !== undefined && this.options.stopOnError !== false);
    return stopped || cell.source.trim() === "" || tagsOf(cell).some((tag) => this.options.skipTags?.some((skip) => skip === tag));
  }

  async #run(kernel: KernelProcess, start: CellStart, cell: CodeCell): Promise<CellOutcome> {
    this.options.onStart?.(start);
    const began = performance.now();
    const execution = await this.#execute(kernel, start);
    const failed = execution.error !== undefined && (this.#kernelLost || !tagsOf(cell).includes("raises-exception"));
    if (failed) this.failure ??= cellFailed(this.path, start, execution.error);
    return { ...start, ...execution, status: failed ? "failed" : "ok", seconds: (performance.now() - began) / 1000 };
  }

  /** A kernel that died or hung is the cell's failure too: what the cell showed before is kept. */
  async #execute(kernel: KernelProcess, start: CellStart): Promise<Execution> {
    try {
      return await kernel.execute(start.source, { timeout: this.options.timeout });
    } catch (error) {
      if (!(error instanceof NotebookError)) throw error;
      this.#kernelLost = true;
      this.failure ??= cellFailed(this.path, start, undefined, error);
      const shown: ErrorOutput = { output_type: "error", ename: error.name, evalue: error.message, traceback: error.message.split("\n") };
      return { executionCount: null, outputs: [...kernel.outputs, shown], error: shown };
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

/** What tells Jupyter which kernel and highlighter to use. */
function describeLanguage(metadata: Metadata, { languageInfo }: KernelProcess): void {
  metadata.kernelspec ??= { display_name: "Deno", language: "typescript", name: "deno" };
  metadata.language_info = languageInfo;
}

function cellFailed(path: string, { number, of, source }: CellStart, error?: ErrorOutput, cause?: NotebookError): NotebookError {
  const line = source.trim().split("\n")[0] ?? "";
  return new NotebookError("notebook_failed", {
    problem: `Cell ${number} of ${of} of the notebook "${basename(path)}" failed: ${line}`,
    why: cause ? `${cause.problem} ${cause.why}` : `${error?.ename}: ${error?.evalue}`,
    fix: cause ? cause.fix : "Open the notebook in JupyterLab, or the executed copy, and mend the cell.",
    path,
    cause,
  });
}
