/** The card of an artifact: where it is, what it holds, which run made it. */
import type { MimeBundle } from "../../types.ts";
import type { ArtifactCardView, ColumnView } from "../views.ts";
import { bundleOf } from "./bundle.ts";
import { type Html, markup } from "./html.ts";
import * as part from "./parts.ts";
import { clipMiddle, oneLine, short } from "./printable.ts";
import { ACCENT, STYLE } from "./style.ts";
import { tableHtml, tableText } from "./table.ts";
import { alignedRows, indented } from "./text.ts";
import { byteSize, countOf, localTime, shortHash } from "./units.ts";

const STATE_TEXT = {
  present: undefined,
  missing: "The file is not where the ledger says; the next run that needs it makes it again.",
  damaged: "The file does not hold what the ledger says; it is never served, and the next run that needs it makes it again.",
} as const;
/** Columns that are listed, in html and in text. */
const COLUMNS = 60;
const TEXT_COLUMNS = 20;

/** Shows an artifact. */
export function renderArtifactCard(view: ArtifactCardView): MimeBundle {
  return bundleOf(cardHtml(view), cardText(view));
}

function stateOf(view: ArtifactCardView): readonly string[] {
  const text = STATE_TEXT[view.state ?? "present"];
  return text === undefined ? [] : [text];
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

/** `parquet, 42.7 MB, 1,250,000 rows, 4 columns`. */
function kindOf(view: ArtifactCardView): string {
  return [
    short(view.driver, 24),
    view.bytes === undefined ? "" : byteSize(view.bytes),
    view.preview?.total === undefined ? "" : countOf(view.preview.total, "row"),
    view.columns === undefined ? "" : countOf(view.columns.length, "column"),
  ].filter(Boolean).join(", ");
}

function madeBy(run: NonNullable<ArtifactCardView["run"]>): string {
  const place = [run.scenario === undefined ? "" : short(run.scenario, 60), run.year === undefined ? "" : String(run.year)];
  const where = place.filter(Boolean).join(" · ");
  return `${short(run.step, 60)}${where === "" ? "" : ` (${where})`}`;
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

function cardText(view: ArtifactCardView): string {
  const { run, preview } = view;
  const columns = preview === undefined ? columnsText(view.columns ?? []) : "";
  const rows = [
    ["path", clipMiddle(oneLine(view.path), 400)],
    ["made by", run === undefined ? "" : `${madeBy(run)}, ${short(run.id, 80)}, ${localTime(run.at)}`],
    ["meta", part.settingsLine(view.meta)],
    ["columns", columns],
  ].filter(([, text]) => text !== "");
  const head = `artifact ${short(view.key, 80)}  ${kindOf(view)}  ${short(shortHash(view.hash), 8)}`;
  const table = preview === undefined ? [] : tableText(preview).split("\n");
  return [head, ...indented([...part.warningLines(stateOf(view)), ...alignedRows(rows), ...table], 2)].join("\n");
}

function columnsText(columns: readonly ColumnView[]): string {
  const shown = columns.slice(0, TEXT_COLUMNS).map((column) => `${short(column.name, 40)} ${short(column.type ?? "", 24)}`.trim());
  return [...shown, ...part.moreLine(columns.length - TEXT_COLUMNS, "column")].join(", ");
}
