/** Values that a step captures and that cannot change its result: loggers, clients, memos. */
import { OptionError } from "../../errors.ts";

const LEFT_OUT = Symbol.for("consist.untracked");

/** Shared by all copies of this library in a process. */
function leftOut(): WeakSet<object> {
  const shared = globalThis as unknown as Record<symbol, WeakSet<object> | undefined>;
  return shared[LEFT_OUT] ??= new WeakSet();
}

/**
 * Leaves an object or function out of the identity of every step that captures it.
 *
 * @throws {OptionError} `option_invalid` for a primitive: it is only its value, so there is nothing to mark.
 */
export function untracked<V>(value: V): V {
  if ((typeof value !== "object" || value === null) && typeof value !== "function") {
    throw new OptionError("option_invalid", {
      problem: `untracked(...) was given ${value === null ? "null" : `a ${typeof value}`}.`,
      why: "Only an object or a function can be marked; a primitive is only its value.",
      fix: "Wrap the object that holds it, or leave the value tracked.",
    });
  }
  leftOut().add(value);
  return value;
}

/** Was this value left out? */
export const isUntracked = (value: object): boolean => leftOut().has(value);
