/** The tables of facets: `config_facet` with `run_config_kv`, and `artifact_facet` with `artifact_kv`. */
import { createHash } from "node:crypto";
import { JSON } from "../intrinsics.ts";
import type { Facet } from "../types.ts";
import type { Db } from "./connection.ts";
import { canonicalFacet, FACET_BYTES_AT_MOST, FACET_ROWS_AT_MOST, type FacetLeaf, facetLeaves } from "./facet_rows.ts";
import { insertRows } from "./insert.ts";
import type { RunRow } from "./runs.ts";
import { among, asksIndexes, byPlace, rowsOfKeys } from "./select.ts";

/** A facet of a run, to be stored. */
export interface RunFacet {
  /** The run. */
  readonly run_id: string;
  /** The model's name. */
  readonly namespace: string;
  /** Its queryable values. */
  readonly facet: Facet;
  /** `dict`, or the name of a config's class. @default "dict" */
  readonly schema_name?: string | undefined;
  /** Version that the user gave. */
  readonly schema_version?: string | null | undefined;
  /** Are its leaves stored as rows, so that it can be found by them? @default true */
  readonly index?: boolean | undefined;
  /** When it was stored. */
  readonly created_at: Date;
}

/** A facet of an artifact, to be stored. */
export interface ArtifactFacet extends Omit<RunFacet, "run_id" | "namespace"> {
  /** The artifact. */
  readonly artifact_id: string;
  /** The model's name. */
  readonly namespace: string | null;
}

/** What became of a facet. */
export interface StoredFacet {
  /** Its id; null where it was too large to be stored. */
  readonly facet_id: string | null;
  /** How many rows it has. */
  readonly rows: number;
}

/** A run's facet as the ledger has it. */
export interface RunFacetRow {
  /** The run. */
  readonly run_id: string;
  /** The facet's id. */
  readonly facet_id: string;
  /** The model's name, as the run's own rows or notes have it. */
  readonly namespace: string;
  /** Its values, exact. */
  readonly facet: Facet;
  /** `dict`, or the name of a config's class. */
  readonly schema_name: string | null;
  /** Version that the user gave. */
  readonly schema_version: string | null;
}

/** An artifact's facet as the ledger has it. */
export interface ArtifactFacetRow extends Omit<RunFacetRow, "run_id" | "namespace"> {
  /** The artifact. */
  readonly artifact_id: string;
  /** The model's name. */
  readonly namespace: string | null;
}

/** Stores facets of runs with their rows; equal facets share one row of `config_facet`. Runs that are new have no rows yet: nothing is asked. */
export async function insertFacets(
  db: Db,
  facets: readonly RunFacet[],
  { areNew = false }: { readonly areNew?: boolean } = {},
): Promise<StoredFacet[]> {
  const prepared = facets.map((item) => ({ item, ...prepare(item) }));
  await insertRows(db, "config_facet", prepared.flatMap(({ item, id }) => id === null ? [] : [facetRow(id, item, "dict")]), "ignore");
  const rows = prepared.flatMap(({ item, id, leaves }) =>
    leaves.map((leaf) => ({ ...leaf, run_id: item.run_id, facet_id: id, namespace: item.namespace, created_at: item.created_at }))
  );
  if (areNew) await insertRows(db, "run_config_kv", firstOfEach(rows), "error");
  else await insertRows(db, "run_config_kv", rows, "ignore");
  return prepared.map(({ id, leaves }) => ({ facet_id: id, rows: leaves.length }));
}

/** `{ "a.b": 1, a: { b: 2 } }` has two values under one key: the first counts. */
function firstOfEach<Row extends { readonly run_id: string; readonly facet_id: string | null; readonly key: string }>(
  rows: readonly Row[],
): Row[] {
  return [...new Map(rows.toReversed().map((row) => [JSON.stringify([row.run_id, row.facet_id, row.key]), row])).values()].reverse();
}

/** Stores facets of artifacts with their rows; lists have no row there. */
export async function insertArtifactFacets(db: Db, facets: readonly ArtifactFacet[]): Promise<StoredFacet[]> {
  const prepared = facets.map((item) => ({ item, ...prepare(item, (leaf) => leaf.value_type !== "json") }));
  await insertRows(db, "artifact_facet", prepared.flatMap(({ item, id }) => id === null ? [] : [facetRow(id, item, null)]), "ignore");
  const rows = prepared.flatMap(({ item, id, leaves }) =>
    leaves.map(({ key, ...leaf }) => ({
      ...leaf,
      key_path: key,
      artifact_id: item.artifact_id,
      facet_id: id,
      namespace: item.namespace,
      created_at: item.created_at,
    }))
  );
  await insertRows(db, "artifact_kv", rows, "ignore");
  return prepared.map(({ id, leaves }) => ({ facet_id: id, rows: leaves.length }));
}

interface Prepared {
  readonly id: string | null;
  readonly leaves: readonly FacetLeaf[];
}

