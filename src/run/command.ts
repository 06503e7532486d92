/** A program of this machine as a step. */
import { basename, resolve } from "@std/path";
import { JSON } from "../intrinsics.ts";
import { hashValue } from "../artifacts/mod.ts";
import { checkMembers, InputError, OptionError, ProgramError } from "../errors.ts";
import { findProgram, interpretersOf, type ProgramEnd, type ProgramPlace, withRoles } from "../programs/mod.ts";
import { activeRun } from "./active_run.ts";
import { describe } from "./check_options.ts";
import { noteInnerFiles } from "./inner_files.ts";
import { filesOfVariables, namedFiles, namedPaths } from "./named_files.ts";
import {
  asProgram,
  digestPart,
  type ProgramIdentity,
  type ProgramInputs,
  type ProgramMoment,
  programOf,
  type ProgramStep,
} from "./program.ts";
import { endWords, lastLines, reasonOf, runInStep } from "./program_output.ts";
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
  return asProgram((inputs, step) => execute(options, inputs, step), name, (at) => identify(options, at), argv);
}

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
function argvProblem(argv: unknown): string | undefined {
  if (!Array.isArray(argv) || argv.length === 0 || argv[0] === "") return "Its argv is a list that begins with a program.";
  const bad = argv.findIndex((argument) => typeof argument !== "string" || argument.includes("\0"));
  return bad < 0 ? undefined : `Its argument ${bad} is ${describe(argv[bad])}, and has to be a string without NUL.`;
}

function argvOf({ argv }: CommandOptions, inputs: ProgramInputs, step: Step): readonly string[] {
  const list = typeof argv === "function" ? argv(inputs, step) : argv;
  const problem = argvProblem(list);
  if (problem === undefined) return list;
  throw new ProgramError("program_failed", {
    problem: `The function argv gave ${describe(list)}.`,
    why: problem,
    fix: 'Return a list of strings: ["sort", "-o", step.outputPath("sorted", ".txt"), source].',
  });
}

const placeOf = ({ cwd, env }: CommandOptions): ProgramPlace => ({
  cwd: resolve(cwd ?? Deno.cwd()),
  path: env?.PATH ?? Deno.env.get("PATH") ?? "",
});

// ── identity ────────────────────────────────────────────────────────────────────────────────────────────────────────────────

async function identify(options: CommandOptions, at: ProgramMoment): Promise<ProgramIdentity> {
  let argv: readonly string[];
  try {
    argv = argvOf(options, at.inputs, at.step);
  } catch (error) {
    return { parts: {}, opaque: [{ name: "argv", why: `what it gives cannot be told before the run: ${reasonOf(error)}` }], outside: [] };
  }
  const place = placeOf(options);
  const name = basename(argv[0]!);
  const program = await findProgram(argv[0]!, place);
  if (program === undefined) return { parts: {}, opaque: [{ name, why: "there is no such program" }], outside: [] };
  const [files, ofVariables] = await Promise.all([
    namedFiles(argv.slice(1), place.cwd, at),
    filesOfVariables(options.env ?? {}, place.cwd, at),
  ]);
  const programs = await programParts(name, program, place, at);
  noteInnerFiles([...programs.paths, ...files.paths, ...ofVariables.paths]); // of the step around a run whose program this is
  return {
    parts: {
      ...programs.parts,
      ...Object.fromEntries(argv.slice(1).map((argument, index) => [`argument ${index + 1}`, withRoles(argument, at.roles)])),
      ...files.parts,
      ...ofVariables.parts,
      ...environmentParts(options.env ?? {}),
      ...(options.cwd === undefined ? {} : { "working directory": withRoles(place.cwd, at.roles) }),
    },
    opaque: [...programs.opaque, ...files.opaque, ...ofVariables.opaque],
    outside: [
      { name, why: "libraries and programs that it uses, files that its arguments do not name, the rest of the environment" },
      ...files.outside,
    ],
  };
}

/** The program's file and what runs it; a file that may be executed and not read has no content that could be told. */
async function programParts(
  name: string,
  program: string,
  place: ProgramPlace,
  { digests }: ProgramMoment,
): Promise<Pick<ProgramIdentity, "parts" | "opaque"> & { readonly paths: readonly string[] }> {
  try {
    const runners = await interpretersOf(program, place);
    const files = [[`executable ${name}`, program], ...runners.map((runner) => [`interpreter ${basename(runner)}`, runner])] as const;
    const parts = await Promise.all(files.map(async ([part, path]) => [part!, await digestPart(path!, digests)] as const));
    return { parts: Object.fromEntries(parts), opaque: [], paths: files.map(([, path]) => path!) };
  } catch (error) {
    if (!(error instanceof InputError || error instanceof Deno.errors.PermissionDenied)) throw error;
    return { parts: {}, opaque: [{ name, why: `its file cannot be read: ${reasonOf(error)}` }], paths: [program] };
  }
}

