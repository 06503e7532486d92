/** A tracker of its own in an empty folder, for the journeys. It has no tests of its own. */
import { join } from "@std/path";
import { Tracker, useTracker } from "consist";

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
