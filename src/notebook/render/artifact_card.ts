/** The card of an artifact: where it is, what it holds, which run made it. */
import type { MimeBundle } from "../../types.ts";
import { artifactText, kindOf, madeBy, stateOf } from "../text/artifact_text.ts";
import { short } from "../text/printable.ts";
import { countOf, localTime } from "../text/units.ts";
import type { ArtifactCardView, ColumnView } from "../views.ts";
import { bundleOf } from "./bundle.ts";
import { type Html, markup } from "./html.ts";
import * as part from "./parts.ts";
import { ACCENT, STYLE } from "./style.ts";
import { tableHtml, tableText } from "./table.ts";

/** Columns that are listed. */
const COLUMNS = 60;

/** Shows an artifact. */
export function renderArtifactCard(view: ArtifactCardView): MimeBundle {
  return bundleOf(cardHtml(view), artifactText(view, view.preview === undefined ? [] : tableText(view.preview).split("\n")));
}

function cardHtml(view: ArtifactCardView): Html {
  const state = view.state ?? "present";
  const accent = state === "present" ? ACCENT.neutral : ACCENT.failed;
  const title = markup`${part.title(view.key, 80)} ${part.muted(kindOf(view))} ${part.hash(view.hash)}`;
  return part.card(accent, [
    part.heading(accent, state === "present" ? "artifact" : state, title, ""),
    part.warnings(stateOf(view)),
    part.section(part.rowTable(rowsOf(view))),
    view.preview === undefined ? columnsHtml(view.columns ?? []) : part.section(tableHtml(view.preview)),
    part.details("details", part.rowTable(detailRows(view))),
  ]);
}

function rowsOf(view: ArtifactCardView): Html[] {
  const { run } = view;
  return [
    part.labelRow("path", part.path(view.path)),
    ...(run === undefined ? [] : [part.labelRow("made by", markup`<bdi>${madeBy(run)}</bdi> ${part.muted(localTime(run.at))}`)]),
    ...(view.meta.length === 0 ? [] : [part.labelRow("meta", part.settings(view.meta))]),
  ];
}

function columnsHtml(columns: readonly ColumnView[]): Html {
  if (columns.length === 0) return markup``;
  const listed = columns.slice(0, COLUMNS).map((column) =>
    markup`<span style="${STYLE.setting}">${part.name(column.name, 40)} ${part.muted(short(column.type ?? "", 24))}</span> `
  );
  return part.details(countOf(columns.length, "column"), markup`<div>${listed}${part.more(columns.length - COLUMNS, "column")}</div>`);
}

function detailRows(view: ArtifactCardView): Html[] {
  return [
    part.labelRow("id", part.path(view.id)),
    part.labelRow("hash", part.path(view.hash)),
    ...(view.uri === undefined ? [] : [part.labelRow("uri", part.path(view.uri))]),
    ...(view.run === undefined ? [] : [part.labelRow("run", part.path(view.run.id))]),
  ];
}
