/** Files that a cell reads by itself, without `input(path)`: they count as well, where the text tells which they are. */
import type { AnyNode, CallExpression } from "acorn";
import { children } from "../identity/mod.ts";
import { nameOf } from "./member_names.ts";
import type { CellCode } from "./read_cell.ts";

/** What a cell reads. */
export interface FileReads {
  /** Paths that stand in the text. */
  readonly paths: readonly string[];
  /** Names of other cells that hold a path. */
  readonly names: readonly string[];
  /** A call that reads what nothing here tells. */
  readonly untold?: string;
}

/** Functions that read a file: of frames, of Deno, of Node. */
const OF_FRAMES = /^(?:read|scan)(?:CSV|CSVBatched|Parquet|JSON|Json|IPC|IPCStream|Avro|Excel)$/;
const OF_DENO = /^Deno\.(?:readTextFile|readFile|open)(?:Sync)?$/;
const OF_NODE = /^(?:readFile|createReadStream|open)(?:Sync)?$/;

/** Looks for them. */
export function fileReads(cell: CellCode): FileReads {
  const paths = new Set<string>(), names = new Set<string>();
  const fromNode = nodeReaders(cell);
  let untold: string | undefined;
  const visit = (node: AnyNode): void => {
    if (node.type === "CallExpression") {
      const called = readerOf(node, fromNode);
      if (called !== undefined && !take(node.arguments[0], cell, paths, names)) untold ??= called;
    }
    children(node).forEach(visit);
  };
  cell.statements.forEach(visit);
  return { paths: [...paths], names: [...names], ...(untold === undefined ? {} : { untold }) };
}

/** The function that is called, where it reads a file. */
function readerOf({ callee, arguments: given }: CallExpression, fromNode: ReadonlySet<string>): string | undefined {
  if (given.length === 0) return undefined;
  const called = nameOf(callee) ?? "";
  const [owner, method] = [called.split(".")[0]!, called.split(".").at(-1)!];
  if (OF_DENO.test(called) || (called.includes(".") && OF_FRAMES.test(method))) return called;
  return fromNode.has(called) || (fromNode.has(`${owner}.*`) && OF_NODE.test(method)) ? called : undefined;
}

/** Names by which a cell calls functions of `node:fs`; `fs.*` for all of it. */
function nodeReaders({ imports }: CellCode): ReadonlySet<string> {
  const names = new Set<string>();
  for (const { source, specifiers } of imports) {
    if (!/^node:fs/.test(String(source.value))) continue;
    for (const each of specifiers) {
      if (each.type !== "ImportSpecifier") names.add(`${each.local.name}.*`);
      else if (each.imported.type === "Identifier" && OF_NODE.test(each.imported.name)) names.add(each.local.name);
    }
  }
  return names;
}

/** Takes the path that an argument is; `false` where only the run tells. */
function take(given: AnyNode | undefined, { declared, free }: CellCode, paths: Set<string>, names: Set<string>): boolean {
  const text = textOf(given);
  if (text !== undefined) return paths.add(text) !== undefined;
  if (given?.type !== "Identifier") return false;
  const own = declared.get(given.name);
  const init = own?.kind === "const" ? textOf(own.init) : undefined;
  if (init !== undefined) return paths.add(init) !== undefined;
  if (own !== undefined || !free.has(given.name)) return false;
  return names.add(given.name) !== undefined;
}

function textOf(node: AnyNode | undefined): string | undefined {
  if (node?.type === "Literal") return typeof node.value === "string" ? node.value : undefined;
  return node?.type === "TemplateLiteral" && node.expressions.length === 0 ? node.quasis[0]!.value.cooked ?? undefined : undefined;
}
