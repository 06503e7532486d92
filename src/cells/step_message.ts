/** What the kernel's two halves say to each other about step cells: a text that is executed, and a message that comes back. */
import { JSON } from "../intrinsics.ts";

/** Where the library keeps what executes step cells: `globalThis[Symbol.for("consist.cells")]`. */
export const CELLS = "consist.cells";

/** The name under which the library publishes what became of a step cell. */
export const STEP_MESSAGE = "consist_step";

/** A step cell, as the library gets it. */
export interface StepSpec {
  /** The step's name. */
  readonly name: string;
  /** The cell, as its stacks name it. */
  readonly place: string;
  /** Which cell it is: its id, else the step's name. */
  readonly cell: string;
  /** The body of its function. */
  readonly body: string;
  /** The cell as its author wrote it, without its options. */
  readonly text: string;
  /** The names that it declares and that stay. */
  readonly outputs: readonly string[];
  /** Free names that are outputs of other step cells. */
  readonly inputs: readonly string[];
  /** Output or input → its key in the run, since a name may have what a key may not. */
  readonly keys: { readonly [name: string]: string };
  /** The other names that it uses, without those of the language. */
  readonly captured: readonly string[];
  /** Files that it reads besides: key and path. */
  readonly files: readonly (readonly [key: string | undefined, path: string])[];
  /** Files that it reads by itself: paths, names of other cells that hold paths, words of programs. What is no file there is left out. */
  readonly reads: { readonly paths: readonly string[]; readonly names: readonly string[]; readonly words: readonly string[] };
  /** Does it say which files it reads? */
  readonly tellsFiles: boolean;
  /** May it be served from the cache? */
  readonly cache: boolean;
  /** Options of `run` that are plain data. */
  readonly settings: { readonly [name: string]: unknown };
  /** The scenario that it belongs to. */
  readonly scenario?: string;
}

/** What became of a step cell. */
export interface StepOutcome {
  /** The cell's outputs: kept in a file or not, and at hand or still to be loaded. */
  readonly outputs: { readonly [name: string]: { readonly isKept: boolean; readonly isAtHand: boolean } };
  /** Inputs that the step changed, although it was not seen that it would: they are bound again. */
  readonly changed: readonly string[];
}

/** The library's half, in words of JavaScript. */
export const LIBRARY = `globalThis[Symbol.for(${JSON.stringify(CELLS)})]`;

/** Loads the library where no cell has done so. */
export const loadExpression = (library: string): string => `${LIBRARY} ?? await import(${JSON.stringify(library)})`;

/** The text of a step cell. The function is made by an eval of the cell's own, so that what it imports is looked for from the notebook. */
export function stepCode(imports: string, spec: StepSpec): string {
  return `${imports} await ${LIBRARY}.step(${JSON.stringify(spec)}, (code) => (0, eval)(code))`;
}

/** Declares a name with what a step made. */
export const bindCode = (kind: string, name: string): string => `${kind} ${name} = await ${LIBRARY}.take(${JSON.stringify(name)});`;

/** Notes what the names have now, before a cell that may change it. */
export const watchCode = (names: readonly string[]): string =>
  `await ${LIBRARY}.watch(${JSON.stringify(names)}, (code) => (0, eval)(code));`;

/** What became of the last step. */
export const outcomeExpression: string = `${LIBRARY}.outcome`;

/** Ends what is open. */
export const endCode: string = `await ${LIBRARY}?.end();`;

/** Which of the names are collections that a method would change. A text, because it runs where nothing of ours may be loaded. */
export const collectionsCode = (names: readonly string[]): string =>
  `${
    JSON.stringify(names)
  }.filter((name) => { try { const value = (0, eval)(name); return Array.isArray(value) || ArrayBuffer.isView(value) || ` +
  `["[object Map]", "[object Set]", "[object URLSearchParams]", "[object Headers]", "[object FormData]", "[object Date]"]` +
  `.includes(Object.prototype.toString.call(value)); } catch { return false; } })`;
