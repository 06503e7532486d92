/** What the journeys share: a tracker of their own in an empty folder, and errors that are wanted. It has no tests of its own. */
import assert from "node:assert/strict";
import { dirname, join } from "@std/path";
import { ConsistError, Tracker, useTracker } from "consist";
import { withTracker } from "consist/testing";

/** Runs the body with the tracker in use; its folder goes away afterwards. */
export async function inTracker(body: (tracker: Tracker, dir: string) => Promise<void>): Promise<void> {
  const dir = await Deno.realPath(await Deno.makeTempDir());
  await using tracker = new Tracker({ dbPath: join(dir, "provenance.duckdb") });
  try {
    await useTracker(tracker, () => body(tracker, dir));
  } finally {
    await tracker.close();
    await Deno.remove(dir, { recursive: true });
  }
}

/** A test with a tracker of its own, as users have it from `withTracker()`. */
export function test(name: string, body: (at: { readonly dir: string; readonly tracker: Tracker }) => Promise<void>): void {
  Deno.test(name, () => withTracker(async (tracker) => await body({ tracker, dir: dirname(tracker.runDir) })));
}

/** The error of the library's own with which something is refused. */
export async function refused(promise: Promise<unknown>): Promise<ConsistError> {
  const error = await promise.then(() => undefined, (error: unknown) => error);
  assert.ok(error instanceof ConsistError, `wanted a ConsistError, found ${error}`);
  return error;
}
