/** Namespaces: those of the runtime count by their name, modules by the exports that are used. */
import { types } from "node:util";
import { JSON } from "../../intrinsics.ts";
import { unwrapped } from "../../notebook/mod.ts";
import { sha256 } from "../digest.ts";
import { changedBuiltins, changedText } from "./builtins.ts";
import { type Binding, type Facts, readFrom } from "./facts.ts";
import { type AnyFunction, isFunction, isNative } from "./functions.ts";
import { isAddedMember, isStore } from "./known_objects.ts";
import type { NameUse } from "./name_use.ts";
import { outsideFunction, outsideMember, outsideNamespace } from "./outside.ts";
import type { Report } from "./report.ts";

/** What this room needs of the walk. */
export interface NamespaceReader {
  /** Where findings go. */
  readonly report: Report;
  /** Any value as text. */
  value(value: unknown, name: string): string;
  /** A function as text. */
  fn(fn: AnyFunction, name: string): string;
  /** Facts about a function, if they are known. */
  facts(fn: AnyFunction): Facts | undefined;
}

/** A namespace of the runtime; members that a user replaced (`Math.random = mine`) or added (`globalThis.x`) are followed. */
export function runtimeNamespaceText(reader: NamespaceReader, object: object, namespace: string, use: NameUse | undefined): string {
  reader.report.part("global", namespace, "");
  return `${membersText(reader, object, namespace, use)}${changedText(reader, changedBuiltins(namespace))}`;
}

function membersText(reader: NamespaceReader, object: object, namespace: string, use: NameUse | undefined): string {
  if (use?.members) {
    return `global(${namespace}){${[...use.members].sort().map((member) => memberText(reader, object, namespace, member)).join()}}`;
  }
  if (namespace === "globalThis") return reader.report.opaque("globalThis", "globalThis is used as a whole");
  const why = outsideNamespace(namespace);
  if (why) reader.report.outside(namespace, why);
  const added = Object.entries(Object.getOwnPropertyDescriptors(object)).filter(([member, descriptor]) =>
    isFunction(descriptor.value) ? isUsers(reader, descriptor.value) : "value" in descriptor && isAddedMember(namespace, member, descriptor)
  );
  if (added.length === 0) return `global(${namespace})`;
  return `global(${namespace}){${added.map(([member]) => memberText(reader, object, namespace, member)).join()}}`;
}

function memberText(reader: NamespaceReader, object: object, namespace: string, member: string): string {
  const path = `${namespace}.${member}`, label = JSON.stringify(member);
  const descriptor = Object.getOwnPropertyDescriptor(object, member);
  if (!isFunction(descriptor?.value) || !isUsers(reader, descriptor.value)) reportOutside(reader, namespace, member);
  if (!descriptor) return member in object ? label : `${label}:absent`;
  if (!("value" in descriptor)) {
    return descriptor.get && isUsers(reader, descriptor.get) ? `${label}:get ${reader.fn(descriptor.get, path)}` : label;
  }
  const value: unknown = descriptor.value;
  if (isFunction(value)) return `${label}:${reader.fn(value, path)}`;
  if (namespace !== "globalThis" && !isAddedMember(namespace, member, descriptor)) return label;
  const text = reader.value(value, path);
  if (!text.startsWith("global(")) reader.report.part("value", path, sha256(text), text);
  return `${label}:${text}`;
}

function reportOutside({ report }: NamespaceReader, namespace: string, member: string): void {
  const path = `${namespace}.${member}`;
  const why = outsideMember(path);
  if (why) report.outside(path, why);
  if (namespace !== "globalThis") return;
  const ofGlobal = isStore(member) ? "stored elsewhere" : outsideFunction("", member);
  if (ofGlobal) report.outside(member, ofGlobal);
}

/** Is it a function of the user's? */
function isUsers(reader: NamespaceReader, asked: AnyFunction): boolean {
  const fn = unwrapped(asked);
  return !isNative(fn) && !types.isProxy(fn) && ["user", "bound"].includes(reader.facts(fn)?.kind ?? "");
}

/** The exports that are used of a module, or of an object that stands for one. `open` are the namespaces being read: one may export itself. */
export function exportsText(
  reader: NamespaceReader,
  object: object,
  name: string,
  binding: Binding | undefined,
  open: Set<object>,
): string {
  const { use, specifier } = binding ?? {};
  const exports = object as Readonly<Record<string, unknown>>;
  const whole = use?.members || specifier === undefined ? undefined : wholePackage(reader, exports, specifier);
  if (whole !== undefined) return whole;
  if (open.has(object)) return "namespace#";
  open.add(object);
  const members = use?.members ? [...use.members].sort() : Object.keys(exports);
  const texts = members.map((member) =>
    `${JSON.stringify(member)}:${member in exports ? reader.value(readFrom(exports, member), `${name}.${member}`) : "absent"}`
  );
  open.delete(object);
  return `exports{${texts.join()}}`;
}

/** What is imported as a package and used as a whole is its version. A bare specifier may be mapped to a user's module, whose exports are read one by one. */
function wholePackage(reader: NamespaceReader, exports: Readonly<Record<string, unknown>>, specifier: string): string | undefined {
  if (specifier.startsWith("node:")) return `runtime(${JSON.stringify(specifier)})`;
  if (!/^(?:npm|jsr):/.test(specifier)) return undefined;
  const first = Object.values(exports).find((value) => isFunction(value) && !types.isProxy(value)) as AnyFunction | undefined;
  const facts = first && reader.facts(first);
  return facts?.kind === "package" ? reader.report.package(facts) : undefined;
}
