/** Vega-Lite specifications that users write: checked against the rows, sized, and with columns of any name. */
import { listNames, nearestName, OptionError } from "../../errors.ts";
import { count } from "../text/units.ts";
import { POINT_LIMIT, type RawRow } from "./chart_rows.ts";
import { columnOfField, columnTitle, fieldName, HEIGHT, WIDTH } from "./plot_spec.ts";
import { checkNames, recordOf } from "./spec_parts.ts";

type Spec = { readonly [key: string]: unknown };

/** Words under which Vega-Lite makes values that are no columns of the rows. */
const COMPUTES = ["transform", "params", "repeat"];
/** Words and marks that sum rows up: a part of the rows would give other numbers. */
const SUMS_UP = ["transform", "aggregate", "bin", "timeUnit", "impute", "stack"];
const SUMMING_MARKS = ["boxplot", "errorband", "errorbar"];
/** Words that make several charts of one specification, each of which has a size of its own. */
const SEVERAL = ["facet", "repeat", "concat", "hconcat", "vconcat"];
const SEVERAL_CHANNELS = ["facet", "row", "column"];

/**
 * A user's specification as it is drawn. A field that is no column would be an empty chart without a word, and a sum over a part of the rows a
 * wrong one: both are refused.
 *
 * @throws {OptionError} `unknown_key` or `option_invalid`
 */
export function ownSpec(spec: Spec, rows: readonly RawRow[]): Spec {
  checkNames(spec);
  if (rows.length > POINT_LIMIT && sumsUp(spec)) throw tooManyToSum(rows.length);
  const columns = new Set(rows.flatMap((row) => Object.keys(row)));
  const strict = rows.length > 0 && !has(spec, (key) => COMPUTES.includes(key));
  return sized(withFields(spec, columns, strict) as Spec);
}

/** Width and height as `plot()` has them, unless there are several charts in one. */
function sized(spec: Spec): Spec {
  const encoding = recordOf(spec.encoding);
  if (SEVERAL.some((key) => key in spec) || SEVERAL_CHANNELS.some((key) => key in encoding)) return spec;
  return { width: WIDTH, height: HEIGHT, ...spec };
}

/** Fields that name a column mean that column, also where it has dots or brackets in its name. */
function withFields(value: unknown, columns: ReadonlySet<string>, strict: boolean): unknown {
  if (Array.isArray(value)) return value.map((member) => withFields(member, columns, strict));
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(
    Object.entries(value).map(([key, inner]) => {
      if (key === "field" && typeof inner === "string") return [key, fieldOf(inner, columns, strict)];
      const named = key === "encoding" ? withTitles(inner, columns) : inner;
      return [key, key === "data" ? inner : withFields(named, columns, strict && !("data" in value))];
    }),
  );
}

/** Channels of columns whose names Vega-Lite would show with escapes, which in a quoted name even break its expressions. */
function withTitles(encoding: unknown, columns: ReadonlySet<string>): unknown {
  const titled = (channel: unknown): unknown => {
    const { field, title } = recordOf(channel);
    if (Array.isArray(channel)) return channel.map(titled);
    if (typeof field !== "string" || title !== undefined || !columns.has(field) || fieldName(field) === field) return channel;
    return { ...recordOf(channel), title: columnTitle(field, recordOf(channel)) };
  };
  return Object.fromEntries(Object.entries(recordOf(encoding)).map(([name, channel]) => [name, titled(channel)]));
}

function fieldOf(field: string, columns: ReadonlySet<string>, strict: boolean): string {
  if (columns.has(field)) return fieldName(field);
  if (!strict || columns.has(columnOfField(field))) return field;
  const near = nearestName(field, [...columns]);
  throw new OptionError("unknown_key", {
    problem: `Cannot draw the field ${JSON.stringify(field)}.`,
    why: `The rows have no such column: they have ${listNames([...columns])}.`,
    fix: near === undefined ? "Name one of these columns." : `Did you mean ${JSON.stringify(near)}?`,
    path: field,
  });
}

function sumsUp(spec: Spec): boolean {
  return has(spec, (key, value) => {
    if (key === "mark") return SUMMING_MARKS.includes(String(recordOf(value).type ?? value));
    return SUMS_UP.includes(key) && value !== null && value !== false;
  });
}

function has(value: unknown, test: (key: string, value: unknown) => boolean): boolean {
  if (Array.isArray(value)) return value.some((member) => has(member, test));
  return Object.entries(recordOf(value)).some(([key, inner]) => test(key, inner) || has(inner, test));
}

function tooManyToSum(rows: number): OptionError {
  return new OptionError("option_invalid", {
    problem: `Cannot sum up ${count(rows)} rows in a chart.`,
    why: `A chart holds ${count(POINT_LIMIT)} rows at most, and a sum over a part of them would be another number.`,
    fix: "Let the query sum up, by avg(y) and group by x: chart(sql`...`, { ... }).",
  });
}
