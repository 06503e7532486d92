/** The tables `artifact`, `artifact_content` and `run_artifact_link`: files, their contents, and who read or made them. */
import { crypto, JSON } from "../intrinsics.ts";
import type { Db } from "./connection.ts";
import { askThenInsert, insertRows } from "./insert.ts";
import { jsonText, parseObject } from "./json.ts";
import { among, columnsOf } from "./select.ts";
import { textList, texts } from "./json_lists.ts";
import type { SqlValue } from "./values.ts";

/** A row of `artifact`. */
export interface ArtifactRow {
  /** UUID: Python parses it, and one that is none breaks its lists. */
  readonly id: string;
  /** The artifact's role. */
  readonly key: string;
  /** Portable address. */
  readonly container_uri: string;
  /** Table inside a container file. */
  readonly table_path: string | null;
  /** Array inside a container file. */
  readonly array_path: string | null;
  /** How it is read and written. */
  readonly driver: string;
  /** SHA-256 of its content. */
  readonly hash: string | null;
  /** The row of `artifact_content`; found or made where it is null and a hash is given. */
  readonly content_id: string | null;
  /** The container or set that it is a part of. */
  readonly parent_artifact_id: string | null;
  /** The run that made it; null for a file from outside. */
  readonly run_id: string | null;
  /** Notes. */
  readonly meta: Readonly<Record<string, unknown>>;
  /** When the row was made. */
  readonly created_at: Date;
}

/** A row of `run_artifact_link`. */
export interface LinkRow {
  /** The run. */
  readonly run_id: string;
  /** The artifact. */
  readonly artifact_id: string;
  /** Did the run read it or make it? */
  readonly direction: "input" | "output";
  /** Was it read without being declared? */
  readonly is_implicit: boolean;
}

/** An artifact with the link that leads to it. */
export interface LinkedArtifact extends LinkRow {
  /** The artifact. */
  readonly artifact: ArtifactRow;
}

const COLUMNS = columnsOf("artifact", "a");
const NEWEST_FIRST = "epoch_us(a.created_at) DESC, a.id DESC";

/** Inserts artifacts, and a content row for each content that has none: one for the same bytes and driver, whoever made them. */
export async function insertArtifacts(db: Db, rows: readonly ArtifactRow[]): Promise<void> {
  const wanted = new Map(rows.filter((row) => row.hash !== null && row.content_id === null).map((row) => [contentKey(row), row]));
  const hashes = [...new Set([...wanted.values()].map((row) => row.hash!))];
  const question = { table: "artifact_content", columns: ["id", "content_hash", "driver"], by: "content_hash", values: hashes };
  await askThenInsert(db, question, async (db, found) => {
    const ids = new Map((found as unknown as ContentRow[]).map((row) => [contentKey({ ...row, hash: row.content_hash }), row.id]));
    const missing = [...wanted].filter(([key]) => !ids.has(key)).map(([key, row]) => {
      const id = crypto.randomUUID();
      ids.set(key, id);
      return { id, content_hash: row.hash, driver: row.driver, created_at: row.created_at, meta: {} };
    });
    await insertRows(db, "artifact_content", missing);
    await insertRows(db, "artifact", rows.map((row) => ({ ...row, content_id: row.content_id ?? ids.get(contentKey(row)) ?? null })));
  });
}

interface ContentRow {
  readonly id: string;
  readonly content_hash: string;
  readonly driver: string;
}

const contentKey = ({ hash, driver }: { hash: string | null; driver: string }): string => JSON.stringify([hash, driver]);

/** Inserts links. One artifact is input or output of a run, not both: the first link stays. Runs that are new have none yet: nothing is asked. */
export async function insertLinks(db: Db, rows: readonly LinkRow[], { areNew = false }: { readonly areNew?: boolean } = {}): Promise<void> {
  const each = new Map(rows.toReversed().map((row) => [JSON.stringify([row.run_id, row.artifact_id]), row]));
  const list = [...each.values()].reverse() as (LinkRow & Record<string, unknown>)[];
  await insertRows(db, "run_artifact_link", list, areNew ? "error" : "ignore");
}

