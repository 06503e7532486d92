/** Which execution a hit stands for: a table of runs is the same table as long as its runs stand for the same executions. */
import type pl from "polars";

/** What a hit stands for. */
export interface Execution {
  /** The run that executed. */
  readonly id: string;
  /** When the hit and the execution began, where both are known. */
  readonly began?: {
    /** The hit. */
    readonly hit: Date;
    /** The execution. */
    readonly execution: Date;
  };
}

/** So many hits are remembered. */
export const HITS_KEPT = 100_000;
const HITS: unique symbol = Symbol.for("consist.hits") as never;

/** The newest hits that this process made or read of; shared by copies of the library. */
const hits: Map<string, Execution> = (globalThis as { [HITS]?: Map<string, Execution> })[HITS] ??= new Map();

/** Notes for which execution a hit stands. */
export function noteHit(id: string, execution: Execution): void {
  const known = hits.get(id);
  if (known !== undefined && (known.began !== undefined || execution.began === undefined)) return;
  hits.set(id, execution);
  if (hits.size > HITS_KEPT) hits.delete(hits.keys().next().value!);
}

/** The execution for which a hit stands; nothing for another run, and for what is no id of a run. */
export function executionOf(id: unknown): Execution | undefined {
  return typeof id === "string" ? hits.get(id) : undefined;
}

/** Is any hit known? */
export function areHitsKnown(): boolean {
  return hits.size > 0;
}

const POLARS: unique symbol = Symbol.for("consist.polars") as never;

type WithPolars = {
  /** The polars library, once a table was made with it. */
  [POLARS]?: typeof pl;
};

/** Loads polars to make a table of runs, and notes it: what looks at such a table later may not wait for a library. */
export async function polarsForRuns(): Promise<typeof pl> {
  return (globalThis as WithPolars)[POLARS] ??= (await import("polars")).default;
}

/** The library that tables of runs were made with, if any was made. */
export function polarsOfRuns(): typeof pl | undefined {
  return (globalThis as WithPolars)[POLARS];
}
