/** Snapshots that are missing: written from the rows of the ledger. */
import { basename, join } from "@std/path";
import { artifactsOfRuns } from "../artifacts.ts";
import { displayOf } from "../displays.ts";
import { facetsOfRuns } from "../facets.ts";
import { identitiesOf } from "../identities.ts";
import type { Ledger } from "../ledger.ts";
import { ownRunsById } from "../own_runs.ts";
import { type RunRow, runsById } from "../runs.ts";
import { readSnapshot, type Snapshot, snapshotPath, SNAPSHOTS, writeSnapshot } from "../snapshot.ts";
import type { OnProgress } from "./compact.ts";

/** So many are made at once. */
const TOGETHER = 100;

/** Names of the files in the folder of snapshots; none where there is no folder. */
export async function snapshotFiles(runDir: string): Promise<Set<string>> {
  try {
    const names = (await Array.fromAsync(Deno.readDir(join(runDir, SNAPSHOTS)))).map(({ name }) => name);
    return new Set(names.filter((name) => name.endsWith(".json") && !name.startsWith(".")));
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return new Set();
    throw error;
  }
}

/** Ids of the runs that ended, were no hits, and have no snapshot. */
export async function runsWithoutSnapshot(ledger: Ledger, runDir: string): Promise<string[]> {
  const files = await snapshotFiles(runDir);
  const rows = await ledger.read((db) =>
    db.all<{ id: string }>(
      `SELECT r.id FROM run r LEFT JOIN deno_run d ON d.run_id = r.id WHERE r.status <> 'running'
AND NOT coalesce(d.hit, (r.meta->>'$.cache_hit')::BOOLEAN, false) ORDER BY epoch_us(r.created_at), r.id`,
    )
  );
  const lacking = rows.map(({ id }) => id).filter((id) => !files.has(basename(snapshotPath(runDir, id))));
  const found = await Promise.all(lacking.map((id) => hasOtherName(runDir, id)));
  return lacking.filter((_, index) => !found[index]);
}

/** Python gives the file of an id that is no file name another name; the id inside decides. */
async function hasOtherName(runDir: string, id: string): Promise<boolean> {
  try {
    return (await readSnapshot(runDir, id))?.run.id === id;
  } catch {
    return false; // what cannot be read is no snapshot, and is told of as such
  }
}

/** Writes the snapshots of these runs, each whole or not at all. */
export async function writeSnapshots(
  ledger: Ledger,
  runDir: string,
  ids: readonly string[],
  onProgress: OnProgress = () => {},
): Promise<void> {
  for (let from = 0; from < ids.length; from += TOGETHER) {
    await onProgress(from, ids.length, "snapshots");
    for (const snapshot of await snapshotsOf(ledger, ids.slice(from, from + TOGETHER))) await writeSnapshot(runDir, snapshot);
  }
  await onProgress(ids.length, ids.length, "snapshots");
}

async function snapshotsOf(ledger: Ledger, ids: readonly string[]): Promise<Snapshot[]> {
  return await ledger.read(async (db) => {
    const runs = await runsById(db, ids);
    const linked = Map.groupBy(await artifactsOfRuns(db, ids), ({ run_id }) => run_id);
    const own = new Map((await ownRunsById(db, ids)).map((row) => [row.run_id, row]));
    const identities = new Map((await identitiesOf(db, ids)).map((row) => [row.run_id, row]));
    const facets = new Map((await facetsOfRuns(db, ids)).map(({ run_id, facet }) => [run_id, facet]));
    const displays = new Map<string, string>();
    for (const id of ids) {
      const shown = await displayOf(db, id);
      if (shown !== undefined) displays.set(id, shown);
    }
    return runs.map((run: RunRow): Snapshot => {
      const artifacts = linked.get(run.id) ?? [];
      const side = (direction: string) => artifacts.filter((link) => link.direction === direction).map(({ artifact }) => artifact);
      const shown = displays.get(run.id);
      const implicit = artifacts.filter(({ is_implicit }) => is_implicit).map(({ artifact_id }) => artifact_id);
      const [ownRow, identity] = [own.get(run.id), identities.get(run.id)];
      return {
        ...{ run, inputs: side("input"), outputs: side("output"), cached_run: null },
        ...{ config: identity?.config ?? facets.get(run.id) ?? {}, facet: facets.get(run.id) ?? {} },
        deno: {
          ...(ownRow === undefined ? {} : { run: ownRow }),
          ...(identity === undefined ? {} : { identity }),
          ...(shown === undefined ? {} : { display: { run_id: run.id, shown } }),
          ...(implicit.length === 0 ? {} : { implicit }),
          ledger: basename(ledger.path),
        },
      };
    });
  });
}
