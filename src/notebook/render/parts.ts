/** What several cards share: lists of files, settings, differences, notices. */
import type { ChangeView, FailureView, FileView, ProgressView } from "../views.ts";
import { type Html, html } from "./html.ts";
import { clip, clipMiddle, oneLine, printable, short } from "./printable.ts";
import { STYLE } from "./style.ts";
import { byteSize, count, shortHash } from "./units.ts";
import { valueText } from "./values.ts";

/** How many lines of one kind a card shows at a glance; the rest folds away. */
export const AT_A_GLANCE = 8;
/** How many it shows at all. */
export const AT_MOST = 100;

/** A name that may run in either direction and stays by itself. */
export function name(text: string, limit = 80): Html {
  return html`<bdi>${short(text, limit)}</bdi>`;
}

/** A whole path that can be copied, breaking where it must. */
export function path(text: string): Html {
  return html`<bdi style="${STYLE.path}">${clipMiddle(oneLine(text), 400)}</bdi>`;
}

/** A hash, short to the eye and whole on hovering. */
export function hash(text: string): Html {
  return html`<span style="${STYLE.mono}; ${STYLE.muted}" title="${clip(oneLine(text), 200)}">${short(shortHash(text), 8)}</span>`;
}

/** A folded part. */
export function details(summary: string, body: Html | readonly Html[]): Html {
  return html`<details style="${STYLE.details}"><summary style="${STYLE.summary}">${summary}</summary>${body}</details>`;
}

/** A line of a card: a muted label and what it labels. */
export function labelRow(label: string, content: Html | readonly Html[]): Html {
  return html`
    <tr style="${STYLE.row}">
      <td style="${STYLE.label}">${label}</td>
      <td style="${STYLE.cell}">${content}</td>
    </tr>
  `;
}

/** Settings side by side; the rest is counted. */
export function settings(entries: readonly (readonly [string, unknown])[]): Html {
  const shown = entries.slice(0, AT_A_GLANCE * 2).map(([key, value]) =>
    html`
      <span
        style="display: inline-block; margin-right: 14px"><span style="${STYLE.muted}">${name(key)}</span> <span style="${STYLE
          .mono}"><bdi>${valueText(value, 60)}</bdi></span></span>
    `
  );
  return html`${shown}${more(entries.length - shown.length, "setting")}`;
}

/** `and 3 more files`, or nothing. */
export function more(n: number, singular: string): Html {
  return n > 0 ? html`<span style="${STYLE.muted}">${moreLine(n, singular)}</span>` : html``;
}

/** The same as a line of text. */
export function moreLine(n: number, singular: string): readonly string[] {
  return n > 0 ? [`and ${count(n)} more ${singular}${n === 1 ? "" : "s"}`] : [];
}

/** Rows for files: label, key, path, driver and size, short hash. */
export function fileRows(label: string, files: readonly FileView[]): readonly Html[] {
  const shown = files.slice(0, AT_A_GLANCE).map((file, i) => fileRow(i === 0 ? label : "", file));
  const rest = files.length - shown.length;
  return rest > 0
    ? [
      ...shown,
      html`
        <tr style="${STYLE.row}">
          <td style="${STYLE.label}"></td>
          <td style="${STYLE.cell}" colspan="4">${more(rest, "file")}</td>
        </tr>
      `,
    ]
    : shown;
}

function fileRow(label: string, file: FileView): Html {
  return html`
    <tr style="${STYLE.row}">
      <td style="${STYLE.label}">${label}</td>
      <td style="${STYLE.cell}; white-space: nowrap">${name(file.key, 40)}</td>
      <td style="${STYLE.cell}">${path(file.label)}${note(file)}</td>
      <td style="${STYLE.cell}; white-space: nowrap"><span style="${STYLE.muted}">${[
        short(file.driver, 24),
        file.bytes === undefined ? "" : byteSize(file.bytes),
      ].filter(Boolean).join(", ")}</span></td>
      <td style="${STYLE.cell}">${hash(file.hash)}</td>
    </tr>
  `;
}

function note(file: FileView): Html {
  return file.note === undefined ? html`` : html`
    <span style="${STYLE.muted}">(${short(file.note, 60)})</span>
  `;
}

