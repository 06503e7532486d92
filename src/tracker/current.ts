/** Which tracker is the ambient one, and its functions as functions of their own. */
import { AsyncLocalStorage } from "node:async_hooks";
import { OptionError } from "../errors.ts";
import { notebookFolder } from "../ledger/mod.ts";
import { type AnyTracker, Tracker } from "./tracker.ts";

/** A dynamic import leaves its context to what the runtime calls next: there the body is over. */
const within = new AsyncLocalStorage<{ readonly tracker: AnyTracker; isOver: boolean }>();
let following: AnyTracker | undefined;
const defaults = new Map<string, AnyTracker>();

/** The tracker that ambient functions use: the body's, else the one set for what follows, else the default one of this folder. */
export function currentTracker(): AnyTracker {
  const body = within.getStore();
  return (body?.isOver === false ? body.tracker : undefined) ?? following ?? defaultTracker();
}

function defaultTracker(): AnyTracker {
  const home = notebookFolder() ?? Deno.cwd();
  const known = defaults.get(home);
  if (known !== undefined) return known;
  const made = new Tracker();
  defaults.set(home, made);
  return made;
}

/**
 * Makes a tracker ambient for what follows: for every later call of `run`, `findRuns` and the like that names no tracker.
 *
 * @example A notebook's first cell
 * ```ts
 * import { run, Tracker, useTracker } from "consist";
 * import assert from "node:assert/strict";
 *
 * await using tracker = new Tracker({ dbPath: `${await Deno.makeTempDir()}/provenance.duckdb` });
 * await useTracker(tracker, async () => {
 *   assert.equal(await run({ name: "one", fn: () => 1, outputs: ["n"] }).load(), 1);
 * });
 * ```
 */
export function useTracker(tracker: AnyTracker): void;
/** Makes a tracker ambient for the callback only; its value comes back. */
export function useTracker<T>(tracker: AnyTracker, body: () => T | Promise<T>): Promise<T>;
export function useTracker<T>(tracker: AnyTracker, body?: () => T | Promise<T>): void | Promise<T> {
  if (!(tracker instanceof Tracker)) {
    throw new OptionError("option_invalid", {
      problem: "useTracker() was called with something that is no tracker.",
      why: "It takes a Tracker, and optionally a function.",
      fix: "Call useTracker(new Tracker({ ... })).",
    });
  }
  if (body === undefined) {
    following = tracker;
    return;
  }
  const scope = { tracker, isOver: false };
  return within.run(scope, async () => {
    try {
      return await body();
    } finally {
      scope.isOver = true;
    }
  });
}

/** The names of a tracker's functions. */
type FunctionName = { [K in keyof Tracker]: Tracker[K] extends (...args: never[]) => unknown ? K : never }[keyof Tracker];

/** A tracker's function, of whichever tracker is the current one when it is called. */
export function ambient<K extends FunctionName>(name: K): Tracker[K] {
  return ((...args: unknown[]) => (currentTracker()[name] as (...args: unknown[]) => unknown).apply(currentTracker(), args)) as Tracker[K];
}
