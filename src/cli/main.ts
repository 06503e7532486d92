/** The command line: which command, with which arguments, and how it ends. */
import { ConsistError, listNames, nearestName, OptionError } from "../errors.ts";

/** One command. */
interface Command {
  /** The words that call it. */
  readonly words: readonly string[];
  /** Its arguments, as the help shows them. */
  readonly usage: string;
  /** What it does, in one line. */
  readonly summary: string;
  /** Does it; `false` ends with code 1. */
  readonly run: (args: readonly string[]) => Promise<boolean>;
}

/** Each is loaded when it is called: a kernel starts without the ledger. */
const COMMANDS: readonly Command[] = [
  {
    words: ["runs"],
    usage: "[--db FILE] [--scenario NAME] [--step NAME] [--history] [--json]",
    summary: "the runs of a ledger, newest first",
    run: async (args) => await (await import("./runs.ts")).runs(args),
  },
  {
    words: ["rebuild"],
    usage: "[--db FILE] [--run-dir FOLDER] [--json]",
    summary: "bring back lost runs from their snapshots; damaged files are moved aside",
    run: async (args) => await (await import("./rebuild.ts")).rebuild(args),
  },
  {
    words: ["verify"],
    usage: "[RUN…] [--step NAME] [--scenario NAME] [--limit N] [--import FILE] [--db FILE] [--run-dir FOLDER] [--json]",
    summary: "execute recorded runs again and compare their outputs; code 1 where something differs",
    run: async (args) => await (await import("./verify.ts")).verify(args),
  },
  {
    words: ["notebook", "run"],
    usage: "PATH [--output FILE] [--timeout SECONDS]",
    summary: "run a notebook in a Deno kernel",
    run: async (args) => await (await import("./notebook_run.ts")).notebookRun(args),
  },
  {
    words: ["kernel", "install"],
    usage: "[--sys-prefix | --prefix FOLDER]",
    summary: 'make the kernel "Deno (Consist)" known to Jupyter: to yours, or to the one in an environment or a folder',
    run: async (args) => await (await import("./kernel_install.ts")).kernelInstall(args),
  },
  {
    words: ["kernel", "uninstall"],
    usage: "[--sys-prefix | --prefix FOLDER]",
    summary: "take it away again",
    run: async (args) => await (await import("./kernel_uninstall.ts")).kernelUninstall(args),
  },
  {
    words: ["kernel", "status"],
    usage: "[--prefix FOLDER] [--json]",
    summary: "where the kernel is installed, and whether it works there",
    run: async (args) => await (await import("./kernel_status.ts")).kernelStatus(args),
  },
  {
    words: ["kernel", "start"],
    usage: "CONNECTION_FILE",
    summary: "be the kernel: Jupyter calls this",
    run: async (args) => await (await import("./kernel_start.ts")).kernelStart(args),
  },
];

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
export function badArguments(command: string, cause: unknown): OptionError {
  const usage = COMMANDS.find(({ words }) => words.join(" ") === command)!.usage;
  return new OptionError("option_invalid", {
    problem: `consist ${command} was called with arguments that it does not take.`,
    why: cause instanceof Error ? cause.message : String(cause),
    fix: `Call it as: consist ${command} ${usage}.`,
    cause,
  });
}
