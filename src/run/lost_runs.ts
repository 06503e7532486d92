/** Does the ledger lack runs that have a snapshot? A ledger that was deleted does, and one whose log was damaged: DuckDB drops its rest without a word. */
import { basename, join } from "@std/path";
import { allRunIds, lastEnded, readSnapshotFile, snapshotPath, SNAPSHOTS } from "../ledger/mod.ts";
import type { RunServices } from "./request.ts";

/** A snapshot follows its run's row at once. One that is so much younger than all rows has lost its row. */
const SUSPICIOUS_MS = 60_000;
/** So many snapshots are looked into. */
const LOOKED_AT = 100;

/** Tells the user where runs were lost, and how they come back. One look at a folder's time is all it costs where nothing was. */
export async function noteLostRuns(services: RunServices): Promise<void> {
  const { ledger, runDir, warn } = services;
  const written = await timeOf(join(runDir, SNAPSHOTS));
  if (written === undefined) return;
  const last = await ledger.lookUp(lastEnded);
  if (last !== undefined && written - last.getTime() < SUSPICIOUS_MS) return;
  const lost = await countLost(services, last === undefined);
  if (lost === 0) return;
  warn(
    `the ledger ${ledger.path} lacks ${lost} runs that have a snapshot in ${runDir}. ` +
      "Where it was deleted or damaged, tracker.rebuild(), or consist db rebuild on the command line, brings them back.",
  );
}

/** Two ledgers may have one folder of runs. A snapshot that names no ledger counts only for one that is new. */
async function countLost({ ledger, runDir }: RunServices, isNew: boolean): Promise<number> {
  const ids = new Set(await ledger.lookUp(allRunIds));
  const known = new Set([...ids].map((id) => basename(snapshotPath(runDir, id))));
  const names = (await Array.fromAsync(Deno.readDir(join(runDir, SNAPSHOTS)))).map(({ name }) => name);
  const lacking = names.filter((name) => name.endsWith(".json") && !name.startsWith(".") && !known.has(name));
  const looked = await Promise.all(lacking.slice(0, LOOKED_AT).map((name) => ownerOf(join(runDir, SNAPSHOTS, name))));
  const ours =
    looked.filter(({ id, ledger: name }) =>
      (id === undefined || !ids.has(id)) && (name === undefined ? isNew : name === basename(ledger.path))
    ).length;
  return ours === LOOKED_AT ? lacking.length : ours;
}

/** The other library names files otherwise: the id inside decides. What cannot be read is the concern of whoever rebuilds. */
async function ownerOf(path: string): Promise<{ readonly id?: string; readonly ledger?: string | undefined }> {
  const snapshot = await readSnapshotFile(path).catch(() => undefined);
  return snapshot === undefined ? {} : { id: snapshot.run.id, ledger: snapshot.deno?.ledger };
}

async function timeOf(path: string): Promise<number | undefined> {
  try {
    return (await Deno.stat(path)).mtime?.getTime();
  } catch {
    return undefined; // no folder yet, or closed to us: there is nothing to compare with
  }
}
