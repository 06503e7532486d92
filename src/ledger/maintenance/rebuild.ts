/** Makes a ledger whole again from the snapshots beside it: after it was lost or damaged, or where it lacks some of their runs. */
import { basename, join } from "@std/path";
import { LedgerError } from "../../errors.ts";
import { failureOf } from "../failures.ts";
import { type Ledger, openLedger } from "../ledger.ts";
import { type Marks, readMarks, restoreMarks } from "./marks.ts";
import { runsById } from "../runs.ts";
import { readSnapshotFile, type Snapshot, SNAPSHOTS } from "../snapshot.ts";
import { asideOf, removeAll, takePlace } from "./aside.ts";
import type { OnProgress } from "./compact.ts";
import { isLacking, restoreSnapshots } from "../restore.ts";

/** What rebuilding a ledger came to. */
export interface Rebuilt {
  /** Ids of the runs that came back, in the order in which they were made. */
  readonly runs: readonly string[];
  /** Where damaged files were moved to. Nothing is deleted. */
  readonly movedAside: readonly string[];
  /** Snapshots that could not be read. */
  readonly unreadable: readonly string[];
}

/** After so many snapshots it is told how far the work is. */
const TOGETHER = 200;

/**
 * Opens the ledger, and moves its log, then its file aside where it cannot be opened; then inserts what snapshots have and it lacks, in one
 * transaction: a failure or a kill leaves the ledger as it was.
 *
 * @throws {LedgerError} where the ledger cannot be opened for another reason than damage, such as another process that holds it
 */
export async function rebuildLedger(ledger: Ledger, runDir: string, now: Date, onProgress: OnProgress = () => {}): Promise<Rebuilt> {
  const { snapshots, marks, unreadable } = await allKept(runDir);
  const stamp = now.toISOString().replaceAll(":", "-");
  const movedAside: string[] = [];
  if (!await opens(ledger)) {
    const log = `${ledger.path}.wal`;
    if (await moved(log, `${log}.damaged-${stamp}`)) movedAside.push(`${log}.damaged-${stamp}`);
    if (movedAside.length === 0 || !await opens(ledger)) {
      const aside = `${ledger.path}.damaged-${stamp}`;
      const runs = await madeAnew(ledger, aside, (fresh) => restored(fresh, snapshots, marks, now, onProgress));
      return { runs, movedAside: [...movedAside, aside], unreadable };
    }
  }
  return { runs: await restored(ledger, snapshots, marks, now, onProgress), movedAside, unreadable };
}

/** What only snapshots know, and what was not looked at. */
export interface Reconciled {
  /** Ids of the runs that came in, or would. */
  readonly runs: readonly string[];
  /** Snapshots that could not be read. */
  readonly unreadable: readonly string[];
  /** How many snapshots belong to another ledger that has the same folder of runs. */
  readonly ofOthers: number;
}

/** How to reconcile. */
export interface ReconcileOptions {
  /** Say what would be done, and do nothing. */
  readonly dryRun?: boolean;
  /** Also runs that another ledger wrote. */
  readonly all?: boolean;
  /** Hears how far it is. */
  readonly onProgress?: OnProgress;
}

/** Inserts the runs that only a snapshot knows: those of this ledger, and of programs that do not say which. One transaction. */
export async function reconcileLedger(ledger: Ledger, runDir: string, now: Date, options: ReconcileOptions = {}): Promise<Reconciled> {
  const { dryRun = false, all = false, onProgress = () => {} } = options;
  const { snapshots, marks, unreadable } = await allKept(runDir);
  const isOwn = (name: string | undefined): boolean => all || name === undefined || name === basename(ledger.path);
  const own = snapshots.filter(({ deno }) => isOwn(deno?.ledger));
  const ofOthers = snapshots.length - own.length;
  if (!dryRun) {
    return { runs: await restored(ledger, own, marks.filter(({ ledger }) => isOwn(ledger)), now, onProgress), unreadable, ofOthers };
  }
  const known = new Map((await ledger.read((db) => runsById(db, own.map(({ run }) => run.id)))).map(({ id, status }) => [id, status]));
  return { runs: own.filter(({ run }) => isLacking(known.get(run.id), run.status)).map(({ run }) => run.id), unreadable, ofOthers };
}

async function restored(
  ledger: Ledger,
  snapshots: readonly Snapshot[],
  marks: readonly Marks[],
  now: Date,
  onProgress: OnProgress,
): Promise<string[]> {
  return await ledger.write(async (db) => {
    const runs: string[] = [];
    for (let from = 0; from < snapshots.length; from += TOGETHER) {
      await onProgress(from, snapshots.length, "snapshots");
      runs.push(...await restoreSnapshots(db, snapshots.slice(from, from + TOGETHER), now));
    }
    await restoreMarks(db, marks, runs);
    await onProgress(snapshots.length, snapshots.length, "snapshots");
    return runs;
  });
}

/** A ledger that cannot be opened gets a new file, which takes its place when it is whole; the old one has two names meanwhile. */
async function madeAnew<T>(ledger: Ledger, damaged: string, fill: (fresh: Ledger) => Promise<T>): Promise<T> {
  const aside = asideOf(ledger.path);
  const fresh = openLedger(aside);
  try {
    const filled = await fill(fresh);
    const connection = await fresh.connection();
    await connection.run("CHECKPOINT");
    connection.disconnectSync();
    await fresh.close();
    await secondName(ledger.path, damaged);
    await takePlace(aside, ledger.path);
    return filled;
  } finally {
    await fresh.close();
    await removeAll([aside, `${aside}.wal`]);
  }
}

/** Where the disk knows no second name for a file it is renamed: then a kill in this moment leaves none with the ledger's name. */
async function secondName(path: string, other: string): Promise<void> {
  try {
    await Deno.link(path, other);
  } catch {
    await Deno.rename(path, other);
  }
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

/** Snapshots and marks. */
async function allKept(
  runDir: string,
): Promise<{ snapshots: readonly Snapshot[]; marks: readonly Marks[]; unreadable: readonly string[] }> {
  const { snapshots, unreadable } = await allSnapshots(join(runDir, SNAPSHOTS));
  const kept = await readMarks(runDir);
  return { snapshots, marks: kept.marks, unreadable: [...unreadable, ...kept.unreadable] };
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
