/** Vega-Lite charts: the specification for frontends that draw it, a picture for those that do not, and text. */
import type { MimeBundle } from "../../types.ts";
import type { ChartView } from "../views.ts";
import { capBundle } from "./bundle.ts";
import { type ChartRow, chartRows, POINT_LIMIT, type RawRow, thinRows } from "./chart_rows.ts";
import { columnOfField } from "./plot_spec.ts";
import { short } from "./printable.ts";
import { count, countOf } from "./units.ts";
import { cellOf } from "./values.ts";

/** JupyterLab draws this type, also with a newer `$schema`; it never draws version 6's own type. */
const MIME = "application/vnd.vegalite.v5+json";
const SCHEMA = "https://vega.github.io/schema/vega-lite/v5.json";

type Spec = { readonly [key: string]: unknown };

/** Shows a chart. There is no html in the bundle: a frontend would prefer it to the chart. */
export async function renderChart(view: ChartView): Promise<MimeBundle> {
  const { spec, rows } = prepared(view);
  const text = view.text ?? chartText(view.spec, view.rows);
  const picture = await drawn(spec, rows);
  return capBundle({ [MIME]: { $schema: SCHEMA, ...themed(spec), data: { values: rows } }, ...picture, "text/plain": text });
}

/** The picture, or nothing where Vega refuses the specification: the frontend's own message is then the better one. */
async function drawn(spec: Spec, rows: readonly ChartRow[]): Promise<{ "image/svg+xml"?: string }> {
  try {
    return { "image/svg+xml": await draw(spec, rows) };
  } catch {
    // Whoever wants the reason calls chartSvg, which throws; a notebook's display must not fail for the picture alone.
    return {};
  }
}

/** The chart as an SVG document. */
export async function chartSvg(spec: Spec, rows: readonly RawRow[]): Promise<string> {
  const ready = prepared({ spec, rows });
  return await draw(ready.spec, ready.rows);
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
  return { spec: { ...spec, title: withNotice(spec.title, `${count(kept.length)} of ${countOf(rows.length, "row")} drawn`) }, rows: kept };
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

function withNotice(title: unknown, notice: string): object {
  if (typeof title === "string" || Array.isArray(title)) return { text: title, subtitle: notice };
  const given = recordOf(title);
  return { text: "", ...given, subtitle: [given.subtitle, notice].flat().filter((line) => line !== undefined) };
}

function markName(spec: Spec): string {
  const mark = typeof spec.mark === "string" ? spec.mark : recordOf(spec.mark).type;
  return typeof mark === "string" ? mark : "";
}

function recordOf(value: unknown): { readonly [key: string]: unknown } {
  return typeof value === "object" && value !== null && !Array.isArray(value) ? value as { readonly [key: string]: unknown } : {};
}

const GREY = "#808080";
const FAINT = "rgba(128, 128, 128, 0.25)";

/** Colours and sizes that read on light and dark pages; what the specification says itself wins. */
function themed(spec: Spec): Spec {
  const own = recordOf(spec.config);
  const config: { readonly [part: string]: object } = {
    axis: {
      labelColor: GREY,
      titleColor: GREY,
      domainColor: GREY,
      tickColor: GREY,
      gridColor: FAINT,
      titleFontWeight: "normal",
      labelFontSize: 11,
      titleFontSize: 12,
      titleLimit: 420,
    },
    legend: { labelColor: GREY, titleColor: GREY, titleFontWeight: "normal", labelFontSize: 11, titleFontSize: 12 },
    header: { labelColor: GREY, titleColor: GREY },
    title: { color: GREY, subtitleColor: GREY, anchor: "start", fontSize: 13, fontWeight: 600, subtitleFontSize: 11, limit: 560 },
    view: { stroke: null },
    mark: { color: "#3f7fc1" },
    text: { color: GREY },
  };
  const merged = Object.fromEntries(Object.entries(config).map(([part, value]) => [part, { ...value, ...recordOf(own[part]) }]));
  return { background: "transparent", ...spec, config: { font: "system-ui, sans-serif", ...own, ...merged } };
}

/** Draws with Vega, which is loaded at the first chart: it takes 0.4 s and 40 MB. */
async function draw(spec: Spec, rows: readonly ChartRow[]): Promise<string> {
  const [vega, lite] = await Promise.all([import("vega"), import("vega-lite")]);
  const values = rows.map((row) => ({ ...row })); // Vega marks the rows that it draws
  const full = { $schema: SCHEMA, ...themed(spec), data: { values } };
  const logger = silent();
  const compiled = lite.compile(
    full as unknown as Parameters<typeof lite.compile>[0],
    { logger } as unknown as Parameters<typeof lite.compile>[1],
  );
  const options = { renderer: "none", logger, loader: offline() } as unknown as ConstructorParameters<typeof vega.View>[1];
  const view = new vega.View(vega.parse(compiled.spec), options);
  try {
    await view.runAsync();
    return wellFormed(await view.toSVG());
  } finally {
    view.finalize();
  }
}

/** Characters that no XML document may hold would make the whole picture unreadable. */
function wellFormed(svg: string): string {
  // deno-lint-ignore no-control-regex
  return svg.toWellFormed().replace(/[\0-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff]/g, "\ufffd");
}

/** A logger as Vega wants it: each method gives the logger. */
type Silent = { readonly [method in "level" | "error" | "warn" | "info" | "debug"]: () => Silent };

/** Vega's remarks would be printed under the user's cell. */
function silent(): Silent {
  const logger: Silent = { level: () => logger, error: () => logger, warn: () => logger, info: () => logger, debug: () => logger };
  return logger;
}

/** Rendering reads nothing: a specification that names a URL is drawn without it. */
function offline() {
  const refuse = () => Promise.reject(new Error("A chart's picture is drawn from its rows only."));
  return { load: refuse, sanitize: refuse, http: refuse, file: refuse };
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
  const ranges = fields.flatMap((column) => column === undefined ? [] : [rangeText(column, rows)]);
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
