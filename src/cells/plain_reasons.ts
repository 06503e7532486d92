/** Why a cell is no step: what it does besides making its outputs, which a hit would leave undone. Where it is not sure it is no step. */
import type { AnyNode, CallExpression, MemberExpression } from "acorn";
import { children } from "../identity/mod.ts";
import { nameOf, rootOf } from "./member_names.ts";
import type { CellCode, Declaration } from "./read_cell.ts";

/** Functions that go on when the cell has ended, or ask the user. */
const TIMERS = new Set(["setTimeout", "setInterval", "setImmediate", "queueMicrotask", "requestAnimationFrame"]);
const QUESTIONS = new Set(["prompt", "confirm", "alert"]);
/** Names of the object that all cells share. */
const GLOBAL = new Set(["globalThis", "window", "self", "global"]);
/** Calls that change the process or leave something open. */
const LASTING = new Set([
  ...["chdir", "serve", "listen", "listenTls", "connect", "addSignalListener", "exit", "umask"].map((name) => `Deno.${name}`),
  ...["set", "delete"].map((name) => `Deno.env.${name}`),
  ...["chdir", "exit", "on", "once"].map((name) => `process.${name}`),
  ...["localStorage", "sessionStorage"].flatMap((store) => ["setItem", "removeItem", "clear"].map((name) => `${store}.${name}`)),
]);
/** Methods that write a file, of Deno, of Node's `fs` and of frames. */
const WRITING =
  /^(?:write(?:File|TextFile|CSV|Parquet|JSON|IPC|IPCStream|Avro)|sink(?:CSV|Parquet|IPC|NdJson)|appendFile|remove|rm|rmdir|unlink|mkdir|rename|copyFile|cp|truncate|create|createWriteStream|symlink|link|chmod|chown|utime)(?:Sync)?$/;
/** Functions whose first argument is changed. */
const CHANGING =
  /^(?:Object\.(?:assign|defineProperty|defineProperties|setPrototypeOf|freeze|seal|preventExtensions)|Reflect\.(?:set|deleteProperty|defineProperty|setPrototypeOf))$/;
/** Functions of the library that set something for what follows. */
const SETTING = new Set(["useTracker", "registerDriver"]);

/**
 * The first reason that tells, in words; none where the cell can be a step.
 *
 * @param given the outputs that the cell has as a step
 */
export function plainReason(cell: CellCode, given: readonly string[]): string | undefined {
  return reasonOfNotes(cell) ?? reasonOfDeclarations(cell) ?? reasonOfOutputs(cell, given) ?? reasonOfUses(cell) ?? reasonInTree(cell);
}

function reasonOfNotes({ notes }: CellCode): string | undefined {
  const built = notes.find((note) => /^(?:eval|new Function)/.test(note));
  return built === undefined ? undefined : "it builds code at run time, which may use or change any name";
}

function reasonOfDeclarations({ declared, statements }: CellCode): string | undefined {
  const using = [...declared].find(([, { kind }]) => kind === "using");
  if (using !== undefined) return `"${using[0]}" is declared with using, and is disposed of when the cell's own scope ends`;
  return statements.some(({ type }) => type === "WithStatement") ? "it has a with statement" : undefined;
}

function reasonOfOutputs({ declared }: CellCode, outputs: readonly string[]): string | undefined {
  for (const name of outputs) {
    const what = unkeepable(declared.get(name)!);
    if (what !== undefined) {
      return `its output "${name}" is ${what}, which no file can keep; name the outputs that are data with //| outputs:`;
    }
  }
  return undefined;
}

function unkeepable({ kind, init }: Declaration): string | undefined {
  if (kind === "function") return "a function";
  if (kind === "class") return "a class";
  if (kind === "import") return "an import";
  if (init === undefined) return undefined;
  if (init.type === "ArrowFunctionExpression" || init.type === "FunctionExpression") return "a function";
  if (init.type === "ClassExpression") return "a class";
  return init.type === "NewExpression" && nameOf(init.callee) === "Proxy" ? "a Proxy" : undefined;
}

