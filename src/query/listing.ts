/** The newest runs and how many there are, without reading the others. */
import { artifactsById, artifactsOfRuns, type Db } from "../ledger/mod.ts";
import type { Artifact, Run } from "../types.ts";
import { ask } from "./ask.ts";
import { checkFind, findIds } from "./find.ts";
import type { Reading, ReadOptions, RunFilter } from "./reading.ts";
import { runsOf } from "./run_rows.ts";
import { sightOf, unseenInResults } from "./visible.ts";

/** Some of the runs that fit. */
export interface RunListing {
  /** The newest. */
  readonly runs: readonly Run[];
  /** How many fit. */
  readonly total: number;
}

/** The newest `limit` runs that fit, and how many fit in all. */
export async function listRuns({ ledger }: Pick<Reading, "ledger">, filter: RunFilter & ReadOptions, limit: number): Promise<RunListing> {
  checkFind(filter);
  return await ledger.read(async (db: Db) => {
    const found: Found = isOpen(filter) ? await newestIds(db, limit) : await findIds(db, { ...filter, limit });
    return { runs: await runsOf(db, found.ids, found.places), total: found.total };
  });
}

/** Does it choose nothing? */
const isOpen = ({ history, ...filter }: RunFilter & ReadOptions): boolean =>
  history !== true && Object.values(filter).every((value) => value === undefined);

/** Those that are not seen are mostly few: it is quicker to leave them out of all runs than to sort what is seen. */
const NEWEST = `with ${sightOf("results")}, gone as materialized ${unseenInResults()}, top as (
  select id, rowid as place, epoch_us(created_at) as made from run where id not in (select id from gone) or id in (select id from seen_header)
  order by made desc, id desc limit $1
) select id, place, (select count(*) from run) - (select count(*) from gone) + (select count(*) from seen_header) as total from top
order by made desc, id desc`;

interface Found {
  readonly ids: readonly string[];
  /** DuckDB's numbers of their rows, of a few. */
  readonly places?: readonly number[];
  readonly total: number;
}

/** So many rows are looked up by their number. */
const BY_PLACE = 50;

async function newestIds(db: Db, limit: number): Promise<Found> {
  const rows = await ask<{ id: string; place: number; total: number }>(db, NEWEST, [limit]);
  const few = rows.length > BY_PLACE ? {} : { places: rows.map(({ place }) => Number(place)) };
  return { ids: rows.map(({ id }) => id), ...few, total: rows[0]?.total ?? 0 };
}

/** Which artifacts to list. */
export interface ArtifactFilter {
  /** Those that this run read and made. */
  readonly run?: string | undefined;
  /** Those with this key. */
  readonly key?: string | undefined;
}

/** Some of the artifacts that fit. */
export interface ArtifactListing {
  /** The newest, each with what it is to the run that was asked about, or to the one that made it. */
  readonly artifacts: readonly { readonly artifact: Artifact; readonly direction: "input" | "output" }[];
  /** How many fit. */
  readonly total: number;
}

/** The newest `limit` artifacts that fit, and how many fit in all; those of a run in the order in which they were made. */
export async function listArtifacts(
  { ledger, artifactOf }: Pick<Reading, "ledger" | "artifactOf">,
  { run, key }: ArtifactFilter,
  limit: number,
): Promise<ArtifactListing> {
  return await ledger.read(async (db: Db) => {
    if (run !== undefined) {
      const linked = (await artifactsOfRuns(db, [run])).filter(({ artifact }) => key === undefined || artifact.key === key);
      const artifacts = linked.slice(0, limit).map(({ artifact, direction }) => ({ artifact: artifactOf(artifact), direction }));
      return { artifacts, total: linked.length };
    }
    const rows = await ask<{ id: string; total: number }>(
      db,
      "select id, count(*) over () as total from artifact where $1::varchar is null or key = $1::varchar order by epoch_us(created_at) desc, id desc limit $2",
      [key ?? null, limit],
    );
    const found = new Map((await artifactsById(db, rows.map(({ id }) => id))).map((row) => [row.id, row]));
    const artifacts = rows.map(({ id }) => found.get(id)!).map((row) => ({
      artifact: artifactOf(row),
      direction: row.run_id === null ? "input" as const : "output" as const,
    }));
    return { artifacts, total: rows[0]?.total ?? 0 };
  });
}
