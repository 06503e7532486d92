/** Vega-Lite charts: the specification for frontends that draw it, a picture for those that do not, and text. */
import type { MimeBundle } from "../../types.ts";
import { short } from "../text/printable.ts";
import { count, countOf } from "../text/units.ts";
import { cellOf } from "../text/values.ts";
import type { ChartView } from "../views.ts";
import { capBundle } from "../text/bundle.ts";
import { type ChartRow, chartRows, POINT_LIMIT, type RawRow, thinRows } from "./chart_rows.ts";
import { themed } from "./chart_theme.ts";
import { drawSvg } from "./draw_chart.ts";
import { withDrawableNames } from "./drawable_names.ts";
import { type MadeBy, markedSpec, markedSvg } from "./made_by.ts";
import { columnOfField } from "./plot_spec.ts";
import { addressesOf, recordOf } from "./spec_parts.ts";

/** JupyterLab draws this type, also with a newer `$schema`; it never draws version 6's own type. */
const MIME = "application/vnd.vegalite.v5+json";
const SCHEMA = "https://vega.github.io/schema/vega-lite/v5.json";

type Spec = { readonly [key: string]: unknown };

/** Shows a chart. There is no html in the bundle: a frontend would prefer it to the chart. */
export async function renderChart(view: ChartView): Promise<MimeBundle> {
  return await renderCompleteChart(completeSpec(view), { text: view.text ?? chartText(view.spec, view.rows) });
}

/** What is known of a chart besides its specification. */
export interface CompleteChartView {
  /** The chart in words. */
  readonly text: string;
  /** Its picture, where it was drawn before. */
  readonly svg?: string | undefined;
  /** The run that made it. */
  readonly madeBy?: MadeBy | undefined;
}

/** The same for a specification with its data. */
export async function renderCompleteChart(spec: Spec, { text, svg, madeBy }: CompleteChartView): Promise<MimeBundle> {
  const picture = svg ?? await pictureOf(spec);
  return capBundle({
    [MIME]: madeBy === undefined ? spec : markedSpec(spec, madeBy),
    "image/svg+xml": madeBy === undefined || svg !== undefined ? picture : markedSvg(picture, madeBy),
    "text/plain": [text, ...missingData(spec)].join("\n  "),
  });
}

/** The chart as an SVG document. */
export async function chartSvg(spec: Spec, rows: readonly RawRow[]): Promise<string> {
  return await pictureOf(completeSpec({ spec, rows }));
}

/** A complete specification as an SVG document, which says what is not in it. */
export async function pictureOf(spec: Spec): Promise<string> {
  const missing = missingData(spec);
  return await drawSvg(missing.length === 0 ? spec : { ...spec, title: withNotice(spec.title, missing) });
}

/** What a frontend would load by itself is in no picture of ours. */
function missingData(spec: Spec): string[] {
  return addressesOf(spec).map((address) => `without ${short(address, 80)}, which is loaded only where the chart is interactive`);
}

/**
 * A specification with its data, as frontends draw it and as it is kept: safe rows, few enough, with a notice where they were thinned, under
 * names that can be drawn.
 */
export function completeSpec(view: ChartView): Spec {
  const thinned = prepared({ ...view, spec: plain(view.spec) });
  const { spec, rows } = withDrawableNames(thinned.spec, thinned.rows);
  if (rows.length > 0 || hasOwnData(spec)) return { $schema: SCHEMA, ...themed(spec), data: { values: rows } };
  const message = { mark: { type: "text", text: "No rows to draw", fontSize: 13, color: "#808080" }, width: 260, height: 60 };
  const said = Object.fromEntries(Object.entries(spec).filter(([key]) => ["title", "usermeta", "description"].includes(key)));
  return { $schema: SCHEMA, ...themed({ ...said, ...message }), data: { values: [{}] } };
}

/** Does a part of it bring rows of its own? */
function hasOwnData(value: unknown): boolean {
  if (Array.isArray(value)) return value.some(hasOwnData);
  return Object.entries(recordOf(value)).some(([key, inner]) => key === "data" || hasOwnData(inner));
}

/** As JSON has it, so that what is kept, sent and drawn is one and the same. */
function plain(spec: Spec): Spec {
  return JSON.parse(JSON.stringify(spec, (_, value) => typeof value === "bigint" ? Number(value) : value));
}

