/** Two things compared: what is different between them. */
import type { MimeBundle } from "../../types.ts";
import type { DiffCardView } from "../views.ts";
import { bundleOf } from "./bundle.ts";
import { html } from "./html.ts";
import { AT_MOST, changeLine, changeTable, moreLine, name } from "./parts.ts";
import { clip, oneLine, printable, short } from "./printable.ts";
import { ACCENT, frame, pill, STYLE } from "./style.ts";
import { alignedRows, indented } from "./text.ts";

const COLOUR = { equal: ACCENT.hit, different: ACCENT.failed, "not repeatable": ACCENT.warning } as const;

/** Shows a comparison. */
export function renderDiffCard(view: DiffCardView): MimeBundle {
  const accent = view.verdict === undefined ? ACCENT.neutral : COLOUR[view.verdict];
  const markup = html`
    <div
      style="${frame(accent)}"><div>${view.verdict === undefined
        ? ""
        : html`<span style="${pill(accent)}">${view.verdict}</span>`}<span style="${STYLE.name}">${name(
          view.title,
          100,
        )}</span> <span style="${STYLE.muted}">${name(view.left, 80)} → ${name(view.right, 80)}</span></div>${view.why === undefined
        ? ""
        : html`<div><bdi>${clip(printable(view.why), 600)}</bdi></div>`}${view.changes.length === 0
        ? html`<div style="${STYLE.muted}">no differences</div>`
        : changeTable(view.changes)}</div>
  `;
  return bundleOf(markup, cardText(view));
}

function cardText(view: DiffCardView): string {
  const head = `${view.verdict === undefined ? "" : `${view.verdict}: `}${short(view.title, 100)}  ${short(view.left, 80)} → ${
    short(view.right, 80)
  }`;
  const lines = view.changes.length === 0 ? ["no differences"] : alignedRows(view.changes.slice(0, AT_MOST).map(changeLine));
  const why = view.why === undefined ? [] : [short(oneLine(view.why), 600)];
  return [head, ...indented([...why, ...lines, ...moreLine(view.changes.length - AT_MOST, "difference")], 2)].join("\n");
}
