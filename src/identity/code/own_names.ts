/** Names that an object has itself, found without listing millions of indices. */
import { inspect } from "node:util";

/** Up to this length the names are listed. */
const SHORT = 32;
const ALL = { maxArrayLength: 0, showHidden: true, depth: 0, customInspect: false, breakLength: Infinity } as const;

/** Is it a list with an item at each index, and nothing else on it? */
export function isPlainList(list: readonly unknown[]): boolean {
  if (Object.keys(list).length !== list.length) return false;
  if (list.length > SHORT) return inspect(list, ALL) === `[ ... ${list.length} more items, [length]: ${list.length} ]`;
  return Reflect.ownKeys(list).filter(notIndex).length === 1;
}

/** What `inspect` says of a typed array that has nothing but its numbers. */
const PLAIN_TYPED =
  /^\w+\(\d+\) \[ \.\.\. \d+ more items, \[BYTES_PER_ELEMENT\]: \d, \[length\]: \d+, \[byteLength\]: \d+, \[byteOffset\]: \d+, \[buffer\]: (?:Shared)?ArrayBuffer \{ byteLength: \d+ \} \]$/;

/** The names of an object's own properties; none where a long typed array has its numbers alone. */
export function ownNames(value: object): readonly (string | symbol)[] {
  const isLong = ArrayBuffer.isView(value) && "length" in value && (value as Uint8Array).length > SHORT;
  return isLong && PLAIN_TYPED.test(inspect(value, ALL)) ? [] : Reflect.ownKeys(value);
}

/** Is it no index of a list? */
export function notIndex(key: string | symbol): boolean {
  return typeof key === "symbol" || String(Number(key) >>> 0) !== key || Number(key) === 2 ** 32 - 1;
}

/** A handle of native code looks like an empty object without a prototype, and cannot be cloned as one can. */
export function isHandle(value: object): boolean {
  if (Reflect.ownKeys(value).length > 0) return false;
  try {
    structuredClone(value);
    return false;
  } catch {
    return true; // what cannot be cloned has something inside that does not show
  }
}