/** Rows that are safe and few enough, and a specification that says so where they were thinned. */
function prepared({ spec, rows }: ChartView): { spec: Spec; rows: readonly ChartRow[] } {
  const safe = chartRows(rows, columnsOf(spec));
  const encoding = recordOf(spec.encoding);
  const field = (name: string) => {
    const found = recordOf(encoding[name]).field;
    return typeof found === "string" ? columnOfField(found) : undefined;
  };
  const kept = thinRows(safe, {
    x: field("x"),
    y: field("y"),
    group: field("color"),
    joined: ["line", "area", "trail"].includes(markName(spec)),
  });
  if (kept.length === rows.length) return { spec, rows: kept };
  return {
    spec: { ...spec, title: withNotice(spec.title, [`${count(kept.length)} of ${countOf(rows.length, "row")} drawn`]) },
    rows: kept,
  };
}

/** The columns that a specification names; all of them where it computes. */
function columnsOf(spec: Spec): string[] | undefined {
  const fields = new Set<string>();
  let computes = false;
  const visit = (value: unknown) => {
    if (Array.isArray(value)) return value.forEach(visit);
    for (const [key, inner] of Object.entries(recordOf(value))) {
      if (key === "transform" || key === "repeat" || key === "params") computes = true;
      if (key === "field" && typeof inner === "string") fields.add(columnOfField(inner));
      else visit(inner);
    }
  };
  visit(spec);
  return computes || fields.size === 0 ? undefined : [...fields];
}

/** Vega draws no subtitle where there is no title. */
function withNotice(title: unknown, notices: readonly string[]): object {
  const given = typeof title === "string" || Array.isArray(title) ? { text: title } : recordOf(title);
  const lines = [given.subtitle, ...notices].flat().filter((line) => line !== undefined);
  const text = lines.length === 1 ? lines[0] : lines;
  const isEmpty = given.text === undefined || given.text === "" || (Array.isArray(given.text) && given.text.length === 0);
  return isEmpty ? { fontSize: 11, fontWeight: "normal", ...given, text } : { ...given, subtitle: text };
}

function markName(spec: Spec): string {
  const mark = typeof spec.mark === "string" ? spec.mark : recordOf(spec.mark).type;
  return typeof mark === "string" ? mark : "";
}

/** What the chart shows, in words: `line chart  trips by year, coloured by mode`. */
export function chartText(spec: Spec, rows: readonly RawRow[]): string {
  const encoding = recordOf(spec.encoding);
  const titleOf = recordOf(spec.title).text ?? spec.title;
  const fields = ["x", "y", "color"].map((channel) => recordOf(encoding[channel]).field).map((field) =>
    typeof field === "string" ? columnOfField(field) : undefined
  );
  const [x, y, colour] = fields;
  const what = [y === undefined ? "" : short(y, 60), x === undefined ? "" : `by ${short(x, 60)}`].filter(Boolean).join(" ");
  const head = `${markName(spec) || "layered"} chart  ${what}${colour === undefined ? "" : `, coloured by ${short(colour, 60)}`}`.trimEnd();
  const isThere = (column: string) => rows.length === 0 || rows.some((row) => Object.hasOwn(row, column)); // what the chart computes is not
  const ranges = fields.flatMap((column) => column === undefined || !isThere(column) ? [] : [rangeText(column, rows)]);
  return [
    ...(typeof titleOf === "string" && titleOf !== "" ? [short(titleOf, 200)] : []),
    head,
    ...ranges.map((line) => `  ${line}`),
    `  ${countOf(rows.length, "row")}${rows.length > POINT_LIMIT ? `, ${count(POINT_LIMIT)} at most drawn` : ""}`,
  ].join("\n");
}

function rangeText(column: string, rows: readonly RawRow[]): string {
  const values = rows.map((row) => Object.hasOwn(row, column) ? row[column] : null).filter((value) =>
    value !== null && value !== undefined && !Number.isNaN(value)
  );
  const scalar = values.filter((value): value is number | bigint | Date =>
    typeof value === "number" || typeof value === "bigint" || value instanceof Date
  );
  if (scalar.length === values.length && scalar.length > 0) {
    const [low, high] = scalar.reduce(([a, b], value) => [value < a ? value : a, value > b ? value : b], [scalar[0]!, scalar[0]!]);
    return `${short(column, 60)}: ${cellOf(low, 40).text} to ${cellOf(high, 40).text}`;
  }
  const distinct = [...new Set(values.map((value) => cellOf(value, 30).text))];
  return `${short(column, 60)}: ${distinct.slice(0, 6).join(", ")}${distinct.length > 6 ? `, and ${count(distinct.length - 6)} more` : ""}`;
}
