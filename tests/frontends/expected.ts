/** What the cells of a notebook have to show in any frontend: what they show in our own runner. */
import assert from "node:assert/strict";
import type { NotebookRun, Output } from "../../src/jupyter/mod.ts";

/** The kinds of outputs under the code cells: cell id → kinds, in order. */
export type Shown = ReadonlyMap<string, readonly string[]>;
/** How the outputs of a notebook differ from what they have to be. */
export interface Misplacement {
  /** How many there have to be. */
  readonly expected: number;
  /** How many there are not. */
  readonly lost: number;
  /** How many stand under a cell that has not made them. */
  readonly misplaced: number;
}

/** A frontend shows the first of these that a bundle has. */
const PREFERRED = [
  "text/html",
  "application/vnd.vegalite.v5+json",
  "text/markdown",
  "image/svg+xml",
  "image/png",
  "text/plain",
];

/** The kind of an output, by the name that JupyterLab has for it. */
export function kindOf(output: Output): string {
  switch (output.output_type) {
    case "stream":
      return `application/vnd.jupyter.${output.name}`;
    case "error":
      return "application/vnd.jupyter.stderr";
    default:
      return PREFERRED.find((mime) => mime in output.data) ?? Object.keys(output.data).join(", ");
  }
}

/** Is it the display of long work, or what is left of one that was taken back? Whether there is one depends on how long the work took. */
export function isProgress(output: Output): boolean {
  if (!("data" in output)) return false;
  const text = textOf(output.data["text/plain"]);
  return text === "" || /^[^\n]+: (?:[\d,]+(?: of [\d,]+)?, [^\n]+|[\d.,]+ (?:ms|s|min|h)\b[^\n]*)$/.test(text);
}

const textOf = (text: unknown) => Array.isArray(text) ? text.join("") : String(text ?? "no text");

/**
 * Can every frontend show it? VS Code shows nothing where a table comes as data first, static pages draw no Vega: beside such types there has
 * to be a page or a picture, and text for terminals.
 */
export function assertShownEverywhere(where: string, output: Output): void {
  if (!("data" in output) || isProgress(output)) return;
  const types = Object.keys(output.data);
  const isPlain = types.every((type) => type === "text/plain" || type === "text/markdown");
  if (isPlain) return;
  const has = (...wanted: readonly string[]) => wanted.some((type) => output.data[type] !== undefined && output.data[type] !== "");
  assert.ok(has("text/html", "image/svg+xml", "image/png"), `${where}: ${types.join(", ")}`);
  assert.ok("text/plain" in output.data, `${where}: ${types.join(", ")}`);
  assert.doesNotMatch(textOf(output.data["text/html"]), /<script|<[^>]*\son\w+=/i, `${where}: a script`);
  assert.equal(types[0] === "application/vnd.dataresource+json", false, `${where}: data comes first`);
}

/** The kinds of a cell's outputs, without those of long work. */
export function kindsOf(outputs: readonly Output[]): string[] {
  return outputs.filter((output) => !isProgress(output)).map(kindOf);
}

/** What a run showed. */
export function shownBy({ cells }: NotebookRun): Shown {
  return new Map(cells.map(({ id, outputs }) => [id, kindsOf(outputs)]));
}

/** How far what is shown is from what has to be. */
export function misplacement(expected: Shown, shown: Shown): Misplacement {
  let [wanted, there, misplaced] = [0, 0, 0];
  for (const [id, kinds] of expected) {
    const rest = [...kinds];
    for (const kind of shown.get(id) ?? []) {
      there++;
      const at = rest.indexOf(kind);
      if (at < 0) misplaced++;
      else rest.splice(at, 1);
    }
    wanted += kinds.length;
  }
  return { expected: wanted, lost: Math.max(0, wanted - there), misplaced };
}
