/** The language's own classes and prototypes: what somebody put there counts, and where identities are told with it, nothing can be told. */
import { types } from "node:util";
import { REPLACED_BEFORE } from "../../intrinsics.ts";
import type { CodeNote } from "../code_parts.ts";
import { sha256 } from "../digest.ts";
import type { Facts } from "./facts.ts";
import { type AnyFunction, isFunction, isNative, sourceOf } from "./functions.ts";
import type { Report } from "./report.ts";

const { getOwnPropertyDescriptor, is } = Object;
const { ownKeys } = Reflect;

type Owner = readonly [path: string, object: object];

const NAMES =
  ("Object Array String Number Boolean BigInt Symbol Function RegExp Date Map Set Promise Iterator ArrayBuffer SharedArrayBuffer DataView WeakMap WeakSet " +
    "WeakRef FinalizationRegistry Int8Array Uint8Array Uint8ClampedArray Int16Array Uint16Array Int32Array Uint32Array Float16Array Float32Array " +
    "Float64Array BigInt64Array BigUint64Array").split(" ");

const prototypeOf = (object: object): object => Object.getPrototypeOf(object);

/** Prototypes that have no name of their own. */
const UNNAMED: readonly Owner[] = [
  ...withPrototype("TypedArray", prototypeOf(Float64Array)),
  ["ArrayIterator.prototype", prototypeOf([].values())],
  ["MapIterator.prototype", prototypeOf(new Map().values())],
  ["SetIterator.prototype", prototypeOf(new Set().values())],
  ["StringIterator.prototype", prototypeOf(""[Symbol.iterator]())],
  ["RegExpStringIterator.prototype", prototypeOf("".matchAll(/a/g))],
  ["AsyncFunction.prototype", prototypeOf(async function () {})],
  ...withPrototype("Generator", prototypeOf(function* () {})),
  ...withPrototype("AsyncGenerator", prototypeOf(async function* () {})),
  ["AsyncIterator.prototype", prototypeOf(prototypeOf(async function* () {}.prototype))],
];

function withPrototype(path: string, object: object): Owner[] {
  const prototype: unknown = Object.getOwnPropertyDescriptor(object, "prototype")?.value;
  const isObject = typeof prototype === "object" ? prototype !== null : isFunction(prototype); // that of Function is a function
  return isObject ? [[path, object], [`${path}.prototype`, prototype as object]] : [[path, object]];
}

/** A namespace's classes, by their paths. */
const classesOf = (namespace: object | undefined, prefix: string, names = Object.getOwnPropertyNames(namespace ?? {})): Owner[] =>
  names.flatMap((name) => {
    const maker: unknown = Object.getOwnPropertyDescriptor(namespace ?? {}, name)?.value;
    return isFunction(maker) ? withPrototype(`${prefix}${name}`, maker) : [];
  });

/** What identities are told with: where one of these is another function, nothing that is told is certain. */
const TELLING =
  /^(?:Object|Array|String|Number|BigInt|Symbol|RegExp|Map|Set|WeakMap|WeakSet|(?:Array|Map|Set)Iterator|Function)(?:\.prototype)?\.|^Reflect\.|^Date\.prototype\.(?:getTime|toISOString)$/;
/** What is put here changes what JSON says of lists and objects. */
const TELLING_JSON: ReadonlySet<string> = new Set(["Array.prototype.toJSON", "Object.prototype.toJSON"]);

/** In the place of a member that was another one before. */
const UNKNOWN: unique symbol = Symbol("unknown");

type Member = readonly [key: string | symbol, original: unknown, isValue: boolean];

/** Time lies outside whatever tells it; and what the runtime itself put there. */
const NOT_LOOKED_AT: ReadonlySet<string> = new Set(["Date.now", "Object.prototype.__proto__"]);

const partOf = (descriptor: PropertyDescriptor | undefined): unknown => descriptor && (descriptor.value ?? descriptor.get);

interface Original {
  readonly path: string;
  readonly object: object;
  readonly members: readonly Member[];
  readonly keys: ReadonlySet<string | symbol>;
}

/** The members of objects as they are when this is loaded. A function of somebody's was put there before. */
const originalsOf = (owners: readonly Owner[]): readonly Original[] =>
  owners.map(([path, object]) => {
    const members = Reflect.ownKeys(object).map((key): Member => {
      const descriptor = Object.getOwnPropertyDescriptor(object, key)!;
      const part = partOf(descriptor);
      const isForeign = isFunction(part) && !isNative(part) && !NOT_LOOKED_AT.has(`${path}.${String(key)}`);
      return [key, isForeign ? UNKNOWN : part, "value" in descriptor];
    });
    return { path, object, members, keys: new Set(members.map(([key]) => key)) };
  });

/** What any value may lead to, whether a step names it or not. On Error itself are settings of the engine. */
const EVERYWHERE = originalsOf([
  ...classesOf(globalThis, "", NAMES),
  ["Error.prototype", Error.prototype],
  ["Reflect", Reflect],
  ...UNNAMED,
]);

/** Many classes that a step reaches through their namespace only, or by an object of theirs. */
const BY_NAMESPACE: Readonly<Record<string, readonly Original[]>> = {
  Intl: originalsOf(classesOf(Intl, "Intl.")),
  Temporal: originalsOf(classesOf(Reflect.get(globalThis, "Temporal"), "Temporal.")),
};

