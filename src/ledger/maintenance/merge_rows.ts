/** Brings the ingested rows of another ledger, which is attached, with the artifacts that came from there. */
import type { Db } from "../connection.ts";
import { columnTypes, fittingName } from "../ingested.ts";
import { quoteName } from "../schema.ts";
import { textList, texts } from "../json_lists.ts";

/** What came of the ingested rows. */
export interface MergedRows {
  /** How many rows came in, by table. */
  readonly rows: { readonly [table: string]: number };
  /** Tables that stay where they are: nothing says whose their rows are. */
  readonly leftBehind: readonly string[];
}

const ID = "consist_artifact_id";

/**
 * Each artifact that this ledger has and whose rows it lacks gets them, in a table of the same name, or in one beside it where the columns
 * are others. Content that is here already is not brought again.
 *
 * @param db a transaction, after the artifacts came in
 * @param other the name under which the other ledger is attached
 */
export async function mergeIngested(db: Db, other: string): Promise<MergedRows> {
  const [rows, leftBehind]: [Record<string, number>, string[]] = [{}, []];
  const tables = await db.all<{ name: string }>(
    `SELECT table_name AS name FROM duckdb_tables() WHERE database_name = '${other}' AND schema_name = 'global_tables'
AND NOT starts_with(table_name, '_dlt') ORDER BY table_name`,
  );
  const ours = await hasRecords(db, other);
  for (const { name } of tables) {
    const types = await columnTypes(db, name, other);
    if (!types.some(([column]) => column === ID)) leftBehind.push(name);
    else await mergeTable(db, { other, name, types, ours }, rows);
  }
  if (ours) await noteSameContent(db, other);
  return { rows, leftBehind };
}

interface Coming {
  readonly other: string;
  readonly name: string;
  readonly types: readonly (readonly [name: string, type: string])[];
  /** Does the other ledger have our table of what was ingested? */
  readonly ours: boolean;
}

async function hasRecords(db: Db, other: string): Promise<boolean> {
  const found = await db.all(`SELECT 1 FROM duckdb_tables() WHERE database_name = '${other}' AND table_name = 'deno_ingested'`);
  return found.length > 0;
}

async function mergeTable(db: Db, coming: Coming, rows: Record<string, number>): Promise<void> {
  const { other, name, types, ours } = coming;
  const from = `${other}.global_tables.${quoteName(name)}`;
  await db.run("CREATE SCHEMA IF NOT EXISTS global_tables");
  const target = await fittingName(db, name, types);
  const lacking = await lackingArtifacts(db, coming, from, target);
  if (lacking.length === 0) return;
  const place = `global_tables.${quoteName(target)}`;
  await db.run(`CREATE TABLE IF NOT EXISTS ${place} AS SELECT * FROM ${from} LIMIT 0`);
  const columns = types.map(([column]) => quoteName(column)).join(", ");
  const ids = textList(lacking);
  await db.run(`INSERT INTO ${place} (${columns}) SELECT ${columns} FROM ${from} WHERE ${ID} IN (SELECT ${texts(1)})`, [ids]);
  const [row] = await db.all<{ n: number }>(`SELECT count(*) AS n FROM ${place} WHERE ${ID} IN (SELECT ${texts(1)})`, [ids]);
  rows[`global_tables.${target}`] = row!.n;
  if (ours) {
    await db.run(
      `INSERT INTO deno_ingested BY NAME SELECT * REPLACE ($2 AS table_name) FROM ${other}.deno_ingested WHERE artifact_id IN (SELECT ${
        texts(1)
      })`,
      [ids, target],
    );
  }
  // Python's views look for rows in the table that is called as the key.
  await db.run(
    `UPDATE artifact SET meta = json_merge_patch(meta, CASE WHEN key = $2
      THEN json_object('is_ingested', true, 'dlt_table_name', $2) ELSE json_object('rows_in_ledger', id) END)
    WHERE id IN (SELECT ${texts(1)})`,
    [ids, target],
  );
}

/** The artifacts that came in, or were here, and whose rows are there and not here. */
async function lackingArtifacts(db: Db, { other, ours }: Coming, from: string, target: string): Promise<string[]> {
  const isHere = (await columnTypes(db, target)).length === 0
    ? ""
    : ` AND t.id NOT IN (SELECT ${ID} FROM global_tables.${quoteName(target)} WHERE ${ID} IS NOT NULL)`;
  const known = ours
    ? ` AND NOT EXISTS (SELECT 1 FROM ${other}.deno_ingested o JOIN deno_ingested i ON i.content_hash = o.content_hash AND i.driver = o.driver
      WHERE o.artifact_id = t.id)`
    : "";
  const found = await db.all<{ id: string }>(
    `SELECT t.id FROM (SELECT DISTINCT ${ID} AS id FROM ${from}) t SEMI JOIN artifact a ON a.id = t.id WHERE true${isHere}${known} ORDER BY t.id`,
  );
  return found.map(({ id }) => id);
}

/** Artifacts whose content's rows lie under another artifact, and that did not say so since these rows had not come yet. */
async function noteSameContent(db: Db, other: string): Promise<void> {
  await db.run(
    `UPDATE artifact SET meta = json_merge_patch(artifact.meta, json_object('rows_in_ledger', i.artifact_id))
    FROM deno_ingested i, ${other}.artifact o
    WHERE o.id = artifact.id AND regexp_matches(o.meta::VARCHAR, '"(is_ingested|rows_in_ledger)"') AND i.content_hash = artifact.hash
      AND i.driver = artifact.driver AND NOT regexp_matches(artifact.meta::VARCHAR, '"(is_ingested|rows_in_ledger)"')`,
  );
}
