/** A scenario as text: its steps, what its coupler holds, what is missing. */
import type { ScenarioCardView } from "../views.ts";
import { alignedRows, indented, labelled } from "./layout.ts";
import { AT_A_GLANCE, failureLines, fileLine, moreLine, settingsLine, warningLines } from "./notices.ts";
import { clip, printable, short } from "./printable.ts";
import { runTableText } from "./run_table_text.ts";
import { duration } from "./units.ts";

/** Keys that a notice names. */
const KEYS = 20;

/** What a scenario warns of. */
export function missingAndWarnings(view: ScenarioCardView): string[] {
  const missing = view.missing ?? [];
  const listed = missing.slice(0, KEYS).map((key) => `"${short(key, 40)}"`).join(", ");
  const notice = `Required and not there yet: ${listed}${missing.length > KEYS ? ", …" : ""}.`;
  return [...(missing.length === 0 ? [] : [notice]), ...view.warnings];
}

/** A scenario as text. */
export function scenarioText(view: ScenarioCardView): string {
  const took = view.seconds === undefined ? "" : `  ${duration(view.seconds)}`;
  const head = `scenario ${short(view.name, 80)}${view.model === undefined ? "" : ` (${short(view.model, 60)})`}  ${view.status}${took}`;
  const files = alignedRows(view.outputs.slice(0, AT_A_GLANCE).map(fileLine), new Set([3]));
  const config = settingsLine(view.config ?? []);
  const lines = [
    ...(view.description === undefined ? [] : clip(printable(view.description), 400).split("\n")),
    ...failureLines(view.error),
    ...warningLines(missingAndWarnings(view)),
    ...runTableText({ runs: view.steps }).split("\n"),
    ...labelled("coupler", [...files, ...moreLine(view.outputs.length - AT_A_GLANCE, "file")], 7),
    ...(config === "" ? [] : labelled("config", [config], 7)),
  ];
  return [head, ...indented(lines, 2)].join("\n");
}