function reasonOfUses({ free, declared, statements }: CellCode): string | undefined {
  for (const [name, use] of free) {
    if (use.write) return `it assigns to "${name}", which it does not declare`;
    if (GLOBAL.has(name) && use.mutate) {
      const member = firstOf(statements, (node) => changedMember(node, name));
      return `it changes ${member ?? name}, which other cells see and a hit would leave as it is`;
    }
    if (GLOBAL.has(name) && use.members === null) {
      return `it uses "${name}" itself, through which it may read and change any name of the notebook`;
    }
    if (declared.get(name)?.kind !== "import" && (use.mutate || use.append)) return `it changes "${name}", which it does not declare`;
    if (use.mutate || use.append) return `it changes "${name}", which is imported`;
    if (TIMERS.has(name)) return `it uses ${name}: a timer is part of what the cell does, and not of its outputs`;
    if (QUESTIONS.has(name)) return `it asks the user by ${name}()`;
  }
  return undefined;
}

/** What of an object is assigned to or deleted: `globalThis.last`. */
function changedMember(node: AnyNode, name: string): string | undefined {
  const target = node.type === "AssignmentExpression"
    ? node.left
    : node.type === "UpdateExpression" || (node.type === "UnaryExpression" && node.operator === "delete")
    ? node.argument
    : undefined;
  if (target?.type === "MemberExpression" && rootOf(target) === name) return wholeNameOf(target, name);
  return firstOf(children(node), (child) => changedMember(child, name));
}

function wholeNameOf(target: MemberExpression, name: string): string {
  const members = nameOf(target);
  return members === undefined ? `a member of ${name}` : `${name}.${members.replace(`${name}.`, "")}`;
}

/** What takes a look at each place. */
function reasonInTree(cell: CellCode): string | undefined {
  const names = importedFrom(cell);
  const look = (node: AnyNode): string | undefined => reasonOfNode(node, cell, names) ?? firstOf(children(node), look);
  return firstOf(cell.statements, look);
}

function firstOf<T>(all: Iterable<T>, look: (one: T) => string | undefined): string | undefined {
  for (const one of all) {
    const reason = look(one);
    if (reason !== undefined) return reason;
  }
  return undefined;
}

/** The names that a cell imports from modules of which it matters. */
interface ImportedNames {
  /** From `node:timers`. */
  readonly timers: ReadonlySet<string>;
  /** The whole of `node:fs`. */
  readonly files: ReadonlySet<string>;
  /** Functions of `node:fs` that write. */
  readonly writing: ReadonlySet<string>;
}

function importedFrom({ imports }: CellCode): ImportedNames {
  const [timers, files, writing] = [new Set<string>(), new Set<string>(), new Set<string>()];
  for (const { source, specifiers } of imports) {
    for (const each of specifiers) {
      if (/^node:timers/.test(String(source.value))) timers.add(each.local.name);
      if (!/^node:fs/.test(String(source.value))) continue;
      if (each.type !== "ImportSpecifier") files.add(each.local.name);
      else if (each.imported.type === "Identifier" && WRITING.test(each.imported.name)) writing.add(each.local.name);
    }
  }
  return { timers, files, writing };
}

function reasonOfNode(node: AnyNode, cell: CellCode, { timers, files, writing }: ImportedNames): string | undefined {
  if (node.type === "Identifier") {
    if (timers.has(node.name)) return `it uses "${node.name}" of node:timers: a timer is part of what the cell does`;
    if (writing.has(node.name)) return `it writes files by ${node.name}(), which a hit would not do`;
  }
  if (node.type === "ForOfStatement" && node.left.type === "VariableDeclaration" && /using/.test(node.left.kind)) {
    return "it declares a name with using";
  }
  return node.type === "CallExpression" ? reasonOfCall(node, cell, files) : undefined;
}

function reasonOfCall({ callee, arguments: given }: CallExpression, cell: CellCode, files: ReadonlySet<string>): string | undefined {
  const method = callee.type === "MemberExpression" && !callee.computed && callee.property.type === "Identifier"
    ? callee.property.name
    : "";
  const called = nameOf(callee);
  const owner = called?.slice(0, -method.length - 1) ?? "";
  const isWriting = WRITING.test(method) &&
    (owner === "Deno" || files.has(owner.split(".")[0]!) ||
      (/^(?:write|sink)/.test(method) && given[0] !== undefined && given[0].type !== "ObjectExpression"));
  if (isWriting) return `it writes files by ${called ?? method}(), which a hit would not do`;
  if (called === undefined) return undefined;
  if (LASTING.has(called)) return `it calls ${called}(), whose effect stays when the cell has ended`;
  if (SETTING.has(called) || SETTING.has(method)) return `it calls ${called}(), which is for the cells that follow`;
  const root = CHANGING.test(called) ? rootOf(given[0]) : undefined;
  return root !== undefined && cell.free.has(root) ? `it changes "${root}" by ${called}(), which it does not declare` : undefined;
}
