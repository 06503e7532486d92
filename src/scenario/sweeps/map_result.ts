/** What came of a sweep, as lists, a table, a chart and a card. */
import { ConsistError, listNames, nearestName, OptionError } from "../../errors.ts";
import { JSON } from "../../intrinsics.ts";
import { countOf, DISPLAY, INSPECT, type RunRowView, runTableText, type RunTableView } from "../../notebook/mod.ts";
import { frameOf } from "../../query/mod.ts";
import { plotOf } from "../../relations/mod.ts";
import type { Chart, DataFrame, MimeBundle, PlotOptions, Registry, Run, RunResult, UnknownRow } from "../../types.ts";
import type { Member } from "./map_rows.ts";
import type { Mapped, MapRunsResult, Unmapped } from "../map_types.ts";

/** What came of one row. */
export type Outcome =
  & { readonly member: Member; readonly seconds: number }
  & (
    | {
      readonly result: RunResult;
      /** How long the run took that executed, where that is on record. */
      readonly executed: number | null;
    }
    | { readonly error: Error; readonly run?: Run; readonly isCancelled: boolean }
  );

const SHOWN = 50;

/** What came of a sweep. */
export class SweepResult implements MapRunsResult<object> {
  /** The rows that have their results. */
  readonly successes: readonly Mapped<object, Registry>[];
  /** The rows that failed or were cancelled. */
  readonly failures: readonly Unmapped<object>[];
  /** Those of `successes` that came from the cache. */
  readonly hits: readonly Mapped<object, Registry>[];
  readonly #step: string;
  readonly #outcomes: readonly Outcome[];
  readonly #again: (members: readonly Member[]) => Promise<SweepResult>;

  /** Made when every row has ended; `again` runs some of them anew. */
  constructor(step: string, outcomes: readonly Outcome[], again: (members: readonly Member[]) => Promise<SweepResult>) {
    this.#step = step;
    this.#outcomes = outcomes;
    this.#again = again;
    this.successes = outcomes.flatMap((one) => "result" in one ? [{ row: one.member.row, result: one.result }] : []);
    this.hits = this.successes.filter(({ result }) => result.cacheHit);
    this.failures = outcomes.flatMap((one) =>
      "error" in one ? [{ row: one.member.row, error: one.error, ...(one.run === undefined ? {} : { run: one.run }) }] : []
    );
  }

  /** Runs the rows of `failures` again. */
  retry(): Promise<SweepResult> {
    return this.#again(this.#outcomes.filter((one) => "error" in one).map(({ member }) => member));
  }

