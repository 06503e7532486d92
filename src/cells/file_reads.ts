/** Files that a cell reads by itself, without `input(path)`: they count as well, where the text tells which they are. */
import type { AnyNode, CallExpression } from "acorn";
import { children, patternNames } from "../identity/mod.ts";
import { nameOf } from "./member_names.ts";
import type { CellCode } from "./read_cell.ts";

/** What a cell reads. */
export interface FileReads {
  /** Paths that stand in the text. */
  readonly paths: readonly string[];
  /** Names of other cells that hold a path. */
  readonly names: readonly string[];
  /** Words that other programs are given: where one is a file, the program may read it. */
  readonly words: readonly string[];
  /** A call that reads what nothing here tells. */
  readonly untold?: string;
}

/** What such functions are called, of frames, of Deno and of Node, whoever has them: a module may have any name, and come from another cell. */
const READER =
  /^(?:(?:read|scan)(?:CSV|CSVBatched|Parquet|JSON|Json|IPC|IPCStream|Avro|Excel)|read(?:Text)?File(?:Sync)?|read[Dd]ir(?:Sync)?|createReadStream)$/;
/** What other things do as well: it reads files where it is Deno's or Node's. */
const OPEN = /^open(?:Sync)?$/;

/** What starts other programs, of Deno and of Node. */
const PROGRAM = /^Deno\.Command$|(?:^|\.)(?:exec(?:File)?|spawn|fork)(?:Sync)?$/;

/** What lists a folder, which may hold more than belongs to the step, as its own outputs. */
const LIST = /(?:^|\.)read[Dd]ir(?:Sync)?$/;

/** Looks for them. */
export function fileReads(cell: CellCode): FileReads {
  const search = new Search(cell);
  cell.statements.forEach((statement) => search.visit(statement));
  const { paths, names, words, untold } = search;
  return { paths: [...paths], names: [...names], words: [...words], ...(untold === undefined ? {} : { untold }) };
}

/** One walk through a cell. */
class Search {
  readonly paths = new Set<string>();
  readonly names = new Set<string>();
  readonly words = new Set<string>();
  untold: string | undefined;
  readonly #cell: CellCode;
  readonly #fromNode: ReadonlySet<string>;
  /** Names that mean something else somewhere inside. */
  readonly #inner = new Set<string>();

  constructor(cell: CellCode) {
    this.#cell = cell;
    this.#fromNode = readerNames(cell);
    for (const statement of cell.statements) innerNames(statement, this.#inner, true);
    if (cell.free.get("Deno")?.members === null) this.untold = "Deno"; // as a whole: any of its functions may be called
  }

  visit(node: AnyNode): void {
    if ((node.type === "CallExpression" || node.type === "NewExpression") && PROGRAM.test(nameOf(node.callee) ?? "")) {
      node.arguments.forEach((given) => this.#wordsIn(given));
    }
    if (node.type === "CallExpression") return this.#call(node);
    const reader = this.#mentioned(node);
    if (reader !== undefined) this.untold ??= reader; // who calls it, and with what?
    if (node.type !== "MemberExpression") return children(node).forEach((child) => this.visit(child));
    this.visit(node.object);
    if (node.computed) this.visit(node.property);
  }

  #call({ callee, arguments: given }: CallExpression): void {
    const called = this.#readerOf(callee);
    if (called !== undefined && given.length > 0 && (LIST.test(called) || !this.#take(given[0]!))) this.untold ??= called;
    if (called === undefined) this.visit(callee);
    else if (callee.type === "MemberExpression") this.visit(callee.object);
    given.forEach((each) => this.visit(each));
  }

  #wordsIn(node: AnyNode): void {
    const text = textOf(node);
    if (text !== undefined) { for (const word of [text, ...text.split(/[\s"'=<>|;&]+/)]) if (word !== "") this.words.add(word); }
    children(node).forEach((child) => this.#wordsIn(child));
  }

  /** What a function is called that reads files. */
  #readerOf(node: AnyNode): string | undefined {
    if (node.type === "ChainExpression") return this.#readerOf(node.expression);
    if (node.type === "Identifier") return this.#fromNode.has(node.name) || READER.test(node.name) ? node.name : undefined;
    if (node.type !== "MemberExpression") return undefined;
    const method = !node.computed && node.property.type === "Identifier" ? node.property.name : textOf(node.property);
    if (method === undefined) return undefined;
    const called = nameOf(node) ?? method;
    const owner = called.split(".")[0]!;
    const isFiles = owner === "Deno" || this.#fromNode.has(`${owner}.*`);
    return READER.test(method) || (isFiles && OPEN.test(method)) ? called : undefined;
  }

  /** A function that reads files and is not called here. */
  #mentioned(node: AnyNode): string | undefined {
    if (node.type === "MemberExpression") return this.#readerOf(node);
    if (node.type === "Identifier") return this.#fromNode.has(node.name) ? node.name : undefined;
    if (node.type !== "ObjectPattern") return undefined;
    const keys = node.properties.flatMap((each) => each.type === "Property" && each.key.type === "Identifier" ? [each.key.name] : []);
    return keys.find((key) => READER.test(key));
  }

  /** Takes the path that an argument is; `false` where only the run tells. */
  #take(given: AnyNode): boolean {
    const { declared, free } = this.#cell;
    const text = textOf(given);
    if (text !== undefined) return this.paths.add(text) !== undefined;
    if (given.type !== "Identifier" || this.#inner.has(given.name)) return false;
    const own = declared.get(given.name);
    const init = own?.kind === "const" ? textOf(own.init) : undefined;
    if (init !== undefined) return this.paths.add(init) !== undefined;
    if (own !== undefined || !free.has(given.name)) return false;
    return this.names.add(given.name) !== undefined;
  }
}

/** Names by which a cell calls imported functions that read files; `fs.*` for all of `node:fs`. */
function readerNames({ imports }: CellCode): ReadonlySet<string> {
  const names = new Set<string>();
  for (const { source, specifiers } of imports) {
    const isNode = /^(?:node:)?fs(?:\/|$)/.test(String(source.value));
    for (const each of specifiers) {
      if (each.type !== "ImportSpecifier") { if (isNode) names.add(`${each.local.name}.*`); }
      else if (each.imported.type === "Identifier" && (READER.test(each.imported.name) || (isNode && OPEN.test(each.imported.name)))) {
        names.add(each.local.name);
      }
    }
  }
  return names;
}

/** Names that functions and blocks of a cell have of their own. */
function innerNames(node: AnyNode, into: Set<string>, isTop = false): void {
  const add = (pattern: AnyNode): void => {
    for (const name of patternNames(pattern as never)) into.add(name);
  };
  if (/Function/.test(node.type)) (node as { readonly params?: readonly AnyNode[] }).params?.forEach(add);
  if (node.type === "CatchClause" && node.param) add(node.param);
  if (!isTop && node.type === "VariableDeclaration") node.declarations.forEach(({ id }) => add(id));
  if (!isTop && (node.type === "FunctionDeclaration" || node.type === "ClassDeclaration") && node.id) into.add(node.id.name);
  for (const child of children(node)) innerNames(child, into);
}

function textOf(node: AnyNode | null | undefined): string | undefined {
  if (node?.type === "Literal") return typeof node.value === "string" ? node.value : undefined;
  return node?.type === "TemplateLiteral" && node.expressions.length === 0 ? node.quasis[0]!.value.cooked ?? undefined : undefined;
}
