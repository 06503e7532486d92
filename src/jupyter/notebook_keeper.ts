/** The executed notebook in its file while it runs: what is done is there, whatever becomes of the process or the machine. */
import { ConsistError, NotebookError } from "../errors.ts";
import type { Notebook } from "./notebook_file.ts";
import type { Target } from "./target.ts";

/** In milliseconds: no more often than this. */
const PAUSE = 1000;
/** A large notebook takes long to write: so many times as long passes until it is written again. */
const SHARE = 20;

/** What became of the last writing. */
export interface Kept {
  /** Where the notebook is. */
  readonly path?: string;
  /** Why it is not where it was to be, as a whole. */
  readonly failure?: NotebookError;
}

/** Writes the notebook while it runs, and at its end. */
export class NotebookKeeper implements Disposable {
  readonly #target: Target;
  readonly #notebook: Notebook;
  #writing: Promise<void> | undefined;
  #timer: ReturnType<typeof setTimeout> | undefined;
  /** When it may be written again. */
  #due = performance.now() + PAUSE;
  #lastDone = -1;
  #done = 0;
  #of = 0;
  /** So many cells are done in the file. */
  #kept: number | undefined;

  /** For a notebook whose cells get their outputs one after the other. */
  constructor(target: Target, notebook: Notebook) {
    this.#target = target;
    this.#notebook = notebook;
  }

  /** To be called when a code cell has its outputs. */
  cellDone({ index, number, of }: { readonly index: number; readonly number: number; readonly of: number }): void {
    [this.#lastDone, this.#done, this.#of] = [index, number, of];
    if (this.#writing === undefined) this.#timer ??= setTimeout(() => this.#keep(), Math.max(0, this.#due - performance.now()));
  }

  #keep(): void {
    this.#timer = undefined;
    const began = performance.now();
    this.#writing = this.#write().then((done) => {
      this.#due = performance.now() + Math.max(PAUSE, SHARE * (performance.now() - began));
      this.#writing = undefined;
      if (done !== this.#done && this.#timer === undefined) this.#timer = setTimeout(() => this.#keep(), this.#due - performance.now());
    });
  }

  /** Gives how many cells were done when it was written. */
  async #write(): Promise<number> {
    const done = this.#done;
    try {
      await this.#target.keep(this.#soFar());
      this.#kept = done;
    } catch (error) {
      if (!(error instanceof ConsistError)) throw error; // what keeps it from being written may be over at the end, which tells it if not
    }
    return done;
  }

  /** Cells that are still to be run show nothing from before. */
  #soFar(): Notebook {
    const cells = this.#notebook.cells.map((cell, index) =>
      cell.cell_type === "code" && index > this.#lastDone ? { ...cell, outputs: [], execution_count: null } : cell
    );
    return { ...this.#notebook, cells };
  }

  /** Writes it as a whole. */
  async finish(): Promise<Kept> {
    this[Symbol.dispose]();
    await this.#writing;
    this[Symbol.dispose](); // one that the last writing has asked for
    try {
      return await this.#target.write(this.#notebook);
    } catch (error) {
      if (!(error instanceof ConsistError)) throw error;
      return { failure: notWritten(this.#target.path, error, this.#whatIsThere()) };
    }
  }

  #whatIsThere(): string {
    const { path, meanwhile, isThere } = this.#target;
    const kept = this.#kept === undefined ? [] : [`the first ${this.#kept} of ${this.#of} code cells executed`];
    if (kept.length > 0 && path === meanwhile) return `The file has ${kept[0]}.`;
    const before = isThere ? "The file is as it was before" : "There is no file";
    return kept.length > 0 ? `${before}; ${JSON.stringify(meanwhile)} has ${kept[0]}.` : `${before}.`;
  }

  /** No more is written by itself. */
  [Symbol.dispose](): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
  }
}

/** What a reader is told of an executed notebook, or a page of it, that could not be written; `kept` says what there is of it. */
export function notWritten(path: string, cause: ConsistError, kept = ""): NotebookError {
  const isFull = cause.why === "The disk is full.";
  return new NotebookError("notebook_failed", {
    problem: `What the notebook shows was not written to ${JSON.stringify(path)}.`,
    why: `${cause.why} ${kept}`.trimEnd(),
    fix:
      `${isFull ? "Free some space there" : "See that its folder can be written to"}, or name another place for it, and run the notebook ` +
      "again: steps that were completed are served from the ledger.",
    path,
    cause,
  });
}
