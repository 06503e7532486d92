/** The card of one run: hit or executed, why, how long, what it saved, what it read and made. */
import type { MimeBundle } from "../../types.ts";
import { AT_A_GLANCE } from "../text/notices.ts";
import { short } from "../text/printable.ts";
import { notesOf, placeOf, printedTitle, runText, savedText, terminalText } from "../text/run_text.ts";
import { duration, localTime, preciseTime } from "../text/units.ts";
import type { FileView, RunCardView } from "../views.ts";
import { bundleOf } from "./bundle.ts";
import { changeTable } from "./changes.ts";
import { type Html, markup } from "./html.ts";
import * as part from "./parts.ts";
import { pictured, widthOf } from "./picture.ts";
import { ACCENT, STYLE } from "./style.ts";

/** Shows a run. */
export function renderRunCard(view: RunCardView): MimeBundle {
  return bundleOf(cardHtml(view), runText(view));
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

/** Files whose whole path is longer than their label. */
function filesWithPath(view: RunCardView): (FileView & { path: string })[] {
  return [...view.inputs, ...view.outputs].slice(0, 2 * AT_A_GLANCE)
    .filter((file): file is FileView & { path: string } => file.path !== undefined && file.path !== file.label);
}
