/** The card of a scenario: its steps, what its coupler holds, what is missing. */
import type { MimeBundle } from "../../types.ts";
import { missingAndWarnings, scenarioText } from "../text/scenario_text.ts";
import { duration, preciseTime } from "../text/units.ts";
import type { ScenarioCardView } from "../views.ts";
import { bundleOf } from "./bundle.ts";
import { type Html, markup } from "./html.ts";
import * as part from "./parts.ts";
import { runTableHtml } from "./run_table.ts";
import { ACCENT } from "./style.ts";

const COLOUR = { running: ACCENT.running, completed: ACCENT.neutral, failed: ACCENT.failed } as const;
/** Shows a scenario. */
export function renderScenarioCard(view: ScenarioCardView): MimeBundle {
  return bundleOf(cardHtml(view), scenarioText(view));
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
