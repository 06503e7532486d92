/** Differences as tables: the old value and the new one, cut to where they differ. */
import { type Sides, sidesOf } from "../text/changes.ts";
import { AT_A_GLANCE } from "../text/notices.ts";
import { count } from "../text/units.ts";
import type { ChangeView } from "../views.ts";
import { type Html, markup } from "./html.ts";
import { AT_MOST, details, muted, name, row, rowTable, section } from "./parts.ts";
import { STYLE } from "./style.ts";

/** The differences of a miss; long lists fold. */
export function changeTable(changes: readonly ChangeView[]): Html {
  if (changes.length === 0) return markup``;
  const rest = changes.slice(AT_A_GLANCE, AT_MOST).map(changeRow);
  const folded = rest.length === 0 ? "" : details(`${count(changes.length - AT_A_GLANCE)} more differences`, rowTable(rest));
  return section([rowTable(changes.slice(0, AT_A_GLANCE).map(changeRow)), folded]);
}

function changeRow(change: ChangeView): Html {
  return row([STYLE.key, name(change.name, 60)], [STYLE.cell, sidesHtml(sidesOf(change))]);
}

function sidesHtml(sides: Sides): Html {
  if (sides.kind === "lines") {
    return markup`${linesHtml("−", sides.before, STYLE.beforeLines)}${linesHtml("+", sides.after, STYLE.afterLines)}`;
  }
  return markup`${wordHtml(sides.before, STYLE.before)} ${muted("→")} ${wordHtml(sides.after, STYLE.after)}`;
}

function wordHtml(text: string | undefined, style: string): Html {
  return text === undefined ? muted("none") : markup`<span style="${style}"><bdi>${text}</bdi></span>`;
}

function linesHtml(sign: string, lines: readonly string[], style: string): Html {
  if (lines.length === 0) return markup``;
  return markup`<div style="${style}">${lines.map((line, i) => markup`${i === 0 ? "" : "\n"}${sign} <bdi>${line}</bdi>`)}</div>`;
}
