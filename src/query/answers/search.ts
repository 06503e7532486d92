/** Finding runs and artifacts by a word that is somewhere in them. */
import { artifactsById } from "../../ledger/mod.ts";
import type { Artifact, Run } from "../../types.ts";
import { ask } from "./ask.ts";
import type { Reading } from "../reading.ts";
import { runsOf } from "../run_rows.ts";

/** What a text was found in. */
export interface Found {
  /** Runs with it in their id, step, scenario, description, tags, error or facets, newest first. */
  readonly runs: readonly Run[];
  /** How many runs there are with it. */
  readonly totalRuns: number;
  /** Artifacts with it in their key, address or id, newest first. */
  readonly artifacts: readonly Artifact[];
  /** How many artifacts there are with it. */
  readonly totalArtifacts: number;
}

const IN_RUN =
  `concat_ws(chr(31), r.id, r.model_name, d.scenario_name, d.label, r.description, r.stage, r.phase, r.tags::varchar, r.meta->>'$.error')`;

/** What has a text in it, whatever its case; at most so many of each. */
export async function search({ ledger, artifactOf }: Pick<Reading, "ledger" | "artifactOf">, text: string, limit = 20): Promise<Found> {
  return await ledger.read(async (db) => {
    const runs = await ask<{ id: string; total: number }>(
      db,
      `with of_facets as (
        select distinct run_id from run_config_kv where contains(lower(concat_ws('=', key, coalesce(value_str, value_num::varchar, value_bool::varchar))), lower($1))
      )
      select r.id, count(*) over () as total from run r left join deno_run d on d.run_id = r.id
      where contains(lower(${IN_RUN}), lower($1)) or r.id in (select run_id from of_facets)
      order by epoch_us(r.created_at) desc, r.id desc limit $2`,
      [text, limit],
    );
    const artifacts = await ask<{ id: string; total: number }>(
      db,
      `select id, count(*) over () as total from artifact where contains(lower(concat_ws(chr(31), id, key, container_uri, driver)), lower($1))
      order by epoch_us(created_at) desc, id desc limit $2`,
      [text, limit],
    );
    return {
      runs: await runsOf(db, runs.map(({ id }) => id)),
      totalRuns: runs[0]?.total ?? 0,
      artifacts: (await artifactsById(db, artifacts.map(({ id }) => id))).map(artifactOf),
      totalArtifacts: artifacts[0]?.total ?? 0,
    };
  });
}
