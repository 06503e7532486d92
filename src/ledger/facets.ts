/** The tables of facets: `config_facet` with `run_config_kv`, and `artifact_facet` with `artifact_kv`. */
import { createHash } from "node:crypto";
import type { Facet } from "../types.ts";
import type { Db } from "./connection.ts";
import { canonicalFacet, FACET_BYTES_AT_MOST, FACET_ROWS_AT_MOST, type FacetLeaf, facetLeaves } from "./facet_rows.ts";
import { insertRows } from "./insert.ts";
import { parseObject } from "./json.ts";
import { textList } from "./values.ts";

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

/** Stores facets of runs with their rows; equal facets share one row of `config_facet`. */
export async function insertFacets(db: Db, facets: readonly RunFacet[]): Promise<StoredFacet[]> {
  const prepared = facets.map((item) => ({ item, ...prepare(item) }));
  await insertRows(db, "config_facet", prepared.flatMap(({ item, id }) => id === null ? [] : [facetRow(id, item, "dict")]), "ignore");
  const rows = prepared.flatMap(({ item, id, leaves }) =>
    leaves.map((leaf) => ({ ...leaf, run_id: item.run_id, facet_id: id, namespace: item.namespace, created_at: item.created_at }))
  );
  await insertRows(db, "run_config_kv", rows, "ignore");
  return prepared.map(({ id, leaves }) => ({ facet_id: id, rows: leaves.length }));
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

/** The facets of these runs: those with rows, and those that only the run's notes name. */
export async function facetsOfRuns(db: Db, runIds: readonly string[]): Promise<RunFacetRow[]> {
  if (runIds.length === 0) return [];
  const rows = await db.all<Record<string, unknown>>(FACETS_OF_RUNS, [textList(runIds)]);
  return rows.map(withFacet<RunFacetRow>);
}

const FACETS_OF_RUNS = `WITH wanted AS (SELECT unnest($1::VARCHAR[]) AS run_id), named AS (
SELECT run_id, facet_id, namespace FROM run_config_kv WHERE run_id IN (SELECT run_id FROM wanted)
UNION SELECT id, meta ->> '$.config_facet_id', coalesce(meta ->> '$.config_facet_namespace', model_name) FROM run WHERE id IN (SELECT run_id FROM wanted))
SELECT n.run_id, n.facet_id, n.namespace, f.schema_name, f.schema_version, f.json
FROM named AS n JOIN config_facet AS f ON f.id = n.facet_id ORDER BY n.run_id, n.namespace, n.facet_id`;

/** The facets of these artifacts: those with rows, and those that only the artifact's notes name. */
export async function facetsOfArtifacts(db: Db, artifactIds: readonly string[]): Promise<ArtifactFacetRow[]> {
  if (artifactIds.length === 0) return [];
  const rows = await db.all<Record<string, unknown>>(FACETS_OF_ARTIFACTS, [textList(artifactIds)]);
  return rows.map(withFacet<ArtifactFacetRow>);
}

const FACETS_OF_ARTIFACTS = `WITH wanted AS (SELECT unnest($1::VARCHAR[]) AS artifact_id), named AS (
SELECT artifact_id, facet_id, namespace FROM artifact_kv WHERE artifact_id IN (SELECT artifact_id FROM wanted)
UNION SELECT id, meta ->> '$.artifact_facet_id', meta ->> '$.artifact_facet_namespace' FROM artifact WHERE id IN (SELECT artifact_id FROM wanted))
SELECT n.artifact_id, n.facet_id, n.namespace, f.schema_name, f.schema_version, f.json
FROM named AS n JOIN artifact_facet AS f ON f.id = n.facet_id ORDER BY n.artifact_id, n.facet_id`;

function withFacet<Row>({ json, ...row }: Record<string, unknown>): Row {
  return { ...row, facet: parseObject(json as string | null) } as Row;
}
