/** Content hashes of values in memory. */
import { Buffer } from "node:buffer";
import { createHash, type Hash } from "node:crypto";
import type pl from "polars";
import { InputError } from "../errors.ts";
import type { DataFrame } from "../types.ts";
import { describe, extraKeys, type Kind, kindOf, segment } from "./kinds.ts";

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
    if (!(error instanceof RangeError)) throw error;
    throw unreadable(name, "is nested too deeply", error);
  }
  return walk.digest();
}

/** One walk over a value: every piece goes into the hash with a tag and its length, so that no two values spell the same bytes. */
class Walk {
  readonly #hash: Hash = createHash("sha256");
  readonly #scratch = new DataView(new ArrayBuffer(8));
  readonly #seen = new Map<object, number>();
  #pending: string[] = [];
  #pendingLength = 0;

  digest(): string {
    this.#flush();
    return this.#hash.digest("hex");
  }

  add(value: unknown, path: string): void {
    if (typeof value !== "object" || value === null) return this.#primitive(value, path);
    const place = this.#seen.get(value);
    if (place !== undefined) return this.#text("ref", String(place));
    this.#seen.set(value, this.#seen.size);
    const identity = identityOf(value);
    if (identity !== undefined) {
      this.#text("handle", "");
      return this.#string(identity);
    }
    this.#object(value, kindOf(value), path);
  }

  #primitive(value: unknown, path: string): void {
    switch (typeof value) {
      case "number":
        return this.#number(value);
      case "string":
        return this.#string(value);
      case "undefined":
      case "boolean":
      case "bigint":
        return this.#text(typeof value, String(value));
      case "object":
        return this.#text("null", "");
      default:
        throw unreadable(path, `is ${describe(value)}`);
    }
  }

  #object(value: object, kind: Kind, path: string): void {
    switch (kind) {
      case "array":
        this.#array(value as unknown[], path);
        break;
      case "object":
        this.#text("object", "");
        break;
      case "map":
        this.#map(value as Map<unknown, unknown>, path);
        break;
      case "set":
        this.#set(value as Set<unknown>, path);
        break;
      case "date":
        this.#text("date", String((value as Date).getTime()));
        break;
      case "regexp":
        this.#regexp(value as RegExp);
        break;
      case "url":
        return this.#text("url", (value as URL).href); // has properties of Deno's own
      case "error":
        this.#error(value as Error, path);
        break;
      case "boxed":
        this.#text("boxed", "");
        this.add((value as { valueOf(): unknown }).valueOf(), path);
        break;
      case "view":
      case "buffer":
        this.#memory(value as ArrayBufferView | ArrayBufferLike);
        break;
      case "frame":
        return this.#bytes("frame", frameBytes(value as DataFrame));
      case "series":
        return this.#bytes("series", frameBytes((value as pl.Series).toFrame()));
      default:
        throw unreadable(path, problemOf(kind, value));
    }
    this.#properties(value, kind, path);
  }

  #array(value: unknown[], path: string): void {
    this.#text("array", String(value.length));
    for (let index = 0; index < value.length; index++) {
      if (index in value) this.add(value[index], path + segment(index));
      else this.#text("hole", "");
    }
  }

  #map(value: Map<unknown, unknown>, path: string): void {
    this.#text("map", String(value.size));
    let index = 0;
    for (const [key, member] of value) {
      this.add(key, `${path}.keys()[${index}]`);
      this.add(member, typeof key === "string" ? `${path}.get(${JSON.stringify(key)})` : `${path}.values()[${index}]`);
      index++;
    }
  }

  #set(value: Set<unknown>, path: string): void {
    this.#text("set", String(value.size));
    let index = 0;
    for (const member of value) this.add(member, `${path}.values()[${index++}]`);
  }

  #regexp(value: RegExp): void {
    this.#text("regexp", value.flags);
    this.#string(value.source);
    this.#text("position", String(value.lastIndex));
  }

  /** The stack is left out: it tells where an error was made, and not what it says. */
  #error(value: Error, path: string): void {
    this.#text("error", Object.hasOwn(value, "cause") ? "cause" : "");
    this.#string(value.name);
    this.#string(value.message);
    if (Object.hasOwn(value, "cause")) this.add(value.cause, `${path}.cause`);
  }

  #memory(value: ArrayBufferView | ArrayBufferLike): void {
    const view = ArrayBuffer.isView(value) ? value : undefined;
    const bytes = view ? new Uint8Array(view.buffer, view.byteOffset, view.byteLength) : new Uint8Array(value as ArrayBufferLike);
    this.#bytes(Object.prototype.toString.call(value), bytes);
  }

  #properties(value: object, kind: Kind, path: string): void {
    const keys = extraKeys(value).filter((key) => kind !== "error" || key !== "cause");
    this.#text("properties", String(keys.length));
    for (const key of keys) {
      if (typeof key === "symbol") throw unreadable(path + segment(key), "has a symbol for a name");
      this.#string(String(key));
      this.add((value as Record<PropertyKey, unknown>)[key], path + segment(key));
    }
  }

  #number(value: number): void {
    if (Number.isInteger(value) && !Object.is(value, -0)) return this.#text("integer", String(value));
    this.#scratch.setFloat64(0, Number.isNaN(value) ? NaN : value); // all NaN are one
    this.#text("number", this.#scratch.getBigUint64(0).toString(16));
  }

  /** Half of a surrogate pair has no UTF-8: such a string goes in as its code units. */
  #string(value: string): void {
    if (value.isWellFormed()) this.#text("string", value);
    else this.#bytes("utf16", Buffer.from(value, "utf16le"));
  }

  #text(tag: string, text: string): void {
    this.#pending.push(tag, ":", String(text.length), ":", text, ";");
    this.#pendingLength += text.length;
    if (this.#pendingLength > 65_536 || this.#pending.length > 60_000) this.#flush();
  }

  #bytes(tag: string, bytes: Uint8Array): void {
    this.#pending.push(tag, ":bytes:", String(bytes.byteLength), ":");
    this.#flush();
    this.#hash.update(bytes);
  }

  #flush(): void {
    this.#hash.update(this.#pending.join(""));
    [this.#pending, this.#pendingLength] = [[], 0];
  }
}

/**
 * The bytes of a frame as Parquet, which are the same however the frame was put together. Those of Arrow are not: they hold what stands in
 * memory under a null.
 */
function frameBytes(frame: DataFrame): Uint8Array {
  return frame.rechunk().writeParquet({ compression: "uncompressed" });
}

/** What a handle of this library stands for; nothing for other values. Frames and proxies are not asked: every property of theirs may be code. */
function identityOf(value: object): string | undefined {
  const kind = kindOf(value);
  if (kind !== "instance" && kind !== "object") return undefined;
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
