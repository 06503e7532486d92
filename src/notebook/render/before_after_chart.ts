/** The numbers of two runs side by side: a small chart for each, those that changed most first. */
import type { BeforeAfterView, QuantityView } from "../chart_views.ts";
import { oneLine, short } from "../text/printable.ts";
import { count } from "../text/units.ts";
import type { ChartView } from "../views.ts";
import { ACCENT } from "./style.ts";

const SHOWN = 24;
const COLUMNS = 4;
const ROOM = 1.2;

/** The chart of what two runs have in numbers. */
export function beforeAfterChart({ before, after, quantities }: BeforeAfterView): ChartView {
  const finite = (value: number | undefined) => value === undefined || !Number.isFinite(value) ? undefined : value;
  const numbers = quantities.map((one) => ({ ...one, before: finite(one.before), after: finite(one.after) }));
  const known = numbers.filter((one) => one.before !== undefined || one.after !== undefined);
  const sorted = known.toSorted((a, b) => change(b) - change(a) || (a.name < b.name ? -1 : 1));
  const shown = named(sorted.slice(0, SHOWN));
  const rows = shown.flatMap(({ name, ...sides }) =>
    (["before", "after"] as const).flatMap((side) =>
      sides[side] === undefined ? [] : [{ quantity: name, side, value: sides[side], text: numberText(sides[side]) }]
    )
  );
  const cut = sorted.length > SHOWN ? [`${SHOWN} of ${count(sorted.length)} numbers, those that changed most`] : [];
  const title = { text: "Before and after", subtitle: [`${short(oneLine(before), 80)} → ${short(oneLine(after), 80)}`, ...cut] };
  const lines = shown.map(({ name, before, after }) => `  ${name}: ${numberText(before)} → ${numberText(after)}`);
  return { spec: specOf(title, shown), rows, text: [`Before and after  ${title.subtitle.join(", ")}`, ...lines].join("\n") };
}

/** By how much of itself a number changed; one that only one run has changed wholly. */
function change({ before, after }: QuantityView): number {
  if (before === undefined || after === undefined) return 2;
  return before === after ? 0 : Math.abs(after - before) / Math.max(Math.abs(before), Math.abs(after));
}

/** Names that fit above a small chart, each its own. */
function named(quantities: readonly QuantityView[]): QuantityView[] {
  const taken = new Set<string>();
  return quantities.map((quantity) => {
    const base = short(oneLine(quantity.name), 28);
    let name = base;
    for (let n = 2; taken.has(name); n++) name = `${base} (${n})`;
    taken.add(name);
    return { ...quantity, name };
  });
}

function specOf(title: object, shown: readonly QuantityView[]): ChartView["spec"] {
  return { title, columns: COLUMNS, spacing: { row: 24, column: 14 }, align: "each", concat: shown.map(smallChart) };
}

/** Before and after of one number, with its own scale. */
function smallChart(quantity: QuantityView): object {
  const { name } = quantity;
  const bar = { type: "bar", width: { band: 0.75 } };
  const label = { type: "text", baseline: "bottom", dy: -2, fontSize: 10 };
  return {
    title: { text: name, anchor: "middle", fontSize: 11, fontWeight: "normal" },
    transform: [{ filter: { field: "quantity", equal: name } }],
    width: 104,
    height: 84,
    encoding: {
      x: {
        field: "side",
        type: "nominal",
        title: null,
        scale: { domain: ["before", "after"] },
        axis: { labelAngle: 0, ticks: false },
      },
      y: { field: "value", type: "quantitative", title: null, axis: null, scale: { domain: domainOf(quantity), nice: false } },
    },
    layer: [
      {
        mark: bar,
        encoding: {
          color: {
            field: "side",
            type: "nominal",
            legend: null,
            scale: { domain: ["before", "after"], range: [ACCENT.neutral, ACCENT.executed] },
          },
        },
      },
      { mark: label, encoding: { text: { field: "text", type: "nominal" } } },
    ],
  };
}

/** Room for the numbers above the bars, the same in every small chart. */
function domainOf({ before, after }: QuantityView): readonly [low: number, high: number] {
  const values = [before, after].filter((value) => value !== undefined);
  const [low, high] = [Math.min(0, ...values), Math.max(0, ...values)];
  return low === high ? [0, 1] : [low * ROOM, high * ROOM];
}

function numberText(value: number | undefined): string {
  if (value === undefined) return "none";
  const size = Math.abs(value);
  if (size !== 0 && (size >= 1e9 || size < 1e-3)) return value.toExponential(2);
  return value.toLocaleString("en-US", { maximumSignificantDigits: size >= 1e6 ? 7 : 5 });
}
