/** Content hashes of values in memory. */
import type pl from "polars";
import { InputError } from "../errors.ts";
import { JSON } from "../intrinsics.ts";
import { asExecuted } from "../relations/mod.ts";
import type { DataFrame } from "../types.ts";
import { HashSink } from "./hash_sink.ts";
import { describe, extraKeys, isOverflow, type Kind, kindOf, segment } from "./kinds.ts";

/** A handle of this library that a value contains says itself what it stands for. */
const IDENTITY = Symbol.for("consist.identity");

/**
 * SHA-256 in hex of a value's content. A structured clone has the same hash; any other content has another: the order of properties, holes,
 * `-0`, and which objects inside are one and the same all count.
 *
 * @param value any data, also with cycles, frames and artifacts inside
 * @param name how the value is called in the error's message
 * @throws {InputError} `input_unreadable` where a place inside has no content that can be read: a function, a Proxy, an instance of a class
 */
export function hashValue(value: unknown, name = "value"): string {
  const walk = new Walk();
  try {
    walk.add(value, name);
  } catch (error) {
    if (!isOverflow(error)) throw error;
    throw unreadable(name, "is nested too deeply", error);
  }
  return walk.digest();
}

/** One walk over a value. */
class Walk {
  readonly #sink = new HashSink();
  readonly #seen = new Map<object, number>();

  digest(): string {
    return this.#sink.digest();
  }

  add(value: unknown, path: string): void {
    if (typeof value === "object" && value !== null) return this.#reference(value, path);
    switch (typeof value) {
      case "number":
        return this.#sink.number(value);
      case "string":
        return this.#sink.text("s", value);
      case "bigint":
        return this.#sink.text("i", String(value));
      case "boolean":
        return this.#sink.mark(value ? "t" : "f");
      case "undefined":
        return this.#sink.mark("u");
      case "object":
        return this.#sink.mark("0");
      default:
        throw unreadable(path, `is ${describe(value)}`);
    }
  }

  #reference(value: object, path: string): void {
    const place = this.#seen.get(value);
    if (place !== undefined) return this.#sink.mark("r", place);
    this.#seen.set(value, this.#seen.size);
    const kind = kindOf(value);
    const identity = kind === "instance" || kind === "object" ? identityOf(value) : undefined;
    if (identity !== undefined) return this.#sink.text("h", identity);
    this.#object(value, kind, path);
  }

  #object(value: object, kind: Kind, path: string): void {
    switch (kind) {
      case "array":
        return this.#array(value as unknown[], path);
      case "object":
        return this.#properties(value, "o", extraKeys(value), path);
      case "map":
        this.#map(value as Map<unknown, unknown>, path);
        break;
      case "set":
        this.#set(value as Set<unknown>, path);
        break;
      case "date":
        this.#sink.mark("d", (value as Date).getTime());
        break;
      case "regexp":
        this.#regexp(value as RegExp);
        break;
      case "error":
        this.#error(value as Error, path);
        break;
      case "boxed":
        this.#sink.mark("b");
        this.add((value as { valueOf(): unknown }).valueOf(), path);
        break;
      case "view":
      case "buffer":
        this.#memory(value as ArrayBufferView | ArrayBufferLike);
        break;
      default:
        return this.#whole(value, kind, path);
    }
    this.#properties(value, "p", extraKeys(value).filter((key) => kind !== "error" || key !== "cause"), path);
  }

  /** What has no members to walk. */
  #whole(value: object, kind: Kind, path: string): void {
    if (kind === "url") this.#sink.text("l", (value as URL).href);
    else if (kind === "frame") this.#sink.bytes("frame", frameBytes(value as DataFrame));
    else if (kind === "series") this.#sink.bytes("series", frameBytes((value as pl.Series).toFrame()));
    else throw unreadable(path, problemOf(kind, value));
  }

  #array(value: unknown[], path: string): void {
    this.#sink.mark("a", value.length);
    for (let index = 0; index < value.length; index++) {
      const member = value[index];
      if (member === undefined && !(index in value)) this.#sink.mark("_");
      else if (typeof member === "number") this.#sink.number(member);
      else this.add(member, path + segment(index));
    }
    this.#properties(value, "p", extraKeys(value), path);
  }

  #map(value: Map<unknown, unknown>, path: string): void {
    this.#sink.mark("M", value.size);
    let index = 0;
    for (const [key, member] of value) {
      this.add(key, `${path}.keys()[${index}]`);
      this.add(member, typeof key === "string" ? `${path}.get(${JSON.stringify(key)})` : `${path}.values()[${index}]`);
      index++;
    }
  }

  #set(value: Set<unknown>, path: string): void {
    this.#sink.mark("S", value.size);
    let index = 0;
    for (const member of value) this.add(member, `${path}.values()[${index++}]`);
  }

  #regexp(value: RegExp): void {
    this.#sink.mark("R", value.lastIndex);
    this.#sink.text("s", value.source);
    this.#sink.text("s", value.flags);
  }

  /** The stack is left out: it tells where an error was made, and not what it says. */
  #error(value: Error, path: string): void {
    const hasCause = Object.hasOwn(value, "cause");
    this.#sink.mark("E", hasCause ? 1 : 0);
    this.#sink.text("s", value.name);
    this.#sink.text("s", value.message);
    if (hasCause) this.add(value.cause, `${path}.cause`);
  }

  #memory(value: ArrayBufferView | ArrayBufferLike): void {
    const view = ArrayBuffer.isView(value) ? value : undefined;
    const bytes = view ? new Uint8Array(view.buffer, view.byteOffset, view.byteLength) : new Uint8Array(value as ArrayBufferLike);
    this.#sink.bytes(Object.prototype.toString.call(value), bytes);
  }

  #properties(value: object, letter: string, keys: readonly PropertyKey[], path: string): void {
    this.#sink.mark(letter, keys.length);
    for (const key of keys) {
      if (typeof key === "symbol") throw unreadable(path + segment(key), "has a symbol for a name");
      this.#sink.text("k", String(key));
      const member = (value as Record<PropertyKey, unknown>)[key];
      if (typeof member === "number") this.#sink.number(member);
      else if (typeof member === "string") this.#sink.text("s", member);
      else this.add(member, path + segment(key));
    }
  }
}

/**
 * The bytes of a frame as Parquet, which are the same however the frame was put together. Those of Arrow are not: they hold what stands in
 * memory under a null.
 */
function frameBytes(frame: DataFrame): Uint8Array {
  return asExecuted(frame).rechunk().writeParquet({ compression: "uncompressed" });
}

/** What a handle of this library stands for; nothing for other values. */
function identityOf(value: object): string | undefined {
  const tell: unknown = Reflect.get(value, IDENTITY);
  return typeof tell === "function" ? String(tell.call(value)) : undefined;
}

function problemOf(kind: Kind, value: object): string {
  if (kind === "instance") return `is ${describe(value)}, whose private state cannot be read`;
  if (kind === "lazyFrame") return "is a LazyFrame, whose rows are not known before it is collected";
  return `is ${describe(value)}`;
}

function unreadable(path: string, problem: string, cause?: unknown): InputError {
  return new InputError("input_unreadable", {
    problem: `Cannot tell the content of the value: ${path} ${problem}.`,
    why: "An input counts by its content, and only data has one.",
    fix: "Pass plain data, typed arrays, Map, Set, Date or a DataFrame; leave out what does not decide the result.",
    path,
    cause,
  });
}
