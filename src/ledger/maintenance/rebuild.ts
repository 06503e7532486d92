/** Makes a ledger whole again from the snapshots beside it: after it was lost or damaged, or where it lacks some of their runs. */
import { join } from "@std/path";
import { LedgerError } from "../../errors.ts";
import { failureOf } from "../failures.ts";
import type { Ledger } from "../ledger.ts";
import { readSnapshotFile, type Snapshot, SNAPSHOTS } from "../snapshot.ts";
import { restoreSnapshots } from "./restore.ts";

/** What rebuilding a ledger came to. */
export interface Rebuilt {
  /** Ids of the runs that came back, in the order in which they were made. */
  readonly runs: readonly string[];
  /** Where damaged files were moved to. Nothing is deleted. */
  readonly movedAside: readonly string[];
  /** Snapshots that could not be read. */
  readonly unreadable: readonly string[];
}

/** So many snapshots go into one transaction. */
const TOGETHER = 200;

/**
 * Opens the ledger, and moves its log, then its file aside where it cannot be opened; then inserts what snapshots have and it lacks.
 *
 * @throws {LedgerError} where the ledger cannot be opened for another reason than damage, such as another process that holds it
 */
export async function rebuildLedger(ledger: Ledger, runDir: string, now: Date): Promise<Rebuilt> {
  const movedAside: string[] = [];
  for (const file of [`${ledger.path}.wal`, ledger.path]) {
    if (await opens(ledger)) break;
    const aside = `${file}.damaged-${now.toISOString().replaceAll(":", "-")}`;
    if (await moved(file, aside)) movedAside.push(aside);
  }
  const { snapshots, unreadable } = await allSnapshots(join(runDir, SNAPSHOTS));
  const runs: string[] = [];
  for (let from = 0; from < snapshots.length; from += TOGETHER) {
    const some = snapshots.slice(from, from + TOGETHER);
    runs.push(...await ledger.write((db) => restoreSnapshots(db, some, now)));
  }
  return { runs, movedAside, unreadable };
}

/** A damaged log is found when the file is opened; damaged rows when they are read. */
async function opens(ledger: Ledger): Promise<boolean> {
  try {
    await ledger.lookUp((db) => db.all("SELECT count(id), count(meta), count(signature) FROM run"));
    return true;
  } catch (error) {
    await ledger.release();
    if (error instanceof LedgerError ? error.code === "ledger_unreadable" : failureOf(error) === "unreadable") return false;
    throw error;
  }
}

async function moved(from: string, to: string): Promise<boolean> {
  try {
    await Deno.rename(from, to);
    return true;
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return false;
    throw error;
  }
}

async function allSnapshots(folder: string): Promise<{ snapshots: Snapshot[]; unreadable: string[] }> {
  const [snapshots, unreadable]: [Snapshot[], string[]] = [[], []];
  for (const path of await filesIn(folder)) {
    try {
      const snapshot = await readSnapshotFile(path);
      if (snapshot !== undefined) snapshots.push(snapshot);
    } catch (error) {
      if (!(error instanceof LedgerError)) throw error;
      unreadable.push(path);
    }
  }
  snapshots.sort((a, b) => (a.run.created_at?.getTime() ?? 0) - (b.run.created_at?.getTime() ?? 0));
  return { snapshots, unreadable };
}

async function filesIn(folder: string): Promise<string[]> {
  try {
    const entries = await Array.fromAsync(Deno.readDir(folder));
    return entries.filter(({ name, isFile }) => isFile && name.endsWith(".json")).map(({ name }) => join(folder, name)).sort();
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return [];
    throw error;
  }
}
