/** What is in a ledger, counted. */
import { ask } from "./ask.ts";
import type { Reading } from "../reading.ts";

/** One step in a summary. */
export interface StepSummary {
  /** The step's name. */
  readonly step: string;
  /** How often it executed to its end. */
  readonly executed: number;
  /** How often it was a hit. */
  readonly hits: number;
  /** How often it failed, or was interrupted. */
  readonly failed: number;
  /** How many of its runs have not ended. */
  readonly running: number;
  /** Seconds that its executions took. */
  readonly seconds: number;
  /** Seconds that its hits saved. */
  readonly savedSeconds: number;
  /** When the newest of its runs began. */
  readonly lastAt: Date;
}

/** What is in a ledger. */
export interface LedgerSummary {
  /** The ledger's file. */
  readonly path: string;
  /** All runs, headers of scenarios left out. */
  readonly runs: number;
  /** How many executed to their end. */
  readonly executed: number;
  /** How many were hits. */
  readonly hits: number;
  /** How many failed, or were interrupted. */
  readonly failed: number;
  /** How many have not ended. */
  readonly running: number;
  /** How many scenarios there are. */
  readonly scenarios: number;
  /** How many artifacts are recorded. */
  readonly artifacts: number;
  /** How many different contents they have. */
  readonly contents: number;
  /** Seconds that executions took. */
  readonly seconds: number;
  /** Seconds that hits saved. */
  readonly savedSeconds: number;
  /** When the first run began. */
  readonly firstAt?: Date;
  /** When the newest run began. */
  readonly lastAt?: Date;
  /** Each step, the one used last first. */
  readonly steps: readonly StepSummary[];
}

const STEPS = `with each as (
  select r.model_name as step, r.status, coalesce(d.hit, (r.meta->>'$.cache_hit')::boolean, false) as hit, r.started_at,
    coalesce(d.seconds, date_diff('microsecond', r.started_at, r.ended_at) / 1e6, 0) as seconds,
    coalesce(d.source_run_id, r.meta->>'$.cache_source') as source
  from run r left join deno_run d on d.run_id = r.id where not coalesce(contains(r.tags::varchar, '"scenario_header"'), false)
)
select e.step, (count(*) filter (not e.hit and e.status = 'completed'))::int as executed, (count(*) filter (e.hit))::int as hits,
  (count(*) filter (not e.hit and e.status not in ('completed', 'running')))::int as failed,
  (count(*) filter (not e.hit and e.status = 'running'))::int as running,
  coalesce(sum(e.seconds) filter (not e.hit), 0)::double as seconds,
  coalesce(sum(greatest(0, coalesce(s.seconds, 0) - e.seconds)) filter (e.hit), 0)::double as "savedSeconds",
  min(e.started_at) as "firstAt", max(e.started_at) as "lastAt"
from each e left join deno_run s on e.hit and s.run_id = e.source group by e.step order by max(e.started_at) desc, e.step`;

const COUNTS = `select (select count(*) from artifact)::int as artifacts, (select count(distinct hash) from artifact)::int as contents,
(select count(distinct coalesce(d.scenario_name, r.id)) from run r left join deno_run d on d.run_id = r.id
 where coalesce(contains(r.tags::varchar, '"scenario_header"'), false))::int as scenarios`;

/** Counts what is in a ledger. */
export async function summary({ ledger }: Pick<Reading, "ledger">): Promise<LedgerSummary> {
  type Row = StepSummary & { readonly firstAt: Date };
  const [steps, counts] = await ledger.read(async (db) =>
    [
      await ask<Row>(db, STEPS),
      (await ask<{ artifacts: number; contents: number; scenarios: number }>(db, COUNTS))[0]!,
    ] as const
  );
  const sum = (of: (step: Row) => number): number => steps.reduce((total, step) => total + of(step), 0);
  const [executed, hits, failed, running] = [sum((s) => s.executed), sum((s) => s.hits), sum((s) => s.failed), sum((s) => s.running)];
  const times = steps.flatMap(({ firstAt, lastAt }) => [firstAt, lastAt]).sort((a, b) => a.getTime() - b.getTime());
  return {
    ...{ path: ledger.path, runs: executed + hits + failed + running, executed, hits, failed, running, ...counts },
    ...{ seconds: sum((s) => s.seconds), savedSeconds: sum((s) => s.savedSeconds) },
    ...(times.length === 0 ? {} : { firstAt: times[0]!, lastAt: times.at(-1)! }),
    steps: steps.map(({ firstAt: _, ...step }) => step),
  };
}
