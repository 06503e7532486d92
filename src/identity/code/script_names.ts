/** Which names of a script can change after their declaration. All others are as good as constant, and need not be read again. */
import type { AnyNode, Program } from "acorn";
import { patternNames } from "./declared_names.ts";
import { children, parseText } from "./syntax.ts";

/** What a script does with names. */
export interface ScriptNames {
  /** Names assigned after their declaration, or "all" where that cannot be said. Names only, no scopes: it errs towards reading again. */
  readonly assigned: ReadonlySet<string> | "all";
  /** Names that it imports, with their specifiers. */
  readonly imported: ReadonlyMap<string, string>;
}

/** Reads a script; without a source nothing is constant. */
export function scriptNames(source: string | null): ScriptNames {
  const tree = source === null ? null : parseText(source, "module") ?? parseText(source, "script");
  return tree ? readProgram(tree) : { assigned: "all", imported: new Map() };
}

function readProgram(program: Program): ScriptNames {
  const assigned = new Set<string>(), imported = new Map<string, string>(), declaredOnce = new Set<string>();
  const atTop = new Set<AnyNode>(
    program.body.map((statement) => "declaration" in statement && statement.declaration ? statement.declaration as AnyNode : statement),
  );
  let dynamic = false;
  const visit = (node: AnyNode): void => {
    if (node.type === "AssignmentExpression" || node.type === "ForInStatement" || node.type === "ForOfStatement") {
      patternNames(node.left, assigned);
    } else if (node.type === "UpdateExpression") patternNames(node.argument, assigned);
    else if (node.type === "ImportDeclaration") {
      for (const { local } of node.specifiers) imported.set(local.name, String(node.source.value));
    } else if (node.type === "WithStatement" || isDirectEval(node)) dynamic = true;
    else if (node.type === "VariableDeclaration" && node.kind === "var") {
      // a `var` at the top, declared once, is as good as const (an enum is one); in a loop it is not
      for (const name of node.declarations.flatMap(({ id }) => [...patternNames(id)])) {
        if (!atTop.has(node) || declaredOnce.has(name)) assigned.add(name);
        else declaredOnce.add(name);
      }
    }
    for (const child of children(node)) visit(child);
  };
  visit(program);
  return { assigned: dynamic ? "all" : assigned, imported };
}

const isDirectEval = (node: AnyNode) => node.type === "CallExpression" && node.callee.type === "Identifier" && node.callee.name === "eval";

const EXPORTED = /\bexport\s*(?:default\s+)?(?:class|(?:async\s+)?function\*?)\s+([\w$]+)|\bexport\s*\{([^}]*)\}(?!\s*from)/g;
const EXPORTS_VARIABLES = /\bexport\s*(?:let|var)\b/;

/** Does a module assign to something that it exports? Then its importers see it change. A cheap look first, a parse only when in doubt. */
export function exportsChange(source: string): boolean {
  const names = [...source.matchAll(EXPORTED)].flatMap(([, declared, listed]) => (declared ?? listed ?? "").split(/[^\w$]+/)).filter((
    name,
  ) => name !== "");
  const hasVariables = EXPORTS_VARIABLES.test(source);
  if ((hasVariables || names.length > 0) && /\beval\s*\(/.test(source)) return true;
  if (!hasVariables && !names.some((name) => seemsAssigned(name, source))) return false;
  const tree = parseText(source, "module");
  if (!tree) return true;
  const { assigned } = readProgram(tree);
  return assigned === "all" || [...names, ...exportedVariables(tree)].some((name) => assigned.has(name));
}

function exportedVariables({ body }: Program): string[] {
  const declarations = body.map((statement) => statement.type === "ExportNamedDeclaration" ? statement.declaration : null);
  return declarations.flatMap((declared) => declared?.type === "VariableDeclaration" ? declared.declarations : []).flatMap(({ id }) => [
    ...patternNames(id),
  ]);
}

function seemsAssigned(name: string, source: string): boolean {
  const escaped = name.replaceAll("$", "\\$");
  const direct = `(?<![.\\w$])(?<!(?:let|var|const)\\s+)${escaped}\\s*(?:[-+*/%&|^?<>]*=(?![=>])|\\+\\+|--)`;
  const prefix = `(?:\\+\\+|--)\\s*${escaped}\\b`;
  const loop = `\\bfor\\s*(?:await\\s*)?\\(\\s*${escaped}\\s+(?:of|in)\\b`;
  const pattern = `[\\[{,:.]\\s*${escaped}\\s*[^;]*[\\]}]\\s*=(?!=)`;
  return new RegExp(`${direct}|${prefix}|${loop}|${pattern}`).test(source);
}
