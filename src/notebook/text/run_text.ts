/** A run as text: hit or executed, why, how long, what it saved, what it read and made. */
import type { FileView, RunCardView } from "../views.ts";
import { changeLines } from "./changes.ts";
import { alignedRows, indented, labelled } from "./layout.ts";
import { AT_A_GLANCE, failureLines, fileLine, progressText, settingsLine, warningLines } from "./notices.ts";
import { clip, oneLine, printable, short } from "./printable.ts";
import { count, duration, localTime } from "./units.ts";

/** Characters of what a step printed. */
const PRINTED = 4000;

/** `baseline · 2030 · iteration 2`. */
export function placeOf(view: RunCardView): string {
  return [
    view.scenario === undefined ? "" : short(view.scenario, 60),
    view.year === undefined ? "" : String(view.year),
    view.iteration === undefined ? "" : `iteration ${view.iteration}`,
  ].filter(Boolean).join(" · ");
}

/** What a hit saved; nothing where it took longer. */
export function savedText(view: RunCardView): string {
  if (view.savedSeconds === undefined || view.savedSeconds <= view.seconds) return "";
  return `saved ${duration(view.savedSeconds - view.seconds)}`;
}

/** What stands above what a step printed. */
export const printedTitle = (view: RunCardView) => view.status === "hit" ? "printed, replayed" : "printed";

/** Without the colours that a terminal would have shown. */
export function terminalText(text: string): string {
  // deno-lint-ignore no-control-regex
  return clip(printable(text.slice(0, 4 * PRINTED).replace(/\x1b\[[\d;]*m/g, "").trimEnd()), PRINTED);
}

/** The notes that a card shows. */
export const notesOf = (view: RunCardView): readonly string[] => (view.notes ?? []).slice(0, AT_A_GLANCE);

const MARK = { hit: "✓", executed: "●", failed: "✗", running: "…" } as const;

/** A run as text. */
export function runText(view: RunCardView): string {
  const place = placeOf(view);
  const took = [duration(view.seconds), savedText(view)].filter(Boolean).join(", ");
  const head = `${MARK[view.status]} ${view.status}  ${short(view.step, 60)}${place === "" ? "" : `  (${place})`}  ${took}`;
  const source = view.source === undefined ? "" : ` From ${short(view.source.id, 80)}, ${localTime(view.source.at)}.`;
  const lines = [
    ...`${clip(printable(view.why), 400)}${source}`.split("\n"),
    ...changeLines(view.changes),
    ...failureLines(view.error),
    ...warningLines(view.warnings),
    ...(view.progress === undefined ? [] : [progressText(view.progress)]),
    ...alignedRows([...fileLines("inputs", view.inputs), ...fileLines("outputs", view.outputs)], new Set([4])),
    ...(view.config.length === 0 ? [] : labelled("config", [settingsLine(view.config)], 7)),
    ...(view.printed ? [`${printedTitle(view)}:`, ...indented(terminalText(view.printed).split("\n"), 2)] : []),
    ...notesOf(view).map((text) => `note: ${clip(oneLine(text), 400)}`),
  ];
  return [head, ...indented(lines, 2)].join("\n");
}

function fileLines(label: string, files: readonly FileView[]): (readonly string[])[] {
  const rest = files.length - AT_A_GLANCE;
  const shown = files.slice(0, AT_A_GLANCE).map((file, i) => [i === 0 ? label.padEnd(7) : "", ...fileLine(file)]);
  return rest > 0 ? [...shown, ["", `and ${count(rest)} more`]] : shown;
}
