/** Takes runs out of a ledger: which of them others need, and the rows that go. */
import type { Db } from "../connection.ts";
import { quoteName } from "../schema.ts";
import { textList, texts } from "../json_lists.ts";

/** A run that cannot go, since one that stays needs it. */
export interface NeededRun {
  /** The run. */
  readonly run: string;
  /** Runs that took its outputs, or read them. */
  readonly neededBy: readonly string[];
}

/** What is to be done with runs on which others rest. */
export interface Selection {
  /** The runs that can go. */
  readonly runs: readonly string[];
  /** Those that cannot. */
  readonly needed: readonly NeededRun[];
}

/** Which runs are meant; all that is given has to fit. */
export interface PurgeFilter {
  /** Runs by their whole ids; a scenario's header means its steps too. */
  readonly ids?: readonly string[] | undefined;
  /** All executions of this scenario, with their headers. */
  readonly scenario?: string | undefined;
  /** Runs of this step. */
  readonly step?: string | undefined;
  /** Runs that ended so. */
  readonly status?: string | undefined;
}

/** A run that is meant. */
export interface MeantRun {
  /** Its id. */
  readonly id: string;
  /** Its model. */
  readonly model_name: string;
  /** The step's name, where the model has another. */
  readonly step: string | null;
  /** Whether it ended, and how. */
  readonly status: string;
}

/** The runs that a filter means, oldest first. */
export async function runsToPurge(db: Db, { ids, scenario, step, status }: PurgeFilter): Promise<MeantRun[]> {
  return await db.all<MeantRun>(
    `WITH header AS (SELECT r.id, coalesce(d.scenario_name, r.id) AS scenario FROM run r LEFT JOIN deno_run d ON d.run_id = r.id
  WHERE coalesce(contains(r.tags::VARCHAR, '"scenario_header"'), false))
SELECT DISTINCT ON (epoch_us(r.created_at), r.id) r.id, r.model_name, (r.meta->>'$.step') AS step, r.status
FROM run r LEFT JOIN deno_run d ON d.run_id = r.id LEFT JOIN header h ON h.id = coalesce(d.header_id, r.parent_run_id, r.id) OR h.id = r.id
WHERE ($1::VARCHAR IS NULL OR r.id IN (SELECT ${texts(1)}) OR h.id IN (SELECT ${texts(1)}))
  AND ($2::VARCHAR IS NULL OR h.scenario = $2::VARCHAR OR d.scenario_name = $2::VARCHAR)
  AND ($3::VARCHAR IS NULL OR r.model_name = $3::VARCHAR OR (r.meta->>'$.step') = $3::VARCHAR)
  AND ($4::VARCHAR IS NULL OR r.status = $4::VARCHAR) ORDER BY epoch_us(r.created_at), r.id`,
    [ids === undefined ? null : textList(ids), scenario ?? null, step ?? null, status ?? null],
  );
}

/** Who took an output of a run from the cache, or read one; headers only list what their steps made. */
const USES = `SELECT DISTINCT l.run_id AS user, a.run_id AS maker FROM run_artifact_link l JOIN artifact a ON a.id = l.artifact_id
JOIN run u ON u.id = l.run_id
WHERE a.run_id IN (SELECT ${texts(1)}) AND l.run_id <> a.run_id AND NOT coalesce(contains(u.tags::VARCHAR, '"scenario_header"'), false)
UNION
SELECT d.run_id, d.source_run_id FROM deno_run d WHERE d.source_run_id IN (SELECT ${texts(1)})
UNION
SELECT r.id, (r.meta->>'$.cache_source') FROM run r WHERE (r.meta->>'$.cache_source') IN (SELECT ${texts(1)})
ORDER BY ALL`;

interface Use {
  readonly user: string;
  readonly maker: string;
}

/** Which of some runs can go. `withDependents` adds those that rest on them, and what rests on those. */
export async function selectPurgeable(db: Db, ids: readonly string[], withDependents: boolean): Promise<Selection> {
  const chosen = new Set(ids);
  for (let asked: readonly string[] = ids; withDependents && asked.length > 0;) {
    const users = await db.all<Use>(USES, [textList(asked)]);
    asked = [...new Set(users.map(({ user }) => user))].filter((user) => !chosen.has(user));
    for (const user of asked) chosen.add(user);
  }
  const uses = await db.all<Use>(USES, [textList([...chosen])]);
  const needed = new Map<string, Set<string>>();
  for (let grew = true; grew;) {
    grew = false;
    for (const { user, maker } of uses) {
      if (chosen.has(user) || !chosen.has(maker)) continue;
      chosen.delete(maker);
      grew = true;
    }
  }
  for (const { user, maker } of uses) {
    if (!chosen.has(user) && !chosen.has(maker) && ids.includes(maker)) needed.set(maker, (needed.get(maker) ?? new Set()).add(user));
  }
  return { runs: [...chosen], needed: [...needed].map(([run, users]) => ({ run, neededBy: [...users] })) };
}

