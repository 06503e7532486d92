/** The card of a scenario: its steps, what its coupler holds, what is missing. */
import type { MimeBundle } from "../../types.ts";
import type { ScenarioCardView } from "../views.ts";
import { bundleOf } from "./bundle.ts";
import { type Html, html } from "./html.ts";
import { details, failure, fileLine, fileRows, labelRow, moreLine, name, path, settings, warnings } from "./parts.ts";
import { clip, printable, short } from "./printable.ts";
import { runTableHtml, runTableText } from "./run_table.ts";
import { ACCENT, frame, pill, STYLE } from "./style.ts";
import { alignedRows, indented, labelled } from "./text.ts";
import { duration, isoTime } from "./units.ts";
import { valueText } from "./values.ts";

const COLOUR = { running: ACCENT.running, completed: ACCENT.neutral, failed: ACCENT.failed } as const;

/** Shows a scenario. */
export function renderScenarioCard(view: ScenarioCardView): MimeBundle {
  return bundleOf(cardHtml(view), cardText(view));
}

function cardHtml(view: ScenarioCardView): Html {
  const all = missingAndWarnings(view);
  return html`
    <div
      style="${frame(COLOUR[view.status])}"><div><span style="${pill(COLOUR[view.status])}">${view.status}</span><span style="${STYLE
        .muted}">scenario</span> <span style="${STYLE.name}">${name(view.name, 80)}</span>${view.model === undefined ? "" : html`
        <span style="${STYLE.muted}">${name(view.model, 60)}</span>
      `}${view.seconds === undefined
        ? ""
        : html`<span style="float: right; margin-left: 14px; white-space: nowrap; ${STYLE.muted}">${
          duration(view.seconds)
        }</span>`}</div>${view.description === undefined
        ? ""
        : html`<div><bdi>${clip(printable(view.description), 400)}</bdi></div>`}${failure(view.error)}${warnings(all)}<div style="${STYLE
        .section}">${runTableHtml({ runs: view.steps })}</div>${outputs(view)}${fold(view)}</div>
  `;
}

function outputs(view: ScenarioCardView): Html {
  if (view.outputs.length === 0) return html``;
  return html`
    <table style="${STYLE.table}; ${STYLE.section}">
      <tbody>${fileRows("coupler", view.outputs)}</tbody>
    </table>
  `;
}

function fold(view: ScenarioCardView): Html {
  const rows = [
    labelRow("header", path(view.id)),
    labelRow("started", html`${isoTime(view.startedAt)}`),
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
    ...(view.config === undefined || view.config.length === 0 ? [] : [labelRow("config", settings(view.config))]),
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

function missingAndWarnings(view: ScenarioCardView): string[] {
  const missing = view.missing ?? [];
  const listed = missing.slice(0, 20).map((key) => `"${short(key, 40)}"`).join(", ");
  return [...(missing.length === 0 ? [] : [`Required and not there yet: ${listed}${missing.length > 20 ? ", …" : ""}.`]), ...view.warnings];
}

function cardText(view: ScenarioCardView): string {
  const took = view.seconds === undefined ? "" : `  ${duration(view.seconds)}`;
  const head = `scenario ${short(view.name, 80)}${view.model === undefined ? "" : ` (${short(view.model, 60)})`}  ${view.status}${took}`;
  const files = alignedRows(view.outputs.slice(0, 8).map((file) => fileLine(file)), new Set([3]));
  const config = (view.config ?? []).slice(0, 16).map(([key, value]) => `${short(key, 40)}=${valueText(value, 60)}`).join("  ");
  const lines = [
    ...(view.description === undefined ? [] : clip(printable(view.description), 400).split("\n")),
    ...(view.error === undefined ? [] : clip(`${short(view.error.name, 80)}: ${printable(view.error.message)}`, 1500).split("\n")),
    ...missingAndWarnings(view).slice(0, 8).map((text) => `warning: ${short(text, 400)}`),
    ...runTableText({ runs: view.steps }).split("\n"),
    ...(files.length === 0 ? [] : labelled("coupler", [...files, ...moreLine(view.outputs.length - 8, "file")], 7)),
    ...(config === "" ? [] : labelled("config", [config], 7)),
  ];
  return [head, ...indented(lines, 2)].join("\n");
}
