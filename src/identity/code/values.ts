/** Captured values as text: equal text means equal content. Functions and namespaces are the walk's business, and it is asked for them. */
import { types } from "node:util";
import { JSON } from "../../intrinsics.ts";
import { sha256 } from "../digest.ts";
import { canGrow, memoryText } from "./memory.ts";
import { isHandle, isPlainList, notIndex, ownNames } from "./own_names.ts";
import type { KeepProperty } from "./added_members.ts";
import { changedBuiltins, changedText, runtimeClassText } from "./builtins.ts";
import { adaptedContent, type Content, ownAccount } from "./adapters.ts";
import type { Facts } from "./facts.ts";
import { type AnyFunction, givenName, isFunction, isNative } from "./functions.ts";
import type { Report } from "./report.ts";

/** What this room needs of the walk. */
export interface ValueReader {
  /** Any value as text. `name` is for reports. */
  value(value: unknown, name: string): string;
  /** A function as text. */
  fn(fn: AnyFunction, name: string): string;
  /** Where an object was met before; nothing where it was not. */
  place(object: object): string;
  /** Where findings go. */
  readonly report: Report;
  /** The private fields of an object, as text; empty where its classes have none, or where they still have to be asked for. */
  privateFields(object: object, maker: AnyFunction, name: string): string;
  /** Facts about a function; undefined while they are not known. */
  facts(fn: AnyFunction): Facts | undefined;
  /** Digests that are already known within this walk. */
  readonly digests: Map<object, string>;
}

/** The text of an object that was not met before. */
export function objectText(reader: ValueReader, value: object, name: string): string {
  const tag = tagOf(value);
  const special = accountText(reader, value, name, tag);
  if (special !== undefined) return special;
  const why = opaqueReason(value, tag);
  if (why !== undefined) return why === "weak references" && reader.report.isInPackage ? "weak" : reader.report.opaque(name, why);
  const memory = memoryText(value, tag, (buffer) => reader.place(buffer));
  if (memory !== undefined) return `${memory}${beyondContent(reader, value, name)}`;
  return plainText(reader, value, name);
}

function tagOf(value: object): string {
  try {
    return Object.prototype.toString.call(value);
  } catch {
    return "[object Proxy]"; // a trap of the user's threw: the Proxy is reported as opaque
  }
}

/** Lists and plain objects are by far the most: they are asked for nothing. */
function accountText(reader: ValueReader, value: object, name: string, tag: string): string | undefined {
  const own = ownAccount(value);
  if (own) return contentText(reader, value, name, "account", own);
  const isPlain = !types.isProxy(value) && (Array.isArray(value) || Object.getPrototypeOf(value) === Object.prototype) &&
    !("serialize" in value) && !("_zod" in value);
  const content = isPlain ? undefined : adaptedContent(value, tag);
  return content && contentText(reader, value, name, tag, content);
}

function contentText(reader: ValueReader, value: object, name: string, tag: string, content: Content): string {
  switch (content.kind) {
    case "text":
      return `${tag}(${JSON.stringify(content.text)})${beyondContent(reader, value, name)}${changedClasses(reader, tag)}`;
    case "value":
      return `${tag}(${reader.value(content.value, name)})${provenance(reader, content.by)}`;
    case "unreadable":
      return reader.report.opaque(name, content.why);
    case "bytes":
      if (content.readsFiles) reader.report.outside(name, "files, when it is collected");
      if (!reader.digests.has(value)) reader.digests.set(value, sha256(content.bytes));
      return `${tag}(${reader.digests.get(value)})${provenance(reader, content.by)}`;
  }
}

/** What somebody did to the classes of `Intl` or `Temporal`, for an object of one of them. */
const changedClasses = (reader: ValueReader, tag: string): string =>
  changedText(reader, changedBuiltins(/^\[object (\w+)\./.exec(tag)?.[1] ?? "none"));

/** The package that a function belongs to, with its version. */
const provenance = (reader: ValueReader, by: AnyFunction | undefined) => {
  const facts = by && !types.isProxy(by) ? reader.facts(by) : undefined;
  return facts?.kind === "package" ? ` of ${reader.report.package(facts)}` : "";
};

function opaqueReason(value: object, tag: string): string | undefined {
  if (types.isProxy(value)) return "a Proxy";
  if (types.isPromise(value)) return "a Promise";
  if (types.isWeakMap(value) || types.isWeakSet(value) || value instanceof WeakRef) return "weak references";
  if (ArrayBuffer.isView(value) && canGrow(value.buffer)) return "a view of a buffer that can grow";
  const isHandle = types.isGeneratorObject(value) || /(?:Iterator|Generator)\]$/.test(tag);
  return isHandle ? "an iterator or native handle" : undefined;
}

const isGlobal = (maker: AnyFunction): boolean => Object.getOwnPropertyDescriptor(globalThis, givenName(maker))?.value === maker;

/** What an object of the runtime has besides its content: a class of the user's, and properties that were put on it. */
function beyondContent(reader: ValueReader, value: object, name: string): string {
  const prototype: unknown = Object.getPrototypeOf(value);
  const maker = makerOf(prototype);
  const isRuntimes = maker !== null && (isNative(maker) || (tagOf(value) === `[object ${givenName(maker)}]` && isGlobal(maker)));
  const made = isRuntimes ? runtimeClassText(reader, maker) : prototypeText(reader, value, name, prototype, true) ?? "";
  // The runtime keeps state of its own under symbols, and as private fields.
  const properties = propertiesText(reader, value, name, (key) => typeof key === "string" && notIndex(key), ownNames(value));
  return properties === "" ? made : `${made}{${properties}}`;
}

