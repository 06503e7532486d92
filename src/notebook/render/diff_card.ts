/** Two things compared: what is different between them. */
import type { MimeBundle } from "../../types.ts";
import { changeLines } from "../text/changes.ts";
import { indented } from "../text/layout.ts";
import { oneLine, short } from "../text/printable.ts";
import type { DiffCardView } from "../views.ts";
import { bundleOf } from "./bundle.ts";
import { changeTable } from "./changes.ts";
import { markup } from "./html.ts";
import * as part from "./parts.ts";
import { ACCENT } from "./style.ts";

const COLOUR = { equal: ACCENT.hit, different: ACCENT.failed, "not repeatable": ACCENT.warning } as const;

/** Shows a comparison. */
export function renderDiffCard(view: DiffCardView): MimeBundle {
  const accent = view.verdict === undefined ? ACCENT.neutral : COLOUR[view.verdict];
  const title = markup`${part.title(view.title, 100)} ${part.muted([part.name(view.left), " → ", part.name(view.right)])}`;
  const html = part.card(accent, [
    part.heading(accent, view.verdict, title, ""),
    view.why === undefined ? "" : markup`<div>${part.prose(view.why, 600)}</div>`,
    view.changes.length === 0 ? part.muted("no differences") : changeTable(view.changes),
  ]);
  return bundleOf(html, cardText(view));
}

function cardText(view: DiffCardView): string {
  const verdict = view.verdict === undefined ? "" : `${view.verdict}: `;
  const head = `${verdict}${short(view.title, 100)}  ${short(view.left, 80)} → ${short(view.right, 80)}`;
  const why = view.why === undefined ? [] : [short(oneLine(view.why), 600)];
  const lines = view.changes.length === 0 ? ["no differences"] : changeLines(view.changes, part.AT_MOST);
  return [head, ...indented([...why, ...lines], 2)].join("\n");
}
