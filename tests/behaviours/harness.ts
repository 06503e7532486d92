/** What the tests of this folder share: a test with a tracker in a folder of its own, and errors that are wanted. */
import assert from "node:assert/strict";
import { ConsistError, type Tracker } from "consist";
import { withTracker } from "consist/testing";

/** A test in a temporary folder of its own, with an ambient tracker. */
export function test(name: string, body: (at: { readonly dir: string; readonly tracker: Tracker }) => Promise<void>): void {
  Deno.test(name, () => withTracker(async (tracker) => await body({ tracker, dir: tracker.runDir.replace(/[/\\]runs$/, "") })));
}

/** The error that a promise rejects with, which has to be one of ours. */
export async function refused(promise: Promise<unknown>): Promise<ConsistError> {
  const error = await promise.then(() => undefined, (error: unknown) => error);
  assert.ok(error instanceof ConsistError, `wanted a ConsistError, found ${error}`);
  return error;
}
