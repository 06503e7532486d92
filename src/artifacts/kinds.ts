/** What kind of value something is, told without running any of its code where that can be helped. */
import { Buffer } from "node:buffer";
import { types } from "node:util";
import { serialize } from "node:v8";
import { JSON } from "../intrinsics.ts";

/** Kinds of values that storing and hashing tell apart. */
export type Kind =
  | "undefined"
  | "null"
  | "boolean"
  | "number"
  | "bigint"
  | "string"
  | "symbol"
  | "function"
  | "array"
  | "object"
  | "map"
  | "set"
  | "date"
  | "regexp"
  | "error"
  | "view"
  | "buffer"
  | "boxed"
  | "url"
  | "frame"
  | "lazyFrame"
  | "series"
  | "proxy"
  | "promise"
  | "instance";

/** How deep the prototypes of built-in values are; a deeper one is a subclass. */
const DEPTH: { readonly [kind in Kind]?: number } = { array: 2, map: 2, set: 2, date: 2, regexp: 2, buffer: 2, boxed: 2, url: 2 };
const ERRORS = ["Error", "EvalError", "RangeError", "ReferenceError", "SyntaxError", "TypeError", "URIError"];

/** The kind of a value. Instances of classes, also of those that extend a built-in one, are `instance`. */
export function kindOf(value: unknown): Kind {
  if (value === null) return "null";
  if (typeof value === "function") return "function";
  if (typeof value !== "object") return typeof value as Kind;
  if (types.isProxy(value)) return frameKind(value) ?? "proxy"; // a frame is a Proxy; nothing else may be asked of one
  if (Array.isArray(value) && Object.getPrototypeOf(value) === Array.prototype) return "array";
  const frame = frameKind(value);
  if (frame) return frame;
  const kind = builtIn(value);
  if (kind === undefined) return isPlain(value) ? "object" : "instance";
  return isSubclass(value, kind) ? "instance" : kind;
}

/** Is this a polars DataFrame? */
export function isFrame(value: unknown): boolean {
  return typeof value === "object" && value !== null && frameKind(value) === "frame";
}

/** `a Map`, `an instance of class Model`: a kind in words. */
export function describe(value: unknown): string {
  const kind = kindOf(value);
  switch (kind) {
    case "undefined":
    case "null":
      return kind;
    case "number":
      return Object.is(value, -0) ? "-0" : String(value);
    case "frame":
      return "a DataFrame";
    case "lazyFrame":
      return "a LazyFrame";
    case "series":
      return "a polars Series";
    case "proxy":
      return "a Proxy";
    case "promise":
      return "a Promise";
    case "instance":
      return instanceWords(value as object);
    case "array":
    case "object":
    case "error":
      return `an ${kind}`;
    case "map":
    case "set":
    case "date":
      return `a ${kind[0]!.toUpperCase()}${kind.slice(1)}`;
    case "url":
      return "a URL";
    case "view":
    case "buffer":
      return `a ${Object.prototype.toString.call(value).slice(8, -1)}`;
    default:
      return `a ${kind}`;
  }
}

/** Is this the error for a value that is nested more deeply than a walk can follow? */
export function isOverflow(error: unknown): boolean {
  return error instanceof RangeError && error.message.includes("call stack");
}

/** `model.fn`, `[3]`, `["a b"]`: one step of a path inside a value. */
export function segment(key: PropertyKey): string {
  if (typeof key === "symbol") return `[${String(key)}]`;
  if (typeof key === "number") return `[${key}]`;
  return /^[\p{ID_Start}$_][\p{ID_Continue}$]*$/u.test(key) ? `.${key}` : `[${JSON.stringify(key)}]`;
}

/** Own keys of an object that enumeration shows, symbols among them, without the indices of an array. */
export function extraKeys(value: object): PropertyKey[] {
  const symbols = Object.getOwnPropertySymbols(value).filter((key) => Object.prototype.propertyIsEnumerable.call(value, key));
  if (ArrayBuffer.isView(value)) return symbols;
  const names = Object.keys(value);
  return [...(Array.isArray(value) ? names.filter((name) => !isIndex(name)) : names), ...symbols];
}

function isIndex(name: string): boolean {
  const number = Number(name);
  return Number.isInteger(number) && number >= 0 && number < 2 ** 32 - 1 && String(number) === name;
}

function isSubclass(value: object, kind: Kind): boolean {
  if (kind === "error") return !ERRORS.includes(constructorName(value));
  if (kind === "view") return !Buffer.isBuffer(value) && prototypeDepth(value) !== (types.isTypedArray(value) ? 3 : 2);
  const depth = DEPTH[kind];
  return depth !== undefined && prototypeDepth(value) !== depth;
}

function frameKind(value: object): "frame" | "lazyFrame" | "series" | undefined {
  const tag = tagOf(value);
  if (tag === "[object DataFrame]") return "frame";
  if (tag === "[object LazyDataFrame]") return "lazyFrame";
  if (tag !== "[object Object]") return undefined;
  // a Series has a function where a tag belongs, so the language itself calls it "Object"
  const own: unknown = Object.getOwnPropertyDescriptor(value, Symbol.toStringTag)?.value;
  return typeof own === "function" && own.call(value) === "Series" ? "series" : undefined;
}

/** The language's own word for a value. A frame is a Proxy, so a Proxy has to be asked; one that throws is nobody's frame. */
function tagOf(value: object): string {
  try {
    return Object.prototype.toString.call(value);
  } catch {
    return "";
  }
}

function builtIn(value: object): Kind | undefined {
  if (Array.isArray(value)) return "array";
  if (ArrayBuffer.isView(value)) return "view";
  if (types.isMap(value)) return "map";
  if (types.isSet(value)) return "set";
  if (types.isDate(value)) return "date";
  if (types.isRegExp(value)) return "regexp";
  if (types.isNativeError(value)) return "error";
  if (types.isAnyArrayBuffer(value)) return "buffer";
  if (types.isBoxedPrimitive(value)) return "boxed";
  if (types.isPromise(value)) return "promise";
  if (value instanceof URL) return "url";
  return undefined;
}

function isPlain(value: object): boolean {
  if (types.isModuleNamespaceObject(value) || types.isArgumentsObject(value)) return false;
  const prototype = Object.getPrototypeOf(value);
  if (prototype === null) return Reflect.ownKeys(value).length > 0 || isCloneable(value);
  return Object.getPrototypeOf(prototype) === null && Object.hasOwn(prototype, "hasOwnProperty");
}

/** A native handle looks like an empty object, and only the serialiser knows the difference. */
function isCloneable(value: object): boolean {
  try {
    serialize(value);
    return true;
  } catch {
    return false; // the refusal is the answer
  }
}

function prototypeDepth(value: object): number {
  let depth = 0;
  for (let prototype = Object.getPrototypeOf(value); prototype !== null; prototype = Object.getPrototypeOf(prototype)) depth++;
  return depth;
}

function constructorName(value: object): string {
  const constructor: unknown = Object.getPrototypeOf(value)?.constructor;
  return typeof constructor === "function" ? constructor.name : "";
}

function instanceWords(value: object): string {
  const name = constructorName(value);
  return name === "" ? "an instance of a class" : `an instance of class ${name}`;
}
