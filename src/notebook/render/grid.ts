/** Tables with lines, as data is shown: head, cells, caption, footer. */
import { short } from "../text/printable.ts";
import type { Cell } from "../text/values.ts";
import { type Html, type HtmlValue, markup } from "./html.ts";
import { STYLE } from "./style.ts";

/** A part that scrolls sideways where it is too wide. */
export function scrolled(content: HtmlValue): Html {
  return markup`<div style="${STYLE.scroll}">${content}</div>`;
}

/** A table; the class is the one that notebook frontends know. */
export function gridHtml(head: Html, body: HtmlValue): Html {
  return markup`<table class="dataframe" style="${STYLE.grid}"><thead>${head}</thead><tbody>${body}</tbody></table>`;
}

/** A column's heading. */
export function headCell(content: HtmlValue, right: boolean): Html {
  return markup`<th style="${right ? STYLE.headNumber : STYLE.head}">${content}</th>`;
}

/** How a cell stands. */
export function gridStyle(right: boolean): string {
  return right ? STYLE.gridNumber : STYLE.gridCell;
}

/** So many characters stay on one line, however narrow the page is: of several words, and of one, such as an artifact's id. */
const WORDS = 24;
const WORD = 36;

/** What a cell holds. */
export function cellHtml(cell: Cell): Html {
  if (cell.kind === "null") return markup`<span style="${STYLE.faint}">${cell.text}</span>`;
  if (cell.kind !== "text") return markup`${cell.text}`;
  const limit = /\s/.test(cell.text) ? WORDS : WORD;
  return cell.text.length <= limit ? markup`<bdi style="white-space:nowrap">${cell.text}</bdi>` : markup`<bdi>${cell.text}</bdi>`;
}

/** What stands above a table. */
export function captionHtml(text: string): Html {
  return markup`<div style="${STYLE.caption}"><bdi>${short(text, 200)}</bdi></div>`;
}

/** Characters of a query below its table: a reminder, since the author has it in the cell. */
export const QUERY = 120;

/** The query that gave a table, on a line below it. */
export function queryHtml(text: string): Html {
  return markup`<div style="${STYLE.query}"><bdi>${short(text, QUERY)}</bdi></div>`;
}

/** What stands below a table. */
export function footerHtml(text: string): Html {
  return markup`<div style="${STYLE.footer}">${text}</div>`;
}
