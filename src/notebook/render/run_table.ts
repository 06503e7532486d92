/** Lists of runs: a line each, with parameters and results as columns. */
import type { MimeBundle } from "../../types.ts";
import type { RunRowView, RunState, RunTableView } from "../views.ts";
import { bundleOf } from "./bundle.ts";
import { captionHtml, cellHtml, footerHtml, gridHtml, gridStyle, headCell, scrolled } from "./grid.ts";
import { type Html, markup } from "./html.ts";
import { name, progressBar, progressText, row, section, warningLines, warnings } from "./parts.ts";
import { pictured, widthOf } from "./picture.ts";
import { short } from "./printable.ts";
import { ACCENT, smallPill, STYLE } from "./style.ts";
import { alignedRows } from "./text.ts";
import { count, countOf, duration, localTime } from "./units.ts";
import { type Cell, columnFormat } from "./values.ts";

const ROWS = 40;
const HEAD = 30;
const TAIL = 10;
const VALUES = 10;

/** Shows a list of runs. */
export function renderRunTable(view: RunTableView): MimeBundle {
  return bundleOf(runTableHtml(view), runTableText(view));
}

/** One column of the list. */
interface Column {
  readonly title: string;
  readonly right: boolean;
  readonly cell: (run: RunRowView) => Cell;
  readonly html?: (run: RunRowView) => Html;
}

const NOTHING: Cell = { kind: "null", text: "" };
const text = (value: string | undefined, limit = 60): Cell => value === undefined ? NOTHING : { kind: "text", text: short(value, limit) };
const number = (value: number | undefined): Cell => value === undefined ? NOTHING : { kind: "number", text: String(value) };

/** The columns that have something in them, parameters and results after the run's own. */
function columnsOf(runs: readonly RunRowView[]): Column[] {
  const has = (key: keyof RunRowView) => runs.some((run) => run[key] !== undefined);
  const names = [...new Set(runs.flatMap((run) => Object.keys(run.values ?? {})))].slice(0, VALUES);
  const own: (Column | false)[] = [
    { title: "", right: false, cell: (run) => text(run.status), html: (run) => statusPill(run.status) },
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
      html: (run) => markup`<span style="${STYLE.mono}">${name(run.id, 60)}</span>`,
    },
  ];
  return own.filter((column) => column !== false);
}

function valueColumn(key: string, runs: readonly RunRowView[]): Column {
  const of = (run: RunRowView) => run.values !== undefined && Object.hasOwn(run.values, key) ? run.values[key] : undefined;
  const { numeric, cell } = columnFormat(runs.map(of), 60);
  return { title: short(key, 40), right: numeric, cell: (run) => of(run) === undefined ? NOTHING : cell(of(run)) };
}

function statusPill(status: RunState): Html {
  return markup`<span style="${smallPill(ACCENT[status])}">${status}</span>`;
}

/** The list as markup, for cards that hold one. */
export function runTableHtml(view: RunTableView): Html {
  return scrolled([
    view.caption === undefined ? "" : captionHtml(view.caption),
    view.runs.length === 0 ? "" : runGrid(view.runs),
    footerHtml(summary(view)),
    progressBar(view.progress),
    warnings(view.warnings ?? []),
    view.picture === undefined
      ? ""
      : section(pictured(view.picture.svg, view.picture.alt, { width: widthOf(view.picture.svg), least: 0.5 })),
  ]);
}

function runGrid(runs: readonly RunRowView[]): Html {
  const { head, tail } = visible(runs);
  const columns = columnsOf([...head, ...tail]);
  const line = (run: RunRowView) =>
    row(...columns.map((column, i) => [i === 0 ? STYLE.gridPill : gridStyle(column.right), cellOf(column, run)] as const));
  const notice = `… ${countOf(runs.length - ROWS, "run")} not shown`;
  const gap = tail.length === 0
    ? ""
    : markup`<tr style="${STYLE.row}"><td style="${gridStyle(false)}" colspan="${columns.length}">${notice}</td></tr>`;
  const titles = markup`<tr style="${STYLE.row}">${columns.map((column) => headCell(name(column.title), column.right))}</tr>`;
  return gridHtml(titles, [head.map(line), gap, tail.map(line)]);
}

function cellOf(column: Column, run: RunRowView): Html {
  const cell = column.cell(run);
  return cell.kind === "null" ? cellHtml(cell) : column.html?.(run) ?? cellHtml(cell);
}

function visible(runs: readonly RunRowView[]): { head: readonly RunRowView[]; tail: readonly RunRowView[] } {
  return runs.length <= ROWS ? { head: runs, tail: [] } : { head: runs.slice(0, HEAD), tail: runs.slice(-TAIL) };
}

/** `40 runs: 30 hits, 9 executed, 1 failed; took 2 min, saved 10 min`. */
function summary(view: RunTableView): string {
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