/** What somebody did to the language's own classes and prototypes. */
export interface ChangedBuiltins {
  /** What was put there, or in the place of what they had, by its path: `Array.prototype.last = ...`. */
  readonly counted: readonly (readonly [path: string, value: unknown])[];
  /** The paths among them with which identities are told. */
  readonly telling: readonly string[];
}

const UNCHANGED: ChangedBuiltins = { counted: [], telling: [] };

let places: Map<unknown, string> | undefined;

/** Where a function of the language's own was when this was loaded, which is somewhere else by now: a mocked `Date` may hold the real one. */
export function originalPlace(fn: unknown): string | undefined {
  places ??= new Map(EVERYWHERE.flatMap(({ path, object, members }): [unknown, string][] => [
    ...members.map(([key, original]): [unknown, string] => [original, `${path}.${String(key)}`]),
    [object, path],
  ]));
  return places.get(fn);
}

/** Asked for each of 600 members at each lookup: reading a value takes half as long as looking at how it is kept. */
function isAsItWas(object: object, [key, original, isValue]: Member): boolean {
  if (!isValue) return partOf(getOwnPropertyDescriptor(object, key)) === original;
  try {
    const found: unknown = (object as Record<string | symbol, unknown>)[key];
    return found === original || is(found, original);
  } catch {
    return false; // an accessor that somebody put there does not like to be asked
  }
}

/** Looks at them, or at the classes of a namespace; ordinarily nothing was done. It uses as little of them as can be. */
export function changedBuiltins(namespace?: string): ChangedBuiltins {
  let found: { counted: [string, unknown][]; telling: string[] } | undefined;
  for (const { path, object, members, keys } of namespace === undefined ? EVERYWHERE : BY_NAMESPACE[namespace] ?? []) {
    for (const member of members) {
      if (!isAsItWas(object, member)) note(path, member[0], getOwnPropertyDescriptor(object, member[0]), true);
    }
    const present = ownKeys(object);
    if (present.length !== members.length) {
      for (const key of present) if (!keys.has(key)) note(path, key, getOwnPropertyDescriptor(object, key), false);
    }
  }
  return found ?? UNCHANGED;

  function note(path: string, key: string | symbol, descriptor: PropertyDescriptor | undefined, isReplaced: boolean): void {
    const place = `${path}.${String(key)}`;
    if (NOT_LOOKED_AT.has(place)) return;
    found ??= { counted: [], telling: [] };
    found.counted[found.counted.length] = [place, descriptor];
    if (isReplaced ? TELLING.test(place) : TELLING_JSON.has(place)) found.telling[found.telling.length] = place;
  }
}

/** What this room needs of the walk. */
interface Reader {
  readonly report: Report;
  value(value: unknown, name: string): string;
}

interface ClassReader extends Reader {
  facts(fn: AnyFunction): Facts | undefined;
}

/** What was done to the built-ins, as text. */
export function changedText(reader: Reader, { counted }: ChangedBuiltins): string {
  let out = "";
  for (const [path, value] of counted) {
    const text = reader.value(value, path);
    reader.report.part("value", path, sha256(text), text);
    out += ` ${path}=${text}`;
  }
  return out;
}

/** Functions on classes of the runtime that are its own. */
const ownMembers = new WeakSet<AnyFunction>();

/** What somebody put on a class that the runtime has in JavaScript (`URL`, `Response`), as text. */
export function runtimeClassText(reader: ClassReader, maker: AnyFunction): string {
  const prototype: unknown = maker.prototype;
  if (!/^class\b/.test(sourceOf(maker)) || typeof prototype !== "object" || prototype === null) return "";
  const owners: Owner[] = [[maker.name, maker], [`${maker.name}.prototype`, prototype]];
  const counted = owners.flatMap(([path, object]) =>
    ownKeys(object).map((key): [string, PropertyDescriptor] => [`${path}.${String(key)}`, getOwnPropertyDescriptor(object, key)!])
  ).filter(([, { value, get, set }]) => [value, get, set].some((part) => isFunction(part) && isSomebodys(reader, part, maker)));
  return changedText(reader, { counted, telling: [] });
}

function isSomebodys(reader: ClassReader, fn: AnyFunction, maker: AnyFunction): boolean {
  if (ownMembers.has(fn)) return false;
  if (types.isProxy(fn)) return true;
  const kind = isNative(fn) || sourceOf(maker).includes(sourceOf(fn)) ? "runtime" : reader.facts(fn)?.kind;
  if (kind === "runtime") ownMembers.add(fn);
  return kind !== undefined && kind !== "runtime";
}

const SHAKEN = "it was replaced, and code and values are told with it";

/** Why nothing can be told with certainty, one note for each built-in function that is another one; ordinarily none. */
export function shakenBuiltins({ telling }: ChangedBuiltins = changedBuiltins()): CodeNote[] {
  const notes: CodeNote[] = [];
  for (const name of [...telling, ...REPLACED_BEFORE]) notes[notes.length] = { name, why: SHAKEN }; // `push` and `map` may be what was replaced
  return notes;
}
