/** A cell as a tree: its statements, what it declares, and what it uses that it does not declare. */
import { type AnyNode, type ImportDeclaration, parse, type Program, type Statement } from "acorn";
import { children, freeNamesOf, hoistedVars, type NameUse, patternNames, usesOf } from "../identity/mod.ts";
import { eraseTypes } from "./erase_types.ts";

/** How a name is declared. */
export type DeclarationKind = "const" | "let" | "var" | "using" | "function" | "class" | "import";

/** A name that a cell declares at its top. */
export interface Declaration {
  /** With which word. */
  readonly kind: DeclarationKind;
  /** What it is set to at once, where it is a name of its own and no part of a pattern. */
  readonly init?: AnyNode;
}

/** What is known of a cell's code. */
export interface CellCode {
  /** JavaScript, in the lines and columns of the cell. */
  readonly text: string;
  /** What it imports. */
  readonly imports: readonly ImportDeclaration[];
  /** Its other statements. */
  readonly statements: readonly Statement[];
  /** The words `export` before declarations. */
  readonly exports: readonly number[];
  /** The names that it declares at its top. */
  readonly declared: ReadonlyMap<string, Declaration>;
  /** The names that its statements use and do not declare; what it imports is among them. */
  readonly free: ReadonlyMap<string, NameUse>;
  /** Those of them that functions and classes use, which may be called later. */
  readonly deferred: ReadonlySet<string>;
  /** Code that is built at run time, which may use any name. */
  readonly notes: readonly string[];
}

/** The names that a cell takes from other cells. */
export const takenNames = ({ free, declared }: CellCode): string[] => [...free.keys()].filter((name) => !declared.has(name));

/** Reads a cell; in words, why it cannot be read. */
export function readCell(code: string): CellCode | { readonly flaw: string } {
  const erased = eraseTypes(code);
  if ("flaw" in erased) return erased;
  let program: Program;
  try {
    program = parse(erased.text, { ecmaVersion: "latest", sourceType: "module", allowAwaitOutsideFunction: true });
  } catch (error) {
    if (error instanceof SyntaxError) return { flaw: error.message };
    throw error;
  }
  return cellOf(erased.text, program);
}

function cellOf(text: string, program: Program): CellCode | { readonly flaw: string } {
  const imports: ImportDeclaration[] = [], statements: Statement[] = [], exports: number[] = [];
  for (const node of program.body) {
    if (node.type === "ImportDeclaration") imports.push(node);
    else if (node.type === "ExportNamedDeclaration" && node.declaration) {
      exports.push(node.start);
      statements.push(node.declaration as Statement);
    } else if (/^Export/.test(node.type)) return { flaw: "it exports something else than a declaration" };
    else statements.push(node as Statement);
  }
  const { free, notes } = freeNamesOf(statements);
  const declared = new Map([...importedNames(imports), ...declarationsOf(statements)]);
  return { text, imports, statements, exports, declared, free, deferred: deferredNames(statements, free), notes };
}

function* importedNames(imports: readonly ImportDeclaration[]): Generator<[string, Declaration]> {
  for (const { specifiers } of imports) for (const { local } of specifiers) yield [local.name, { kind: "import" }];
}

function* declarationsOf(statements: readonly Statement[]): Generator<[string, Declaration]> {
  for (const statement of statements) {
    const inner = new Set<string>();
    hoistedVars(statement, inner); // `var` in a block is a name of the cell too
    for (const name of inner) yield [name, { kind: "var" }];
    if (statement.type === "FunctionDeclaration" || statement.type === "ClassDeclaration") {
      if (statement.id) yield [statement.id.name, { kind: statement.type === "ClassDeclaration" ? "class" : "function" }];
    } else if (statement.type === "VariableDeclaration") {
      const kind = /using/.test(statement.kind) ? "using" : statement.kind as DeclarationKind;
      for (const { id, init } of statement.declarations) {
        if (id.type === "Identifier") yield [id.name, { kind, ...(init ? { init } : {}) }];
        else for (const name of patternNames(id)) yield [name, { kind }];
      }
    }
  }
}

/** What functions and classes use: they may be called in another cell, when a name has another value. */
function deferredNames(nodes: readonly AnyNode[], free: ReadonlyMap<string, NameUse>): ReadonlySet<string> {
  const names = new Set<string>();
  const visit = (node: AnyNode): void => {
    if (/Function|^Class(?:Declaration|Expression)$/.test(node.type)) {
      for (const name of usesOf(node).free.keys()) if (free.has(name)) names.add(name);
    } else children(node).forEach(visit);
  };
  nodes.forEach(visit);
  return names;
}
