/** What several cards share: headings, lists of files, settings, notices. */
import { AT_A_GLANCE, moreLine, progressText, SETTINGS, whereOf } from "../text/notices.ts";
import { clip, clipMiddle, oneLine, printable, short } from "../text/printable.ts";
import { byteSize, shortHash } from "../text/units.ts";
import { valueText } from "../text/values.ts";
import type { FailureView, FileView, ProgressView } from "../views.ts";
import { type Html, type HtmlValue, markup } from "./html.ts";
import { frame, pill, STYLE } from "./style.ts";

/** How many lines of one kind it shows at all. */
export const AT_MOST = 100;
/** How many tags. */
const TAGS = 20;

/** A name that may run in either direction and stays by itself. */
export function name(text: string, limit = 80): Html {
  return markup`<bdi>${short(text, limit)}</bdi>`;
}

/** A sentence or two, which may run in either direction. */
export function prose(text: string, limit = 400): Html {
  return markup`<bdi>${clip(printable(text), limit)}</bdi>`;
}

/** What is said more quietly. */
export function muted(content: HtmlValue): Html {
  return markup`<span style="${STYLE.muted}">${content}</span>`;
}

/** A whole path that can be copied, breaking where it must. */
export function path(text: string): Html {
  return markup`<bdi style="${STYLE.path}">${clipMiddle(oneLine(text), 400)}</bdi>`;
}

/** A hash, short to the eye and whole on hovering. */
export function hash(text: string): Html {
  return markup`<span style="${STYLE.hash}" title="${clip(oneLine(text), 200)}">${short(shortHash(text), 8)}</span>`;
}

/** A card, with the colour of what it says at its left. */
export function card(accent: string, content: HtmlValue): Html {
  return markup`<div style="${frame(accent)}">${content}</div>`;
}

/** The first line of a card: a word on its colour, a name, where it belongs; at the right how long it took. */
export function heading(accent: string, word: string | undefined, title: HtmlValue, right: HtmlValue): Html {
  const badge = word === undefined ? "" : markup`<span style="${pill(accent)}">${word}</span>`;
  return markup`<div>${right ? markup`<span style="${STYLE.right}">${right}</span>` : ""}${badge}${title}</div>`;
}

/** The name in a heading. */
export function title(text: string, limit = 60): Html {
  return markup`<span style="${STYLE.name}">${name(text, limit)}</span>`;
}

/** A part of a card, a little below what is above it. */
export function section(content: HtmlValue): Html {
  return markup`<div style="${STYLE.section}">${content}</div>`;
}

/** A folded part. */
export function details(summary: string, content: HtmlValue): Html {
  return markup`<details style="${STYLE.details}"><summary style="${STYLE.summary}">${summary}</summary>${content}</details>`;
}

/** Rows as a table without lines; nothing where there are none. */
export function rowTable(rows: readonly Html[]): Html {
  return rows.length === 0 ? markup`` : markup`<table style="${STYLE.table}"><tbody>${rows}</tbody></table>`;
}

/** A row of cells, each with its style. */
export function row(...cells: readonly (readonly [style: string, content: HtmlValue])[]): Html {
  return markup`<tr style="${STYLE.row}">${cells.map(([style, content]) => markup`<td style="${style}">${content}</td>`)}</tr>`;
}

/** A muted label and what it labels. */
export function labelRow(label: string, content: HtmlValue): Html {
  return row([STYLE.label, label], [STYLE.cell, content]);
}

/** Settings side by side; the rest is counted. */
export function settings(entries: readonly (readonly [string, unknown])[]): Html {
  const shown = entries.slice(0, SETTINGS).map(([key, value]) =>
    markup`<span style="${STYLE.setting}">${muted(name(key))} <span style="${STYLE.mono}"><bdi>${valueText(value, 60)}</bdi></span></span> `
  );
  return markup`${shown}${more(entries.length - shown.length, "setting")}`;
}

/** Tags side by side. */
export function tagList(tags: readonly string[]): Html {
  return markup`${tags.slice(0, TAGS).map((tag) => markup`<span style="${STYLE.setting}">${name(tag, 40)}</span> `)}${
    more(tags.length - TAGS, "tag")
  }`;
}

/** `and 3 more files`, or nothing. */
export function more(n: number, singular: string): Html {
  return n > 0 ? muted(moreLine(n, singular)) : markup``;
}

/** Rows for files: label, key, path, driver and size, short hash. */
export function fileRows(label: string, files: readonly FileView[]): readonly Html[] {
  const shown = files.slice(0, AT_A_GLANCE).map((file, i) => fileRow(i === 0 ? label : "", file));
  const rest = files.length - shown.length;
  return rest > 0
    ? [...shown, markup`<tr style="${STYLE.row}"><td></td><td style="${STYLE.cell}" colspan="4">${more(rest, "file")}</td></tr>`]
    : shown;
}

function fileRow(label: string, file: FileView): Html {
  const kind = [short(file.driver, 24), file.bytes === undefined ? "" : byteSize(file.bytes)].filter(Boolean).join(", ");
  const note = file.note === undefined ? "" : markup` ${muted(`(${short(file.note, 60)})`)}`;
  return row(
    [STYLE.label, label],
    [STYLE.key, name(file.key, 40)],
    [STYLE.cell, markup`${path(file.label)}${note}`],
    [STYLE.key, muted(kind)],
    [STYLE.cell, hash(file.hash)],
  );
}

/** Notices that the reader should worry about. */
export function warnings(texts: readonly string[]): readonly Html[] {
  const shown = texts.slice(0, AT_A_GLANCE).map((text) => markup`<div style="${STYLE.warning}">${prose(text, 600)}</div>`);
  return texts.length > AT_A_GLANCE ? [...shown, more(texts.length - AT_A_GLANCE, "warning")] : shown;
}

/** What a run failed with, and where. */
export function failure(error: FailureView | undefined): Html {
  if (!error) return markup``;
  const where = whereOf(error.stack);
  const place = where === undefined ? "" : markup`<br>${muted(`at ${where}`)}`;
  return markup`<div style="${STYLE.error}"><b>${short(error.name, 80)}</b>: ${prose(error.message, 1500)}${place}</div>`;
}

/** The stack, for the folded part of a card. */
export function stackText(error: FailureView | undefined): Html {
  return error?.stack === undefined ? markup`` : markup`<pre style="${STYLE.pre}">${clip(printable(error.stack), 6000)}</pre>`;
}

/** A bar, or a count where the end is not known. */
export function progressBar(progress: ProgressView | undefined): Html {
  if (!progress) return markup``;
  const { done, total } = progress;
  const part = total === undefined || total <= 0 ? undefined : Math.min(100, Math.max(0, Math.round(100 * done / total)));
  const bar = part === undefined ? "" : markup`<span style="${STYLE.track}"><span style="${STYLE.bar};width:${part}%"></span></span>`;
  return section(markup`${bar}${muted(markup`<bdi>${progressText(progress)}</bdi>`)}`);
}
