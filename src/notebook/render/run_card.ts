/** The card of one run: hit or executed, why, how long, what it saved, what it read and made. */
import type { MimeBundle } from "../../types.ts";
import type { FileView, RunCardView } from "../views.ts";
import { bundleOf } from "./bundle.ts";
import { changeLines, changeTable } from "./changes.ts";
import { type Html, markup } from "./html.ts";
import * as part from "./parts.ts";
import { pictured, widthOf } from "./picture.ts";
import { clip, oneLine, printable, short } from "./printable.ts";
import { ACCENT, STYLE } from "./style.ts";
import { alignedRows, indented, labelled } from "./text.ts";
import { count, duration, localTime, preciseTime } from "./units.ts";

/** Characters of what a step printed. */
const PRINTED = 4000;

/** Shows a run. */
export function renderRunCard(view: RunCardView): MimeBundle {
  return bundleOf(cardHtml(view), cardText(view));
}

function cardHtml(view: RunCardView): Html {
  return part.card(ACCENT[view.status], [
    headingHtml(view),
    markup`<div>${part.prose(view.why)}${sourceHtml(view)}</div>`,
    changeTable(view.changes),
    part.failure(view.error),
    part.warnings(view.warnings),
    part.progressBar(view.progress),
    part.section([part.rowTable(fileRows(view)), configTable(view)]),
    printedHtml(view),
    figuresHtml(view),
    part.details("details", [part.rowTable(detailRows(view)), part.stackText(view.error)]),
  ]);
}

function headingHtml(view: RunCardView): Html {
  const place = placeOf(view);
  const title = markup`${part.title(view.step)}${place === "" ? "" : markup` ${part.muted(markup`<bdi>${place}</bdi>`)}`}`;
  const saved = savedText(view);
  return part.heading(
    ACCENT[view.status],
    view.status,
    title,
    markup`${part.muted(duration(view.seconds))}${saved === "" ? "" : markup` &nbsp;<b>${saved}</b>`}`,
  );
}

/** `baseline · 2030 · iteration 2`. */
function placeOf(view: RunCardView): string {
  return [
    view.scenario === undefined ? "" : short(view.scenario, 60),
    view.year === undefined ? "" : String(view.year),
    view.iteration === undefined ? "" : `iteration ${view.iteration}`,
  ].filter(Boolean).join(" · ");
}

function savedText(view: RunCardView): string {
  if (view.savedSeconds === undefined || view.savedSeconds <= view.seconds) return "";
  return `saved ${duration(view.savedSeconds - view.seconds)}`;
}

function sourceHtml({ source }: RunCardView): Html {
  return source === undefined ? markup`` : markup` ${part.muted(markup`From ${part.name(source.id)}, ${localTime(source.at)}.`)}`;
}

function fileRows(view: RunCardView): Html[] {
  return [...part.fileRows("inputs", view.inputs), ...part.fileRows("outputs", view.outputs)];
}

/** A table of its own: long settings would pull the columns of the files apart. */
function configTable({ config }: RunCardView): Html {
  return part.rowTable(config.length === 0 ? [] : [part.labelRow("config", part.settings(config))]);
}

/** What the step printed, as the text of a terminal. */
function printedHtml(view: RunCardView): Html {
  return view.printed
    ? markup`<div style="${STYLE.footer}">${printedTitle(view)}</div><pre style="${STYLE.pre}">${terminalText(view.printed)}</pre>`
    : markup``;
}

function figuresHtml({ figures = [] }: RunCardView): Html {
  const pictures = figures.map(({ svg, alt }) => markup`<div>${pictured(svg, alt, { width: widthOf(svg), least: 0.5 })}</div>`);
  return pictures.length === 0 ? markup`` : part.section(markup`${pictures}`);
}

const printedTitle = (view: RunCardView) => view.status === "hit" ? "printed, replayed" : "printed";

/** Without the colours that a terminal would have shown. */
function terminalText(text: string): string {
  // deno-lint-ignore no-control-regex
  return clip(printable(text.slice(0, 4 * PRINTED).replace(/\x1b\[[\d;]*m/g, "").trimEnd()), PRINTED);
}

/** What a reader looks up rarely. */
function detailRows(view: RunCardView): Html[] {
  return [
    part.labelRow("run", part.path(view.id)),
    ...(view.signature ? [part.labelRow("signature", part.path(view.signature))] : []),
    part.labelRow("started", preciseTime(view.startedAt)),
    ...(view.description === undefined ? [] : [part.labelRow("about", part.prose(view.description, 600))]),
    ...(view.tags.length === 0 ? [] : [part.labelRow("tags", part.tagList(view.tags))]),
    ...notesOf(view).map((text) => part.labelRow("note", part.prose(text))),
    ...filesWithPath(view).map((file) => part.labelRow(short(file.key, 40), part.path(file.path))),
  ];
}

const notesOf = (view: RunCardView) => (view.notes ?? []).slice(0, part.AT_A_GLANCE);

/** Files whose whole path is longer than their label. */
function filesWithPath(view: RunCardView): (FileView & { path: string })[] {
  return [...view.inputs, ...view.outputs].slice(0, 2 * part.AT_A_GLANCE)
    .filter((file): file is FileView & { path: string } => file.path !== undefined && file.path !== file.label);
}

const MARK = { hit: "✓", executed: "●", failed: "✗", running: "…" } as const;

function cardText(view: RunCardView): string {
  const place = placeOf(view);
  const took = [duration(view.seconds), savedText(view)].filter(Boolean).join(", ");
  const head = `${MARK[view.status]} ${view.status}  ${short(view.step, 60)}${place === "" ? "" : `  (${place})`}  ${took}`;
  const source = view.source === undefined ? "" : ` From ${short(view.source.id, 80)}, ${localTime(view.source.at)}.`;
  const lines = [
    ...`${clip(printable(view.why), 400)}${source}`.split("\n"),
    ...changeLines(view.changes),
    ...part.failureLines(view.error),
    ...part.warningLines(view.warnings),
    ...(view.progress === undefined ? [] : [part.progressText(view.progress)]),
    ...alignedRows([...fileLines("inputs", view.inputs), ...fileLines("outputs", view.outputs)], new Set([4])),
    ...(view.config.length === 0 ? [] : labelled("config", [part.settingsLine(view.config)], 7)),
    ...(view.printed ? [`${printedTitle(view)}:`, ...indented(terminalText(view.printed).split("\n"), 2)] : []),
    ...notesOf(view).map((text) => `note: ${clip(oneLine(text), 400)}`),
  ];
  return [head, ...indented(lines, 2)].join("\n");
}

function fileLines(label: string, files: readonly FileView[]): (readonly string[])[] {
  const rest = files.length - part.AT_A_GLANCE;
  const shown = files.slice(0, part.AT_A_GLANCE).map((file, i) => [i === 0 ? label.padEnd(7) : "", ...part.fileLine(file)]);
  return rest > 0 ? [...shown, ["", `and ${count(rest)} more`]] : shown;
}
