/**
 * Functions of the language as they were when this was loaded. Programs put others in their place, and tests do: `crypto.randomUUID = () => "1"`. What decides an
 * identity, and what is written down, must not change with them. A file that imports `JSON` from here says `JSON.stringify` as ever.
 */

/** A namespace with the members that it has now. */
const kept = <N extends object>(namespace: N): N =>
  Object.freeze(Object.defineProperties({}, Object.getOwnPropertyDescriptors(namespace)) as N);

/** The language's own `JSON`. */
export const JSON: typeof globalThis.JSON = kept(globalThis.JSON);

const { crypto: chance } = globalThis;
const { randomUUID, getRandomValues } = chance;

/** The runtime's own randomness: ids that a program makes predictable would meet. */
export const crypto: Pick<Crypto, "randomUUID" | "getRandomValues"> = {
  randomUUID: () => randomUUID.call(chance),
  getRandomValues: (bytes) => getRandomValues.call(chance, bytes) as typeof bytes,
};

/** The runtime's own `TextEncoder`. */
export const TextEncoder: typeof globalThis.TextEncoder = globalThis.TextEncoder;

/** The runtime's own `TextDecoder`. */
export const TextDecoder: typeof globalThis.TextDecoder = globalThis.TextDecoder;

const { apply } = Reflect;
const { toString } = Function.prototype;

/** A function's text as the engine has it: JavaScript, without types. */
export const functionSource = (fn: unknown): string => apply(toString, fn, []);

/** Has a function no text of its own: built in, bound, or from an add-on? */
export const isNativeFunction = (value: unknown): boolean =>
  typeof value === "function" && /\{\s*\[native code\]\s*\}$/.test(functionSource(value));

/** Functions that were put in the place of these before this was loaded: what they do is not known. */
export const REPLACED_BEFORE: readonly string[] = Object.entries({ "JSON.stringify": JSON.stringify, "JSON.parse": JSON.parse })
  .filter(([, fn]) => !isNativeFunction(fn)).map(([path]) => path);
