/**
 * Tables of runs, as they count. A hit has another id each time and is the same run all the same: where a column holds its id, the id of the
 * run that executed counts, and beside it `cache_hit` and `started_at` count as that run's.
 */
import type pl from "polars";
import { areHitsKnown, type Execution, executionOf, polarsOfRuns } from "./hits.ts";
import type { DataFrame } from "../types.ts";

/** A larger table counts by what stands in it: looking for ids in it would cost more than it spares. */
const ROWS_AT_MOST = 200_000;

/** For each row the execution that its run stands for, where that is a hit. */
type Rows = readonly (Execution | undefined)[];

/** The table as it would be, had each of its runs executed: the same object where none of them is a hit. */
export function asExecuted(frame: DataFrame): DataFrame {
  const polars = polarsOfRuns();
  if (polars === undefined || !areHitsKnown() || frame.height > ROWS_AT_MOST) return frame;
  const ids = columnsOf(frame, "String").map(([name, values]) => ({ name, values, rows: values.map(executionOf) }));
  const named = ids.filter(({ rows }) => rows.some((execution) => execution !== undefined));
  if (named.length === 0) return frame;
  const rows = Array.from({ length: frame.height }, (_, row) => named.map(({ rows }) => rows[row]).find((found) => found !== undefined));
  const replaced = [
    ...named.map(({ name, values, rows }) => polars.Series(name, values.map((value, row) => rows[row]?.id ?? value), polars.Utf8)),
    ...hitColumns(frame, rows, polars),
    ...startColumns(frame, rows, polars),
  ];
  try {
    return frame.withColumns(...replaced) as DataFrame;
  } catch {
    return frame; // of another copy of polars, which takes no columns of ours: it counts by what stands in it
  }
}

/** Rows as they would be, had each of their runs executed. */
export function rowsAsExecuted(rows: readonly unknown[]): readonly unknown[] {
  return areHitsKnown() ? rows.map(rowAsExecuted) : rows;
}

function rowAsExecuted(row: unknown): unknown {
  if (typeof row !== "object" || row === null) return row;
  const entries = Object.entries(row);
  const execution = entries.map(([, value]) => executionOf(value)).find((found) => found !== undefined);
  if (execution === undefined) return row;
  return Object.fromEntries(entries.map(([name, value]) => {
    if (isOwn(name, "cache_hit") && value === true) return [name, false];
    if (isOwn(name, "started_at") && value instanceof Date) return [name, startOf(execution, value)];
    return [name, executionOf(value)?.id ?? value];
  }));
}

/** The columns of one type, with their values. */
function columnsOf(frame: DataFrame, type: string): [name: string, values: unknown[]][] {
  return frame.columns.flatMap((name, index) =>
    String(frame.dtypes[index]).startsWith(`DataType(${type}`) ? [[name, frame.getColumn(name).toArray()]] : []
  );
}

/** Whether each run was a hit, where a column of ours says so: a run that executed was none. */
function hitColumns(frame: DataFrame, rows: Rows, polars: typeof pl): pl.Series[] {
  const columns = frame.columns.some((name) => isOwn(name, "cache_hit")) ? columnsOf(frame, "Bool") : [];
  return columns.filter(([name]) => isOwn(name, "cache_hit")).map(([name, values]) =>
    polars.Series(name, values.map((value, row) => rows[row] === undefined ? value : false) as boolean[], polars.Bool)
  );
}

/** When each run began, where a column of ours says so. */
function startColumns(frame: DataFrame, rows: Rows, polars: typeof pl): pl.Series[] {
  const columns = frame.columns.some((name) => isOwn(name, "started_at")) ? columnsOf(frame, "Datetime") : [];
  return columns.filter(([name]) => isOwn(name, "started_at")).map(([name, values]) => {
    const starts = (values as (Date | null)[]).map((value, row) => startOf(rows[row], value));
    return polars.Series(name, starts, frame.dtypes[frame.columns.indexOf(name)]);
  });
}

/** When a run began that executed, where the hit that stands for it began then. */
function startOf(execution: Execution | undefined, value: Date | null): Date | null {
  const began = execution?.began;
  return began !== undefined && began.hit.getTime() === value?.getTime() ? began.execution : value;
}

/** A column of ours has another name where the user's has this one. */
const isOwn = (name: string, column: string): boolean => name === column || name === `run.${column}`;
