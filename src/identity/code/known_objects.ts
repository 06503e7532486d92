/** Objects that are known by what they are and not by their content: namespaces of the language, its native functions, exports of CommonJS packages. */
import nodeModule from "node:module";
import { pathToFileURL } from "node:url";
import { types } from "node:util";
import { unwrapped } from "../../notebook/mod.ts";
import { isFunction, isNative } from "./functions.ts";
import { type Origin, originOf } from "./origins.ts";

const NAMESPACE_NAMES =
  "globalThis Deno Math JSON Reflect Atomics Intl WebAssembly console navigator performance crypto process location Temporal".split(" ");
/** Reading these opens a store, so they are known by name only. */
const STORES: ReadonlySet<string> = new Set(["localStorage", "sessionStorage", "caches", "indexedDB"]);

let namespaces: Map<unknown, string> | undefined;

/** The name of one of the runtime's namespaces. */
export function namespaceName(value: object): string | undefined {
  namespaces ??= new Map(NAMESPACE_NAMES.map((name) => [Reflect.get(globalThis, name) as unknown, name]));
  namespaces.delete(undefined); // what this runtime does not have
  return namespaces.get(value);
}

/** Is this name one of the runtime's stores, and not something of the user's? */
export function isStore(name: string): boolean {
  return STORES.has(name) && isNativeAccessor(Object.getOwnPropertyDescriptor(globalThis, name));
}

const isNativeAccessor = (descriptor: PropertyDescriptor | undefined) => descriptor?.get !== undefined;

const NAMESPACE_MEMBERS = ["Math", "JSON", "Reflect", "Atomics", "Intl", "Deno", "process", "console", "Temporal"];

/** What namespaces had when this was loaded. */
const KNOWN_MEMBERS: ReadonlyMap<string, ReadonlySet<string>> = new Map(
  NAMESPACE_MEMBERS.map((name) => {
    const namespace = Reflect.get(globalThis, name) as object | undefined;
    return [name, new Set(namespace === undefined ? [] : Object.getOwnPropertyNames(namespace))];
  }),
);
/** Namespaces that have members which are no functions and can be set; elsewhere the runtime has constants only. */
const WITH_VALUES: ReadonlySet<string> = new Set(["Deno", "process", "console", "Temporal"]);

/** Is this a value that somebody put on a namespace of the runtime: `Math.LIMIT = 5`? */
export function isAddedMember(namespace: string, member: string, { writable }: PropertyDescriptor): boolean {
  const known = KNOWN_MEMBERS.get(namespace);
  return known !== undefined && !known.has(member) || writable === true && !WITH_VALUES.has(namespace);
}

let natives: Map<unknown, string[]> | undefined;
/** The places of those that were asked for, as one text. */
const placesOf = new Map<unknown, string>();

/**
 * The places of one of the language's own native functions, `Number.isNaN`: several have one name. Undefined for anything else. Found by walking the
 * globals three levels deep without calling a getter.
 */
export function builtinPaths(value: unknown): string | undefined {
  const known = placesOf.get(value);
  if (known !== undefined) return known;
  const places = knownNatives().get(value)?.sort().join(" ");
  if (places !== undefined) placesOf.set(value, places);
  return places;
}

/** Finds these places, for whoever has a moment before they are asked for. */
export function prepareNatives(): void {
  knownNatives();
}

const knownNatives = (): Map<unknown, string[]> => natives ??= nativePaths();

/** Thousands of members while a process's first step waits: so no list is made of them. */
function nativePaths(): Map<unknown, string[]> {
  const found = new Map<unknown, string[]>(), met = new Set<unknown>([globalThis]);
  let level: [path: string, object: object][] = [["", globalThis]];
  for (let depth = 1; depth <= 3; depth++) {
    const below: [string, object][] = [];
    const visit = (path: string, given: unknown): void => {
      if (!isFunction(given) && (typeof given !== "object" || given === null)) return;
      const member: object = isFunction(given) ? unwrapped(given) : given;
      const known = found.get(member);
      if (known !== undefined) return void known.push(path);
      if (types.isProxy(member) || isFunction(member) && !isNative(member)) return;
      if (isFunction(member)) found.set(member, [path]);
      if (met.has(member)) return;
      met.add(member);
      below.push([path, member]);
    };
    for (const [path, object] of level) {
      const prefix = path === "" ? "" : `${path}.`;
      for (const key of Object.getOwnPropertyNames(object)) {
        const { value, get, set } = Object.getOwnPropertyDescriptor(object, key)!;
        visit(prefix + key, value);
        if (get !== undefined) visit(`get ${prefix}${key}`, get);
        if (set !== undefined) visit(`set ${prefix}${key}`, set);
      }
    }
    level = below;
  }
  return found;
}

const consoleMethods = new Set(
  Object.values(Object.getOwnPropertyDescriptors(console)).map(({ value }) => isFunction(value) ? unwrapped(value) : value as unknown),
);

/** Is this one of the console's own methods? They are native functions bound to each other where an inspector can listen. */
export const isConsoleMethod = (value: unknown): boolean => consoleMethods.has(value);

interface CommonJsModule {
  readonly exports?: unknown;
}

/** What modules export → their paths. Whose they are is only asked of what a step reaches: a program has hundreds. */
const exportsOf = new Map<unknown, string[]>();
let modulesRead = 0;

/** The package whose exports object or default this is: `pl` is its version, not its 500 members. */
export function packageExports(object: object): Origin | undefined {
  return exportsOf.get(object)?.map((path) => originOf(pathToFileURL(path).href)).findLast(({ kind }) => kind === "package");
}

/** Looks for CommonJS packages that were loaded since. */
export function refreshPackageExports(): void {
  const cache = (nodeModule as unknown as { _cache?: Readonly<Record<string, CommonJsModule | undefined>> })._cache ?? {};
  const paths = Object.keys(cache);
  for (const path of paths.slice(modulesRead)) rememberExports(path, cache[path]?.exports);
  modulesRead = paths.length;
}

function rememberExports(path: string, exports: unknown): void {
  if (typeof exports !== "object" || exports === null) return;
  const main = Object.getOwnPropertyDescriptor(exports, "default")?.value as unknown;
  for (const value of [exports, main]) {
    if (typeof value !== "object" || value === null) continue;
    const paths = exportsOf.get(value);
    if (paths === undefined) exportsOf.set(value, [path]);
    else paths.push(path);
  }
}
