/** A hash that is fed small pieces: they are gathered, because each call into the hash costs more than the bytes. */
import { Buffer } from "node:buffer";
import { createHash } from "node:crypto";
import { TextEncoder } from "../intrinsics.ts";

const ROOM = 64 * 1024;
const SHORT = 64;
const ENCODER = new TextEncoder();

/** SHA-256 over tagged pieces, each with its length, so that no two sequences of pieces are the same bytes. */
export class HashSink {
  readonly #hash = createHash("sha256");
  readonly #room = new Uint8Array(ROOM);
  readonly #view = new DataView(this.#room.buffer);
  #used = 0;

  /** A mark of one letter and a count. */
  mark(letter: string, count = 0): void {
    this.#need(9);
    this.#room[this.#used] = letter.charCodeAt(0);
    this.#view.setFloat64(this.#used + 1, count);
    this.#used += 9;
  }

  /** A number by its bits; all NaN are one. */
  number(value: number): void {
    this.mark("n", Number.isNaN(value) ? NaN : value);
  }

  /** Text; half of a surrogate pair has no UTF-8, so such a text goes in as its code units. */
  text(letter: string, text: string): void {
    if (!text.isWellFormed()) return this.bytes(`${letter}utf16`, Buffer.from(text, "utf16le"));
    if (text.length * 3 > ROOM / 2) return this.bytes(letter, Buffer.from(text));
    this.#need(9 + text.length * 3);
    const start = this.#used;
    this.#used += 9;
    this.#spell(text);
    this.#room[start] = letter.charCodeAt(0);
    this.#view.setFloat64(start + 1, this.#used - start - 9);
  }

  /** Bytes of any number, under a name of any length. */
  bytes(name: string, bytes: Uint8Array): void {
    this.mark("B", name.length);
    this.#need(name.length * 3);
    this.#spell(name);
    this.mark("L", bytes.byteLength);
    this.#flush();
    this.#hash.update(bytes);
  }

  /** The hash in hex; nothing can be added afterwards. */
  digest(): string {
    this.#flush();
    return this.#hash.digest("hex");
  }

  /** Puts text into the room, which is there. Short plain text is quicker by hand. */
  #spell(text: string): void {
    if (text.length <= SHORT) {
      let index = 0;
      for (; index < text.length; index++) {
        const unit = text.charCodeAt(index);
        if (unit >= 0x80) break;
        this.#room[this.#used + index] = unit;
      }
      if (index === text.length) {
        this.#used += index;
        return;
      }
    }
    this.#used += ENCODER.encodeInto(text, this.#room.subarray(this.#used)).written;
  }

  #need(bytes: number): void {
    if (this.#used + bytes > ROOM) this.#flush();
  }

  #flush(): void {
    this.#hash.update(this.#room.subarray(0, this.#used));
    this.#used = 0;
  }
}
