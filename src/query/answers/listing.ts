/** The newest runs and how many there are, without reading the others. */
import { artifactsById, artifactsOfRuns, type Db } from "../../ledger/mod.ts";
import type { Artifact, Run } from "../../types.ts";
import { ask } from "./ask.ts";
import { checkFind, findIds } from "./find.ts";
import type { Reading, ReadOptions, RunFilter } from "../reading.ts";
import { runsOf } from "../run_rows.ts";
import { goneFromResults } from "./visible.ts";

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

/** Among so many rows, the last ones of the table, the newest runs mostly are. */
const LATE = 2_000;
/** Of more than so many runs it is not worth asking. */
const FEW = 1_000;

/**
 * Those that are not seen are mostly few: it is quicker to leave them out of all runs than to sort what is seen. Nor is all sorted: of the last
 * rows the time is taken that `limit` of them reach, and what is older than that cannot be among the newest. Rows are told apart by DuckDB's
 * number of them, so that ids are read of those alone that are shown.
 */
function newest(limit: number): string {
  const bound = limit < 1 || limit > FEW ? "" : `, late as (
  select epoch_us(r.created_at) as made from run r anti join gone g on g.place = r.rowid
  where r.rowid > (select max(rowid) - ${LATE} from run)
), bound as (select case when count(*) >= ${limit} then list_last(max(made, ${limit})) end as made from late)`;
  const isNew = bound === "" ? "" : " where coalesce(epoch_us(r.created_at) >= (select made from bound), true)";
  return `with ${goneFromResults()}${bound}, top as materialized (
  select r.rowid as place from run r anti join gone g on g.place = r.rowid${isNew}
)
select r.id, r.rowid as place, (select count(*) from run) - (select count(*) from gone) as total
from top t join run r on r.rowid = t.place order by epoch_us(r.created_at) desc, r.id desc limit ${limit}`;
}

interface Found {
  readonly ids: readonly string[];
  /** DuckDB's numbers of their rows, of a few. */
  readonly places?: readonly number[];
  readonly total: number;
}

/** So many rows are looked up by their number. */
const BY_PLACE = 50;

async function newestIds(db: Db, limit: number): Promise<Found> {
  const rows = await ask<{ id: string; place: number; total: number }>(db, newest(limit));
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
