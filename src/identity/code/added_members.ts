/** Members of a function or class that its own text does not have: put there, replaced or wrapped after it was made. */
import { JSON } from "../../intrinsics.ts";
import { type AnyFunction, isFunction, sourceOf } from "./functions.ts";

/** Is a property to be read? */
export type KeepProperty = (key: string | symbol, descriptor: PropertyDescriptor) => boolean;

/** What was added to the prototype of a function with this text. */
export function addedToPrototype(source: string): KeepProperty {
  return (key, descriptor) => descriptor.enumerable === true || (key !== "constructor" && isAdded(key, descriptor, source));
}

/** What was added to a function with this text itself, with the values of its static fields. */
export function addedToFunction(source: string): KeepProperty {
  return (key, descriptor) =>
    descriptor.enumerable === true ||
    (!/^(?:prototype|length|name|arguments|caller)$/.test(String(key)) && isAdded(key, descriptor, source));
}

/**
 * A method or accessor that stands in the class is part of its text; a replaced one keeps the place and is not enumerable either. One that stands there under
 * another name was put in this place.
 */
function isAdded(key: string | symbol, { value, get, set }: PropertyDescriptor, source: string): boolean {
  const name = typeof key === "string" ? key : key.description ? `[${key.description}]` : "";
  const expected = [[value, name], [get, `get ${name}`], [set, `set ${name}`]] as const;
  const functions = expected.filter((each): each is [AnyFunction, string] => isFunction(each[0]));
  return functions.length === 0 || functions.some(([fn, name]) => !source.includes(sourceOf(fn)) || nameOf(fn) !== name);
}

const nameOf = (fn: AnyFunction): unknown => Object.getOwnPropertyDescriptor(fn, "name")?.value;

/** What a package's function has as settings: `Decimal.clone({ precision: 5 })` gives one that has other numbers on it. Nothing deeper is looked at. */
export function settingsOf(fn: AnyFunction): string {
  const settings = Object.entries(Object.getOwnPropertyDescriptors(fn)).filter(([, { enumerable, value }]) =>
    enumerable === true && /^(?:number|string|boolean|bigint)$/.test(typeof value)
  );
  return settings.length === 0 ? "" : JSON.stringify(settings.map(([key, { value }]) => [key, typeof value, String(value)]));
}

/** What a function inherits from, and what its instances do, where somebody set that: `Object.setPrototypeOf`, `util.inherits`. */
export function inheritedLater(fn: AnyFunction, isClass: boolean): { readonly own: unknown; readonly instances: unknown } {
  const [parent, prototype] = [Object.getPrototypeOf(fn) as unknown, fn.prototype as object | undefined];
  const behind = prototype === undefined ? null : Object.getPrototypeOf(prototype) as unknown;
  const isPlain = behind === Object.prototype || (isFunction(parent) && parent.prototype === behind) || isOfRuntime(behind);
  return { own: isClass || isOfRuntime(parent) ? null : parent, instances: isPlain ? null : behind };
}

/** The prototypes of functions and generators, which are functions' ordinary ones. */
const ORDINARY: ReadonlySet<unknown> = new Set(
  [function () {}, async function () {}, function* () {}, async function* () {}].flatMap((made) => {
    const prototype: unknown = Object.getPrototypeOf(made);
    return [prototype, (prototype as { prototype?: unknown }).prototype];
  }),
);

const isOfRuntime = (prototype: unknown) => prototype === null || ORDINARY.has(prototype);
