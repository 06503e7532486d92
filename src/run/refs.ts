/** Links between steps outside a coupler. */
import { KeyError, listNames, nearestName } from "../errors.ts";
import type { Artifact, RunResult } from "../types.ts";

/**
 * One output of a result as the input of a later step.
 *
 * @example Linking two steps
 * ```ts
 * import { ref, run, Tracker, useTracker } from "consist";
 * import assert from "node:assert/strict";
 *
 * const dir = await Deno.makeTempDir();
 * await using tracker = new Tracker({ dbPath: `${dir}/provenance.duckdb` });
 * await useTracker(tracker, async () => {
 *   const counted = await run({ name: "count", fn: () => ({ n: 3, note: "x" }), outputs: ["n", "note"] });
 *   const next = run({ name: "next", fn: ({ n }) => n + 1, inputs: { n: ref(counted, "n") }, outputs: ["m"] });
 *   assert.equal(await next.load("m"), 4);
 * });
 * ```
 *
 * @throws {KeyError} `unknown_key`, where the result has no such output.
 */
export function ref<V, K extends keyof V & string>(result: RunResult<V>, key: K): Artifact<K, V[K]> {
  const artifact = (result.outputs as { readonly [key: string]: Artifact })[key];
  if (artifact === undefined) throw noOutput(result as RunResult, key);
  return artifact as Artifact<K, V[K]>;
}

/** All outputs of a result as inputs of a later step. */
export function refs<V>(result: RunResult<V>): RunResult<V>["outputs"];
/** Some outputs of a result as inputs of a later step. */
export function refs<V, const K extends keyof V & string>(
  result: RunResult<V>,
  keys: readonly K[],
): { readonly [X in K]: Artifact<X, V[X]> };
export function refs(result: RunResult, keys?: readonly string[]): { readonly [key: string]: Artifact } {
  if (keys === undefined) return { ...result.outputs };
  return Object.fromEntries(keys.map((key) => [key, ref(result, key)]));
}

function noOutput(result: RunResult, key: string): KeyError {
  const keys = Object.keys(result.outputs);
  const near = nearestName(key, keys);
  return new KeyError("unknown_key", {
    problem: `The run has no output "${key}".`,
    why: `Its outputs are ${listNames(keys)}.`,
    fix: near === undefined ? "Name one of them." : `Did you mean "${near}"?`,
    run: result.run.id,
    step: result.run.model,
  });
}
