/** The card of a scenario: its steps, what its coupler holds, what is missing. */
import type { MimeBundle } from "../../types.ts";
import type { ScenarioCardView } from "../views.ts";
import { bundleOf } from "./bundle.ts";
import { type Html, markup } from "./html.ts";
import * as part from "./parts.ts";
import { clip, printable, short } from "./printable.ts";
import { runTableHtml, runTableText } from "./run_table.ts";
import { ACCENT } from "./style.ts";
import { alignedRows, indented, labelled } from "./text.ts";
import { duration, preciseTime } from "./units.ts";

const COLOUR = { running: ACCENT.running, completed: ACCENT.neutral, failed: ACCENT.failed } as const;
/** Keys that a notice names. */
const KEYS = 20;

/** Shows a scenario. */
export function renderScenarioCard(view: ScenarioCardView): MimeBundle {
  return bundleOf(cardHtml(view), cardText(view));
}

function cardHtml(view: ScenarioCardView): Html {
  return part.card(COLOUR[view.status], [
    headingHtml(view),
    view.description === undefined ? "" : markup`<div>${part.prose(view.description)}</div>`,
    part.failure(view.error),
    part.warnings(missingAndWarnings(view)),
    part.section(runTableHtml({ runs: view.steps })),
    view.outputs.length === 0 ? "" : part.section(part.rowTable(part.fileRows("coupler", view.outputs))),
    part.details("details", [part.rowTable(detailRows(view)), part.stackText(view.error)]),
  ]);
}

function headingHtml(view: ScenarioCardView): Html {
  const model = view.model === undefined ? "" : markup` ${part.muted(part.name(view.model, 60))}`;
  const title = markup`${part.muted("scenario")} ${part.title(view.name, 80)}${model}`;
  return part.heading(COLOUR[view.status], view.status, title, view.seconds === undefined ? "" : part.muted(duration(view.seconds)));
}

function detailRows(view: ScenarioCardView): Html[] {
  return [
    part.labelRow("header", part.path(view.id)),
    part.labelRow("started", preciseTime(view.startedAt)),
    ...(view.tags.length === 0 ? [] : [part.labelRow("tags", part.tagList(view.tags))]),
    ...(view.config === undefined || view.config.length === 0 ? [] : [part.labelRow("config", part.settings(view.config))]),
  ];
}

function missingAndWarnings(view: ScenarioCardView): string[] {
  const missing = view.missing ?? [];
  const listed = missing.slice(0, KEYS).map((key) => `"${short(key, 40)}"`).join(", ");
  const notice = `Required and not there yet: ${listed}${missing.length > KEYS ? ", …" : ""}.`;
  return [...(missing.length === 0 ? [] : [notice]), ...view.warnings];
}

function cardText(view: ScenarioCardView): string {
  const took = view.seconds === undefined ? "" : `  ${duration(view.seconds)}`;
  const head = `scenario ${short(view.name, 80)}${view.model === undefined ? "" : ` (${short(view.model, 60)})`}  ${view.status}${took}`;
  const files = alignedRows(view.outputs.slice(0, part.AT_A_GLANCE).map(part.fileLine), new Set([3]));
  const config = part.settingsLine(view.config ?? []);
  const lines = [
    ...(view.description === undefined ? [] : clip(printable(view.description), 400).split("\n")),
    ...part.failureLines(view.error),
    ...part.warningLines(missingAndWarnings(view)),
    ...runTableText({ runs: view.steps }).split("\n"),
    ...labelled("coupler", [...files, ...part.moreLine(view.outputs.length - part.AT_A_GLANCE, "file")], 7),
    ...(config === "" ? [] : labelled("config", [config], 7)),
  ];
  return [head, ...indented(lines, 2)].join("\n");
}
