/** What the own text of a function or class leaves open, as text. */
import { JSON } from "../../intrinsics.ts";
import { addedToFunction, addedToPrototype, inheritedLater } from "./added_members.ts";
import { type AnyFunction, isFunction } from "./functions.ts";
import type { FunctionText } from "./name_use.ts";
import { propertiesText, type ValueReader } from "./values.ts";

/** Parent (by the prototype chain: the name after `extends` is often kept nowhere), computed names, and what was added later. */
export function classText(reader: ValueReader, fn: AnyFunction, { isClass, source }: FunctionText, name: string): string {
  const prototype = fn.prototype as object | undefined;
  let out = "";
  if (isClass) {
    const parent: unknown = Object.getPrototypeOf(fn);
    if (isFunction(parent) && parent !== Function.prototype) out += ` extends ${reader.fn(parent, parent.name)}`;
    out += ` keys${JSON.stringify([...Reflect.ownKeys(prototype!), ...Reflect.ownKeys(fn)].map(String))}`;
  }
  const { own, instances } = inheritedLater(fn, isClass);
  if (own !== null) out += ` set on ${reader.value(own, `${name}.__proto__`)}`;
  if (instances !== null) out += ` made on ${reader.value(instances, `${name}.prototype.__proto__`)}`;
  const later = prototype ? propertiesText(reader, prototype, `${name}.prototype`, addedToPrototype(source)) : "";
  return later === "" ? out : `${out} proto{${later}}`;
}

/** Properties that were put on the function; a class's static methods are in its text. */
export function ownPropertiesText(reader: ValueReader, fn: AnyFunction, { source }: FunctionText, name: string): string {
  return `{${propertiesText(reader, fn, name, addedToFunction(source))}}`;
}
