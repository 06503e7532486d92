/** The language's own classes and prototypes: what somebody put there counts, and where identities are told with it, nothing can be told. */
import { REPLACED_BEFORE } from "../../intrinsics.ts";
import type { CodeNote } from "../code_parts.ts";
import { isFunction, isNative } from "./functions.ts";

const { getOwnPropertyDescriptor, is } = Object;
const { ownKeys } = Reflect;

const BUILTINS = Object.entries({
  Object,
  Array,
  String,
  Number,
  Boolean,
  BigInt,
  Symbol,
  Function,
  RegExp,
  Date,
  Map,
  Set,
  Promise,
  Error,
})
  .flatMap(([name, maker]): (readonly [path: string, object: object])[] => {
    const prototype = [`${name}.prototype`, maker.prototype as object] as const;
    return maker === Error ? [prototype] : [[name, maker], prototype]; // on Error are settings of the engine
  })
  .concat([["Reflect", Reflect]]);

/** What identities are told with: where one of these is another function, nothing that is told is certain. */
const TELLING =
  /^(?:Object|Array|String|Number|BigInt|Symbol|RegExp|Map|Set|Function)(?:\.prototype)?\.|^Reflect\.|^Date\.prototype\.(?:getTime|toISOString)$/;
/** What is put here changes what JSON says of lists and objects. */
const TELLING_JSON: ReadonlySet<string> = new Set(["Array.prototype.toJSON", "Object.prototype.toJSON"]);

/** In the place of a member that was another one before. */
const UNKNOWN: unique symbol = Symbol("unknown");

type Member = readonly [key: string | symbol, original: unknown];

/** Time lies outside whatever tells it; and what the runtime itself put there. */
const NOT_LOOKED_AT: ReadonlySet<string> = new Set(["Date.now", "Object.prototype.__proto__"]);

const partOf = (descriptor: PropertyDescriptor | undefined): unknown => descriptor && (descriptor.value ?? descriptor.get);

/** The members of the language's own classes and prototypes as they were when this was loaded. A function of somebody's was put there before. */
const ORIGINALS = BUILTINS.map(([path, object]) => {
  const members = Reflect.ownKeys(object).map((key): Member => {
    const part = partOf(Object.getOwnPropertyDescriptor(object, key));
    return [key, isFunction(part) && !isNative(part) && !NOT_LOOKED_AT.has(`${path}.${String(key)}`) ? UNKNOWN : part];
  });
  return { path, object, members, keys: new Set(members.map(([key]) => key)) };
});

/** What somebody did to the language's own classes and prototypes. */
export interface ChangedBuiltins {
  /** What was put there, or in the place of what they had, by its path: `Array.prototype.last = ...`. */
  readonly counted: readonly (readonly [path: string, value: unknown])[];
  /** The paths among them with which identities are told. */
  readonly telling: readonly string[];
}

const UNCHANGED: ChangedBuiltins = { counted: [], telling: [] };

/** Looks at them; ordinarily nothing was done. It uses as little of them as can be. */
export function changedBuiltins(): ChangedBuiltins {
  let found: { counted: [string, unknown][]; telling: string[] } | undefined;
  for (const { path, object, members, keys } of ORIGINALS) {
    for (const [key, original] of members) {
      const descriptor = getOwnPropertyDescriptor(object, key);
      if (!is(partOf(descriptor), original)) note(path, key, descriptor, true);
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

const SHAKEN = "it was replaced, and code and values are told with it";

/** Why nothing can be told with certainty, one note for each built-in function that is another one; ordinarily none. */
export function shakenBuiltins({ telling }: ChangedBuiltins = changedBuiltins()): CodeNote[] {
  const notes: CodeNote[] = [];
  for (const name of [...telling, ...REPLACED_BEFORE]) notes[notes.length] = { name, why: SHAKEN }; // `push` and `map` may be what was replaced
  return notes;
}
