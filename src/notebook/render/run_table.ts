/** Lists of runs: a line each, with parameters and results as columns. */
import type { MimeBundle } from "../../types.ts";
import { type Column, columnsOf, ROWS, runTableText, summary, visible } from "../text/run_table_text.ts";
import { countOf } from "../text/units.ts";
import type { RunRowView, RunState, RunTableView } from "../views.ts";
import { bundleOf } from "./bundle.ts";
import { captionHtml, cellHtml, footerHtml, gridHtml, gridStyle, headCell, scrolled } from "./grid.ts";
import { type Html, markup } from "./html.ts";
import { name, progressBar, row, section, warnings } from "./parts.ts";
import { pictured, widthOf } from "./picture.ts";
import { ACCENT, smallPill, STYLE } from "./style.ts";

/** Shows a list of runs. */
export function renderRunTable(view: RunTableView): MimeBundle {
  return bundleOf(runTableHtml(view), runTableText(view));
}

function drawn({ kind }: Column, run: RunRowView): Html | undefined {
  if (kind === "status") return statusPill(run.status);
  return kind === "id" ? markup`<span style="${STYLE.mono}">${name(run.id, 60)}</span>` : undefined;
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
  return cell.kind === "null" ? cellHtml(cell) : drawn(column, run) ?? cellHtml(cell);
}
