/** A row of the ledger as users see it. */
import type { RunRow } from "../ledger/mod.ts";
import type { Facet, Run } from "../types.ts";

/** The public form of a row, with what stands in other tables. */
export function publicRun(
  row: RunRow,
  more: { readonly facet?: Facet | undefined; readonly cacheHit: boolean; readonly scenario: string | null | undefined },
): Run {
  return {
    id: row.id,
    model: row.model_name,
    status: row.status,
    signature: row.signature ?? "",
    cacheHit: more.cacheHit,
    tags: row.tags,
    facet: more.facet ?? {},
    meta: row.meta,
    startedAt: row.started_at,
    ...(row.ended_at === null ? {} : { endedAt: row.ended_at }),
    ...(row.parent_run_id === null ? {} : { parentId: row.parent_run_id }),
    ...(more.scenario == null ? {} : { scenarioId: more.scenario }),
    ...(row.year === null ? {} : { year: row.year }),
    ...(row.iteration === null ? {} : { iteration: row.iteration }),
    ...(row.stage === null ? {} : { stage: row.stage }),
    ...(row.phase === null ? {} : { phase: row.phase }),
    ...(row.description === null ? {} : { description: row.description }),
  };
}
