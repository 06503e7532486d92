/** What is said where a kernel dies, hangs, does not start, or cannot be understood. */
import { NotebookError } from "../errors.ts";
import type { KernelChild } from "./kernel_child.ts";
import type { ErrorOutput } from "./outputs.ts";

const printedBy = (child: KernelChild) => child.printed === "" ? "It printed nothing." : `It printed: ${child.printed.slice(-2_000)}`;

/** Its process ended. */
export function died(child: KernelChild): NotebookError {
  return new NotebookError("notebook_failed", {
    problem: "The kernel died.",
    why: `Its process ended with ${child.end}. ${printedBy(child)}`,
    fix: "Look for Deno.exit(), for a native library that crashes, and for memory that runs out, in the cell that was being executed.",
  });
}

/** It does not answer. */
export function notStarted(child: KernelChild, timeout: number): NotebookError {
  return new NotebookError("notebook_failed", {
    problem: `The kernel did not start within ${timeout} ms.`,
    why: `It does not answer. ${printedBy(child)}`,
    fix: "Give it more time with `startTimeout`, or try `deno jupyter --kernel` by hand.",
  });
}

/** A cell, or an answer, takes too long. */
export function tooSlow(timeout: number): NotebookError {
  return new NotebookError("notebook_failed", {
    problem: `A cell did not finish within ${timeout} ms.`,
    why: "It computes for longer, or awaits something that does not come; an error thrown in a timer stops a Deno kernel as well.",
    fix: "Give a larger `timeout`, or find out in JupyterLab where the cell stands.",
  });
}

/** The marker after a cell did not come. */
export function lostOutputs(ms: number): NotebookError {
  return new NotebookError("notebook_failed", {
    problem: "The outputs of a cell did not all arrive.",
    why:
      `The cell was done, and the marker that follows its outputs did not come within ${ms} ms; code that it left running may block the kernel.`,
    fix: "Await what the cell starts, and show less than 1 MB in one output.",
  });
}

/** A question between two cells failed. */
export function notAnswered({ ename, evalue }: ErrorOutput): NotebookError {
  return new NotebookError("notebook_failed", {
    problem: "The kernel could not be asked something between two cells.",
    why: `It answered with ${ename}: ${evalue}.`,
    fix: "Leave `globalThis.Deno` and `Deno.jupyter` as they are.",
  });
}

/** What it publishes cannot be read. */
export function damaged(cause: Error): NotebookError {
  return new NotebookError("notebook_failed", {
    problem: "The messages of the kernel cannot be read.",
    why: `${cause.message}. Deno's kernel mixes up its messages where one output is larger than about 3 MB.`,
    fix: "Show less in one output: write large results to a file.",
    cause,
  });
}

/** It was shut down meanwhile. */
export function closed(): NotebookError {
  return new NotebookError("notebook_failed", {
    problem: "The kernel was shut down.",
    why: "`shutdown` was called while code was being executed, or before.",
    fix: "Start another kernel.",
  });
}

/** Its program cannot be started at all. */
export function notStartable(program: string, cwd: string | undefined, cause: unknown): NotebookError {
  return new NotebookError("notebook_failed", {
    problem: "The kernel could not be started.",
    why: `${cause instanceof Error ? cause.message : String(cause)} (program ${JSON.stringify(program)}${
      cwd === undefined ? "" : `, working directory ${JSON.stringify(cwd)}`
    }).`,
    fix: "Check that the working directory exists, and that this Deno was not moved or replaced while the program runs.",
    cause,
  });
}

/** Other programs took its ports, each time. */
export function portsTaken(tries: number, child: KernelChild): NotebookError {
  return new NotebookError("notebook_failed", {
    problem: "The kernel could not be started.",
    why: `Each time, of ${tries}, another program took one of the ports that had been free for it. ${printedBy(child)}`,
    fix: "Try again; if it stays so, find out which program takes every port of this machine's own address.",
  });
}
