/** Tells the notebook's kernel, where it wants to know, how steps end: a runner without Jupyter shows it beside each cell. */
import type { RunResult } from "../types.ts";

/** What the kernel keeps; `src/kernels/kernel_prelude.ts` makes it. */
interface StepNotes {
  hit: number;
  executed: number;
  failed: number;
  readonly misses: { readonly step: string; readonly why: string }[];
}

/** A sweep may execute very many steps: the first say enough. */
const MISSES_KEPT = 50;

/** Gives what the step gives, and notes how it ended. */
export async function noted(step: string, result: Promise<RunResult>): Promise<RunResult> {
  try {
    const ended = await result;
    note(ended.cacheHit ? "hit" : "executed", ended.cacheHit ? undefined : { step, why: ended.miss?.reason ?? "" });
    return ended;
  } catch (error) {
    note("failed");
    throw error;
  }
}

function note(how: "hit" | "executed" | "failed", miss?: { readonly step: string; readonly why: string }): void {
  const kernel = (globalThis as { readonly [key: symbol]: unknown })[Symbol.for("consist.kernel")];
  const steps = (kernel as { readonly steps?: StepNotes } | undefined)?.steps;
  if (steps === undefined) return;
  steps[how]++;
  if (miss !== undefined && steps.misses.length < MISSES_KEPT) steps.misses.push(miss);
}
