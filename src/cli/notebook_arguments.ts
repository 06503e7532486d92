/** What the commands on notebooks are called with: which notebooks, with which values, and where what comes of them is written. */
import { basename, join, resolve } from "@std/path";
import { OptionError } from "../errors.ts";
import { type KernelChoice, parameterValue } from "../jupyter/mod.ts";
import type { Parameter } from "./notebook_flags.ts";

/** A notebook that is to be run. */
export interface NotebookJob {
  /** Its absolute path. */
  readonly path: string;
  /** Where the executed notebook is written. */
  readonly output?: string;
  /** Where the page is written. */
  readonly page?: string;
}
/** What a command was called with. */
export interface NotebookArguments {
  /** The notebooks, in order. */
  readonly jobs: readonly NotebookJob[];
  /** Values for the cell tagged `parameters`; `undefined` where none was given. */
  readonly parameters: Readonly<Record<string, unknown>> | undefined;
  /** For each cell, in milliseconds. */
  readonly timeout: number | undefined;
  /** Does a failure end everything? */
  readonly stopOnError: boolean;
  /** The kernel, where the notebook is not to say. */
  readonly kernel: KernelChoice | undefined;
  /** How many notebooks are run at once. */
  readonly atOnce: number;
}

/** The options as the parser gives them. */
export interface NotebookFlags {
  /** Names and values. */
  readonly set?: readonly Parameter[];
  /** A file or a folder for what is executed. */
  readonly output?: string;
  /** Is the notebook itself to have the outputs? */
  readonly inplace?: boolean;
  /** Is a page wanted as well? */
  readonly html?: boolean;
  /** For each cell, in seconds. */
  readonly timeout?: number;
  /** Does a failure end everything? The default. */
  readonly stopOnError?: boolean;
  /** Or are other cells and notebooks run? */
  readonly keepGoing?: boolean;
  /** The kernel. */
  readonly kernel?: KernelChoice;
  /** How many at once. */
  readonly jobs?: number;
  /** Is the report for programs? */
  readonly json?: boolean;
}

/**
 * What a command means that is called with these options.
 *
 * @throws {OptionError} where they cannot be meant
 */
export async function notebookArguments(
  command: string,
  paths: readonly string[],
  flags: NotebookFlags,
  written: ".ipynb" | ".html" = ".ipynb",
): Promise<NotebookArguments> {
  const { stopOnError = false, keepGoing = false, inplace = false, output, timeout, kernel, jobs = 1 } = flags;
  if (paths.length === 0) throw badCall(command, "No notebook was given.");
  if (stopOnError && keepGoing) throw badCall(command, "Only one of --stop-on-error and --keep-going can be meant.");
  if (inplace && output !== undefined) throw badCall(command, "Only one of --inplace and --output can be meant.");
  return {
    jobs: await jobsFor({ command, written }, paths.map((path) => resolve(path)), flags),
    parameters: parametersOf(command, flags.set),
    timeout: timeout === undefined ? undefined : timeout * 1000,
    stopOnError: !keepGoing,
    kernel,
    atOnce: jobs,
  };
}

/** A call that the parser takes, and that cannot be meant. */
export function badCall(command: string, why: string): OptionError {
  const problem = `consist ${command} was called with arguments that it does not take.`;
  return new OptionError("option_invalid", { problem, why, fix: `See consist ${command} --help.` });
}

function parametersOf(command: string, given: readonly Parameter[] | undefined): Readonly<Record<string, unknown>> | undefined {
  const twice = firstTwice((given ?? []).map(([name]) => name));
  if (twice !== undefined) throw badCall(command, `--set gives "${twice}" twice.`);
  return given === undefined || given.length === 0
    ? undefined
    : Object.fromEntries(given.map(([name, text]) => [name, valueOf(command, name, text)]));
}

function valueOf(command: string, name: string, text: string): unknown {
  try {
    return parameterValue(text);
  } catch (cause) {
    throw badCall(command, `The value of --set ${name} is ${JSON.stringify(text)}. ${(cause as Error).message}`);
  }
}

interface Wanted {
  readonly command: string;
  readonly written: ".ipynb" | ".html";
}

/** A path that ends as what is written is a file, any other one a folder. */
async function jobsFor(
  { command, written }: Wanted,
  paths: readonly string[],
  { output, inplace, html }: NotebookFlags,
): Promise<NotebookJob[]> {
  const [, ending] = /(\.ipynb|\.html)$/i.exec(output ?? "") ?? [];
  const isFile = output !== undefined && ending !== undefined && !await isFolder(output);
  if (isFile && ending.toLowerCase() !== written) {
    throw badCall(
      command,
      `--output is the file "${output}", and what is written ends in ${written}${
        written === ".ipynb" ? "; pages are made with --html" : ""
      }.`,
    );
  }
  if (isFile && paths.length > 1) {
    throw badCall(command, `--output is the file "${output}", and ${paths.length} notebooks were given: a folder was wanted.`);
  }
  const jobs = paths.map((path) => {
    const file = inplace ? path : output === undefined ? undefined : isFile ? resolve(output) : join(resolve(output), basename(path));
    return { path, ...(file === undefined ? {} : { output: file }), ...(html ? { page: pageOf(file ?? path) } : {}) };
  });
  const twice = firstTwice(jobs.flatMap((job) => job.output ?? job.page ?? []));
  if (twice !== undefined) throw badCall(command, `Two notebooks would be written to "${twice}".`);
  return jobs;
}

/** The page beside a notebook. */
export const pageOf = (path: string): string => path.replace(/(\.ipynb|\.html)?$/i, ".html");

const isFolder = (path: string) => Deno.stat(path).then((stat) => stat.isDirectory, () => false);

function firstTwice(names: readonly string[]): string | undefined {
  return names.find((name, index) => names.indexOf(name) !== index);
}
