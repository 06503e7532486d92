/** Values from outside for a notebook's `parameters` cell, as papermill does it: a cell that sets them follows it. */
import { listNames, nearestName, NotebookError } from "../errors.ts";
import { type Cell, type CodeCell, newId, type Notebook } from "./notebook_file.ts";

/** The notebook with one more cell; the given notebook is left as it is. A cell of an earlier injection is replaced. */
export function injectParameters(notebook: Notebook, values: Readonly<Record<string, unknown>>, path: string): Notebook {
  const { defaults, lines } = assignments(notebook, values, path);
  const before = notebook.cells.find((cell) => cell.cell_type === "code" && hasTag(cell.metadata.tags, "injected-parameters"));
  const injected: CodeCell = {
    cell_type: "code",
    id: before?.id ?? newId(),
    metadata: before?.metadata ?? { tags: ["injected-parameters"] },
    source: ["// Parameters", ...lines].join("\n"),
    outputs: [],
    execution_count: null,
  };
  const cells = notebook.cells.filter((cell) => !hasTag(cell.metadata.tags, "injected-parameters"));
  return { ...notebook, cells: cells.toSpliced(cells.indexOf(defaults) + 1, 0, injected) };
}

/** Throws where the notebook does not take these values. */
export function checkParameters(notebook: Notebook, values: Readonly<Record<string, unknown>>, path: string): void {
  assignments(notebook, values, path);
}

/** The cell with the defaults, and the lines that set the values. */
function assignments(notebook: Notebook, values: Readonly<Record<string, unknown>>, path: string): { defaults: Cell; lines: string[] } {
  const defaults = notebook.cells.find((cell) => cell.cell_type === "code" && hasTag(cell.metadata.tags, "parameters"));
  if (defaults === undefined) throw noCell(path, values);
  const declared = declarations(defaults.source);
  const lines = Object.entries(values).map(([name, value]) => {
    const keyword = declared.get(name);
    if (keyword === undefined) throw unknownParameter(path, name, [...declared.keys()]);
    return `${keyword} ${name} = ${literal(name, value, path)};`;
  });
  return { defaults, lines };
}

const hasTag = (tags: unknown, tag: string) => Array.isArray(tags) && tags.includes(tag);

/** Name → keyword of the variables declared at the beginning of a line. A kernel lets a cell declare a constant again, with the same keyword. */
function declarations(source: string): ReadonlyMap<string, string> {
  const found = source.matchAll(/^(const|let|var)\s+([\p{ID_Start}$_][\p{ID_Continue}$]*)/gmu);
  return new Map(found.map(([, keyword, name]) => [name!, keyword!]));
}

/** A value as an expression; JSON and, because YAML and TypeScript have them, the numbers that JSON lacks. */
function literal(name: string, value: unknown, path: string): string {
  if (typeof value === "number" && (!Number.isFinite(value) || Object.is(value, -0))) return Object.is(value, -0) ? "-0" : String(value);
  if (typeof value === "bigint") return `${value}n`;
  if (Array.isArray(value)) return `[${value.map((member) => literal(name, member, path)).join(",")}]`;
  if (isPlain(value)) {
    return `{${Object.entries(value).map(([key, member]) => `${keyText(key)}:${literal(name, member, path)}`).join(",")}}`;
  }
  const text = typeof value === "object" && value !== null ? undefined : JSON.stringify(value);
  if (text === undefined) {
    throw new NotebookError("notebook_failed", {
      problem: `Cannot pass the parameter "${name}" to ${JSON.stringify(path)}.`,
      why: `A parameter is written as JSON, and a value of type ${typeof value} is none.`,
      fix: "Pass a number, a text, a truth value, null, a list or a plain object.",
      path,
    });
  }
  return text;
}

/** A bare `__proto__:` would set the prototype. */
const keyText = (key: string) => key === "__proto__" ? '["__proto__"]' : JSON.stringify(key);

function isPlain(value: unknown): value is object {
  if (typeof value !== "object" || value === null) return false;
  const prototype: unknown = Object.getPrototypeOf(value);
  return prototype === null || prototype === Object.prototype;
}

function noCell(path: string, values: Readonly<Record<string, unknown>>): NotebookError {
  return new NotebookError("notebook_failed", {
    problem: `Cannot set the parameters ${listNames(Object.keys(values))} of ${JSON.stringify(path)}.`,
    why: 'No code cell of the notebook has the tag "parameters".',
    fix: 'Put the default values into one cell and give it the tag "parameters".',
    path,
  });
}

function unknownParameter(path: string, name: string, known: readonly string[]): NotebookError {
  const nearest = nearestName(name, known);
  return new NotebookError("notebook_failed", {
    problem: `Cannot set the parameter "${name}" of ${JSON.stringify(path)}.`,
    why: `The cell tagged "parameters" declares ${listNames(known)}.`,
    fix: nearest === undefined ? `Declare it there: let ${name} = …` : `Did you mean "${nearest}"?`,
    path,
  });
}
