/** What several cards share, as lines of text: files, settings, notices. */
import type { FailureView, FileView, ProgressView } from "../views.ts";
import { clip, clipMiddle, oneLine, printable, short } from "./printable.ts";
import { byteSize, count, shortHash } from "./units.ts";
import { valueText } from "./values.ts";

/** How many lines of one kind a card shows at a glance; the rest folds away. */
export const AT_A_GLANCE = 8;
/** How many settings a card shows. */
export const SETTINGS = 16;

/** Settings as a line of text; nothing where there are none. */
export function settingsLine(entries: readonly (readonly [string, unknown])[]): string {
  const shown = entries.slice(0, SETTINGS).map(([key, value]) => `${short(key, 40)}=${valueText(value, 60)}`);
  return [...shown, ...moreLine(entries.length - shown.length, "setting")].join("  ");
}

/** `and 3 more files` as a line of text, or nothing. */
export function moreLine(n: number, singular: string): readonly string[] {
  return n > 0 ? [`and ${count(n)} more ${singular}${n === 1 ? "" : "s"}`] : [];
}

/** A file as the columns of a line of text: key, path, driver, size, hash. */
export function fileLine(file: FileView): readonly string[] {
  const note = file.note === undefined ? "" : ` (${short(file.note, 60)})`;
  return [
    short(file.key, 40),
    clipMiddle(oneLine(file.label), Math.max(24, 60 - note.length)) + note,
    short(file.driver, 24),
    file.bytes === undefined ? "" : byteSize(file.bytes),
    short(shortHash(file.hash), 8),
  ];
}

/** Notices that the reader should worry about, as lines of text. */
export function warningLines(texts: readonly string[]): readonly string[] {
  return [
    ...texts.slice(0, AT_A_GLANCE).map((text) => `warning: ${clip(oneLine(text), 600)}`),
    ...moreLine(texts.length - AT_A_GLANCE, "warning"),
  ];
}

/** What a run failed with, and where, as lines of text. */
export function failureLines(error: FailureView | undefined): readonly string[] {
  if (!error) return [];
  const where = whereOf(error.stack);
  return [
    ...clip(`${short(error.name, 80)}: ${printable(error.message)}`, 1500).split("\n"),
    ...(where === undefined ? [] : [`  at ${where}`]),
  ];
}

/** The first place in the stack, which is where the reader looks. */
export function whereOf(stack: string | undefined): string | undefined {
  const line = stack?.split("\n").map((text) => text.trim()).find((text) => text.startsWith("at "));
  return line === undefined ? undefined : clipMiddle(oneLine(line.slice(3)), 160);
}

/** `12 of 40, year 2030`. */
export function progressText({ done, total, note }: ProgressView): string {
  const where = total === undefined ? count(done) : `${count(done)} of ${count(total)}`;
  return note === undefined ? where : `${where}, ${short(note, 120)}`;
}
