/** `consist db rebuild`, `reconcile`, `snapshot` and `fix-status`: what brings ledger, snapshots and processes together again. */
import { basename, resolve } from "@std/path";
import { OptionError } from "../errors.ts";
import {
  copyLedger,
  keepMissingMarks,
  rebuildLedger,
  reconcileLedger,
  runsWithoutSnapshot,
  writeSnapshots,
} from "../ledger/maintenance/mod.ts";
import { countOf } from "../notebook/mod.ts";
import { namedRun } from "../query/answers/mod.ts";
import { finishPurges, fixStatus } from "../run/care/mod.ts";
import { servicesOf } from "../tracker/mod.ts";
import type { LedgerFlags } from "./flags.ts";
import type { Output } from "./output.ts";
import { placeThatIs } from "./place.ts";
import { readingOf, trackerFor } from "./tracker.ts";

/** Brings back what a ledger lacks, also one that was deleted or damaged; `false` where a snapshot cannot be read. */
export async function dbRebuild(output: Output, flags: LedgerFlags): Promise<boolean> {
  await using tracker = trackerFor(flags);
  const services = servicesOf(tracker);
  const { runDir, now, ledger } = services;
  using progress = output.progress();
  const { runs, movedAside, unreadable } = await rebuildLedger(
    ledger,
    runDir,
    new Date(now()),
    (done, total, what) => progress.show(done, total, what),
  );
  await finishPurges(services);
  progress.end();
  output.answer({
    json: () => ({ runs, movedAside, unreadable }),
    text: () =>
      [
        ...movedAside.map((path) => `moved aside: ${path}`),
        ...unreadable.map((path) => `no snapshot of a run: ${path}`),
        `${runs.length} runs came back into ${tracker.dbPath}`,
      ].join("\n"),
  });
  return unreadable.length === 0;
}

/** What reconciling takes. */
export interface ReconcileFlags extends LedgerFlags {
  /** Do nothing. */
  readonly dryRun?: boolean;
  /** Also runs of other ledgers. */
  readonly all?: boolean;
}

/** Brings in the runs that only a snapshot knows; `false` where a snapshot cannot be read. */
export async function dbReconcile(output: Output, flags: ReconcileFlags): Promise<boolean> {
  placeThatIs(flags);
  await using tracker = trackerFor(flags);
  const services = servicesOf(tracker);
  const { dryRun = false, all = false } = flags;
  if (!dryRun) await finishPurges(services);
  using progress = output.progress();
  const { runs, unreadable, ofOthers } = await reconcileLedger(services.ledger, services.runDir, new Date(services.now()), {
    ...{ dryRun, all },
    onProgress: (done, total, what) => progress.show(done, total, what),
  });
  progress.end();
  output.answer({
    json: () => ({ dryRun, runs, unreadable, ofOthers }),
    text: () =>
      [
        ...runs.slice(0, 20),
        ...(runs.length > 20 ? [`and ${runs.length - 20} more`] : []),
        ...unreadable.map((path) => `no snapshot of a run: ${path}`),
        ...(ofOthers === 0 ? [] : [`${countOf(ofOthers, "snapshot")} of another ledger left alone; --all takes them too`]),
        `${countOf(runs.length, "run")} ${dryRun ? "would come" : "came"} in`,
      ].join("\n"),
  });
  return unreadable.length === 0;
}

/** What writing snapshots takes. */
export interface SnapshotFlags extends LedgerFlags {
  /** Do nothing. */
  readonly dryRun?: boolean;
}

/** Writes the snapshots that are missing; with a file a copy of the whole ledger. */
export async function dbSnapshot(output: Output, flags: SnapshotFlags, file?: string): Promise<boolean> {
  placeThatIs(flags);
  await using tracker = trackerFor(flags);
  const { ledger, runDir } = servicesOf(tracker);
  const { dryRun = false } = flags;
  using progress = output.progress();
  const onProgress = (done: number, total: number, what: string): void => progress.show(done, total, what);
  const copy = file === undefined ? undefined : resolve(file);
  const runs = copy === undefined ? await runsWithoutSnapshot(ledger, runDir) : [];
  if (!dryRun && copy !== undefined) await copyLedger(ledger, copy, onProgress);
  if (!dryRun && copy === undefined) await writeSnapshots(ledger, runDir, runs, onProgress);
  if (!dryRun && copy === undefined) await ledger.read((db) => keepMissingMarks(db, runDir, basename(ledger.path)));
  progress.end();
  const what = copy === undefined
    ? `${countOf(runs.length, "snapshot")} ${dryRun ? "would be written" : "written"} in ${runDir}`
    : `the ledger ${dryRun ? "would be" : "was"} copied to ${copy}`;
  output.answer({ json: () => ({ dryRun, runs, copy: copy ?? null }), text: () => what });
  return true;
}

/** What mending takes. */
export interface FixStatusFlags extends LedgerFlags {
  /** Do nothing. */
  readonly dryRun?: boolean;
  /** What to write. */
  readonly status?: "interrupted" | "failed";
}

/** Marks runs whose process died, or those that are named. */
export async function dbFixStatus(output: Output, flags: FixStatusFlags, ...names: readonly string[]): Promise<boolean> {
  if (names.length === 0 && flags.status !== undefined) {
    throw new OptionError("option_invalid", {
      problem: "Cannot tell which runs get the status.",
      why: "--status says what to write, and no run was named.",
      fix: "Name the runs, or leave --status out: runs whose process died are marked as interrupted.",
      path: "status",
    });
  }
  placeThatIs(flags);
  await using tracker = trackerFor(flags);
  const reading = readingOf(tracker);
  const { dryRun = false, status } = flags;
  const runs = await Promise.all(names.map(async (name) => (await namedRun(reading, name)).id));
  const fixed = await fixStatus(servicesOf(tracker), {
    dryRun,
    ...(runs.length === 0 ? {} : { runs }),
    ...(status === undefined ? {} : { status }),
  });
  output.answer({
    json: () => ({ dryRun, runs: fixed }),
    text: () =>
      [
        ...fixed.map(({ run, step, before, after }) => `${step}  ${run}  ${before} → ${after}`),
        `${countOf(fixed.length, "run")} ${dryRun ? "would be marked" : "marked"}`,
      ].join("\n"),
  });
  return true;
}
