/** Which names a piece of code declares. */
import type { AnyNode, Pattern } from "acorn";
import { children } from "./syntax.ts";

/** The names that a pattern binds. */
export function patternNames(pattern: Pattern | AnyNode | null | undefined, into: Set<string> = new Set()): Set<string> {
  switch (pattern?.type) {
    case "Identifier":
      into.add(pattern.name);
      break;
    case "ObjectPattern":
      for (const property of pattern.properties) patternNames(property.type === "RestElement" ? property.argument : property.value, into);
      break;
    case "ArrayPattern":
      for (const element of pattern.elements) patternNames(element, into);
      break;
    case "AssignmentPattern":
      patternNames(pattern.left, into);
      break;
    case "RestElement":
      patternNames(pattern.argument, into);
      break;
  }
  return into;
}

/** `var` names belong to the function around, not to the block. */
export function hoistedVars(node: AnyNode, into: Set<string>): void {
  if (node.type === "VariableDeclaration" && node.kind === "var") { for (const { id } of node.declarations) patternNames(id, into); }
  for (const child of children(node)) if (!/Function|^Class/.test(child.type)) hoistedVars(child, into);
}

/** The names that statements declare for their block. */
export function declaredIn(statements: readonly (AnyNode | null | undefined)[]): Set<string> {
  const names = new Set<string>();
  for (const statement of statements) {
    if (statement?.type === "VariableDeclaration" && statement.kind !== "var") {
      for (const { id } of statement.declarations) patternNames(id, names);
    }
    if ((statement?.type === "FunctionDeclaration" || statement?.type === "ClassDeclaration") && statement.id) names.add(statement.id.name);
  }
  return names;
}
