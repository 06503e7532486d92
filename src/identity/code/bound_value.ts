/** What a function's free names have at this moment. */
import { type Binding, readFrom, scopeOf, UNSET } from "./facts.ts";
import type { Scope } from "./inspector.ts";
import { namespaceName } from "./known_objects.ts";

/** Reads a global. Cells' const and let are no properties of globalThis: only an indirect eval sees them, and sees the newest declaration. */
export function readGlobal(name: string): unknown {
  try {
    return (0, eval)(name);
  } catch {
    return UNSET;
  }
}

/** Reads a free name; `scopes` are the function's, where they were looked at anew. */
export function readBinding({ how, name, value }: Binding, scopes: readonly Scope[]): unknown {
  switch (how) {
    case "const":
      return value;
    case "global":
      return readGlobal(name);
    case "live":
      return readFrom(scopeOf(name, scopes)?.object ?? {}, name);
  }
}

/** A named function expression calls itself by a name that is in no scope: it may happen to be one of the runtime's (`self`). */
export const isOwnName = (value: unknown): boolean =>
  value === UNSET || (typeof value === "object" && value !== null && namespaceName(value) !== undefined);
