/** What tests of steps lean on: a tracker that is gone afterwards, and assertions about hits. */
import { AssertionError } from "node:assert";
import { join } from "@std/path";
import type { IdentityPart, RunResult } from "../types.ts";
import type { WouldHitOptions } from "../run/mod.ts";
import { useTracker } from "./current.ts";
import { Tracker } from "./tracker.ts";

/**
 * A tracker in a temporary folder, ambient for the body, gone afterwards.
 *
 * @example A step under test
 * ```ts
 * import { run } from "consist";
 * import { assertHit, assertMiss, withTracker } from "consist/testing";
 *
 * await withTracker(async () => {
 *   const step = () => run({ name: "one", fn: () => 1, outputs: ["n"] });
 *   assertMiss(await step());
 *   assertHit(await step());
 * });
 * ```
 */
export async function withTracker<T>(body: (tracker: Tracker) => T | Promise<T>): Promise<T> {
  const dir = await Deno.realPath(await Deno.makeTempDir({ prefix: "consist-" }));
  const tracker = new Tracker({ dbPath: join(dir, "provenance.duckdb"), runDir: join(dir, "runs"), enabled: true });
  try {
    return await useTracker(tracker, () => body(tracker));
  } finally {
    await tracker.close();
    await Deno.remove(dir, { recursive: true });
  }
}

/** Throws where the result was no hit, with the reason of the miss. */
export function assertHit(result: RunResult): void {
  if (result.cacheHit) return;
  throw new AssertionError({
    message: `Step "${result.run.model}" was to be a hit. ${result.explain()}`,
    actual: "miss",
    expected: "hit",
    operator: "assertHit",
  });
}

/** Throws where the result was a hit, or a miss for another reason than `changed`. */
export function assertMiss(result: RunResult, changed?: IdentityPart): void {
  const problem = result.cacheHit
    ? `Step "${result.run.model}" was to be a miss. ${result.explain()}`
    : changed !== undefined && !result.miss?.changed.includes(changed)
    ? `Step "${result.run.model}" was to miss because of its ${changed}. ${result.explain()}`
    : undefined;
  if (problem !== undefined) {
    throw new AssertionError({
      message: problem,
      actual: result.miss?.changed ?? "hit",
      expected: changed ?? "miss",
      operator: "assertMiss",
    });
  }
}

/**
 * Executes a step twice in a temporary tracker: the outputs have to have the same content. Throws with the first difference, and with what
 * may have caused it.
 *
 * @example A step that is deterministic
 * ```ts
 * import { assertReproducible } from "consist/testing";
 * import assert from "node:assert/strict";
 *
 * await assertReproducible({ name: "sum", fn: () => 1 + 1, outputs: ["n"] });
 * await assert.rejects(assertReproducible({ name: "now", fn: () => Math.random(), outputs: ["n"] }), /gave other outputs/);
 * ```
 */
export async function assertReproducible(options: WouldHitOptions): Promise<void> {
  await withTracker(async (tracker) => {
    const result = await tracker.run(options as never) as RunResult;
    const { verdict, differences, reason = "" } = await tracker.verifyRun(result);
    if (verdict === "equal") return;
    const found = differences.map(({ key, first }) => `output "${key}", ${first}`).join("; ");
    const what = verdict === "different" ? `gave other outputs when it was executed again: ${found}.` : "could not be executed again.";
    throw new AssertionError({
      message: `Step "${result.run.model}" ${what} ${reason}`.trim(),
      actual: verdict,
      expected: "equal",
      operator: "assertReproducible",
    });
  });
}