/** Variables of the machine that decide how programs sort, print numbers and tell the time. */
const LOCAL = /^(?:LC_[A-Z]+|LANG|LANGUAGE|TZ)$/;

/** Given variables by the hash of their values, which may be secret; and the machine's language and time zone. */
export function environmentParts(
  env: { readonly [name: string]: string },
  machine: { readonly [name: string]: string } = Deno.env.toObject(),
): Record<string, string> {
  const given = Object.entries(env).map(([name, value]) => [`environment ${name}`, `sha256:${hashValue(value)}`]);
  const ofMachine = { TZ: Intl.DateTimeFormat().resolvedOptions().timeZone, ...machine }; // without TZ it is the system's
  const local = Object.entries(ofMachine).filter(([name]) => LOCAL.test(name) && !Object.hasOwn(env, name));
  return Object.fromEntries([...given, ...local.map(([name, value]) => [`environment ${name} of this machine`, value])]);
}

// ── execution ───────────────────────────────────────────────────────────────────────────────────────────────────────────────

async function execute(options: CommandOptions, inputs: ProgramInputs, step: Step): Promise<void> {
  const argv = argvOf(options, inputs, step);
  const place = placeOf(options);
  const name = basename(argv[0]!);
  const program = await findProgram(argv[0]!, place);
  if (program === undefined) throw missing(argv[0]!, place);
  await checkFolder(place.cwd, name);
  const { env } = options;
  await noteNested(program, argv, place, env);
  let end: ProgramEnd;
  try {
    end = await runInStep(step, name, { argv: [program, ...argv.slice(1)], cwd: place.cwd, ...(env === undefined ? {} : { env }) });
  } catch (cause) {
    throw notStarted(name, program, cause);
  }
  if (end.cancelled) throw cancelled(name, end);
  if (end.code !== 0) throw failed(name, end);
}

/** A command that another step runs on its way: its program, and the files that its arguments name, are read by that step. */
async function noteNested(program: string, argv: readonly string[], place: ProgramPlace, env: object = {}): Promise<void> {
  const run = activeRun();
  if (run === undefined || run.ended || programOf(run.request.body) !== undefined) return;
  noteInnerFiles([
    program,
    ...await interpretersOf(program, place),
    ...await namedPaths([...argv.slice(1), ...Object.values(env)], place.cwd),
  ]);
}

function missing(name: string, { path, cwd }: ProgramPlace): ProgramError {
  const isPath = name.includes("/") || name.includes("\\");
  return new ProgramError("program_failed", {
    problem: `There is no program ${JSON.stringify(name)}.`,
    why: isPath
      ? `No file that can be executed is at ${resolve(cwd, name)}.`
      : `It is in no folder of the search path: ${path || "which is empty"}.`,
    fix: "Install it, or give its path.",
    path: name,
  });
}

async function checkFolder(cwd: string, name: string): Promise<void> {
  const found = await Deno.stat(cwd).catch((error: unknown) => error as Error);
  if (!(found instanceof Error) && found.isDirectory) return;
  throw new ProgramError("program_failed", {
    problem: `The program ${JSON.stringify(name)} cannot run in ${cwd}.`,
    why: found instanceof Error ? `The folder cannot be entered: ${found.message}` : "It is no folder.",
    fix: "Make the folder, or give another cwd.",
    path: cwd,
    ...(found instanceof Error ? { cause: found } : {}),
  });
}

function notStarted(name: string, program: string, cause: unknown): ProgramError {
  return new ProgramError("program_failed", {
    problem: `The program ${JSON.stringify(name)} could not be run.`,
    why: `The system refused ${program}: ${reasonOf(cause)}`,
    fix: "Check that it runs in a terminal, that its arguments are not too long, and that the run folder can be written.",
    path: program,
    cause,
  });
}

function cancelled(name: string, end: ProgramEnd): ProgramError {
  return new ProgramError("program_failed", {
    problem: `The program ${JSON.stringify(name)} was cancelled.`,
    why: `The step's signal was aborted, and the program was ended (${endWords(end)}).`,
    fix: "Run the step again.",
  });
}

function failed(name: string, end: ProgramEnd): ProgramError {
  return new ProgramError("program_failed", {
    problem: `The program ${JSON.stringify(name)} ended with ${endWords(end)}.`,
    why: lastLines(end),
    fix: `The whole output is in program.stdout.log and program.stderr.log in the run's folder${
      activeRun() === undefined ? "" : `, ${activeRun()!.dir}`
    }.`,
  });
}
