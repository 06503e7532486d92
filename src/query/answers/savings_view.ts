/** What the cache saved over time, as the view of a chart. */
import { JSON } from "../../intrinsics.ts";
import type { ChartView, SavingsPeriod, SavingsRowView } from "../../notebook/mod.ts";
import { savingsChart } from "../../notebook/render/mod.ts";
import type { Reading } from "../reading.ts";
import type { SavingsOptions } from "../savings.ts";
import { ask } from "./ask.ts";

const HOURS: { readonly [K in SavingsPeriod]: number } = { hour: 1, day: 24, week: 168 };
const HOUR = 3_600_000;
/** The epoch began on a Thursday, weeks begin on Monday. */
const MONDAY = 4 * 24;
const STRETCHES = 300;

/** What hits saved, summed up over stretches of time. */
export async function savingsView(reading: Pick<Reading, "ledger">, options: SavingsOptions): Promise<ChartView> {
  const hours = await hitsByHour(reading, options);
  const by = options.by ?? periodOf(hours);
  return savingsChart({ by, rows: newest(summed(hours, by), by) });
}

/** A row for each hour and step that had hits. */
interface HourRow {
  /** Hours since the epoch. */
  readonly hour: number;
  readonly step: string;
  readonly hits: number;
  readonly saved: number;
}

async function hitsByHour({ ledger }: Pick<Reading, "ledger">, { scenario, step }: SavingsOptions): Promise<HourRow[]> {
  const params = [scenario ?? null, step ?? null];
  return await ledger.read((db) =>
    ask<HourRow>(
      db,
      `select (epoch_us(r.started_at) // 3600000000)::bigint as hour, r.model_name as step, count(*)::bigint as hits,
         coalesce(sum(greatest(0, coalesce(s.seconds, 0) - coalesce(d.seconds, 0))), 0)::double as saved
       from deno_run d join run r on r.id = d.run_id left join deno_run s on s.run_id = d.source_run_id
       where d.hit and ($1::varchar is null or d.scenario_name = $1) and ($2::varchar is null or r.model_name = $2)
       group by all order by hour, step`,
      params,
    )
  );
}

function periodOf(rows: readonly HourRow[]): SavingsPeriod {
  const span = rows.length === 0 ? 0 : rows.at(-1)!.hour - rows[0]!.hour + 1;
  return span <= 72 ? "hour" : span <= 100 * 24 ? "day" : "week";
}

function summed(rows: readonly HourRow[], by: SavingsPeriod): SavingsRowView[] {
  const start = (hour: number) => {
    const offset = by === "week" ? MONDAY : 0;
    return Math.floor((hour - offset) / HOURS[by]) * HOURS[by] + offset;
  };
  return [...Map.groupBy(rows, ({ hour, step }) => JSON.stringify([start(hour), step])).values()].map((same) => ({
    from: new Date(start(same[0]!.hour) * HOUR),
    step: same[0]!.step,
    hits: same.reduce((sum, { hits }) => sum + hits, 0),
    savedSeconds: same.reduce((sum, { saved }) => sum + saved, 0),
  }));
}

/** Not more stretches than bars can be told apart. */
function newest(rows: readonly SavingsRowView[], by: SavingsPeriod): SavingsRowView[] {
  const last = rows.reduce((latest, { from }) => Math.max(latest, from.getTime()), -Infinity);
  return rows.filter(({ from }) => from.getTime() > last - STRETCHES * HOURS[by] * HOUR);
}
