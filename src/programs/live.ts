/** What a program prints, shown while it runs: as lines on standard error, or to whoever shows its end. */
import { TextEncoder } from "../intrinsics.ts";
import { inKernel, unheard } from "../notebook/mod.ts";

/** Who is shown it; tests give their own. */
export interface LiveReader {
  /** Takes a line, where there is no notebook. */
  readonly line?: ((text: string) => void) | undefined;
  /** Takes what gives the end of all that was printed. */
  readonly onTail?: ((tail: () => string) => void) | undefined;
}

/** How many lines of one program a terminal gets; the rest is in the log. */
const LINES = 500;

/** The live view of one program. */
export class Live {
  readonly #reader: LiveReader;
  readonly #step: string;
  readonly #rest = new Map<string, string>();
  #lines = 0;

  /** `step` is the step's name, which stands before each line. */
  constructor(step: string, reader: LiveReader) {
    [this.#step, this.#reader] = [step, reader];
  }

  /** Takes what was printed; `tail` gives the end of all of it. */
  add(text: string, stream: string, tail: () => string): void {
    if (this.#reader.line !== undefined) this.#addLines(text, stream);
    this.#reader.onTail?.(tail);
  }

  #addLines(text: string, stream: string): void {
    const lines = ((this.#rest.get(stream) ?? "") + text).split("\n");
    this.#rest.set(stream, lines.pop()!.slice(-1000));
    for (const line of lines) this.#line(line);
  }

  #line(line: string): void {
    if (this.#lines > LINES) return;
    this.#lines++;
    const more = this.#lines > LINES;
    this.#reader.line?.(`${this.#step} | ${more ? "… the rest is in its log" : line.slice(0, 1000)}`);
  }

  /** The program has ended. */
  end(): void {
    for (const rest of this.#rest.values()) if (rest !== "") this.#line(rest);
  }
}

/** Prints lines of a program to standard error; nothing in a notebook, where its end is shown. */
export function lineToStandardError(): ((text: string) => void) | undefined {
  return inKernel() ? undefined : (text) => unheard(() => void Deno.stderr.writeSync(new TextEncoder().encode(`${text}\n`)));
}
