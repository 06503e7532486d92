/** What the cache saved over time: time in stacked bars above, hits below. */
import type { SavingsPeriod, SavingsRowView, SavingsView } from "../chart_views.ts";
import { oneLine, short } from "../text/printable.ts";
import { count, countOf, duration, isoTime } from "../text/units.ts";
import type { ChartView } from "../views.ts";
import { WIDTH } from "./plot_spec.ts";
import { unitOf } from "./time_unit.ts";

const STEPS = 9;
const OTHERS = "other steps";
const SECONDS: { readonly [K in SavingsPeriod]: number } = { hour: 3600, day: 86400, week: 604800 };

/** The chart of what the cache saved. */
export function savingsChart(view: SavingsView): ChartView {
  const { by } = view;
  const [rows, steps] = fewSteps(view.rows);
  const highest = Math.max(0, ...[...Map.groupBy(rows, ({ from }) => from.getTime()).values()].map((same) => total(same)));
  const unit = unitOf(highest);
  const bars = [...Map.groupBy(rows, ({ from }) => from.getTime())].sort(([a], [b]) => a - b).flatMap(([, same]) => {
    let [time, hits] = [0, 0];
    return steps.flatMap((step) => {
      const row = same.find((one) => one.step === step);
      if (row === undefined) return [];
      const saved = row.savedSeconds / unit.seconds;
      const bar = {
        from: row.from,
        to: new Date(row.from.getTime() + SECONDS[by] * 1000),
        step,
        hits: row.hits,
        saved: duration(row.savedSeconds),
      };
      return [{ ...bar, low: time, high: time += saved, few: hits, many: hits += row.hits }];
    });
  });
  const head = `${duration(total(rows))} saved by ${countOf(hitsOf(rows), "hit")}`;
  const title = rows.length === 0 ? "No hits so far" : head;
  return { spec: specOf({ title, by, unit: unit.name, steps }), rows: bars, text: [title, ...linesOf(rows, steps)].join("\n") };
}

const total = (rows: readonly SavingsRowView[]) => rows.reduce((sum, { savedSeconds }) => sum + savedSeconds, 0);
const hitsOf = (rows: readonly SavingsRowView[]) => rows.reduce((sum, { hits }) => sum + hits, 0);

/** The steps that saved most by their names, the rest as one. */
function fewSteps(rows: readonly SavingsRowView[]): [rows: SavingsRowView[], steps: string[]] {
  const named = rows.map((row) => ({ ...row, step: short(oneLine(row.step), 40) }));
  const sums = [...Map.groupBy(named, ({ step }) => step)].map(([step, same]) => [step, total(same)] as const);
  const steps = sums.sort(([one, a], [other, b]) => b - a || (one < other ? -1 : 1)).map(([step]) => step);
  const kept = steps.length <= STEPS + 1 ? steps : [...steps.slice(0, STEPS), OTHERS];
  const joined = named.map((row) => kept.includes(row.step) ? row : { ...row, step: OTHERS });
  const groups = Map.groupBy(joined, ({ from, step }) => JSON.stringify([from.getTime(), step]));
  return [[...groups.values()].map((same) => ({ ...same[0]!, hits: hitsOf(same), savedSeconds: total(same) })), kept];
}

function specOf({ title, by, unit, steps }: { title: string; by: string; unit: string; steps: readonly string[] }): ChartView["spec"] {
  // Of itself Vega mixes names of days and of months on one axis.
  const axis = by === "hour" ? {} : { axis: { format: "%b %-d" } };
  const x = { field: "from", type: "temporal", title: null, scale: { type: "utc" }, ...axis };
  const part = (height: number, low: string, high: string, name: string) => ({
    width: WIDTH,
    height,
    mark: { type: "bar", opacity: 0.85 },
    encoding: {
      x,
      x2: { field: "to" },
      y: { field: low, type: "quantitative", title: name },
      y2: { field: high },
      color: { field: "step", type: "nominal", title: null, scale: { domain: steps, scheme: "tableau10" } },
      tooltip: [
        { field: "step", type: "nominal" },
        { field: "from", type: "temporal", title: `${by} (UTC)`, timeUnit: by === "hour" ? "utcyearmonthdatehours" : "utcyearmonthdate" },
        { field: "hits", type: "quantitative" },
        { field: "saved", type: "nominal" },
      ],
    },
  });
  return {
    title: { text: title, subtitle: `by ${by} (UTC) and step` },
    vconcat: [part(180, "low", "high", `${unit} saved`), part(70, "few", "many", "hits")],
  };
}

function linesOf(rows: readonly SavingsRowView[], steps: readonly string[]): string[] {
  const dates = rows.map(({ from }) => from.getTime());
  const span = dates.length === 0 ? [] : [`  ${isoTime(new Date(Math.min(...dates)))} to ${isoTime(new Date(Math.max(...dates)))}`];
  return [
    ...span,
    ...steps.map((step) => {
      const same = rows.filter((row) => row.step === step);
      return `  ${step}: ${duration(total(same))} by ${count(hitsOf(same))} ${hitsOf(same) === 1 ? "hit" : "hits"}`;
    }),
  ];
}
