/** What the options of a step cell say. */
import { parseDocument } from "yaml";
import { listNames, nearestName, OptionError } from "../errors.ts";
import { JSON } from "../intrinsics.ts";
import type { Facet } from "../types.ts";
import { isQuartos } from "./quarto_options.ts";

/** The options of a step cell. */
export interface CellOptions {
  /** The step's name; none where the cell leaves it to its outputs. */
  readonly name?: string;
  /** The declared outputs; none where all declarations are. */
  readonly outputs?: readonly string[];
  /** Files that the cell reads besides those that it tells of by `input`: key and path. */
  readonly files: readonly (readonly [key: string | undefined, path: string])[];
  /** Does it say which files it reads? */
  readonly tellsFiles: boolean;
  /** The scenario that the step belongs to. */
  readonly scenario?: string;
  /** Simulated year. */
  readonly year?: number;
  /** Number of the iteration. */
  readonly iteration?: number;
  /** Queryable values. */
  readonly facet?: Facet | false;
  /** May it be served from the cache? */
  readonly cache: boolean;
  /** What the step is for. */
  readonly description?: string;
}

/** The names of our own options. */
export const CELL_OPTIONS: readonly string[] = [
  "step",
  "outputs",
  "inputs",
  "scenario",
  "year",
  "iteration",
  "facet",
  "cache",
  "description",
];

/**
 * Reads them; nothing where the cell says that it is no step (`step: false`).
 *
 * @throws {OptionError} where they are no YAML, not known, or of another kind than wanted.
 */
export function readCellOptions(yaml: string): CellOptions | undefined {
  const given = membersOf(yaml);
  if (given.step === false) return undefined;
  checkNames(given);
  const name = stepName(given.step) ?? (typeof given.label === "string" && given.label !== "" ? given.label : undefined);
  return {
    ...(name === undefined ? {} : { name }),
    ...(given.outputs === undefined ? {} : { outputs: outputNames(given.outputs) }),
    files: filesOf(given.inputs),
    tellsFiles: given.inputs !== undefined,
    ...optional(given, "scenario", textOf),
    ...optional(given, "year", wholeNumber),
    ...optional(given, "iteration", wholeNumber),
    ...optional(given, "facet", facetOf),
    ...optional(given, "description", textOf),
    cache: given.cache === undefined || given.cache === null ? true : truth(given.cache),
  };
}

type Given = { readonly [name: string]: unknown };

function membersOf(yaml: string): Given {
  const document = parseDocument(yaml, { prettyErrors: true });
  const flaw = document.errors[0];
  if (flaw !== undefined) throw noYaml(flaw.message.split("\n")[0]!.replace(/:$/, ""), flaw, withoutColon(yaml));
  const given: unknown = document.toJS();
  if (typeof given === "object" && given !== null && !Array.isArray(given)) return given as Given;
  throw noYaml("They are no mapping from names to values", undefined, withoutColon(yaml));
}

/** What mends `step clean`. */
function withoutColon(yaml: string): string | undefined {
  const found = /^(["']?)step\1\s+([^:\s].*)$/m.exec(yaml);
  return found === null ? undefined : `A colon stands behind the name: "//| step: ${found[2]!}".`;
}

function noYaml(why: string, cause?: unknown, fix?: string): OptionError {
  return new OptionError("option_invalid", {
    problem: "The options of this cell cannot be read.",
    why: `They are no YAML. ${why}.`,
    fix: fix ?? 'Write one option a line, as "//| outputs: cleaned"; put values with special characters in quotes.',
    path: "step",
    ...(cause === undefined ? {} : { cause }),
  });
}

function checkNames(given: Given): void {
  for (const [name, value] of Object.entries(given)) {
    if (CELL_OPTIONS.includes(name)) continue;
    if (name === "output" && typeof value === "string" && !/^(?:asis|true|false|fragment)$/.test(value)) {
      throw unknown(name, "outputs", "Quarto's option output says whether outputs are shown.");
    }
    if (!isQuartos(name)) throw unknown(name, nearestName(name, CELL_OPTIONS), `The options of a step are ${listNames(CELL_OPTIONS)}.`);
  }
}

function unknown(name: string, near: string | undefined, why: string): OptionError {
  return new OptionError("unknown_option", {
    problem: `A step cell has no option "${name}".`,
    why: `${why} Quarto's own pass as they are.`,
    fix: near === undefined ? "Remove it, or check its spelling." : `Did you mean "${near}"?`,
    path: name,
  });
}

function stepName(value: unknown): string | undefined {
  if (value === true || value === null || value === undefined) return undefined;
  if ((typeof value === "string" && value.trim() !== "") || typeof value === "number") return String(value).trim();
  throw wrong("step", value, "a name, or nothing");
}

function outputNames(value: unknown): string[] {
  const list = typeof value === "string" ? value.split(",").map((name) => name.trim()) : value === null ? [] : value;
  const named = (name: unknown): name is string => typeof name === "string" && /^[\p{ID_Start}$_][\p{ID_Continue}$]*$/u.test(name);
  if (!Array.isArray(list) || !list.every(named)) throw wrong("outputs", value, "a list of names that the cell declares");
  return [...new Set(list)];
}

function filesOf(value: unknown): [string | undefined, string][] {
  if (value === undefined || value === null) return [];
  if (typeof value === "string") return [[undefined, pathOf(value)]];
  if (Array.isArray(value)) return value.map((path) => [undefined, pathOf(path)]);
  if (typeof value === "object") return Object.entries(value).map(([key, path]) => [key, pathOf(path)]);
  throw wrong("inputs", value, "a path, a list of paths, or a mapping from keys to paths");
}

function pathOf(value: unknown): string {
  if (typeof value === "string" && value.trim() !== "") return value.trim();
  throw wrong("inputs", value, "a path, a list of paths, or a mapping from keys to paths");
}

function optional<K extends string, T>(given: Given, name: K, read: (name: string, value: unknown) => T): { readonly [X in K]?: T } {
  const value = given[name];
  return value === undefined || value === null ? {} : { [name]: read(name, value) } as { readonly [X in K]?: T };
}

function textOf(name: string, value: unknown): string {
  if (typeof value === "number" || (typeof value === "string" && value.trim() !== "")) return String(value).trim();
  throw wrong(name, value, "a text");
}

function wholeNumber(name: string, value: unknown): number {
  if (Number.isSafeInteger(value)) return value as number;
  throw wrong(name, value, "a whole number");
}

function facetOf(name: string, value: unknown): Facet | false {
  if (value === false || (typeof value === "object" && value !== null && !Array.isArray(value))) return value as Facet | false;
  throw wrong(name, value, "a mapping from names to values, or false");
}

function truth(value: unknown): boolean {
  if (typeof value === "boolean") return value;
  throw wrong("cache", value, "true or false");
}

function wrong(name: string, value: unknown, wanted: string): OptionError {
  return new OptionError("option_invalid", {
    problem: `The option "${name}" of this cell is ${JSON.stringify(value)}.`,
    why: `It has to be ${wanted}.`,
    fix: "Correct it.",
    path: name,
  });
}
