/** Runs as a notebook shows them: a table with a line for each. */
import { DISPLAY } from "../../notebook/mod.ts";
import { renderRunTable } from "../../notebook/render/mod.ts";
import type { MimeBundle, Run } from "../../types.ts";
import { lineOf } from "../run_lines.ts";

const SHOWN_RUNS = 50;

/** A table of the first runs, with the number of all. */
export function shownRuns(runs: readonly Run[], caption?: string): MimeBundle {
  return renderRunTable({ caption, runs: runs.slice(0, SHOWN_RUNS).map(lineOf), total: runs.length });
}

/** The same list, which now shows itself as a table; nothing else about it changes. */
export function showing<T extends Run[] | Map<unknown, Run>>(runs: T): T {
  return Object.defineProperty(runs, DISPLAY, { value: () => shownRuns([...runs.values()]) });
}
