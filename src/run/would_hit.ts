/** Would a call of `run` be a hit? The stages up to the lookup, and nothing after it. */
import { runsOf } from "../query/mod.ts";
import type { Miss, Run } from "../types.ts";
import { identify } from "./identify.ts";
import { explainMiss, lookUp } from "./look_up.ts";
import type { StepOptions } from "./options.ts";
import type { RunPlace, RunServices } from "./request.ts";
import { type RawOptions, resolveRequest } from "./resolve.ts";

/** The options of a step whose types are of no concern: what asks about a step takes the options of any. */
// deno-lint-ignore no-explicit-any -- the options of any step whatever: its inputs, outputs and function decide nothing about the answer's type
export type WouldHitOptions = StepOptions<any, any, any, any, any, any> & {
  /** The step: an ordinary function of its inputs and the step's context. */
  // deno-lint-ignore no-explicit-any -- any step function whatever
  readonly fn: (...args: any[]) => unknown;
};

/** Whether a step would be a hit, and from which run, or why not. */
export interface Outlook {
  /** Would `run` take the outputs from the cache? */
  readonly hit: boolean;
  /** The run whose outputs it would take. */
  readonly run?: Run;
  /** Why it would execute. */
  readonly miss?: Miss;
}

/** Resolves, identifies and looks up. Executes nothing, and records nothing. */
export async function wouldHit(services: RunServices, options: unknown, place: RunPlace): Promise<Outlook> {
  const asked = options as RawOptions;
  const request = await resolveRequest(services, "run", asked, asked?.fn, place);
  const identity = await identify(services, request);
  const found = await lookUp(services, request, identity);
  if (!("source" in found)) return { hit: false, miss: (await explainMiss(services, request, identity, found.refusal)).explained().miss };
  const [run] = await services.ledger.lookUp((db) => runsOf(db, [found.source.id]));
  return run === undefined ? { hit: true } : { hit: true, run };
}
