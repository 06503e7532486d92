/** A Vega-Lite specification from the names of columns, by looking at their values. */
import { listNames, nearestName, OptionError } from "../../errors.ts";
import type { PlotOptions } from "../../types.ts";
import { short } from "../text/printable.ts";
import type { RawRow } from "./chart_rows.ts";

/** How a column is drawn. */
type Measure = "quantitative" | "temporal" | "nominal" | "ordinal";

/** What the values of a column look like. */
interface Look {
  readonly measure: Measure;
  readonly integers: boolean;
  readonly distinct: number;
  /** Few whole numbers: each can be a tick. */
  readonly ticks?: readonly number[];
  /** Few short words: they fit side by side below an axis. */
  readonly level?: boolean;
}

const SAMPLE = 2000;
/** Pixels: of a chart, and of a letter below its axis. */
export const WIDTH = 460;
/** The same, upwards. */
export const HEIGHT = 260;
const LETTER = 7;

/** A specification without data for these columns of these rows. */
export function plotSpec(options: PlotOptions<string>, rows: readonly RawRow[]): { readonly [key: string]: unknown } {
  const mark = options.mark ?? "point";
  for (const column of [options.x, options.y, options.color]) if (column !== undefined) checkColumn(column, rows);
  const discrete = mark === "rect";
  const x = channel(options.x, rows, { discrete: discrete || mark === "bar", zero: false });
  const y = channel(options.y, rows, { discrete, zero: mark === "bar" || mark === "area" });
  return {
    ...(options.title === undefined ? {} : { title: short(options.title, 120) }),
    mark: markOf(mark, rows.length),
    width: widthOf(look(options.x, rows), x.type === "ordinal" || x.type === "nominal"),
    height: y.type === "nominal" ? { step: 18 } : HEIGHT,
    encoding: { x, y, ...(options.color === undefined ? {} : { color: colour(options.color, rows, mark) }) },
  };
}

/** Column names as Vega-Lite wants them: dots and brackets are not paths into a value. */
export function fieldName(column: string): string {
  return column.replace(/[\\.[\]'"]/g, "\\$&");
}

/** The column that a field of a specification names. */
export function columnOfField(field: string): string {
  return field.replace(/\\(.)/gs, "$1");
}

/** What an axis or a legend is called: by the column, and what is made of its values. */
export function columnTitle(column: string, { aggregate, bin, timeUnit }: { readonly [key: string]: unknown } = {}): string {
  const name = column === "" ? "(no name)" : short(column, 60);
  if (typeof aggregate === "string") return `${aggregate} of ${name}`;
  if (typeof timeUnit === "string") return `${name} (${timeUnit})`;
  return bin !== undefined && bin !== null && bin !== false ? `${name} (binned)` : name;
}

function checkColumn(column: string, rows: readonly RawRow[]): void {
  if (rows.length === 0 || rows.slice(0, SAMPLE).some((row) => Object.hasOwn(row, column))) return;
  const columns = Object.keys(rows[0]!);
  const near = nearestName(column, columns);
  throw new OptionError("unknown_key", {
    problem: `Cannot plot the column ${JSON.stringify(column)}.`,
    why: `The rows have no such column: they have ${listNames(columns)}.`,
    fix: near === undefined ? "Name one of these columns." : `Did you mean ${JSON.stringify(near)}?`,
  });
}

function look(column: string, rows: readonly RawRow[]): Look {
  const step = Math.max(1, Math.floor(rows.length / SAMPLE));
  const values = rows.filter((_, i) => i % step === 0).map((row) => Object.hasOwn(row, column) ? row[column] : null).filter((value) =>
    value !== null && value !== undefined
  );
  const distinct = new Set(values.map((value) => value instanceof Date ? value.getTime() : value)).size;
  if (values.length === 0) return { measure: "quantitative", integers: false, distinct };
  const all = (test: (value: unknown) => boolean) => values.every(test);
  if (all((value) => value instanceof Date || (typeof value === "string" && isIsoDate(value)))) {
    return { measure: "temporal", integers: false, distinct };
  }
  if (all((value) => typeof value === "number" || typeof value === "bigint")) {
    const integers = all((value) => typeof value === "bigint" || Number.isInteger(value));
    const ticks = integers && distinct <= 12 ? [...new Set(values.map(Number))].sort((a, b) => a - b) : undefined;
    return { measure: "quantitative", integers, distinct, ...(ticks === undefined ? {} : { ticks }) };
  }
  const longest = Math.max(...values.map((value) => String(value).length));
  return { measure: "nominal", integers: false, distinct, level: distinct * longest * LETTER < WIDTH };
}

/** Text that is a date and nothing else; a plain year is a number or a name. */
const isIsoDate = (text: string) =>
  /^\d{4}-\d{2}-\d{2}(?:[T ]\d{2}:\d{2}(?::\d{2}(?:\.\d+)?)?(?:Z|[+-]\d{2}:?\d{2})?)?$/.test(text) && !Number.isNaN(Date.parse(text));

/** An axis: whole numbers of few kinds may stand as categories, years get no thousands separator, dates are in UTC. */
function channel(
  column: string,
  rows: readonly RawRow[],
  { discrete, zero }: { discrete: boolean; zero: boolean },
): { type: Measure } & Record<string, unknown> {
  const { measure, integers, distinct, ticks, level } = look(column, rows);
  const base = { field: fieldName(column), title: columnTitle(column) };
  if (measure === "nominal") return { ...base, type: "nominal", sort: null, ...(level ? { axis: { labelAngle: 0 } } : {}) };
  if (discrete && distinct <= 60 && (measure === "quantitative")) return { ...base, type: "ordinal", axis: { labelAngle: 0 } };
  if (measure === "temporal") return { ...base, type: "temporal", scale: { type: "utc" } };
  const year = integers && /year/i.test(column);
  const axis = {
    ...(year ? { format: "d" } : {}),
    ...(integers ? { tickMinStep: 1 } : {}),
    ...(ticks === undefined || zero ? {} : { values: ticks }),
  };
  return { ...base, type: "quantitative", scale: { zero }, ...(integers ? { axis } : {}) };
}

function colour(column: string, rows: readonly RawRow[], mark: string): Record<string, unknown> {
  const { measure, integers, distinct } = look(column, rows);
  const base = { field: fieldName(column), title: columnTitle(column) };
  if (measure === "quantitative" && integers && distinct <= 10 && mark !== "rect") {
    return { ...base, type: "nominal", scale: { scheme: "tableau10" } };
  }
  if (measure === "quantitative") return { ...base, type: "quantitative", scale: { scheme: "viridis" } };
  if (measure === "temporal") return { ...base, type: "temporal", scale: { scheme: "viridis" } };
  return { ...base, type: "nominal", sort: null };
}

function markOf(mark: string, rows: number): Record<string, unknown> {
  if (mark === "point") return { type: "point", filled: true, opacity: rows > 500 ? 0.5 : 0.85 };
  if (mark === "line") return { type: "line", ...(rows <= 60 ? { point: { filled: true } } : {}) };
  if (mark === "area") return { type: "area", opacity: 0.7 };
  return { type: mark };
}

function widthOf({ distinct }: Look, categories: boolean): number | { step: number } {
  return categories && distinct > 24 ? { step: 18 } : WIDTH;
}
