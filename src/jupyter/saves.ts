/** Tells when a file is saved, however its editor does so: written over, or written aside and renamed. */
import { basename, dirname } from "@std/path";

/** An editor's save is several events: it is over when none has come for so long, in milliseconds. */
const SETTLED_MS = 120;

/** The saves of one file, from now on. */
export class Saves implements Disposable {
  readonly #path: string;
  readonly #watcher: Deno.FsWatcher;
  readonly #watching: Promise<void>;
  #text: string;
  #timer: ReturnType<typeof setTimeout> | undefined;
  #waiting: ((text: string | undefined) => void) | undefined;
  #isOver = false;

  /** `text` is what the file contains now. The folder is watched, since a file that is renamed into place is another file. */
  constructor(path: string, text: string) {
    this.#path = path;
    this.#text = text;
    this.#watcher = Deno.watchFs(dirname(path), { recursive: false });
    this.#watching = this.#watch();
  }

  /** What the file contains after the next save that changes it; `undefined` when it is over. A save that nobody waited for counts. */
  next(): Promise<string | undefined> {
    if (this.#isOver) return Promise.resolve(undefined);
    const { promise, resolve } = Promise.withResolvers<string | undefined>();
    this.#waiting = resolve;
    this.#soon();
    return promise;
  }

  /** This text is about to be written by ourselves: that is no save. */
  expect(text: string): void {
    this.#text = text;
  }

  /** Ends it. May be called twice. */
  [Symbol.dispose](): void {
    if (this.#isOver) return;
    this.#isOver = true;
    clearTimeout(this.#timer);
    this.#watcher.close();
    this.#waiting?.(undefined);
  }

  /** Settles when nothing is watched any more. */
  get over(): Promise<void> {
    return this.#watching;
  }

  async #watch(): Promise<void> {
    const name = basename(this.#path);
    for await (const { paths } of this.#watcher) if (paths.some((path) => basename(path) === name)) this.#soon();
  }

  #soon(): void {
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => void this.#look(), SETTLED_MS);
  }

  async #look(): Promise<void> {
    const text = await Deno.readTextFile(this.#path).catch(() => undefined); // between the removal and the renaming of an editor
    if (text === undefined || text === this.#text || this.#waiting === undefined || this.#isOver) return;
    this.#text = text;
    const told = this.#waiting;
    this.#waiting = undefined;
    told(text);
  }
}
