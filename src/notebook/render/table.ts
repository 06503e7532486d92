/** Relations and DataFrames: head and tail, types, numbers at the right, nothing longer than it must be. */
import type { MimeBundle } from "../../types.ts";
import { alignedRows } from "../text/layout.ts";
import { short } from "../text/printable.ts";
import { count, countOf } from "../text/units.ts";
import { type Cell, columnFormat } from "../text/values.ts";
import type { ColumnView, TableView } from "../views.ts";
import { bundleOf } from "./bundle.ts";
import { captionHtml, cellHtml, footerHtml, gridHtml, gridStyle, headCell, QUERY, queryHtml, scrolled } from "./grid.ts";
import { type Html, markup } from "./html.ts";
import { name, row } from "./parts.ts";
import { STYLE } from "./style.ts";

/** Up to this many rows are shown whole. */
const ROWS = 20;
/** Of a longer table: so many first rows and so many last ones. */
const HEAD = 10;
const TAIL = 5;
/** Up to this many columns are shown whole; of a wider table the first and the last. */
const COLUMNS = 24;
const FIRST = 16;
const LAST = 7;
/** Characters of a cell, in html and in text. */
const CELL = 80;
const TEXT_CELL = 32;

/** Shows a table. */
export function renderTable(view: TableView): MimeBundle {
  return bundleOf(tableHtml(view), tableText(view));
}

/** The table as markup, for cards that hold one. */
export function tableHtml(view: TableView): Html {
  const grid = gridOf(view, CELL);
  const caption = view.caption === undefined ? "" : captionHtml(view.caption);
  const query = view.query === undefined ? "" : queryHtml(view.query);
  return scrolled([caption, gridHtml(headRow(grid), bodyRows(grid)), footerHtml(footer(view, grid)), query]);
}

/** A table cut to what is shown. */
interface Grid {
  readonly columns: readonly (ColumnView | "gap")[];
  readonly numeric: readonly boolean[];
  readonly head: readonly (readonly Cell[])[];
  readonly tail: readonly (readonly Cell[])[];
  readonly hiddenColumns: number;
}

const GAP: Cell = { kind: "null", text: "…" };

function gridOf(view: TableView, cellLimit: number): Grid {
  const { head, tail } = visibleRows(view);
  const wide = view.columns.length > COLUMNS;
  const indices = view.columns.map((_, i) => i).filter((i) => !wide || i < FIRST || i >= view.columns.length - LAST);
  const formats = indices.map((i) => columnFormat([...head, ...tail].map((row) => row[i]), cellLimit));
  const cells = (row: readonly unknown[]) => withGap(indices.map((i, at) => formats[at]!.cell(row[i])), GAP, wide);
  return {
    columns: withGap<ColumnView | "gap">(indices.map((i) => view.columns[i]!), "gap", wide),
    numeric: withGap(formats.map((format) => format.numeric), false, wide),
    head: head.map(cells),
    tail: tail.map(cells),
    hiddenColumns: view.columns.length - indices.length,
  };
}

function withGap<T>(list: readonly T[], gap: T, wide: boolean): T[] {
  return wide ? [...list.slice(0, FIRST), gap, ...list.slice(FIRST)] : [...list];
}

/** The rows that are shown: all, or head and tail. A caller that has only the first rows shows those. */
function visibleRows(view: TableView): { head: readonly (readonly unknown[])[]; tail: readonly (readonly unknown[])[] } {
  const { rows, tail } = view;
  const total = totalOf(view);
  if (tail !== undefined && rows.length + tail.length <= total) return { head: rows.slice(0, HEAD), tail: tail.slice(-TAIL) };
  if (rows.length <= ROWS) return { head: rows, tail: [] };
  if (rows.length < total) return { head: rows.slice(0, ROWS), tail: [] };
  return { head: rows.slice(0, HEAD), tail: rows.slice(-TAIL) };
}

function headRow(grid: Grid): Html {
  const cells = grid.columns.map((column, i) => {
    if (column === "gap") return headCell("…", false);
    const type = column.type === undefined ? "" : markup`<br><span style="${STYLE.type}">${short(column.type, 30)}</span>`;
    return headCell([name(column.name, 40), type], grid.numeric[i]!);
  });
  return markup`<tr style="${STYLE.row}">${cells}</tr>`;
}

function bodyRows(grid: Grid): readonly Html[] {
  const line = (cells: readonly Cell[]) => row(...cells.map((cell, i) => [gridStyle(grid.numeric[i]!), cellHtml(cell)] as const));
  const gap = grid.tail.length === 0 ? [] : [line(grid.columns.map(() => GAP))];
  return [...grid.head.map(line), ...gap, ...grid.tail.map(line)];
}

/** `3 rows, 2 columns`; `first 10 and last 5 of 1,000 rows`. */
function footer(view: TableView, grid: Grid): string {
  const shown = grid.head.length + grid.tail.length;
  const columns = grid.hiddenColumns > 0
    ? `${count(view.columns.length - grid.hiddenColumns)} of ${countOf(view.columns.length, "column")}`
    : countOf(view.columns.length, "column");
  return `${rowsText(view, grid, shown)}, ${columns}`;
}

function rowsText(view: TableView, grid: Grid, shown: number): string {
  const total = totalOf(view);
  if (shown >= total) return countOf(total, "row");
  const which = grid.tail.length > 0 ? `first ${grid.head.length} and last ${grid.tail.length}` : `first ${shown}`;
  return `${which} of ${countOf(total, "row")}`;
}

const totalOf = (view: TableView) => view.total ?? view.rows.length + (view.tail?.length ?? 0);

/** The table as text, for cards that hold one. */
export function tableText(view: TableView): string {
  const { textWidth = TEXT_CELL } = view;
  const grid = gridOf(view, textWidth);
  const names = grid.columns.map((column) => column === "gap" ? "…" : short(column.name, textWidth));
  const types = grid.columns.map((column) => column === "gap" ? "" : short(column.type ?? "", 20));
  const text = (row: readonly Cell[]) => row.map((cell) => cell.text);
  const gap = grid.tail.length > 0 ? [grid.columns.map(() => "…")] : [];
  const typed = types.some((type) => type !== "");
  const right = new Set(grid.numeric.flatMap((numeric, i) => numeric ? [i] : []));
  const lines = alignedRows([names, ...(typed ? [types] : []), ...grid.head.map(text), ...gap, ...grid.tail.map(text)], right);
  const caption = view.caption === undefined ? [] : [short(view.caption, 200)];
  const query = view.query === undefined ? [] : [short(view.query, QUERY)];
  return [...caption, ...(view.columns.length === 0 ? [] : lines), footer(view, grid), ...query].join("\n");
}
