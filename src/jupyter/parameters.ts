/** Values from outside for a notebook's `parameters` cell, as papermill does it: a cell that sets them follows it. */
import { listNames, nearestName, NotebookError } from "../errors.ts";
import { type CodeCell, newId, type Notebook } from "./notebook_file.ts";

/** The notebook with one more cell; the given notebook is left as it is. */
export function injectParameters(notebook: Notebook, values: Readonly<Record<string, unknown>>, path: string): Notebook {
  const at = notebook.cells.findIndex((cell) => cell.cell_type === "code" && hasTag(cell.metadata.tags, "parameters"));
  const defaults = notebook.cells[at];
  if (defaults === undefined) throw noCell(path, values);
  const declared = declarations(defaults.source);
  const lines = Object.entries(values).map(([name, value]) => {
    const keyword = declared.get(name);
    if (keyword === undefined) throw unknownParameter(path, name, [...declared.keys()]);
    return `${keyword} ${name} = ${literal(name, value, path)};`;
  });
  const injected: CodeCell = {
    cell_type: "code",
    id: newId(),
    metadata: { tags: ["injected-parameters"] },
    source: ["// Parameters", ...lines].join("\n"),
    outputs: [],
    execution_count: null,
  };
  const cells = notebook.cells.filter((cell) => !hasTag(cell.metadata.tags, "injected-parameters"));
  return { ...notebook, cells: cells.toSpliced(cells.indexOf(defaults) + 1, 0, injected) };
}

const hasTag = (tags: unknown, tag: string) => Array.isArray(tags) && tags.includes(tag);

/** Name → keyword of the variables declared at the beginning of a line. A kernel lets a cell declare a constant again, with the same keyword. */
function declarations(source: string): ReadonlyMap<string, string> {
  const found = source.matchAll(/^(const|let|var)\s+([\p{ID_Start}$_][\p{ID_Continue}$]*)/gmu);
  return new Map(found.map(([, keyword, name]) => [name!, keyword!]));
}

function literal(name: string, value: unknown, path: string): string {
  const text = value === undefined ? undefined : JSON.stringify(value);
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
