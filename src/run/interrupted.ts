/** Runs whose process died: found when this process first writes, and named where their step executes again. */
import type { Refusal } from "../identity/mod.ts";
import { type Db, finishRun, runningRuns, type RunRow, unfinishedBySignature } from "../ledger/mod.ts";
import { claimsFolder, claimsOf } from "./claim.ts";
import { isDead, type ProcessMark } from "./presence.ts";
import { noteLostRuns } from "./lost_runs.ts";
import { removeHalfWritten } from "./half_written.ts";
import type { RunServices } from "./request.ts";

/** Ledgers to which this process has written. */
const begun = new Set<string>();

/** Once for each ledger, before this process writes to it first: what the dead left is put in order, behind the caller's back. */
export async function beforeFirstWrite(services: RunServices): Promise<void> {
  const { ledger } = services;
  if (begun.has(ledger.path)) return;
  begun.add(ledger.path);
  await noteLostRuns(services);
  ledger.later((db) => markInterrupted(services, db), { mayStay: true });
}

async function markInterrupted(services: RunServices, db: Db): Promise<void> {
  const now = services.now();
  const dead = (await runningRuns(db)).filter((run) => isDeadRun(services, run));
  for (const run of dead) await finishRun(db, run.id, { status: "interrupted", updated_at: new Date(now) });
  await removeHalfWritten(services.runDir, dead);
  claimsOf(services.runDir).sweep();
}

/** Is the process of a run dead? The runs of Python, and those that say nothing of their process, are left alone. */
export function isDeadRun(services: Pick<RunServices, "runDir" | "now">, { meta, started_at }: RunRow): boolean {
  const { _process: mark, _physical_run_dir: home } = meta;
  if (typeof mark !== "object" || mark === null || !("pid" in mark)) return false;
  // The folder may have been moved since, with its ledger: then the lock is in the present one.
  const folders = new Set([services.runDir, ...(typeof home === "string" ? [home] : [])].map(claimsFolder));
  return isDead([...folders], mark as ProcessMark, started_at, services.now());
}

/** The newest run with this signature that failed or was interrupted, as the reason why there is nothing to serve. */
export async function unfinishedRun(services: RunServices, signature: string): Promise<Refusal | undefined> {
  const row = await services.ledger.lookUp((db) => unfinishedBySignature(db, signature));
  if (row === undefined) return undefined;
  const run = { id: row.id, startedAt: row.started_at };
  if (row.status === "failed") {
    return { kind: "failed_before", run, ...(typeof row.meta.error === "string" ? { error: row.meta.error } : {}) };
  }
  const isInterrupted = row.status === "interrupted" || (row.status === "running" && isDeadRun(services, row));
  return isInterrupted ? { kind: "interrupted", run } : undefined;
}
