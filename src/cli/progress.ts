/** One line on stderr that says how far long work is: written over in a terminal, a line each ten seconds elsewhere. */

/** Lines that are not written over come at most this often, in milliseconds. */
const BETWEEN_LINES = 10_000;
/** Those that are: so that the eye can follow, and work goes on. */
const BETWEEN_FRAMES = 100;

/** The line. */
export class Progress implements Disposable {
  readonly #write: (text: string) => void;
  readonly #isTerminal: boolean;
  #lastAt = -Infinity;
  #isShown = false;

  /** Nothing is written before the first `show` or `next`. */
  constructor(write: (text: string) => void, isTerminal: boolean) {
    this.#write = write;
    this.#isTerminal = isTerminal;
    if (!isTerminal) this.#lastAt = performance.now(); // short work says nothing
  }

  /** The next of some pieces of work begins; each is told. */
  next(done: number, total: number, what: string): void {
    this.#say(`${done}/${total} ${what}`);
  }

  /** So much of the work is done; it is told now and then. */
  show(done: number, total: number, what: string): void {
    if (performance.now() - this.#lastAt < (this.#isTerminal ? BETWEEN_FRAMES : BETWEEN_LINES)) return;
    this.#say(`${done}/${total} ${what}`);
  }

  #say(text: string): void {
    this.#lastAt = performance.now();
    this.#isShown = true;
    this.#write(this.#isTerminal ? `\r\x1b[K${text.slice(0, columns() - 1)}` : `${text}\n`);
  }

  /** The line goes away where it can. */
  end(): void {
    if (this.#isTerminal && this.#isShown) this.#write("\r\x1b[K");
    this.#isShown = false;
  }

  /** The same. */
  [Symbol.dispose](): void {
    this.end();
  }
}

function columns(): number {
  try {
    return Deno.consoleSize().columns;
  } catch {
    return 80; // stderr is a terminal and its size is not told
  }
}
