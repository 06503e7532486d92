/** The command line: which command, with which arguments, and how it ends. */
import { ConsistError, listNames, nearestName, OptionError } from "../errors.ts";
import { notebookRun } from "./notebook_run.ts";
import { rebuild } from "./rebuild.ts";
import { runs } from "./runs.ts";
import { verify } from "./verify.ts";

/** One command. */
export interface Command {
  /** The words that call it. */
  readonly words: readonly string[];
  /** Its arguments, as the help shows them. */
  readonly usage: string;
  /** What it does, in one line. */
  readonly summary: string;
  /** Does it; `false` ends with code 1. */
  readonly run: (args: readonly string[]) => Promise<boolean>;
}

const COMMANDS: readonly Command[] = [runs, verify, rebuild, notebookRun];

/** Runs a command line and gives its exit code: 0 where all went well, 1 where the work failed, 2 where it was called wrongly. */
export async function main(args: readonly string[]): Promise<number> {
  if (args.length === 0 || args[0] === "help" || args.includes("--help")) {
    console.log(help());
    return args.length === 0 ? 2 : 0;
  }
  try {
    const command = COMMANDS.find(({ words }) => words.every((word, index) => args[index] === word));
    if (command === undefined) throw unknownCommand(args);
    return await command.run(args.slice(command.words.length)) ? 0 : 1;
  } catch (error) {
    if (!(error instanceof ConsistError)) throw error;
    console.error(error.message);
    return error instanceof OptionError ? 2 : 1;
  }
}

function help(): string {
  const lines = COMMANDS.map(({ words, usage, summary }) => `  consist ${[...words, usage].join(" ")}\n      ${summary}`);
  return ["consist: what ran, on what, and why", "", ...lines].join("\n");
}

function unknownCommand(args: readonly string[]): OptionError {
  const names = COMMANDS.map(({ words }) => words.join(" "));
  const near = nearestName(args.slice(0, 2).join(" "), names) ?? nearestName(args[0]!, names);
  return new OptionError("unknown_option", {
    problem: `There is no command "${args.join(" ")}".`,
    why: `The commands are ${listNames(names)}.`,
    fix: near === undefined ? "See consist --help." : `Did you mean "${near}"?`,
  });
}

/** What `parseArgs` of Node throws, as an error of ours. */
export function badArguments(command: string, usage: string, cause: unknown): OptionError {
  return new OptionError("option_invalid", {
    problem: `consist ${command} was called with arguments that it does not take.`,
    why: cause instanceof Error ? cause.message : String(cause),
    fix: `Call it as: consist ${command} ${usage}.`,
    cause,
  });
}
