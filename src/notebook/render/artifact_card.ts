/** The card of an artifact: where it is, what it holds, which run made it. */
import type { MimeBundle } from "../../types.ts";
import type { ArtifactCardView } from "../views.ts";
import { bundleOf } from "./bundle.ts";
import { type Html, html } from "./html.ts";
import { details, hash, labelRow, name, path, settings, warnings } from "./parts.ts";
import { clipMiddle, oneLine, short } from "./printable.ts";
import { ACCENT, frame, pill, STYLE } from "./style.ts";
import { tableHtml, tableText } from "./table.ts";
import { alignedRows, indented } from "./text.ts";
import { byteSize, countOf, localTime, shortHash } from "./units.ts";
import { valueText } from "./values.ts";

const STATE_TEXT = {
  missing: "The file is not where the ledger says; the next run that needs it makes it again.",
  damaged: "The file does not hold what the ledger says; it is never served, and the next run that needs it makes it again.",
} as const;

/** Shows an artifact. */
export function renderArtifactCard(view: ArtifactCardView): MimeBundle {
  return bundleOf(cardHtml(view), cardText(view));
}

function stateOf(view: ArtifactCardView): readonly string[] {
  return view.state === "missing" || view.state === "damaged" ? [STATE_TEXT[view.state]] : [];
}

function cardHtml(view: ArtifactCardView): Html {
  const accent = stateOf(view).length > 0 ? ACCENT.failed : ACCENT.neutral;
  const badge = view.state === undefined || view.state === "present" ? "artifact" : view.state;
  const rows = [
    labelRow("path", path(view.path)),
    ...(view.run === undefined
      ? []
      : [labelRow("made by", html`<bdi>${madeBy(view.run)}</bdi> <span style="${STYLE.muted}">${localTime(view.run.at)}</span>`)]),
    ...(view.meta.length === 0 ? [] : [labelRow("meta", settings(view.meta))]),
  ];
  return html`
    <div
      style="${frame(accent)}"><div><span style="${pill(accent)}">${badge}</span><span style="${STYLE.name}">${name(
        view.key,
        80,
      )}</span> <span style="${STYLE.muted}">${kind(view)}</span> ${hash(view.hash)}</div>${warnings(stateOf(view))}<table style="${STYLE
        .table}; ${STYLE.section}"><tbody>${rows}</tbody></table>${view.preview === undefined
        ? ""
        : html`<div style="${STYLE.section}">${tableHtml(view.preview)}</div>`}${columns(view)}${fold(view)}</div>
  `;
}

function kind(view: ArtifactCardView): string {
  return [
    short(view.driver, 24),
    view.bytes === undefined ? "" : byteSize(view.bytes),
    view.preview?.total === undefined ? "" : countOf(view.preview.total, "row"),
    view.columns === undefined ? "" : countOf(view.columns.length, "column"),
  ].filter(Boolean).join(", ");
}

function madeBy(run: NonNullable<ArtifactCardView["run"]>): string {
  const place = [run.scenario === undefined ? "" : short(run.scenario, 60), run.year === undefined ? "" : String(run.year)].filter(Boolean)
    .join(" · ");
  return `${short(run.step, 60)}${place === "" ? "" : ` (${place})`}`;
}

function columns(view: ArtifactCardView): Html {
  if (!view.columns || view.columns.length === 0 || view.preview) return html``;
  const listed = view.columns.slice(0, 60).map((column) =>
    html`<span style="display: inline-block; margin-right: 14px"><bdi>${short(column.name, 40)}</bdi> <span style="${STYLE.muted}">${
      short(column.type ?? "", 24)
    }</span></span>`
  );
  return details(countOf(view.columns.length, "column"), html`<div>${listed}${view.columns.length > 60 ? " …" : ""}</div>`);
}

function fold(view: ArtifactCardView): Html {
  const rows = [
    labelRow("id", path(view.id)),
    labelRow("hash", path(view.hash)),
    ...(view.uri === undefined ? [] : [labelRow("uri", path(view.uri))]),
    ...(view.run === undefined ? [] : [labelRow("run", path(view.run.id))]),
  ];
  return details(
    "details",
    html`
      <table style="${STYLE.table}">
        <tbody>${rows}</tbody>
      </table>
    `,
  );
}

function cardText(view: ArtifactCardView): string {
  const run = view.run;
  const meta = view.meta.slice(0, 16).map(([key, value]) => `${short(key, 40)}=${valueText(value, 60)}`).join("  ");
  const shown = (view.columns ?? []).slice(0, 20).map((column) => `${short(column.name, 40)} ${short(column.type ?? "", 24)}`.trim()).join(
    ", ",
  );
  const rows = [
    ["path", clipMiddle(oneLine(view.path), 400)],
    ...(run === undefined ? [] : [["made by", `${madeBy(run)}, ${short(run.id, 80)}, ${localTime(run.at)}`]]),
    ...(meta === "" ? [] : [["meta", meta]]),
    ...(shown === "" || view.preview ? [] : [["columns", view.columns!.length > 20 ? `${shown}, …` : shown]]),
  ];
  const head = `artifact ${short(view.key, 80)}  ${kind(view)}  ${short(shortHash(view.hash), 8)}`;
  const preview = view.preview === undefined ? [] : tableText(view.preview).split("\n");
  return [head, ...indented([...stateOf(view).map((text) => `warning: ${text}`), ...alignedRows(rows), ...preview], 2)].join("\n");
}
