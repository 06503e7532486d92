/** Code that a step may call through its config: the classes of the objects in it, and the functions on them. */
import { canonicalJson } from "./canonical_json.ts";
import { codeIdentity, type CodeIdentityOptions } from "./code.ts";
import type { CodeNote } from "./code_parts.ts";
import { type AnyFunction, isFunction, isNative } from "./code/functions.ts";
import { configInstances } from "./given_config.ts";

/** The code in a config. */
export interface ConfigCode {
  /** What each object calls its code, with its hash: parts of the call. */
  readonly parts: Readonly<Record<string, string>>;
  /** What of it cannot be followed. */
  readonly opaque: readonly CodeNote[];
}

/** The code that stands in a config. A config of plain data has none. */
export async function configCode(config: unknown, options: CodeIdentityOptions): Promise<ConfigCode> {
  const instances = configInstances(config);
  const found = instances.flatMap(({ path, value }) => functionsOf(value).map((fn) => ({ path, fn })));
  const opaque: CodeNote[] = [];
  const hashes = new Map<string, (string | null)[]>();
  for (const { path, fn } of found) {
    const identity = await codeIdentity((options.mode ?? FOLLOWED) === FOLLOWED ? closureOver(fn) : fn, options);
    opaque.push(...identity.opaque.map(({ name, why }) => ({ name: `${path}: ${name}`, why })));
    hashes.set(`code of ${path}`, [...hashes.get(`code of ${path}`) ?? [], identity.hash]);
  }
  for (const { path, value } of instances) {
    const content = await contentOf(value, { ...options, mode: FOLLOWED });
    if (content !== null) hashes.set(`content of ${path}`, [content]);
  }
  return { parts: Object.fromEntries([...hashes].map(([name, texts]) => [name, canonicalJson(texts)])), opaque };
}

const FOLLOWED = "dependencies";

/** What is asked about stands in a function that captures it: the function itself would be taken for one of a cell, whosever it is. */
const closureOver = new Function("value", "return () => value") as (value: unknown) => AnyFunction;

/**
 * The content of an object of a package, which its `toJSON` need not show: a date's zone, a number's precision. What the user wrote is his own
 * word for it.
 */
async function contentOf(value: object, options: CodeIdentityOptions): Promise<string | null> {
  const tells: unknown = Reflect.get(value, "toJSON");
  if (!isFunction(tells) || isNative(tells)) return null;
  const parts = (await codeIdentity(closureOver(tells), options)).parts.slice(1);
  if (!parts.some(({ kind }) => kind === "package") || parts.some(({ kind }) => kind === "function" || kind === "class")) return null;
  return (await codeIdentity(closureOver(value), options)).hash;
}

/** The class of an object, or else all functions along its prototypes, and those that are its own. The runtime's own are as the runtime is. */
function functionsOf(value: object): AnyFunction[] {
  const found: AnyFunction[] = [];
  for (let object: object | null = value; object !== null && object !== Object.prototype; object = Object.getPrototypeOf(object)) {
    const maker: unknown = object === value ? undefined : Object.getOwnPropertyDescriptor(object, "constructor")?.value;
    if (isFunction(maker) && maker.prototype === object) {
      found.push(maker);
      break; // what the class extends, and what was added to it, counts with the class
    }
    for (const { value: member, get, set } of Object.values(Object.getOwnPropertyDescriptors(object))) {
      found.push(...[member, get, set].filter(isFunction));
    }
  }
  return found.filter((fn) => !isNative(fn));
}
