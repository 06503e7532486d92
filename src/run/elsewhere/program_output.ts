/** Runs the program of a step: its logs in the run's folder, its end in the run's notes, its failure as an error. */
import { join } from "@std/path";
import { toUri } from "../../artifacts/mod.ts";
import { ConsistError } from "../../errors.ts";
import { lineToStandardError, Live, type ProgramCall, type ProgramEnd, runProgram } from "../../programs/mod.ts";
import { activeRun } from "../active_run.ts";
import type { ProgramNote } from "../program_note.ts";
import type { Step } from "../step_types.ts";

/** Runs a program as the body of a step, and keeps what it printed. */
export async function runInStep(
  step: Step,
  name: string,
  call: Pick<ProgramCall, "argv" | "env" | "cwd" | "cleanup">,
): Promise<ProgramEnd> {
  await Deno.mkdir(step.runDir, { recursive: true });
  const logs = { stdout: join(step.runDir, "program.stdout.log"), stderr: join(step.runDir, "program.stderr.log") };
  const run = activeRun();
  const live = new Live(step.name, { line: lineToStandardError(), onTail: (tail) => run?.printed(tail) });
  const end = await runProgram({ ...call, logs, live, signal: step.signal });
  const address = (path: string) => activeRun() === undefined ? path : toUri(path, activeRun()!.services.roots);
  const note: ProgramNote = {
    name,
    exit_code: end.code,
    ...(end.signal === undefined ? {} : { signal: end.signal }),
    stdout: address(logs.stdout),
    stderr: address(logs.stderr),
    printed: end.tail,
  };
  await step.logMeta({ program: note });
  return end;
}

/** How a program ended, in words: `exit code 1`, `signal SIGKILL`. */
export function endWords({ code, signal }: ProgramEnd): string {
  if (signal !== undefined) return `signal ${signal}`;
  const died = code > 128 && code < 160 ? ` (a process in it died by signal ${code - 128})` : "";
  return `exit code ${code}${died}`;
}

/** What a program printed last, as the reason of its failure. */
export function lastLines({ tail }: ProgramEnd): string {
  return tail === "" ? "It printed nothing." : `It printed last:\n${tail.split("\n").slice(-20).map((line) => `  ${line}`).join("\n")}`;
}

/** The original reason of an error that is not ours. */
export function reasonOf(error: unknown): string {
  return error instanceof ConsistError ? error.problem : error instanceof Error ? error.message : String(error);
}
