/** What a chain of members is called. */
import type { AnyNode, MemberExpression } from "acorn";

/** `a.b.c` as a text. */
export function nameOf(node: AnyNode): string | undefined {
  if (node.type === "Identifier") return node.name;
  if (node.type === "ChainExpression") return nameOf(node.expression);
  if (node.type !== "MemberExpression" || node.computed || node.property.type !== "Identifier") return undefined;
  const object = nameOf(node.object);
  return object === undefined
    ? undefined
    : `${object.replace(/^(?:globalThis|window|self)\.?/, "")}.${node.property.name}`.replace(/^\./, "");
}

/** The name at the root of `a.b[c]`. */
export function rootOf(node: AnyNode | undefined): string | undefined {
  let root = node;
  while (root?.type === "MemberExpression" || root?.type === "ChainExpression") {
    root = root.type === "MemberExpression" ? (root as MemberExpression).object : root.expression;
  }
  return root?.type === "Identifier" ? root.name : undefined;
}
