/** One line on stderr that says what is being done: written over in a terminal, a line each elsewhere. */

/** The line. */
export class Progress implements Disposable {
  readonly #of: number;
  readonly #isTerminal = Deno.stderr.isTerminal();
  #done = 0;

  /** `of` pieces of work are to be done. */
  constructor(of: number) {
    this.#of = of;
  }

  /** The next piece begins. */
  next(what: string): void {
    this.#done++;
    const text = `${this.#done}/${this.#of} ${what}`;
    this.#write(this.#isTerminal ? `\r\x1b[K${text.slice(0, Deno.consoleSize().columns - 1)}` : `${text}\n`);
  }

  /** The line goes away where it can. */
  [Symbol.dispose](): void {
    if (this.#isTerminal && this.#done > 0) this.#write("\r\x1b[K");
  }

  #write(text: string): void {
    Deno.stderr.writeSync(new TextEncoder().encode(text));
  }
}
