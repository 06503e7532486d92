/** The table `deno_pruned`, and how runs were used: what decides which cached files may go. */
import { JSON } from "../intrinsics.ts";
import type { Db } from "./connection.ts";
import { rowsAmong } from "./select.ts";
import { textList, texts } from "./json_lists.ts";

/** How far the pruning of a run is: it hits no more and waits; its files are being deleted; they are gone. */
export type PruneState = "marked" | "deleting" | "done";

/** A row of `deno_pruned`. */
export interface PrunedRow {
  /** The run. */
  readonly run_id: string;
  /** When it was chosen. */
  readonly pruned_at: Date;
  /** Who chose it. */
  readonly pruned_by: string | null;
  /** How often it had been a hit when it was chosen. */
  readonly hits: number;
  /** What its files took, in bytes. */
  readonly bytes: number;
  /** How far it is. */
  readonly state: PruneState;
  /** What it served; given back where somebody used it meanwhile. */
  readonly result: string | null;
}

/** A run that executed, with its use since then. */
export interface UsedRun {
  /** The run. */
  readonly id: string;
  /** Its step: the name that its folder has. */
  readonly step: string;
  /** Its model. */
  readonly model: string;
  /** The scenario in which it executed. */
  readonly scenario: string | null;
  /** The header of that. */
  readonly header_id: string | null;
  /** How it ended. */
  readonly status: string;
  /** Is it one of this library's? */
  readonly is_ours: boolean;
  /** When it ended; of one that did not, when it began. */
  readonly at: Date;
  /** How long it took, in seconds. */
  readonly seconds: number | null;
  /** How often it was a hit. */
  readonly hits: number;
  /** When it was one last. */
  readonly hit_at: Date | null;
  /** What that saved, in seconds. */
  readonly saved: number;
  /** JSON of the names of the scenarios in which it was one, null for none; null where it never was. */
  readonly scenarios: string | null;
  /** How far its pruning is, where it is pruned. */
  readonly state: PruneState | null;
}

const USED = `WITH hit AS MATERIALIZED (
  SELECT d.source_run_id AS id, count(*)::BIGINT AS hits, max(h.created_at::TIMESTAMPTZ) AS hit_at,
    sum(greatest(0, coalesce(s.seconds, 0) - coalesce(d.seconds, 0)))::DOUBLE AS saved,
    to_json(list(DISTINCT d.scenario_name))::VARCHAR AS scenarios
  FROM deno_run d JOIN run h ON h.id = d.run_id LEFT JOIN deno_run s ON s.run_id = d.source_run_id
  WHERE d.hit AND d.source_run_id IS NOT NULL GROUP BY d.source_run_id
)
SELECT r.id, coalesce(r.meta->>'$.step', r.model_name) AS step, r.model_name AS model, d.scenario_name AS scenario, d.header_id, r.status,
  (d.run_id IS NOT NULL OR coalesce(starts_with(r.git_hash, 'deno:'), false)) AS is_ours,
  coalesce(r.ended_at, r.created_at)::TIMESTAMPTZ AS at, d.seconds, coalesce(u.hits, 0) AS hits, u.hit_at, coalesce(u.saved, 0) AS saved,
  u.scenarios, p.state
FROM run r LEFT JOIN deno_run d ON d.run_id = r.id LEFT JOIN hit u ON u.id = r.id LEFT JOIN deno_pruned p ON p.run_id = r.id
WHERE NOT coalesce(d.hit, false) AND NOT coalesce(contains(r.tags::VARCHAR, '"scenario_header"'), false)
ORDER BY epoch_us(r.created_at) DESC, r.id DESC`;

/** All runs that executed, newest first, each with its use. */
export async function usedRuns(db: Db): Promise<UsedRun[]> {
  return await db.all<UsedRun>(USED);
}

/** One run that reads, or gives as its own, what another one made. A hit stands for the run whose outputs it has. */
export interface Need {
  /** Who reads. */
  readonly reader: string;
  /** Who made what is read. */
  readonly maker: string;
}

/** Who needs whose files. */
export async function needs(db: Db): Promise<Need[]> {
  return await db.all<Need>(
    `SELECT DISTINCT coalesce(d.source_run_id, l.run_id) AS reader, a.run_id AS maker
    FROM run_artifact_link l JOIN artifact a ON a.id = l.artifact_id LEFT JOIN deno_run d ON d.run_id = l.run_id
    WHERE a.run_id IS NOT NULL AND a.run_id <> coalesce(d.source_run_id, l.run_id)`,
  );
}

/** The runs behind the results of some scenarios' executions: executed there, or hit there. */
export async function runsOfHeaders(db: Db, headerIds: readonly string[]): Promise<string[]> {
  if (headerIds.length === 0) return [];
  const sql = `SELECT DISTINCT coalesce(source_run_id, run_id) AS id FROM deno_run WHERE header_id IN (SELECT ${texts(1)})`;
  return (await db.all<{ id: string }>(sql, [textList(headerIds)])).map(({ id }) => id);
}

