/** The free names of statements, as if they stood in a function of their own. */
import type { AnyNode, Statement } from "acorn";
import { FreeNames } from "./free_names.ts";
import type { NameUse } from "./name_use.ts";

/** What statements use that they do not declare. */
export interface Uses {
  /** Free names and their uses. */
  readonly free: ReadonlyMap<string, NameUse>;
  /** What cannot be followed: code that is built at run time, … */
  readonly notes: readonly string[];
}

/** Reads statements of a cell, or of a module without its imports. */
export function freeNamesOf(statements: readonly Statement[]): Uses {
  return usesOf({
    ...{ type: "ArrowFunctionExpression", start: 0, end: 0, params: [], expression: false, generator: false, async: true, id: null },
    body: { type: "BlockStatement", start: 0, end: 0, body: [...statements] },
  } as unknown as AnyNode);
}

/** Reads one function or class. */
export function usesOf(node: AnyNode): Uses {
  const { free, notes } = new FreeNames(node);
  return { free, notes };
}
