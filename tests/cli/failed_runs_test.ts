/** What the command line says of a run that failed, of a step's name, and where nothing could be verified. */
import assert from "node:assert/strict";
import { join } from "@std/path";
import { findRuns, useTracker } from "consist";
import { Tracker } from "../../src/tracker/mod.ts";
import { tempDir } from "../child.ts";
import { callIn } from "./call.ts";

/** A ledger in a folder of its own, closed again before commands are called. */
async function ledgerOf(body: (tracker: Tracker) => Promise<void>): Promise<{ path: string } & AsyncDisposable> {
  const dir = await tempDir();
  await using tracker = new Tracker({ dbPath: join(dir.path, "provenance.duckdb") });
  await useTracker(tracker, () => body(tracker));
  return dir;
}

Deno.test("explain and show say what a first run failed with, and why it executed", async () => {
  await using dir = await ledgerOf(async (tracker) => {
    const fn = (): number => {
      throw new RangeError("the grid has no cells");
    };
    await tracker.run({ name: "grid", fn, outputs: ["cells"] }).catch(() => {});
  });
  const { code, out } = await callIn(dir.path, "explain", "grid");
  assert.equal(code, 0);
  assert.match(out, /It failed: RangeError: the grid has no cells\n {2}at .*failed_runs_test\.ts/);
  assert.match(out, /No earlier run of step "grid" is known/);
  assert.doesNotMatch(out, /does not say/);
  const shown = await callIn(dir.path, "show", "grid");
  assert.match(shown.out, /RangeError: the grid has no cells/);
  assert.doesNotMatch(shown.out, /does not say/);
});

Deno.test("a failure after a change is explained by both", async () => {
  await using dir = await ledgerOf(async (tracker) => {
    for (const limit of [3, 0]) {
      const fn = (_: unknown, { config }: { config: { limit: number } }) => {
        if (config.limit === 0) throw new Error("no limit");
        return config.limit;
      };
      await tracker.run({ name: "limited", fn, config: { limit }, outputs: ["n"] }).catch(() => {});
    }
  });
  const { out } = await callIn(dir.path, "explain", "limited");
  assert.match(out, /It failed: Error: no limit/);
  assert.match(out, /limit.*3.*0/s);
});

Deno.test("a step's name means its newest run for explain and show, and it is said which one that is", async () => {
  await using dir = await ledgerOf(async (tracker) => {
    for (const n of [1, 2, 3]) await tracker.run({ name: "count it", fn: (_, { config }) => config.n, config: { n }, outputs: ["n"] });
  });
  await using tracker = new Tracker({ dbPath: join(dir.path, "provenance.duckdb") });
  const [newest] = await useTracker(tracker, () => findRuns({ step: "count it" }));
  await tracker.close();
  const { out, err, code } = await callIn(dir.path, "explain", "count it");
  assert.equal(code, 0);
  assert.ok(out.startsWith(`run ${newest!.id}\n`), out);
  assert.match(err, /is the newest of the 3 runs of step "count it"/);
  assert.match(err, /consist runs --history --step 'count it'/);
  const json = await callIn(dir.path, "show", "count it", "--json");
  assert.equal(JSON.parse(json.out).run.id, newest!.id);
  assert.equal((await callIn(dir.path, "explain", newest!.id)).err, "");
});

Deno.test("verify fails, and says so, where no run could be executed again", async () => {
  await using dir = await ledgerOf(async (tracker) => {
    await tracker.run({ name: "inline", fn: () => 1, outputs: ["n"] });
  });
  const { code, out } = await callIn(dir.path, "verify");
  assert.equal(code, 1);
  assert.match(out.trimEnd().split("\n").at(-1)!, /^1 run: 0 equal, 0 different, 1 not repeatable\. Nothing was verified\.$/);
});