/** The artifacts that nothing refers to any more once these runs are gone. */
export async function artifactsOnlyOf(db: Db, runs: readonly string[]): Promise<string[]> {
  const rows = await db.all<{ id: string }>(
    `WITH gone AS MATERIALIZED (SELECT ${texts(1)} AS id),
touched AS (SELECT id FROM artifact SEMI JOIN gone ON gone.id = artifact.run_id
  UNION SELECT l.artifact_id FROM run_artifact_link l SEMI JOIN gone ON gone.id = l.run_id),
kept AS (SELECT DISTINCT l.artifact_id AS id FROM run_artifact_link l ANTI JOIN gone ON gone.id = l.run_id JOIN run u ON u.id = l.run_id
  WHERE NOT coalesce(contains(u.tags::VARCHAR, '"scenario_header"'), false)),
single AS (SELECT id FROM artifact WHERE run_id IS NULL UNION ALL SELECT a.id FROM artifact a SEMI JOIN gone ON gone.id = a.run_id)
SELECT t.id FROM touched t SEMI JOIN single s ON s.id = t.id ANTI JOIN kept k ON k.id = t.id ORDER BY t.id`,
    [textList(runs)],
  );
  return rows.map(({ id }) => id);
}

/** Tables whose rows go with a run, and the columns that name it. */
const OF_RUN: readonly (readonly [table: string, column: string])[] = [
  ["run_artifact_link", "run_id"],
  ["run_config_kv", "run_id"],
  ["run_binding_invocation", "requested_run_id"],
  ["run_binding_invocation", "execution_run_id"],
  ["artifact_schema_observation", "run_id"],
  ["deno_run", "run_id"],
  ["deno_identity", "run_id"],
  ["deno_display", "run_id"],
  ["deno_pruned", "run_id"],
  ["run", "id"],
];

/** Tables whose rows go with an artifact. */
const OF_ARTIFACT: readonly (readonly [table: string, column: string])[] = [
  ["run_artifact_link", "artifact_id"],
  ["artifact_schema_observation", "artifact_id"],
  ["artifact_kv", "artifact_id"],
];

/** Removes the rows of runs, and what hangs on their artifacts. The artifacts' own rows go afterwards: DuckDB refuses both in one transaction. */
export async function removeRuns(db: Db, runs: readonly string[], artifacts: readonly string[]): Promise<void> {
  for (const [table, column] of OF_ARTIFACT) await removeFrom(db, table, column, artifacts);
  for (const [table, column] of OF_RUN) await removeFrom(db, table, column, runs);
  await forgetIngested(db, artifacts);
}

/** Removes artifacts to which nothing points any more, and contents that no artifact has. */
export async function removeArtifacts(db: Db, artifacts: readonly string[]): Promise<void> {
  const unused = await db.all<{ id: string }>(
    `SELECT id FROM artifact a WHERE id IN (SELECT ${
      texts(1)
    }) AND NOT EXISTS (SELECT 1 FROM run_artifact_link l WHERE l.artifact_id = a.id)`,
    [textList(artifacts)],
  );
  const contents = await db.all<{ id: string }>(
    `SELECT DISTINCT content_id AS id FROM artifact WHERE content_id IS NOT NULL AND id IN (SELECT ${texts(1)})`,
    [textList(unused.map(({ id }) => id))],
  );
  await removeFrom(db, "artifact", "id", unused.map(({ id }) => id));
  const left = await db.all<{ id: string }>(
    `SELECT id FROM artifact_content c WHERE id IN (SELECT ${
      texts(1)
    }) AND NOT EXISTS (SELECT 1 FROM artifact a WHERE a.content_id = c.id)`,
    [textList(contents.map(({ id }) => id))],
  );
  await removeFrom(db, "artifact_content", "id", left.map(({ id }) => id));
}

/** Rows that were kept in the ledger stay while another artifact has the same content. */
async function forgetIngested(db: Db, artifacts: readonly string[]): Promise<void> {
  const kept = await db.all<{ artifact_id: string; table_name: string }>(
    `SELECT i.artifact_id, i.table_name FROM deno_ingested i WHERE i.artifact_id IN (SELECT ${texts(1)})
AND NOT EXISTS (SELECT 1 FROM artifact a WHERE a.hash = i.content_hash AND a.id NOT IN (SELECT ${texts(1)}))`,
    [textList(artifacts)],
  );
  for (const { artifact_id, table_name } of kept) {
    await db.run(`DELETE FROM global_tables.${quoteName(table_name)} WHERE consist_artifact_id = $1`, [artifact_id]);
  }
  await removeFrom(db, "deno_ingested", "artifact_id", kept.map(({ artifact_id }) => artifact_id));
}

async function removeFrom(db: Db, table: string, column: string, ids: readonly string[]): Promise<void> {
  if (ids.length === 0) return;
  await db.run(`DELETE FROM ${quoteName(table)} WHERE ${quoteName(column)} IN (SELECT ${texts(1)})`, [textList(ids)]);
}

/** Which of these addresses other artifacts have than those that go: files that two runs share are not removed with the first. */
export async function addressesInUse(db: Db, addresses: readonly string[], going: readonly string[]): Promise<Set<string>> {
  const rows = await db.all<{ uri: string }>(
    `SELECT DISTINCT container_uri AS uri FROM artifact WHERE container_uri IN (SELECT ${texts(1)}) AND id NOT IN (SELECT ${texts(2)})`,
    [textList(addresses), textList(going)],
  );
  return new Set(rows.map(({ uri }) => uri));
}

/** Folders of runs, as `./outputs/STEP/RUN`, that other artifacts than those that go are in: different ids may become one name. */
export async function foldersInUse(db: Db, going: readonly string[]): Promise<Set<string>> {
  const rows = await db.all<{ folder: string }>(
    `SELECT DISTINCT regexp_extract(container_uri, '^\\./outputs/[^/]+/[^/]+') AS folder FROM artifact
WHERE starts_with(container_uri, './outputs/') AND id NOT IN (SELECT ${texts(1)})`,
    [textList(going)],
  );
  return new Set(rows.map(({ folder }) => folder));
}