  /** The table as a polars DataFrame. */
  async df(): Promise<DataFrame> {
    const rows = tableOf(this.#outcomes);
    const columns = columnsOf(rows).map((name) => [name, oneType(rows.map((row) => row[name] ?? null))] as const);
    const names = columns.map(([name]) => name);
    return await frameOf(columns, [names.includes("run.seconds") ? "run.seconds" : "seconds"]);
  }

  /** A chart of the table. */
  plot(options: PlotOptions<string>): Chart {
    const rows = tableOf(this.#outcomes);
    checkColumns(options, columnsOf(rows));
    return plotOf(() => Promise.resolve(rows), options);
  }

  /** The sweep's card. */
  async [DISPLAY](): Promise<MimeBundle> {
    const { renderRunTable } = await import("../../notebook/render/mod.ts");
    return renderRunTable(viewOf(this.#step, this.#outcomes));
  }

  /** The same as text, for terminals. */
  [INSPECT](): string {
    return runTableText(viewOf(this.#step, this.#outcomes));
  }

  /** Captured by a step it counts by what its runs made, and by what failed. */
  [Symbol.for("consist.identity")](): object {
    const made = this.successes.map(({ row, result }) => [row, Object.values(result.outputs).map(({ key, hash }) => [key, hash])]);
    return this.failures.length === 0 ? made : [made, this.failures.map(({ row, error }) => [row, error.name, problemOf(error)])];
  }
}

/** What went wrong, without the id of the run, which is another one each time. */
const problemOf = (error: Error): string => error instanceof ConsistError ? error.problem : error.message;

// ── the table ───────────────────────────────────────────────────────────────────────────────────────────────────────────────

const OWN = ["run_id", "cache_hit", "seconds", "status"];

/** A line for each row: its columns, its scalar outputs, then what is known of its run. */
function tableOf(outcomes: readonly Outcome[]): UnknownRow[] {
  const inRows = new Set(outcomes.flatMap(({ member }) => Object.keys(member.row)));
  const ownName = (name: string) => inRows.has(name) ? `run.${name}` : name;
  const outputName = (key: string) => inRows.has(key) || OWN.includes(key) ? `output.${key}` : key;
  return outcomes.map((one) => {
    const scalars = Object.entries(scalarsOf(one)).map(([key, value]) => [outputName(key), value] as const);
    const own = OWN.map((name) => [ownName(name), ownValues(one)[name]] as const);
    return Object.fromEntries([...Object.entries(one.member.row), ...scalars, ...own]);
  });
}

function scalarsOf(one: Outcome): object {
  return "result" in one ? (one.result.run.meta.output_values ?? {}) as object : {};
}

function ownValues(one: Outcome): { readonly [name: string]: unknown } {
  if ("result" in one) {
    return { run_id: one.result.run.id, cache_hit: one.result.cacheHit, seconds: one.executed, status: "completed" };
  }
  return {
    run_id: one.run?.id ?? null,
    cache_hit: false,
    seconds: one.isCancelled ? null : one.seconds,
    status: one.isCancelled ? "cancelled" : "failed",
  };
}

/** Columns in the order in which they are first met, our own last. */
function columnsOf(rows: readonly UnknownRow[]): string[] {
  const all = new Set(rows.flatMap((row) => Object.keys(row)));
  const isOwn = (name: string) => OWN.includes(name) ? !all.has(`run.${name}`) : OWN.some((own) => name === `run.${own}`);
  const names = [...all];
  if (names.length === 0) return OWN;
  return [...names.filter((name) => !isOwn(name)), ...names.filter(isOwn)];
}

/** A column has one type: what has none in common with the rest is text. */
function oneType(values: readonly unknown[]): readonly unknown[] {
  const present = values.filter((value) => value !== null && value !== undefined);
  const types = new Set(present.map((value) => value instanceof Date ? "date" : typeof value));
  if (types.size <= 1 && !types.has("object") && !types.has("function")) return values.map((value) => value ?? null);
  return values.map((value) => (value === null || value === undefined ? null : textOf(value)));
}

function textOf(value: unknown): string {
  if (typeof value === "string") return value;
  return typeof value === "object" && value !== null && !(value instanceof Date)
    ? JSON.stringify(value, (_, inner) => typeof inner === "bigint" ? String(inner) : inner)
    : value instanceof Date
    ? value.toISOString()
    : String(value);
}

function checkColumns({ x, y, color }: PlotOptions<string>, columns: readonly string[]): void {
  const unknown = Object.entries({ x, y, color }).find(([, name]) => name !== undefined && !columns.includes(name));
  if (unknown === undefined) return;
  const [option, name] = unknown;
  const near = nearestName(String(name), columns);
  throw new OptionError("option_invalid", {
    problem: `plot() was called with ${option}: ${JSON.stringify(name)}, and the sweep has no such column.`,
    why: `Its columns are ${listNames(columns)}.`,
    fix: near === undefined ? "Use one of them." : `Did you mean "${near}"?`,
    path: option,
  });
}

// ── the card ────────────────────────────────────────────────────────────────────────────────────────────────────────────────

function viewOf(step: string, outcomes: readonly Outcome[]): RunTableView {
  const begun = outcomes.filter((one) => "result" in one || !one.isCancelled);
  // What failed is what the reader looks for.
  const failed = begun.filter((one) => "error" in one);
  const shown = begun.length <= SHOWN ? begun : [...failed, ...begun.filter((one) => "result" in one)].slice(0, SHOWN);
  const cancelled = outcomes.length - begun.length;
  return {
    caption: `sweep of ${step}: ${countOf(outcomes.length, "row")}`,
    runs: shown.map(lineOf),
    total: begun.length,
    warnings: cancelled === 0 ? [] : [`${countOf(cancelled, "row")} did not begin: the sweep was cancelled. retry() runs them.`],
  };
}

function lineOf(one: Outcome): RunRowView {
  const { member, seconds } = one;
  const values = { ...member.row, ...scalarsOf(one) };
  if ("result" in one) {
    const { run, cacheHit } = one.result;
    return { id: run.id, step: member.name, status: cacheHit ? "hit" : "executed", seconds, values };
  }
  const why = one.error.message.split("\n")[0]!;
  return { id: one.run?.id ?? "", step: member.name, status: "failed", seconds, values, why };
}
