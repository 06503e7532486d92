/** The table `deno_accepted`: which code of a step may be served the results of which other code of it, and who said so. */
import type { Db } from "./connection.ts";
import { insertRows } from "./insert.ts";
import { columnsOf, parsed, rowsAmong } from "./select.ts";

/** A row of `deno_accepted`. */
export interface AcceptedRow {
  /** Its own id. */
  readonly id: string;
  /** The step's name. */
  readonly step: string;
  /** The step's model. */
  readonly model: string;
  /** How code was followed. */
  readonly mode: string;
  /** The hash of the code that is asked for. */
  readonly code: string;
  /** The hash of the code whose results stand for it. */
  readonly stands_for: string;
  /** The run of the asked code that was looked at. */
  readonly run_id: string | null;
  /** The run of the other code that it was compared with. */
  readonly other_run_id: string | null;
  /** Why the results may stand. */
  readonly reason: string;
  /** Who said so: user and machine. */
  readonly accepted_by: string | null;
  /** When. */
  readonly accepted_at: Date;
  /** What differs between the two codes. */
  readonly differences: unknown;
  /** The first difference of an output, where there is one and it was accepted all the same. */
  readonly differing_output: string | null;
  /** Who took it back. */
  readonly revoked_by: string | null;
  /** When. */
  readonly revoked_at: Date | null;
}

/** Inserts one. */
export async function insertAcceptance(db: Db, row: AcceptedRow): Promise<void> {
  await insertRows(db, "deno_accepted", [{ ...row }]);
}

/** All of them, or those of a step, the newest first; those that were taken back too. */
export async function acceptancesOf(db: Db, step?: string): Promise<AcceptedRow[]> {
  const rows = await db.all<Record<string, unknown>>(
    `SELECT ${columnsOf("deno_accepted", "a")} FROM deno_accepted a
    WHERE $1::VARCHAR IS NULL OR a.step = $1::VARCHAR ORDER BY epoch_us(a.accepted_at) DESC, a.id DESC`,
    [step ?? null],
  );
  return rows.map((row) => parsed<AcceptedRow>("deno_accepted", row));
}

/** Those that hold for a step, the newest first. */
export async function liveAcceptances(db: Db, step: string, model: string): Promise<AcceptedRow[]> {
  return (await acceptancesOf(db, step)).filter((row) => row.model === model && row.revoked_at === null);
}

/** Those with these ids. */
export async function acceptancesById(db: Db, ids: readonly string[]): Promise<AcceptedRow[]> {
  return await rowsAmong<AcceptedRow>(db, "deno_accepted", "id", ids);
}

/** Is there any, also of those that were taken back? */
export async function isAnyAccepted(db: Db): Promise<boolean> {
  return (await db.all("SELECT 1 FROM deno_accepted LIMIT 1")).length > 0;
}

/** Takes one back. */
export async function revokeAcceptance(db: Db, id: string, by: string, at: Date): Promise<void> {
  await db.run("UPDATE deno_accepted SET revoked_by = $2, revoked_at = $3 WHERE id = $1 AND revoked_at IS NULL", [id, by, at]);
}

/** What a completed run of a step was identified by, as far as two codes of it are compared. */
export interface CodeOfRun {
  /** The run. */
  readonly id: string;
  /** Its signature. */
  readonly signature: string;
  /** The hash of its code. */
  readonly code: string;
  /** How its code was followed. */
  readonly mode: string;
  /** Everything else that decided its result. */
  readonly others: string;
}

/** The completed runs of a step that executed and have a signature, newest first. */
export async function codesOfRuns(db: Db, step: string, model: string): Promise<CodeOfRun[]> {
  return await db.all<CodeOfRun>(
    `SELECT r.id, d.signature, i.code->>'$.hash' AS code, i.code->>'$.mode' AS mode,
      concat_ws(' ', i.call->>'$.hash', r.config_hash, r.input_hash) AS others
    FROM run r JOIN deno_run d ON d.run_id = r.id JOIN deno_identity i ON i.run_id = r.id
    WHERE r.model_name = $1 AND coalesce(r.meta->>'$.step', r.model_name) = $2 AND r.status = 'completed' AND NOT d.hit
      AND d.signature IS NOT NULL AND (i.code->>'$.hash') IS NOT NULL
    ORDER BY epoch_us(r.created_at) DESC, r.id DESC`,
    [model, step],
  );
}
