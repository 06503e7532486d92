/** `consist notebook watch`: runs a notebook each time that it is saved, in a fresh kernel; what did not change is a hit. */
import { basename } from "@std/path";
import { ConsistError } from "../errors.ts";
import {
  changedCells,
  changeText,
  formatNotebook,
  type Notebook,
  type NotebookRun,
  parseNotebook,
  readNotebookText,
  renderHtmlPage,
  runNotebook,
  Saves,
  targetOf,
  writeWhole,
} from "../jupyter/mod.ts";
import { type NotebookArguments, notebookArguments, type NotebookFlags, type NotebookJob } from "./notebook_arguments.ts";
import { notebookLine, NotebookProgress } from "./notebook_progress.ts";
import { checkNotebook, failureText, optionsOf, shown } from "./notebook_run.ts";
import type { Output } from "./output.ts";
import { stopSignal } from "./stop_signal.ts";

const COMMAND = "notebook watch";

/** What it takes. */
export type NotebookWatchFlags = Pick<NotebookFlags, "set" | "timeout" | "kernel" | "output" | "inplace" | "html">;

/** Does it until Ctrl-C, which is its way to end. */
export async function notebookWatch(say: Output, flags: NotebookWatchFlags, path: string): Promise<boolean> {
  const given = await notebookArguments(COMMAND, [path], flags);
  const [job] = given.jobs;
  await checkNotebook(job!.path, given);
  const stop = stopSignal();
  await new Watch(say, job!, given, stop.signal).all();
  stop.dispose();
  say.text(`${basename(job!.path)}: no longer watched`);
  return true;
}

/** What a run led to: the next text of the file, where it was saved meanwhile. */
interface Round {
  readonly saved: Promise<string | undefined>;
}

class Watch {
  readonly #say: Output;
  readonly #job: NotebookJob;
  readonly #given: NotebookArguments;
  readonly #signal: AbortSignal;
  /** The code cell that runs now. */
  #at = 0;

  constructor(say: Output, job: NotebookJob, given: NotebookArguments, signal: AbortSignal) {
    this.#say = say;
    this.#job = { ...job, path: Deno.realPathSync(job.path) };
    this.#given = given;
    this.#signal = signal;
  }

  async all(): Promise<void> {
    let text = await readNotebookText(this.#job.path);
    let notebook = parseNotebook(text, this.#job.path);
    using saves = new Saves(this.#job.path, text);
    const end = () => saves[Symbol.dispose]();
    this.#signal.addEventListener("abort", end);
    this.#say.text(`${basename(this.#job.path)}: runs at each save; Ctrl-C ends`);
    for (let round = await this.#round(saves, text, notebook);;) {
      const saved = await round.saved;
      if (saved === undefined) break;
      const next = this.#parsed(saved);
      if (next === undefined) round = { saved: saves.next() };
      else {
        this.#say.text(`${basename(this.#job.path)}: saved, ${changeText(changedCells(notebook, next))}`);
        [text, notebook] = [saved, next];
        round = await this.#round(saves, text, notebook);
      }
    }
    this.#signal.removeEventListener("abort", end);
    await saves.over;
  }

  /** A text that is no notebook is told, and the next save is waited for. */
  #parsed(text: string): Notebook | undefined {
    try {
      return parseNotebook(text, this.#job.path);
    } catch (error) {
      if (!(error instanceof ConsistError)) throw error;
      this.#say.note(error.message);
      return undefined;
    }
  }

  /** One run. A save that changes what has run already, or runs now, ends it at once; another one waits for its end. */
  async #round(saves: Saves, text: string, notebook: Notebook): Promise<Round> {
    const superseded = new AbortController();
    const saved = saves.next();
    let isSaved = false;
    void saved.then((newer) => {
      isSaved = newer !== undefined;
      if (newer !== undefined && this.#concerns(notebook, newer)) superseded.abort();
    });
    const report = await this.#run(AbortSignal.any([this.#signal, superseded.signal]));
    if (report === undefined || superseded.signal.aborted || this.#signal.aborted) return { saved };
    const places = isSaved ? [] : await this.#write(report, saves, text);
    this.#say.text(notebookLine(report, places.map(shown)));
    if (report.failure !== undefined) this.#say.note(failureText(report));
    return { saved };
  }

  #concerns(notebook: Notebook, text: string): boolean {
    try {
      const { first } = changedCells(notebook, parseNotebook(text, this.#job.path));
      return first !== undefined && first <= this.#at;
    } catch {
      return false; // no notebook: that is told when this run has ended
    }
  }

  async #run(signal: AbortSignal): Promise<NotebookRun | undefined> {
    using progress = new NotebookProgress({ withNames: false });
    const options = optionsOf(this.#job, this.#given, progress, signal);
    const onStart: typeof options.onStart = (cell) => {
      this.#at = cell.number;
      progress.start(this.#job.path, cell);
    };
    try {
      return await runNotebook(this.#job.path, { ...options, onStart, output: undefined });
    } catch (error) {
      if (!(error instanceof ConsistError)) throw error;
      this.#say.note(error.message);
      return undefined;
    }
  }

  /** Our own writing is no save. */
  async #write({ notebook }: NotebookRun, saves: Saves, text: string): Promise<string[]> {
    const { output, page, path } = this.#job;
    try {
      if (output === path) saves.expect(formatNotebook(notebook));
      const written = output === undefined ? undefined : await (await targetOf(output, path, text)).write(notebook);
      if (written?.failure !== undefined) this.#say.note(written.failure.message);
      if (page !== undefined) await writeWhole(page, await renderHtmlPage(notebook));
      return [written?.path, page].filter((place) => place !== undefined);
    } catch (error) {
      if (!(error instanceof ConsistError)) throw error;
      this.#say.note(error.message);
      return [];
    }
  }
}