/** The differences of a miss: name, old value, arrow, new value. */
export function changeTable(changes: readonly ChangeView[]): Html {
  if (changes.length === 0) return html``;
  const shown = changes.slice(0, AT_A_GLANCE);
  const rest = changes.slice(AT_A_GLANCE, AT_MOST);
  const table = (list: readonly ChangeView[]) =>
    html`
      <table style="${STYLE.table}">
        <tbody>${list.map(changeRow)}</tbody>
      </table>
    `;
  return html`<div style="${STYLE.section}">${table(shown)}${
    rest.length > 0 ? details(`${count(changes.length - shown.length)} more differences`, table(rest)) : ""
  }</div>`;
}

function changeRow(change: ChangeView): Html {
  return html`
    <tr style="${STYLE.row}">
      <td style="${STYLE.cell}; white-space: nowrap">${name(change.name, 60)}</td>
      <td style="${STYLE.cell}">${sideOf("before" in change, change.before)} <span style="${STYLE.muted}">→</span> ${sideOf(
        "after" in change,
        change.after,
      )}</td>
    </tr>
  `;
}

function sideOf(there: boolean, value: unknown): Html {
  if (!there || value === undefined) return html`<span style="${STYLE.muted}">none</span>`;
  return html`<span style="${STYLE.mono}; word-break: break-word"><bdi>${valueText(value, 160)}</bdi></span>`;
}

/** A difference on one line of text. */
export function changeLine(change: ChangeView): readonly string[] {
  const side = (there: boolean, value: unknown) => !there || value === undefined ? "none" : valueText(value, 80);
  return [short(change.name, 60), `${side("before" in change, change.before)} → ${side("after" in change, change.after)}`];
}

/** A line of text for a file: key, path, driver, size, hash. */
export function fileLine(file: FileView): readonly string[] {
  const label = file.note === undefined ? file.label : `${file.label} (${file.note})`;
  return [
    short(file.key, 40),
    clipMiddle(oneLine(label), 60),
    short(file.driver, 24),
    file.bytes === undefined ? "" : byteSize(file.bytes),
    short(shortHash(file.hash), 8),
  ];
}

/** Notices that the reader should worry about. */
export function warnings(texts: readonly string[]): readonly Html[] {
  const shown = texts.slice(0, AT_A_GLANCE).map((text) =>
    html`<div style="${STYLE.warning}"><bdi>${clip(printable(text), 600)}</bdi></div>`
  );
  return texts.length > AT_A_GLANCE ? [...shown, more(texts.length - AT_A_GLANCE, "warning")] : shown;
}

/** What a run failed with, and its stack folded away. */
export function failure(error: FailureView | undefined): Html {
  if (!error) return html``;
  const where = whereOf(error.stack);
  return html`<div style="${STYLE.error}"><b>${short(error.name, 80)}</b>: <bdi>${clip(printable(error.message), 1500)}</bdi>${
    where === undefined ? "" : html`<br><span style="${STYLE.muted}">at ${where}</span>`
  }</div>${error.stack === undefined ? "" : details("stack", html`<pre style="${STYLE.pre}">${clip(printable(error.stack), 6000)}</pre>`)}`;
}

/** The first place in the stack, which is where the reader looks. */
export function whereOf(stack: string | undefined): string | undefined {
  const line = stack?.split("\n").map((text) => text.trim()).find((text) => text.startsWith("at "));
  return line === undefined ? undefined : clipMiddle(oneLine(line.slice(3)), 160);
}

/** A bar, or a count where the end is not known. */
export function progressBar(progress: ProgressView | undefined): Html {
  if (!progress) return html``;
  const { done, total, note } = progress;
  const bar = total === undefined || total <= 0
    ? ""
    : html`<progress value="${
      Math.min(done, total)
    }" max="${total}" style="width: 160px; height: 10px; vertical-align: middle; margin-right: 8px"></progress>`;
  return html`<div style="${STYLE.section}">${bar}<span style="${STYLE.muted}"><bdi>${
    progressText({ done, total, note })
  }</bdi></span></div>`;
}

/** `12 of 40, year 2030`. */
export function progressText({ done, total, note }: ProgressView): string {
  const where = total === undefined ? count(done) : `${count(done)} of ${count(total)}`;
  return note === undefined ? where : `${where}, ${short(note, 120)}`;
}
