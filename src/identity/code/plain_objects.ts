/** Objects that are nothing but what stands in them. */
import { types } from "node:util";

/** An object without a class. */
export const isPlainObject = (value: unknown): boolean =>
  typeof value === "object" && value !== null && !types.isProxy(value) && Object.getPrototypeOf(value) === Object.prototype;

/** A list, map or set without a class of the user's. */
export function isPlainCollection(value: unknown): boolean {
  if (typeof value !== "object" || value === null || types.isProxy(value)) return false;
  const prototype: unknown = Object.getPrototypeOf(value);
  return prototype === Array.prototype || prototype === Map.prototype || prototype === Set.prototype;
}
