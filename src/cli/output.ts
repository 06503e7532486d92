/** Where commands say what they have to say: the one place that writes to a terminal, that makes text harmless, and that adds colour. */
import type { ConsistError } from "../errors.ts";
import { printable } from "../notebook/mod.ts";
import type { MimeBundle } from "../types.ts";
import { coloured } from "./colour.ts";
import { Progress } from "./progress.ts";

/** How to write. */
export interface OutputParts {
  /** Writes what a command gives. */
  readonly out: (text: string) => void;
  /** Writes what is said beside it. */
  readonly err: (text: string) => void;
  /** May there be colour in what is given? */
  readonly colourOut: boolean;
  /** May there be colour in what is said beside it? */
  readonly colourErr: boolean;
  /** Is what is given seen on a terminal? */
  readonly outIsTerminal: boolean;
  /** Is what is said beside it? */
  readonly errIsTerminal: boolean;
  /** Does the process end with this call? Then what is open need not be closed. @default false */
  readonly endsProcess?: boolean;
  /** Is somebody there to answer? */
  readonly asks: boolean;
}

/** What a command says. */
export class Output {
  readonly #parts: OutputParts;
  /** Is the answer JSON? */
  readonly json: boolean;

  /** An output; with `json` answers and errors are JSON. */
  constructor(parts: OutputParts, json: boolean) {
    this.#parts = parts;
    this.json = json;
  }

  /** Closes what was read from; the end of a process does it sooner, for a large ledger by 20 ms. */
  async close(what: { close(): Promise<void> }): Promise<void> {
    if (this.#parts.endsProcess !== true) await what.close();
  }

  /** The answer: JSON where that was asked for, else what a card shows as text. */
  answer(answer: { readonly json: () => unknown; readonly text: () => MimeBundle | string }): void {
    if (this.json) this.#parts.out(`${jsonText(answer.json())}\n`);
    else this.text(answer.text());
  }

  /** An answer of which nothing else may be on its line, where steps print before it. */
  answerOnOneLine(answer: { readonly json: () => unknown; readonly text: () => string }): void {
    if (this.json) this.#parts.out(`${jsonText(answer.json(), 0)}\n`);
    else this.text(answer.text());
  }

  /** Text, or the text of a card. */
  text(what: MimeBundle | string): void {
    const text = printable(typeof what === "string" ? what : String(what["text/plain"] ?? ""));
    this.#parts.out(`${this.#parts.colourOut ? coloured(text) : text}\n`);
  }

  /** Text that is the answer byte for byte, such as a file's; on a terminal it is made harmless like all other. */
  raw(text: string): void {
    this.#parts.out(this.#parts.outIsTerminal ? printable(text) : text);
  }

  /** A line beside the answer, which programs that read the answer do not see. */
  note(line: string): void {
    this.#parts.err(`${this.#parts.colourErr ? coloured(printable(line)) : printable(line)}\n`);
  }

  /** An error, as text or as JSON. */
  failure(error: ConsistError, exitCode: number): void {
    const { code, name, problem, why, fix, run, step, path, message } = error;
    if (this.json) this.#parts.err(`${jsonText({ error: { code, name, problem, why, fix, run, step, path }, exitCode })}\n`);
    else this.note(message);
  }

  /** A line on stderr that says how far long work is. */
  progress(): Progress {
    return new Progress(this.#parts.err, this.#parts.errIsTerminal);
  }

  /** Does the user agree? `undefined` where nobody can be asked. */
  agrees(question: string): boolean | undefined {
    if (!this.#parts.asks) return undefined;
    this.#parts.err(`${printable(question)} [y/N] `);
    return /^\s*y(es)?\s*$/i.test(lineOfStdin());
  }
}

/** One line that the user types; an end of input is an empty one. */
function lineOfStdin(): string {
  const bytes: number[] = [];
  const one = new Uint8Array(1);
  while (Deno.stdin.readSync(one) === 1 && one[0] !== 10) bytes.push(one[0]!);
  return new TextDecoder().decode(new Uint8Array(bytes));
}

/** JSON on which programs rely: big integers are text, and no character in it acts on a terminal. */
export function jsonText(value: unknown, indent = 2): string {
  const text = JSON.stringify(value, (_key, part) => typeof part === "bigint" ? part.toString() : part, indent);
  return text.replace(ACTS, (c) => `\\u${c.charCodeAt(0).toString(16).padStart(4, "0")}`);
}

/** What JSON leaves as it is and terminals act on: C1 controls, DEL, and marks that turn the direction of text. */
const ACTS = /[\x7f-\x9f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069]/g;
