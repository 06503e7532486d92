/** One line at the end of a terminal, rewritten in place: what prints meanwhile stands above it. */
import { listenToOutput, type OutputListener, unheard } from "./output_tap.ts";
import { displayWidth, oneLine } from "./text/printable.ts";

const ERASE = "\r\x1b[K";
/** Where nothing tells how wide a terminal is. */
const COLUMNS = 80;

/** The line. Several things may be said on it at once. */
export class TerminalLine {
  readonly #write: (text: string) => void;
  readonly #columns: () => number;
  /** Who says something → what. */
  readonly #said = new Map<object, string>();
  #isDrawn = false;
  #isDrawing = false;
  /** Nothing may be drawn behind half a line of somebody else's. */
  #isAtStart = true;
  #stop: (() => void) | undefined;

  /** `write` writes to the terminal. */
  constructor(write: (text: string) => void, columns: () => number) {
    [this.#write, this.#columns] = [write, columns];
  }

  /** Says something, in the place of what the same one said before. */
  show(who: object, text: string): void {
    this.#said.set(who, text);
    this.#stop ??= listenToOutput(this.#listener);
    if (this.#isAtStart) this.#draw(ERASE + this.#text());
  }

  /** Says nothing more; `last` stays as a line of its own. */
  end(who: object, last?: string): void {
    if (!this.#said.delete(who)) return;
    if (this.#isAtStart || last !== undefined) {
      this.#draw(`${this.#isAtStart ? ERASE : "\n"}${last === undefined ? "" : `${last}\n`}${this.#text()}`);
    }
    this.#isDrawn = this.#said.size > 0;
    if (this.#said.size > 0) return;
    this.#stop?.();
    [this.#stop, this.#isAtStart] = [undefined, true];
  }

  readonly #listener: OutputListener = {
    onOutput: () => this.#erase(),
    onConsole: () => void (this.#isAtStart = true),
    onWrite: (_, bytes) => void (this.#isAtStart = bytes.length === 0 ? this.#isAtStart : bytes.at(-1) === 10),
    onBroadcast: () => {},
  };

  #erase(): void {
    if (!this.#isDrawn || this.#isDrawing) return;
    this.#draw(ERASE);
    this.#isDrawn = false;
  }

  #draw(text: string): void {
    this.#isDrawing = true;
    try {
      unheard(() => this.#write(text));
    } finally {
      this.#isDrawing = false;
    }
    this.#isDrawn = true;
  }

  /** No longer than the terminal is wide: a line that wraps is not erased. */
  #text(): string {
    const room = Math.max(1, this.#columns() - 1);
    const text = oneLine([...this.#said.values()].join("  ·  "));
    if (displayWidth(text) <= room) return text;
    let kept = text.slice(0, room - 1);
    while (kept !== "" && displayWidth(kept) >= room) kept = kept.slice(0, -1);
    return `${kept.toWellFormed()}…`;
  }
}

let own: TerminalLine | undefined;

/** The line of standard error, where that is a terminal. */
export function terminalLine(): TerminalLine | undefined {
  if (!Deno.stderr.isTerminal()) return undefined;
  const write = (text: string): void => void Deno.stderr.writeSync(new TextEncoder().encode(text));
  return own ??= new TerminalLine(write, columns);
}

function columns(): number {
  try {
    return Deno.consoleSize().columns || COLUMNS; // some terminals do not know
  } catch {
    // Neither stream has a size: the line is kept short.
    return COLUMNS;
  }
}
