/** The card of one run: hit or executed, why, how long, what it saved, what it read and made. */
import type { MimeBundle } from "../../types.ts";
import type { RunCardView } from "../views.ts";
import { bundleOf } from "./bundle.ts";
import { type Html, html } from "./html.ts";
import {
  AT_A_GLANCE,
  changeLine,
  changeTable,
  details,
  failure,
  fileLine,
  fileRows,
  labelRow,
  moreLine,
  name,
  path,
  progressBar,
  progressText,
  settings,
  warnings,
  whereOf,
} from "./parts.ts";
import { clip, oneLine, printable, short } from "./printable.ts";
import { ACCENT, frame, pill, STYLE } from "./style.ts";
import { alignedRows, indented, labelled } from "./text.ts";
import { count, duration, isoTime, localTime } from "./units.ts";
import { valueText } from "./values.ts";

/** Shows a run. */
export function renderRunCard(view: RunCardView): MimeBundle {
  return bundleOf(cardHtml(view), cardText(view));
}

function cardHtml(view: RunCardView): Html {
  return html`<div style="${frame(ACCENT[view.status])}">${heading(view)}${whyLine(view)}${changeTable(view.changes)}${
    failure(view.error)
  }${warnings(view.warnings)}${progressBar(view.progress)}${body(view)}${fold(view)}</div>`;
}

function heading(view: RunCardView): Html {
  const place = placeOf(view);
  return html`<div><span style="${pill(ACCENT[view.status])}">${view.status}</span><span style="${STYLE.name}">${
    name(view.step, 60)
  }</span>${
    place === "" ? "" : html`
      <span style="${STYLE.muted}"><bdi>${place}</bdi></span>
    `
  }<span style="float: right; margin-left: 14px; white-space: nowrap"><span style="${STYLE.muted}">${duration(view.seconds)}</span>${
    saved(view) === "" ? "" : html`
      <b style="margin-left: 6px">${saved(view)}</b>
    `
  }</span></div>`;
}

/** `baseline · 2030 · iteration 2`. */
function placeOf(view: RunCardView): string {
  return [
    view.scenario === undefined ? "" : short(view.scenario, 60),
    view.year === undefined ? "" : String(view.year),
    view.iteration === undefined ? "" : `iteration ${view.iteration}`,
  ].filter(Boolean).join(" · ");
}

function saved(view: RunCardView): string {
  if (view.savedSeconds === undefined || view.savedSeconds <= view.seconds) return "";
  return `saved ${duration(view.savedSeconds - view.seconds)}`;
}

function whyLine(view: RunCardView): Html {
  return html`<div style="margin: 2px 0 0 0"><bdi>${clip(printable(view.why), 400)}</bdi>${
    view.source === undefined ? "" : html`
      <span style="${STYLE.muted}">From <bdi>${short(view.source.id, 80)}</bdi>, ${localTime(view.source.at)}.</span>
    `
  }</div>`;
}

function body(view: RunCardView): Html {
  const files = [...fileRows("inputs", view.inputs), ...fileRows("outputs", view.outputs)];
  const table = files.length === 0 ? "" : html`
    <table style="${STYLE.table}; ${STYLE.section}">
      <tbody>${files}</tbody>
    </table>
  `;
  const config = view.config.length === 0 ? "" : html`
    <table style="${STYLE.table}">
      <tbody>${labelRow("config", settings(view.config))}</tbody>
    </table>
  `;
  return html`${table}${config}`;
}

/** What a reader looks up rarely. */
function fold(view: RunCardView): Html {
  const rows = [
    labelRow("run", path(view.id)),
    ...(view.signature ? [labelRow("signature", path(view.signature))] : []),
    labelRow("started", html`${isoTime(view.startedAt)}`),
    ...(view.description === undefined ? [] : [labelRow("about", html`<bdi>${clip(printable(view.description), 600)}</bdi>`)]),
    ...(view.tags.length === 0 ? [] : [labelRow(
      "tags",
      html`${
        view.tags.slice(0, 20).map((tag) =>
          html`
            ${name(tag, 40)}
          `
        )
      }`,
    )]),
    ...(view.notes ?? []).slice(0, AT_A_GLANCE).map((text) => labelRow("note", html`<bdi>${clip(printable(text), 400)}</bdi>`)),
    ...[...view.inputs, ...view.outputs].slice(0, 2 * AT_A_GLANCE).flatMap((file) =>
      file.path === undefined || file.path === file.label ? [] : [labelRow(short(file.key, 40), path(file.path))]
    ),
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

const MARK = { hit: "✓", executed: "●", failed: "✗", running: "…" } as const;

function cardText(view: RunCardView): string {
  const place = placeOf(view);
  const took = [duration(view.seconds), saved(view)].filter(Boolean).join(", ");
  const head = `${MARK[view.status]} ${view.status}  ${short(view.step, 60)}${place === "" ? "" : `  (${place})`}  ${took}`;
  const source = view.source === undefined ? "" : ` From ${short(view.source.id, 80)}, ${localTime(view.source.at)}.`;
  const lines = [
    ...`${clip(printable(view.why), 400)}${source}`.split("\n"),
    ...alignedRows(view.changes.slice(0, AT_A_GLANCE).map(changeLine)),
    ...moreLine(view.changes.length - AT_A_GLANCE, "difference"),
    ...errorLines(view),
    ...view.warnings.slice(0, AT_A_GLANCE).map((text) => `warning: ${clip(oneLine(text), 400)}`),
    ...(view.progress === undefined ? [] : [progressText(view.progress)]),
    ...fileLines(view),
    ...(view.config.length === 0 ? [] : labelled("config", [configLine(view)], 7)),
    ...(view.notes ?? []).slice(0, AT_A_GLANCE).map((text) => `note: ${clip(oneLine(text), 400)}`),
  ];
  return [head, ...indented(lines, 2)].join("\n");
}

function fileLines(view: RunCardView): string[] {
  const rows = [
    ...view.inputs.slice(0, AT_A_GLANCE).map((file, i) => [i === 0 ? "inputs" : "", ...fileLine(file)]),
    ...(view.inputs.length > AT_A_GLANCE ? [["", `and ${count(view.inputs.length - AT_A_GLANCE)} more`]] : []),
    ...view.outputs.slice(0, AT_A_GLANCE).map((file, i) => [i === 0 ? "outputs" : "", ...fileLine(file)]),
    ...(view.outputs.length > AT_A_GLANCE ? [["", `and ${count(view.outputs.length - AT_A_GLANCE)} more`]] : []),
  ];
  return alignedRows(rows, new Set([4]));
}

function configLine(view: RunCardView): string {
  const shown = view.config.slice(0, AT_A_GLANCE * 2).map(([key, value]) => `${short(key, 40)}=${valueText(value, 60)}`).join("  ");
  return view.config.length > AT_A_GLANCE * 2 ? `${shown}  and ${count(view.config.length - AT_A_GLANCE * 2)} more` : shown;
}

function errorLines(view: RunCardView): string[] {
  if (!view.error) return [];
  const where = whereOf(view.error.stack);
  return [
    ...clip(`${short(view.error.name, 80)}: ${printable(view.error.message)}`, 1500).split("\n"),
    ...(where === undefined ? [] : [`  at ${where}`]),
  ];
}