function plainText(reader: ValueReader, value: object, name: string): string {
  const prototype: unknown = Object.getPrototypeOf(value);
  const isDense = Array.isArray(value) && isPlainList(value);
  if (
    Array.isArray(value) && isDense && prototype === Array.prototype && value.length > 64 && value.every((item) => typeof item === "number")
  ) {
    return `[${value.length} numbers ${sha256(new Uint8Array(Float64Array.from(value).buffer))}]`;
  }
  const content = builtInText(reader, value, name);
  const made = prototypeText(reader, value, name, prototype, content !== "");
  if (made === undefined) return reader.report.opaque(name, `a native ${makerOf(prototype)?.name ?? "object"}`);
  const properties = isDense && Array.isArray(value) ? "" : propertiesText(reader, value, name, keptProperties(value));
  return `${content}${made}${properties === "" && content !== "" ? "" : `{${properties}}`}`;
}

/** The content of what the language itself provides. */
function builtInText(reader: ValueReader, value: object, name: string): string {
  if (Array.isArray(value)) {
    return `[${Array.from(value, (item, index) => index in value ? reader.value(item, `${name}[${index}]`) : "hole").join()}]`;
  }
  if (types.isMap(value)) return `Map[${[...Map.prototype.entries.call(value)].map((entry) => entryText(reader, entry, name)).join()}]`;
  if (types.isSet(value)) {
    return `Set[${[...Set.prototype.values.call(value)].map((member) => reader.value(member, `${name} member`)).join()}]`;
  }
  if (types.isDate(value)) return `Date(${value.getTime()})`;
  if (types.isRegExp(value)) return `RegExp(${JSON.stringify([value.source, value.flags, value.lastIndex])})`;
  if (types.isBoxedPrimitive(value)) {
    const inner: unknown = value.valueOf();
    return `Boxed(${JSON.stringify([typeof inner, Object.is(inner, -0) ? "-0" : String(inner)])})`;
  }
  if (types.isNativeError(value)) return `Error(${JSON.stringify([value.name, value.message])})`;
  return "";
}

const entryText = (reader: ValueReader, [key, member]: [unknown, unknown], name: string) =>
  `${reader.value(key, `${name} key`)}=>${reader.value(member, `${name}.get(${typeof key === "object" ? "…" : String(key)})`)}`;

function makerOf(prototype: unknown): AnyFunction | null {
  const maker: unknown = prototype !== null && typeof prototype === "object"
    ? Object.getOwnPropertyDescriptor(prototype, "constructor")?.value
    : null;
  return isFunction(maker) && maker.prototype === prototype ? maker : null;
}

/** What a list, map, set, date and so on ordinarily is. */
const ORDINARY: ReadonlySet<unknown> = new Set([Array, Map, Set, Date, RegExp, Error]);

/** The class behind an object, or its prototype; undefined where that is native and the object shows no content. */
function prototypeText(reader: ValueReader, value: object, name: string, prototype: unknown, hasContent: boolean): string | undefined {
  if (prototype === Object.prototype || prototype === Array.prototype) return "";
  if (prototype === null || typeof prototype !== "object") return isHandle(value) ? undefined : " bare";
  const maker = makerOf(prototype);
  if (!maker) return ` proto ${reader.value(prototype, `${name}.__proto__`)}`;
  if (isNative(maker)) return !hasContent ? undefined : ORDINARY.has(maker) ? "" : ` of native ${givenName(maker)}`;
  const kind = types.isProxy(maker) ? undefined : reader.facts(maker)?.kind;
  if (kind === "runtime" && !hasContent) return undefined;
  if (kind === "library" && !hasContent) {
    return ` of ${
      reader.report.opaque(
        name,
        `an object of this library that does not say what it is (${givenName(maker)}): give it to the step as an input`,
      )
    }`;
  }
  return ` of ${reader.fn(maker, givenName(maker))}${reader.privateFields(value, maker, name)}`;
}

function keptProperties(value: object): KeepProperty {
  if (Array.isArray(value)) return (key) => key !== "length" && notIndex(key);
  if (types.isRegExp(value)) return (key) => key !== "lastIndex";
  if (types.isNativeError(value)) return (key) => key !== "stack" && key !== "message";
  return () => true;
}

/** Own properties, getters as code and never called. */
export function propertiesText(
  reader: ValueReader,
  value: object,
  name: string,
  keep: KeepProperty,
  keys: readonly (string | symbol)[] = Reflect.ownKeys(value),
): string {
  const texts: string[] = [];
  const isExtensible = Object.isExtensible(value);
  for (const key of keys) {
    const descriptor = Object.getOwnPropertyDescriptor(value, key)!;
    if (!keep(key, descriptor)) continue;
    const label = typeof key === "symbol" ? `@${reader.value(key, name)}` : JSON.stringify(key);
    const place = `${name}.${String(key)}`;
    texts.push(
      `${label}${attributes(descriptor, isExtensible)}:${
        "value" in descriptor ? reader.value(descriptor.value, place) : accessorText(reader, descriptor, place)
      }`,
    );
  }
  return texts.join();
}

/** What is not to be listed or written shows itself where a step lists or writes. Whether a whole object is frozen does not count: libraries freeze what they are given. */
function attributes({ enumerable, writable }: PropertyDescriptor, isExtensible: boolean): string {
  return `${enumerable ? "" : " hidden"}${writable === false && isExtensible ? " fixed" : ""}`;
}

const accessorText = (reader: ValueReader, { get, set }: PropertyDescriptor, place: string) =>
  `get ${reader.value(get, place)} set ${reader.value(set, place)}`;
