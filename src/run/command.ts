/** A program of this machine as a step. */
import { basename } from "@std/path";
import { checkMembers, OptionError } from "../errors.ts";
import { describe } from "./check_options.ts";
import { asProgram, type ProgramInputs, type ProgramStep } from "./program.ts";
import type { Step } from "./step_types.ts";

/** A program with its arguments. */
export interface CommandOptions {
  /**
   * The program and its arguments: a list, or a function of the inputs' paths and the step, called before a run begins as well, to tell what the
   * command will be. No shell reads them.
   */
  readonly argv: readonly string[] | ((inputs: ProgramInputs, step: Step) => readonly string[]);
  /** Variables besides those of this process. They count; their values are kept as hashes only. */
  readonly env?: { readonly [name: string]: string };
  /** The folder that it runs in. @default the working directory */
  readonly cwd?: string;
}

const OPTIONS = ["argv", "env", "cwd"];

/**
 * A program of this machine as the `fn` of a step. Its inputs arrive as paths. It writes what the step declares to `step.outputPath(key, extension)`,
 * or to a path of `outputPaths`; what it prints is kept with the run and shown while it runs.
 *
 * What counts: the program's file by its content (and what runs it, where it is a script), each argument, every file and folder that an argument
 * names (by itself, after `=`, `@` or a short option, or in a list), `env` with the files that it names, `cwd`, and the machine's language and
 * time zone. Paths of inputs, of the run's folder and of the project count by what they stand for. What does not count stands on the card:
 * libraries and programs that the program loads, files that no argument names, and the rest of the environment.
 *
 * An exit code other than 0 fails the step. When `step.signal` is aborted or this process dies, the program and all that it started are ended.
 *
 * @param options the program, its arguments, environment and folder
 * @returns a function for `fn`
 * @throws {OptionError} `option_invalid` or `unknown_option`, for what is no command.
 *
 * @example A program that makes a file
 * ```ts
 * import { command, run, Tracker, useTracker } from "consist";
 * import assert from "node:assert/strict";
 *
 * const dir = await Deno.makeTempDir();
 * await Deno.writeTextFile(`${dir}/upper.ts`, `
 *   const [source, target] = Deno.args;
 *   Deno.writeTextFileSync(target, Deno.readTextFileSync(source).toUpperCase());
 * `);
 * await Deno.writeTextFile(`${dir}/in.txt`, "hello");
 * await using tracker = new Tracker({ dbPath: `${dir}/provenance.duckdb` });
 * await useTracker(tracker, async () => {
 *   const upper = () =>
 *     run({
 *       name: "upper",
 *       fn: command({
 *         argv: ({ source = "" }, step) =>
 *           [Deno.execPath(), "run", "-A", `${dir}/upper.ts`, source, step.outputPath("loud", ".txt")],
 *       }),
 *       inputs: { source: `${dir}/in.txt` },
 *       outputs: ["loud"],
 *       executionOptions: { inputBinding: "paths" },
 *     });
 *   assert.equal(await (await upper()).load("loud"), "HELLO");
 *   assert.equal((await upper()).cacheHit, true);
 * });
 * ```
 */
export function command(options: CommandOptions): ProgramStep {
  checkOptions(options);
  const { argv } = options;
  const name = typeof argv === "function" ? "" : basename(argv[0]!);
  return asProgram(
    async (inputs, step) => await (await elsewhere()).executeCommand(options, inputs, step),
    name,
    async (at) => await (await elsewhere()).identifyCommand(options, at),
    argv,
  );
}

/** What runs programs. */
const elsewhere = (): Promise<typeof import("./elsewhere/mod.ts")> => import("./elsewhere/mod.ts");

function checkOptions(options: CommandOptions): void {
  if (typeof options !== "object" || options === null) throw invalid(options, "It takes one object of options.");
  checkMembers(options, OPTIONS, "command");
  const { argv, env, cwd } = options;
  if (typeof argv !== "function") {
    const problem = argvProblem(argv);
    if (problem !== undefined) throw invalid(argv, problem);
  }
  if (cwd !== undefined && typeof cwd !== "string") throw invalid(cwd, "Its cwd is the path of a folder.");
  if (env !== undefined && (typeof env !== "object" || env === null || Object.values(env).some((value) => typeof value !== "string"))) {
    throw invalid(env, "Its env is an object of strings.");
  }
}

function invalid(found: unknown, why: string): OptionError {
  return new OptionError("option_invalid", {
    problem: `command() was called with ${describe(found)}.`,
    why,
    fix: 'Call command({ argv: ["sort", "-o", "sorted.txt", "in.txt"] }).',
    path: "fn",
  });
}

/** Why this is no command line, if it is none. */
export function argvProblem(argv: unknown): string | undefined {
  if (!Array.isArray(argv) || argv.length === 0 || argv[0] === "") return "Its argv is a list that begins with a program.";
  const bad = argv.findIndex((argument) => typeof argument !== "string" || argument.includes("\0"));
  return bad < 0 ? undefined : `Its argument ${bad} is ${describe(argv[bad])}, and has to be a string without NUL.`;
}