function prepare({ facet, index = true }: Pick<RunFacet, "facet" | "index">, isKept: (leaf: FacetLeaf) => boolean = () => true): Prepared {
  const text = canonicalFacet(facet);
  if (text.length > FACET_BYTES_AT_MOST) return { id: null, leaves: [] };
  const leaves = index ? facetLeaves(facet).filter(isKept) : [];
  return { id: createHash("sha256").update(text).digest("hex"), leaves: leaves.length > FACET_ROWS_AT_MOST ? [] : leaves };
}

function facetRow(id: string, item: Omit<RunFacet, "run_id" | "namespace"> & { namespace: string | null }, schemaName: string | null) {
  return {
    id,
    namespace: item.namespace,
    schema_name: item.schema_name ?? schemaName,
    schema_version: item.schema_version ?? null,
    json: item.facet,
    created_at: item.created_at,
  };
}

/**
 * The facets of these runs: those with rows, and those that only the run's notes name.
 *
 * @param runs their rows, where they are known: then nothing is asked of `run`
 */
export async function facetsOfRuns(db: Db, runIds: readonly string[], runs?: readonly RunRow[]): Promise<RunFacetRow[]> {
  if (runs !== undefined && runIds.length > 0) return await withFacets(db, "config_facet", await namedOfRows(db, runs));
  return await facetsNamed<RunFacetRow>(
    db,
    runIds,
    "config_facet",
    (where) =>
      `SELECT run_id, facet_id, namespace FROM run_config_kv WHERE ${where("run_id")} UNION
SELECT id, meta ->> '$.config_facet_id', coalesce(meta ->> '$.config_facet_namespace', model_name) FROM run WHERE ${where("id")}`,
  );
}

/** The facets that rows or the runs' notes name, each once. */
async function namedOfRows(db: Db, runs: readonly RunRow[]): Promise<NamedOfRun[]> {
  if (runs.length === 0) return [];
  const { where, params } = among("run_id", runs.map(({ id }) => id));
  const rows = params.length > 0 || await asksIndexes(db) ? where : byPlace("run_config_kv", where);
  const indexed = await db.all<NamedOfRun>(`SELECT DISTINCT run_id, facet_id, namespace FROM run_config_kv WHERE ${rows}`, params);
  const noted = runs.map(({ id, meta, model_name }): NamedOfRun => {
    const { config_facet_id: facet, config_facet_namespace: namespace } = meta;
    return {
      run_id: id,
      facet_id: typeof facet === "string" ? facet : null,
      namespace: typeof namespace === "string" ? namespace : model_name,
    };
  });
  const named = [...indexed, ...noted];
  return [...new Map(named.map((row) => [JSON.stringify([row.run_id, row.facet_id, row.namespace]), row])).values()];
}

/** The facets of these artifacts: those with rows, and those that only the artifact's notes name. */
export async function facetsOfArtifacts(db: Db, artifactIds: readonly string[]): Promise<ArtifactFacetRow[]> {
  return await facetsNamed<ArtifactFacetRow>(
    db,
    artifactIds,
    "artifact_facet",
    (where) =>
      `SELECT artifact_id, facet_id, namespace FROM artifact_kv WHERE ${where("artifact_id")} UNION
SELECT id, meta ->> '$.artifact_facet_id', meta ->> '$.artifact_facet_namespace' FROM artifact WHERE ${where("id")}`,
  );
}

interface Named {
  readonly facet_id: string | null;
  readonly namespace: string | null;
}

/** Two steps, each by an index: joined in one, DuckDB would read every facet to find one. */
async function facetsNamed<Row extends Named>(
  db: Db,
  ids: readonly string[],
  table: string,
  sql: (where: (column: string) => string) => string,
): Promise<Row[]> {
  if (ids.length === 0) return [];
  const { params } = among("id", ids);
  return await withFacets(db, table, await db.all<Named>(sql((column) => among(column, ids).where), params));
}

async function withFacets<Row extends Named>(db: Db, table: string, all: readonly Named[]): Promise<Row[]> {
  const named = all.filter((row) => row.facet_id !== null);
  const found = await rowsOfKeys<FacetRow>(db, table, "id", [...new Set(named.map((row) => row.facet_id!))]);
  const facets = new Map(found.map((row) => [row.id, row]));
  return named.flatMap((row) => {
    const facet = facets.get(row.facet_id!);
    return facet === undefined ? [] : [{ ...row, ...describing(facet) } as unknown as Row];
  });
}

interface NamedOfRun extends Named {
  readonly run_id: string;
}

interface FacetRow {
  readonly id: string;
  readonly json: unknown;
  readonly schema_name: string | null;
  readonly schema_version: string | null;
}

function describing({ json, schema_name, schema_version }: FacetRow) {
  const isObject = typeof json === "object" && json !== null && !Array.isArray(json);
  return { schema_name, schema_version, facet: isObject ? json : {} };
}
