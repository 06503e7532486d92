/** Couplers that a step captured: through them it reads artifacts that it did not declare, and which one it is can be told at each lookup. */
import { AsyncLocalStorage } from "node:async_hooks";
import type { Artifact } from "../types.ts";
import type { ActiveRun } from "./active_run.ts";

/** A scenario's coupler, as far as reading it goes. Looking through it leaves no note. */
export interface CouplerHandle {
  /** Name of the scenario. */
  readonly scenario: string;
  /** The run inside which the scenario was opened. */
  readonly madeIn: ActiveRun | undefined;
  /** The artifact of this key. */
  artifactOf(key: string): Artifact | undefined;
  /** All keys. */
  keys(): Iterable<string>;
}

const collecting = new AsyncLocalStorage<Set<CouplerHandle>>();

/** A step captured this coupler: said by the coupler when it is asked what it is, which happens at each identification. */
export function noteCaptured(handle: CouplerHandle): void {
  collecting.getStore()?.add(handle);
}

/** Does the work and puts the couplers that it meets into `into`. */
export function collectCaptured<T>(into: Set<CouplerHandle>, work: () => T): T {
  return collecting.run(into, work);
}

/**
 * The coupler that a step reads, where there is no doubt: the only one that it captured, else that of its own scenario. With two of them
 * nothing says which one the step will read.
 */
export function onlyCoupler(captured: ReadonlySet<CouplerHandle>, own: CouplerHandle | undefined): CouplerHandle | undefined {
  if (captured.size === 0) return own;
  return captured.size === 1 ? captured.values().next().value : undefined;
}
