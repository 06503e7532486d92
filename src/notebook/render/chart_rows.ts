/** Rows as a chart can take them: plain JSON values, only the columns that count, not more than a picture can show. */
import { printable } from "../text/printable.ts";
import { cellOf } from "../text/values.ts";

/** Above this many rows a chart draws a part of them, and says so. */
export const POINT_LIMIT = 5000;

/** A row of a chart: column → JSON value. */
export type ChartRow = { readonly [column: string]: string | number | boolean | null };

/** A row that nobody looked at yet. */
export type RawRow = { readonly [column: string]: unknown };

/** What a chart may hold: whole numbers as numbers, dates as ISO text, what is no number as nothing, nested values as short text. */
export function chartValue(value: unknown): string | number | boolean | null {
  if (value === null || value === undefined) return null;
  if (typeof value === "number") return Number.isFinite(value) ? value : null;
  if (typeof value === "bigint") return Number(value);
  if (typeof value === "boolean") return value;
  if (typeof value === "string") return printable(value.length > 200 ? `${value.slice(0, 200)}…` : value);
  if (value instanceof Date) return Number.isNaN(value.getTime()) ? null : value.toISOString();
  return cellOf(value, 60).text;
}

/** The rows as JSON values, cut to these columns. */
export function chartRows(rows: readonly RawRow[], columns: readonly string[] | undefined): ChartRow[] {
  return rows.map((row) => {
    const names = columns ?? Object.keys(row);
    return Object.fromEntries(names.filter((name) => Object.hasOwn(row, name)).map((name) => [name, chartValue(row[name])]));
  });
}

/** Which columns decide what a thinned chart must keep. */
export interface ThinBy {
  /** Column of the horizontal axis. */
  readonly x?: string | undefined;
  /** Column of the vertical axis. */
  readonly y?: string | undefined;
  /** Column that splits the rows into lines. */
  readonly group?: string | undefined;
  /** Are neighbouring rows joined? */
  readonly joined: boolean;
}

/** At most `limit` rows: of lines the lowest and highest of each stretch, of points an even sample with the extremes; always the same ones. */
export function thinRows(rows: readonly ChartRow[], by: ThinBy, limit: number = POINT_LIMIT): readonly ChartRow[] {
  if (rows.length <= limit) return rows;
  return by.joined && by.x !== undefined && by.y !== undefined ? thinLines(rows, by.x, by.y, by.group, limit) : thinPoints(rows, by, limit);
}

function thinLines(rows: readonly ChartRow[], x: string, y: string, group: string | undefined, limit: number): ChartRow[] {
  const lines = Map.groupBy(rows, (row) => group === undefined ? undefined : row[group]);
  const share = limit / rows.length;
  return [...lines.values()].slice(0, limit).flatMap((line) => extremesOf(line, x, y, Math.max(1, Math.floor(line.length * share / 2))))
    .slice(0, limit);
}

/** The lowest and the highest row of each of `stretches` stretches along x. */
function extremesOf(line: readonly ChartRow[], x: string, y: string, stretches: number): ChartRow[] {
  const sorted = line.toSorted((a, b) => compare(a[x], b[x]));
  const kept: ChartRow[] = [];
  for (let i = 0; i < stretches; i++) {
    const from = Math.floor(i * sorted.length / stretches);
    const to = Math.floor((i + 1) * sorted.length / stretches);
    let low = from;
    let high = from;
    for (let at = from + 1; at < to; at++) {
      if (compare(sorted[at]![y], sorted[low]![y]) < 0) low = at;
      if (compare(sorted[at]![y], sorted[high]![y]) > 0) high = at;
    }
    for (const at of [...new Set([Math.min(low, high), Math.max(low, high)])]) kept.push(sorted[at]!);
  }
  return kept;
}

/** One row out of each of even stretches, where in it by a fixed sequence, so that no regular pattern of the rows is picked out. */
function thinPoints(rows: readonly ChartRow[], by: ThinBy, limit: number): ChartRow[] {
  const kept = new Set(extremeIndices(rows, [by.x, by.y]));
  const stretches = limit - kept.size;
  let state = 42;
  for (let i = 0; i < stretches; i++) {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    const from = Math.floor(i * rows.length / stretches);
    const to = Math.floor((i + 1) * rows.length / stretches);
    kept.add(from + Math.floor(state / 2 ** 32 * (to - from)));
  }
  return [...kept].sort((a, b) => a - b).map((i) => rows[i]!);
}

function extremeIndices(rows: readonly ChartRow[], columns: readonly (string | undefined)[]): number[] {
  return columns.flatMap((column) => {
    if (column === undefined) return [];
    let low = 0;
    let high = 0;
    rows.forEach((row, i) => {
      if (compare(row[column], rows[low]![column]) < 0) low = i;
      if (compare(row[column], rows[high]![column]) > 0) high = i;
    });
    return [low, high];
  });
}

function compare(a: unknown, b: unknown): number {
  if (typeof a === "number" && typeof b === "number") return a - b;
  const [left, right] = [String(a ?? ""), String(b ?? "")];
  return left < right ? -1 : left > right ? 1 : 0;
}
