/** The last lines of what a program prints, kept while it prints. */
import { TextDecoder } from "../intrinsics.ts";

/** How many characters are kept. */
const KEPT = 4000;
/** How many lines are kept. */
const LINES = 40;

/** The end of a text that grows. */
export class Tail {
  readonly #decoders = new Map<string, TextDecoder>();
  #text = "";

  /** Takes what came through one of the streams: each has its own place between two bytes of a letter. */
  add(bytes: Uint8Array, stream: string): string {
    const decoder = this.#decoders.get(stream) ?? new TextDecoder();
    this.#decoders.set(stream, decoder);
    const text = decoder.decode(bytes, { stream: true });
    this.#text = (this.#text + text).slice(-2 * KEPT);
    return text;
  }

  /** The last lines. */
  get text(): string {
    const lines = this.#text.slice(-KEPT).trimEnd().split("\n").slice(-LINES);
    return lines.join("\n");
  }
}