/** Where artifacts are: address and maker. */
export async function addressesOfArtifacts(db: Db): Promise<{ readonly uri: string; readonly run_id: string }[]> {
  return await db.all("SELECT container_uri AS uri, run_id FROM artifact WHERE run_id IS NOT NULL");
}

/** Paths that users named for outputs, as JSON: of hits absolute ones by key; of executions the options of the call with its folder. */
export async function namedPlaces(db: Db): Promise<{ readonly copies: readonly string[]; readonly calls: readonly string[] }> {
  const copies = await db.all<{ text: string }>(
    "SELECT DISTINCT meta->>'$.materialized_outputs' AS text FROM run WHERE contains(meta::VARCHAR, '\"materialized_outputs\"')",
  );
  const calls = await db.all<{ text: string }>(
    `SELECT DISTINCT call->>'$.again' AS text FROM deno_identity
    WHERE coalesce(call->>'$.again.options.outputPaths', '{}') <> '{}'`,
  );
  const texts = (rows: readonly { text: string | null }[]): string[] => rows.flatMap(({ text }) => text ?? []);
  return { copies: texts(copies), calls: texts(calls) };
}

// ── marks ───────────────────────────────────────────────────────────────────────────────────────────────────────────────────

/** Marks runs, so that they hit no more from this transaction on. What they served is put aside. */
export async function markPruned(db: Db, rows: readonly Omit<PrunedRow, "state" | "result">[]): Promise<void> {
  if (rows.length === 0) return;
  const { pruned_at, pruned_by } = rows[0]!;
  const numbers = (of: (row: (typeof rows)[number]) => number): string => JSON.stringify(rows.map(of));
  const whole = (parameter: number): string => `unnest(from_json($${parameter}, '["BIGINT"]'))`;
  await db.run(
    `INSERT INTO deno_pruned (run_id, pruned_at, pruned_by, hits, bytes, state, result)
    SELECT m.id, $4, $5, m.hits, m.bytes, 'marked', d.result
    FROM (SELECT ${texts(1)} AS id, ${whole(2)} AS hits, ${whole(3)} AS bytes) m LEFT JOIN deno_run d ON d.run_id = m.id
    WHERE m.id NOT IN (SELECT run_id FROM deno_pruned)`,
    [textList(rows.map(({ run_id }) => run_id)), numbers(({ hits }) => hits), numbers(({ bytes }) => bytes), pruned_at, pruned_by],
  );
  await db.run(
    "UPDATE deno_run SET result = NULL WHERE result IS NOT NULL AND run_id IN (SELECT run_id FROM deno_pruned WHERE state = 'marked')",
  );
}

/** Gives runs back what they served: they hit again. Only those whose files are still there may be. */
export async function unmarkPruned(db: Db, runIds: readonly string[]): Promise<void> {
  if (runIds.length === 0) return;
  const [ids, chosen] = [textList(runIds), `SELECT ${texts(1)}`];
  await db.run(
    `UPDATE deno_run SET result = p.result FROM deno_pruned p
    WHERE p.run_id = deno_run.run_id AND p.result IS NOT NULL AND deno_run.run_id IN (${chosen})`,
    [ids],
  );
  await db.run(`DELETE FROM deno_pruned WHERE run_id IN (${chosen})`, [ids]);
}

/** Says how far runs are. With `done` what they served is forgotten. */
export async function setPruneState(db: Db, runIds: readonly string[], state: PruneState): Promise<void> {
  if (runIds.length === 0) return;
  const forget = state === "done" ? ", result = NULL" : "";
  await db.run(`UPDATE deno_pruned SET state = '${state}'${forget} WHERE run_id IN (SELECT ${texts(1)})`, [textList(runIds)]);
}

/** Runs whose pruning has begun and not ended. */
export async function unfinishedPrunes(db: Db): Promise<PrunedRow[]> {
  return await db.all<PrunedRow>("SELECT * FROM deno_pruned WHERE state <> 'done'");
}

/** The marks of these runs. */
export async function prunedAmong(db: Db, runIds: readonly string[]): Promise<PrunedRow[]> {
  return await rowsAmong<PrunedRow>(db, "deno_pruned", "run_id", runIds);
}

/** The newest pruned run with this signature. */
export async function prunedBySignature(db: Db, signature: string): Promise<PrunedRow | undefined> {
  const own = await rowsAmong<{ run_id: string }>(db, "deno_run", "signature", [signature]);
  const rows = await prunedAmong(db, own.map(({ run_id }) => run_id));
  return rows.toSorted((a, b) => b.pruned_at.getTime() - a.pruned_at.getTime())[0];
}