/** Replaces an artifact's notes: the only column of it that may change. */
export async function setArtifactMeta(db: Db, id: string, meta: Readonly<Record<string, unknown>>): Promise<void> {
  await db.run("UPDATE artifact SET meta = $2 WHERE id = $1", [id, jsonText(meta)]);
}

/** The artifacts with these ids. */
export async function artifactsById(db: Db, ids: readonly string[]): Promise<ArtifactRow[]> {
  return await select(db, "a.id", ids);
}

/** The artifacts with this content, newest first. */
export async function artifactsByHash(db: Db, hash: string): Promise<ArtifactRow[]> {
  return await select(db, "a.hash", [hash]);
}

async function select(db: Db, column: string, values: readonly string[]): Promise<ArtifactRow[]> {
  if (values.length === 0) return [];
  const { where, params } = among(column, values);
  return (await db.all<Record<string, unknown>>(`SELECT ${COLUMNS} FROM artifact AS a WHERE ${where} ORDER BY ${NEWEST_FIRST}`, params))
    .map(artifactOf);
}

/** What these runs read and made, with the links, in one query; in the order in which they were made. */
export async function artifactsOfRuns(db: Db, runIds: readonly string[]): Promise<LinkedArtifact[]> {
  if (runIds.length === 0) return [];
  const { where, params } = among("l.run_id", runIds);
  const sql = `SELECT l.run_id AS link_run_id, l.artifact_id AS link_artifact_id, l.direction AS link_direction,
l.is_implicit AS link_is_implicit, ${COLUMNS} FROM run_artifact_link AS l JOIN artifact AS a ON a.id = l.artifact_id
WHERE ${where}`;
  return (await db.all<Record<string, unknown>>(sql, params)).map(linkedOf).sort(byAge);
}

/** Sorted here: for a handful of rows that costs DuckDB more than finding them. */
function byAge({ artifact: a }: LinkedArtifact, { artifact: b }: LinkedArtifact): number {
  return a.created_at.getTime() - b.created_at.getTime() || (a.id < b.id ? -1 : 1);
}

function linkedOf({ link_run_id, link_artifact_id, link_direction, link_is_implicit, ...row }: Record<string, unknown>): LinkedArtifact {
  return {
    run_id: link_run_id,
    artifact_id: link_artifact_id,
    direction: link_direction,
    is_implicit: link_is_implicit,
    artifact: artifactOf(row),
  } as LinkedArtifact;
}

/** A row of `artifact` from a query's row that has all its columns. */
export function artifactOf(row: Readonly<Record<string, unknown>>): ArtifactRow {
  return { ...row, meta: parseObject(row.meta as string | null) } as unknown as ArtifactRow;
}

/** The ids of those runs that read or made an artifact which is not there any more. */
export async function runsThatLack(db: Db, runIds: readonly string[], linked: readonly LinkedArtifact[]): Promise<Set<string>> {
  if (runIds.length === 0) return new Set();
  const { where, params } = among("run_id", runIds);
  const links = await db.all<{ run_id: string; artifact_id: string }>(
    `SELECT run_id, artifact_id FROM run_artifact_link WHERE ${where}`,
    params,
  );
  const isThere = new Set(linked.map(({ artifact_id }) => artifact_id));
  return new Set(links.filter(({ artifact_id }) => !isThere.has(artifact_id)).map(({ run_id }) => run_id));
}

/** The runs that read or made these artifacts. */
export async function linksOfArtifacts(db: Db, artifactIds: readonly string[]): Promise<LinkRow[]> {
  if (artifactIds.length === 0) return [];
  const params: SqlValue[] = [textList(artifactIds)];
  return await db.all<LinkRow>(`SELECT * FROM run_artifact_link WHERE artifact_id IN (SELECT ${texts(1)})`, params);
}
