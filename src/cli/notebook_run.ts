/** `consist notebook run`: a notebook through a Deno kernel, without Python. */
import { resolve } from "@std/path";
import { type CellOutcome, runNotebook } from "../jupyter/mod.ts";
import type { Output } from "./output.ts";

/** What it takes. */
export interface NotebookRunFlags {
  /** Where the notebook with its outputs is written. */
  readonly output?: string;
  /** Seconds that a cell may take. */
  readonly timeout?: number;
}

/** Does it; `false` where a cell fails. */
export async function notebookRun(say: Output, { output, timeout }: NotebookRunFlags, path: string): Promise<boolean> {
  const report = await runNotebook(resolve(path), {
    onCell: (cell) => show(say, cell),
    ...(output === undefined ? {} : { output: resolve(output) }),
    ...(timeout === undefined ? {} : { timeout: timeout * 1000 }),
  });
  return report.ok;
}

function show(say: Output, { number, of, source, status, seconds, error }: CellOutcome): void {
  say.text(
    `${`${number}/${of}`.padStart(7)}   ${source.trim().split("\n")[0]!.slice(0, 50).padEnd(52)}${status.padEnd(9)}${
      seconds.toFixed(2).padStart(7)
    } s`,
  );
  if (error !== undefined) say.note(`${error.ename}: ${error.evalue}`);
}
