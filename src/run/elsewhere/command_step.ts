/** What a command is to the step that runs it, and running it. */
import { basename, resolve } from "@std/path";
import { JSON } from "../../intrinsics.ts";
import { hashValue } from "../../artifacts/mod.ts";
import { InputError, ProgramError } from "../../errors.ts";
import { findProgram, interpretersOf, type ProgramEnd, type ProgramPlace, withRoles } from "../../programs/mod.ts";
import { activeRun } from "../active_run.ts";
import { describe } from "../check_options.ts";
import { argvProblem, type CommandOptions } from "../command.ts";
import { noteInnerFiles } from "../inner_files.ts";
import { digestPart, type ProgramIdentity, type ProgramInputs, type ProgramMoment, programOf } from "../program.ts";
import type { Step } from "../step_types.ts";
import { filesOfVariables, namedFiles, namedPaths } from "./named_files.ts";
import { endWords, lastLines, reasonOf, runInStep } from "./program_output.ts";

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

/** What of a command decides the result. */
export async function identifyCommand(options: CommandOptions, at: ProgramMoment): Promise<ProgramIdentity> {
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

/** Runs a command as the body of a step. */
export async function executeCommand(options: CommandOptions, inputs: ProgramInputs, step: Step): Promise<void> {
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
