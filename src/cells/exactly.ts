/**
 * Would a file give this very value back? What a step just made and what a later hit gives has to be alike in every way that a cell can see:
 * what a file would change is no data for one.
 */
import { Buffer } from "node:buffer";
import { types } from "node:util";
import { JSON } from "../intrinsics.ts";
import { describeValue, driverForValue, isFrame } from "../artifacts/mod.ts";
import { OutputError } from "../errors.ts";

/** Drivers out of which values come as they were. A frame's file has pieces of its own, and what a driver of the user's gives is its affair. */
export const EXACT = new Set(["json", "txt", "bytes", "structured_clone"]);

/** What is known of a value that a driver takes. */
export interface Exactness {
  /** The first place that would come back as something else, in words. */
  readonly flaw?: string;
  /** Is one object inside it met twice? Only a structured clone keeps that. */
  readonly isShared: boolean;
}

/** What the language itself provides and a structured clone gives back. */
const ORDINARY: ReadonlySet<unknown> = new Set(
  [
    ...[Object, Array, Map, Set, Date, RegExp, ArrayBuffer, DataView, Boolean, Number, String, BigInt],
    ...[Error, EvalError, RangeError, ReferenceError, SyntaxError, TypeError, URIError],
    ...[Int8Array, Uint8Array, Uint8ClampedArray, Int16Array, Uint16Array, Int32Array, Uint32Array],
    ...[Float32Array, Float64Array, BigInt64Array, BigUint64Array],
    ...["Float16Array"].map((name) => Reflect.get(globalThis, name)).filter((maker) => typeof maker === "function"),
  ].map((maker) => maker.prototype as unknown),
);
/** Members that such objects have and that come back. */
const OWN_ERROR = /^(?:stack|message|cause)$/;
/** In a longer list nobody looks for single elements that are getters. */
const LONG_LIST = 10_000;
const INDEX = /^(?:0|[1-9]\d*)$/;

/** Looks at a value that one of the library's own drivers takes. */
export function exactness(value: unknown, name: string): Exactness {
  const seen = new Set<object>(), memory = new Set<object>();
  const open: [value: unknown, path: string][] = [[value, name]];
  let isShared = false;
  for (let next = open.pop(); next !== undefined; next = open.pop()) {
    const [each, path] = next;
    if (typeof each !== "object" || each === null) continue;
    if (seen.has(each)) {
      isShared = true;
      continue;
    }
    seen.add(each);
    const flaw = flawOf(each, memory) ?? pushMembers(each, path, open);
    if (flaw !== undefined) return { flaw: flaw.startsWith("=") ? flaw.slice(1) : `${path} ${flaw}`, isShared };
  }
  return { isShared };
}

function flawOf(value: object, memory: Set<object>): string | undefined {
  if (types.isProxy(value)) return "is a Proxy";
  const prototype: unknown = Object.getPrototypeOf(value);
  if (prototype === null) return "has no prototype";
  if (Buffer.isBuffer(value)) return "is a Buffer, and would come back as a Uint8Array";
  if (!ORDINARY.has(prototype)) return "is of a class of its own";
  if (!Object.isExtensible(value)) return Object.isFrozen(value) ? "is frozen" : "takes no new members";
  return ArrayBuffer.isView(value) || types.isAnyArrayBuffer(value) ? flawOfMemory(value, memory) : undefined;
}

function flawOfMemory(value: ArrayBufferView | ArrayBufferLike, memory: Set<object>): string | undefined {
  const buffer = ArrayBuffer.isView(value) ? value.buffer : value;
  if (memory.has(buffer)) return "shares its memory with another part of it";
  memory.add(buffer);
  if (!types.isArrayBuffer(buffer) || (buffer as ArrayBuffer).resizable) return "is memory that is shared or can grow";
  const isWhole = value === buffer || ((value as ArrayBufferView).byteOffset === 0 && value.byteLength === buffer.byteLength);
  return isWhole ? undefined : "is a view of a part of its memory";
}

/** Goes on with what is inside; in words, with `=` before a whole sentence, what is wrong with a member. */
function pushMembers(value: object, path: string, open: [unknown, string][]): string | undefined {
  if (types.isMap(value)) {
    for (const [key, member] of Map.prototype.entries.call(value)) open.push([key, `${path}'s key`], [member, `${path}'s value`]);
  } else if (types.isSet(value)) { for (const member of Set.prototype.values.call(value)) open.push([member, `${path}'s member`]); }
  if (ArrayBuffer.isView(value)) return Reflect.ownKeys(value).length === lengthOf(value) ? undefined : "has members of its own";
  if (Array.isArray(value) && value.length > LONG_LIST) {
    for (let at = 0; at < value.length; at++) if (typeof value[at] === "object") open.push([value[at], `${path}[${at}]`]);
    return undefined;
  }
  for (const key of Reflect.ownKeys(value)) {
    if (isBuiltIn(value, key)) continue;
    const { value: member, get, set, writable, enumerable, configurable } = Object.getOwnPropertyDescriptor(value, key)!;
    if (get !== undefined || set !== undefined) return `=${memberOf(path, key)} is a getter or a setter`;
    if (typeof key === "symbol" || !(writable && enumerable && configurable)) return `=${memberOf(path, key)} is no ordinary member`;
    if (!isOpen(value)) return `=${memberOf(path, key)} is a member that would be lost`;
    if (typeof member === "object" && member !== null) open.push([member, memberOf(path, key)]);
  }
  return undefined;
}

const lengthOf = (view: ArrayBufferView): number => types.isTypedArray(view) ? view.length : 0;

/** A member that every object of its kind has. */
function isBuiltIn(value: object, key: string | symbol): boolean {
  if (typeof key === "symbol") return false;
  if (key === "length" && (Array.isArray(value) || types.isStringObject(value))) {
    return !Array.isArray(value) || Object.getOwnPropertyDescriptor(value, key)!.writable === true;
  }
  if (types.isStringObject(value)) return INDEX.test(key) && Number(key) < value.length;
  return types.isRegExp(value) ? key === "lastIndex" : types.isNativeError(value) && OWN_ERROR.test(key);
}

/** Lists and plain objects keep the members that they are given. */
const isOpen = (value: object): boolean => Array.isArray(value) || Object.getPrototypeOf(value) === Object.prototype;

function memberOf(path: string, key: string | symbol): string {
  if (typeof key === "symbol") return `${path}[${String(key)}]`;
  return INDEX.test(key)
    ? `${path}[${key}]`
    : /^[\p{ID_Start}$_][\p{ID_Continue}$]*$/u.test(key)
    ? `${path}.${key}`
    : `${path}[${JSON.stringify(key)}]`;
}

/** Why no file can keep a value as it is; else the driver that has to, where it is not the one that the value chooses. */
export function waysToKeep(value: unknown, name: string): { readonly why?: string; readonly driver?: string } {
  let chosen: string;
  try {
    chosen = driverForValue(value, name).name;
  } catch (error) {
    if (!(error instanceof OutputError)) throw error;
    return { why: error.problem.replace(/^Cannot store the returned value: /, "").replace(/\.$/, "") };
  }
  if (chosen === "parquet" && !isFrame(value)) return { why: `${name} is ${describeValue(value)}, and would come back as a DataFrame` };
  if (!EXACT.has(chosen)) return {};
  const { flaw, isShared } = exactness(value, name);
  if (flaw !== undefined) return { why: flaw };
  return isShared && chosen === "json" ? { driver: "structured_clone" } : {};
}
