/** Runs that their process left behind, marked as such; or the status of one run, as the user says it. */
import { finishRun, runningRuns, runsById } from "../../ledger/mod.ts";
import { isDeadRun } from "../interrupted.ts";
import type { RunServices } from "../request.ts";

/** A run whose status changes, or would. */
export interface FixedStatus {
  /** The run. */
  readonly run: string;
  /** Its step. */
  readonly step: string;
  /** What the ledger said. */
  readonly before: string;
  /** What it says now. */
  readonly after: string;
}

/** How to mend. */
export interface FixStatusOptions {
  /** Say what would be done, and do nothing. */
  readonly dryRun?: boolean;
  /** These runs, whatever became of their process; else all that are marked as running and whose process is dead. */
  readonly runs?: readonly string[];
  /** What to write. @default "interrupted" */
  readonly status?: string;
}

/** Marks runs whose process died, in one transaction. A run that completed is never changed: others may rest on it. */
export async function fixStatus(
  services: Pick<RunServices, "ledger" | "runDir" | "now" | "access">,
  options: FixStatusOptions = {},
): Promise<FixedStatus[]> {
  const { dryRun = false, runs, status = "interrupted" } = options;
  const { ledger } = services;
  if (!dryRun) services.access.toWrite("change a run's status");
  const work = dryRun ? ledger.read.bind(ledger) : ledger.write.bind(ledger);
  return await work(async (db) => {
    const meant = runs === undefined
      ? (await runningRuns(db)).filter((run) => isDeadRun(services, run))
      : (await runsById(db, runs)).filter((run) => run.status !== "completed" && run.status !== status);
    const now = new Date(services.now());
    for (const run of dryRun ? [] : meant) {
      await finishRun(db, run.id, { status, updated_at: now, meta: { ...run.meta, status_fix_reason: "consist db fix-status" } });
    }
    return meant.map(({ id, model_name, status: before }) => ({ run: id, step: model_name, before, after: status }));
  });
}
