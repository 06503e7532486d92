/** Lists of runs as text: a line each, with parameters and results as columns. */
import type { RunRowView, RunState, RunTableView } from "../views.ts";
import { alignedRows } from "./layout.ts";
import { progressText, warningLines } from "./notices.ts";
import { short } from "./printable.ts";
import { count, countOf, duration, localTime } from "./units.ts";
import { type Cell, columnFormat } from "./values.ts";

/** Up to this many runs are shown. */
export const ROWS = 40;
const HEAD = 30;
const TAIL = 10;
const VALUES = 10;

/** One column of the list. */
export interface Column {
  /** What stands above it. */
  readonly title: string;
  /** Does it stand at the right? */
  readonly right: boolean;
  /** Its cell for a run. */
  readonly cell: (run: RunRowView) => Cell;
  /** What is drawn in a way of its own. */
  readonly kind?: "status" | "id";
}

const NOTHING: Cell = { kind: "null", text: "" };
const text = (value: string | undefined, limit = 60): Cell => value === undefined ? NOTHING : { kind: "text", text: short(value, limit) };
const number = (value: number | undefined): Cell => value === undefined ? NOTHING : { kind: "number", text: String(value) };

/** The columns that have something in them, parameters and results after the run's own. */
export function columnsOf(runs: readonly RunRowView[]): Column[] {
  const has = (key: keyof RunRowView) => runs.some((run) => run[key] !== undefined);
  const names = [...new Set(runs.flatMap((run) => Object.keys(run.values ?? {})))].slice(0, VALUES);
  const own: (Column | false)[] = [
    { title: "", right: false, cell: (run) => text(run.status), kind: "status" },
    { title: "step", right: false, cell: (run) => text(run.step) },
    has("scenario") && { title: "scenario", right: false, cell: (run) => text(run.scenario) },
    has("year") && { title: "year", right: true, cell: (run) => number(run.year) },
    has("iteration") && { title: "iteration", right: true, cell: (run) => number(run.iteration) },
    ...names.map((key): Column => valueColumn(key, runs)),
    has("seconds") && { title: "took", right: true, cell: (run) => run.seconds === undefined ? NOTHING : text(duration(run.seconds)) },
    has("startedAt") &&
    { title: "started", right: false, cell: (run) => run.startedAt === undefined ? NOTHING : text(localTime(run.startedAt)) },
    has("why") && { title: "why", right: false, cell: (run) => text(run.why, 100) },
    {
      title: "run",
      right: false,
      cell: (run) => text(run.id, 60),
      kind: "id",
    },
  ];
  return own.filter((column) => column !== false);
}

function valueColumn(key: string, runs: readonly RunRowView[]): Column {
  const of = (run: RunRowView) => run.values !== undefined && Object.hasOwn(run.values, key) ? run.values[key] : undefined;
  const { numeric, cell } = columnFormat(runs.map(of), 60);
  return { title: short(key, 40), right: numeric, cell: (run) => of(run) === undefined ? NOTHING : cell(of(run)) };
}

/** The runs that are shown: all, or head and tail. */
export function visible(runs: readonly RunRowView[]): { head: readonly RunRowView[]; tail: readonly RunRowView[] } {
  return runs.length <= ROWS ? { head: runs, tail: [] } : { head: runs.slice(0, HEAD), tail: runs.slice(-TAIL) };
}

/** `40 runs: 30 hits, 9 executed, 1 failed; took 2 min, saved 10 min`. */
export function summary(view: RunTableView): string {
  const total = view.total ?? view.runs.length;
  if (view.runs.length === 0) return total === 0 ? "no runs" : countOf(total, "run");
  const of = (status: RunState) => view.runs.filter((run) => run.status === status).length;
  const states = [
    of("hit") > 0 ? countOf(of("hit"), "hit") : "",
    of("executed") > 0 ? `${count(of("executed"))} executed` : "",
    of("failed") > 0 ? `${count(of("failed"))} failed` : "",
    of("running") > 0 ? `${count(of("running"))} running` : "",
  ].filter(Boolean).join(", ");
  const times = [sumText("took", view.runs.map((run) => run.seconds)), sumText("saved", view.runs.map((run) => run.savedSeconds))].filter(
    Boolean,
  ).join(", ");
  const first = view.runs.length < total ? `first ${count(view.runs.length)} of ${countOf(total, "run")}` : countOf(total, "run");
  return `${first}: ${states}${times === "" ? "" : `; ${times}`}`;
}

function sumText(word: string, seconds: readonly (number | undefined)[]): string {
  const sum = seconds.reduce<number>((total, one) => total + (one ?? 0), 0);
  return sum > 0 ? `${word} ${duration(sum)}` : "";
}

/** The list as text, for cards that hold one. */
export function runTableText(view: RunTableView): string {
  const { head, tail } = visible(view.runs);
  const columns = columnsOf([...head, ...tail]);
  const row = (run: RunRowView) => columns.map((column) => column.cell(run).text);
  const gap = tail.length === 0 ? [] : [columns.map(() => "…")];
  const right = new Set(columns.flatMap((column, i) => column.right ? [i] : []));
  const lines = view.runs.length === 0
    ? []
    : alignedRows([columns.map((column) => column.title), ...head.map(row), ...gap, ...tail.map(row)], right);
  return [
    ...(view.caption === undefined ? [] : [short(view.caption, 200)]),
    ...lines,
    summary(view),
    ...(view.progress === undefined ? [] : [progressText(view.progress)]),
    ...warningLines(view.warnings ?? []),
  ].join("\n");
}
