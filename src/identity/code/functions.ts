/** Functions as objects to look at: their source, whether they are native, and which function stands behind a wrapper of ours. */
import { types } from "node:util";
import { functionSource, isNativeFunction } from "../../intrinsics.ts";

/** Any function or class. */
export type AnyFunction = ((...args: never[]) => unknown) | (abstract new (...args: never[]) => unknown);

/** `defineStep` keeps the user's function under this symbol, so that our wrapper is not part of a step's identity. */
export const STEP: unique symbol = Symbol.for("consist.step") as never;

/** Is this a function or class? */
export const isFunction = (value: unknown): value is AnyFunction => typeof value === "function";

/** The function that a step is about: the user's own, where a wrapper of ours carries it. */
export function stepFunction(fn: AnyFunction): AnyFunction {
  if (types.isProxy(fn)) return fn;
  const inner: unknown = Object.getOwnPropertyDescriptor(fn, STEP)?.value;
  return isFunction(inner) ? inner : fn;
}

/** A function's text as the engine has it: JavaScript, without types. */
export const sourceOf = (fn: AnyFunction): string => functionSource(fn);

/** The name that a function was given; none where something else stands in its place, which is not asked for. */
export function givenName(fn: AnyFunction): string {
  const name: unknown = Object.getOwnPropertyDescriptor(fn, "name")?.value;
  return typeof name === "string" ? name : "";
}

/** Has it no text of its own: built in, bound, or from an add-on? */
export const isNative = (value: unknown): boolean => isNativeFunction(value);

/** How a function is called, and what its text is, to people. */
export interface ShownFunction {
  /** Its name. */
  readonly name: string;
  /** The text that they wrote. */
  readonly text: string;
}

const shown = new WeakMap<AnyFunction, ShownFunction>();

/** Says what people see of a function that was made of something that they wrote otherwise. Its identity stays the function's own. */
export function showAs(fn: AnyFunction, as: ShownFunction): void {
  shown.set(fn, as);
}

/** What people see of a function, where that is something else. */
export const shownAs = (fn: AnyFunction): ShownFunction | undefined => shown.get(fn);
