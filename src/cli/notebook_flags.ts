/** The options of the commands on notebooks, as the parser and the help have them. */
import { asSeconds, atMost, flag, JSON_FLAG, text } from "./flags.ts";

/** A parameter of a notebook: its name, and its value as it was written. */
export type Parameter = readonly [name: string, value: string];

/** `name=value`. */
export function asParameter(word: string): Parameter {
  const [, name, value] = /^\s*([^=\s]+)\s*=([^]*)$/.exec(word) ?? [];
  if (name === undefined) throw new RangeError("A name, = and a value were wanted.");
  return [name, value!];
}

/** How notebooks are run. */
export const RUN_FLAGS = {
  set: {
    kind: "parsed",
    parse: asParameter,
    variadic: true,
    optional: true,
    placeholder: "NAME=VALUE",
    brief: "A value for the cell tagged parameters; YAML scalar or JSON; may be given several times",
  },
  timeout: {
    kind: "parsed",
    parse: asSeconds,
    optional: true,
    placeholder: "SECONDS",
    brief: "How long a cell may take [default: no limit]",
  },
  kernel: {
    kind: "enum",
    values: ["deno", "consist"],
    optional: true,
    brief: "The kernel: Deno's own, or ours before it [default: what the notebook asks for]",
  },
} as const;

/** Where what comes of them is written. */
export const TARGET_FLAGS = {
  output: text("PATH", "Where notebooks with their outputs are written: a path that ends in .ipynb is a file, any other one a folder"),
  inplace: flag("Write the outputs into the notebooks themselves"),
  html: flag("Write a page to read beside each"),
} as const;

/** What happens where something fails. */
export const BATCH_FLAGS = {
  stopOnError: flag("End at the first cell that fails [the default]"),
  keepGoing: flag("Run the cells and the notebooks after one that fails, too"),
  jobs: atMost("So many notebooks at once [default: 1]"),
  ...JSON_FLAG,
} as const;
