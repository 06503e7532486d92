/** Differences as text: the old value and the new one, cut to where they differ. */
import type { ChangeView } from "../views.ts";
import { pad } from "./layout.ts";
import { AT_A_GLANCE, moreLine } from "./notices.ts";
import { clip, displayWidth, oneLine, printable, short } from "./printable.ts";
import { valueText } from "./values.ts";

/** Old and new fit on one line up to this many characters each. */
const INLINE = 44;
const LINES = 6;
const LINE = 160;
/** Characters kept around the difference of two long lines. */
const CONTEXT = 28;

/** The two sides of a difference: words that stand side by side, or lines below each other. */
export type Sides =
  | { readonly kind: "inline"; readonly before: string | undefined; readonly after: string | undefined }
  | { readonly kind: "lines"; readonly before: readonly string[]; readonly after: readonly string[] };

/** The differences as lines of text, names in a column. */
export function changeLines(changes: readonly ChangeView[], limit: number = AT_A_GLANCE): string[] {
  const shown = changes.slice(0, limit).map((change) => ({ title: short(change.name, 60), sides: sidesOf(change) }));
  const width = Math.max(0, ...shown.filter(({ sides }) => sides.kind === "inline").map(({ title }) => displayWidth(title)));
  const lines = shown.flatMap(({ title, sides }) => {
    if (sides.kind === "inline") return [`${pad(title, width)}  ${sides.before ?? "none"} → ${sides.after ?? "none"}`];
    return [title, ...sides.before.map((line) => `  - ${line}`), ...sides.after.map((line) => `  + ${line}`)];
  });
  return [...lines, ...moreLine(changes.length - limit, "difference")];
}

/** The two sides of a difference, cut to where they differ. */
export function sidesOf(change: ChangeView): Sides {
  const before = change.before === undefined ? undefined : wordOf(change.before);
  const after = change.after === undefined ? undefined : wordOf(change.after);
  if ((before?.length ?? 0) <= INLINE && (after?.length ?? 0) <= INLINE) return { kind: "inline", before, after };
  return { kind: "lines", ...contrast(linesOf(change.before), linesOf(change.after)) };
}

/** A value as a word; of a hash the part that is compared by eye. */
function wordOf(value: unknown): string {
  if (typeof value === "string" && /^[0-9a-f]{8,128}$/.test(value)) return value.slice(0, 8);
  return valueText(value, INLINE + 1);
}

function linesOf(value: unknown): string[] {
  if (value === undefined) return [];
  return typeof value === "string" ? value.slice(0, 40_000).split(/\r?\n/) : [valueText(value, 4000)];
}

/** What is left of two texts without the lines, or the characters of a single line, that both begin and end with. */
function contrast(before: readonly string[], after: readonly string[]): { before: string[]; after: string[] } {
  const head = commonHead(before, after);
  const tail = commonHead(before.slice(head).toReversed(), after.slice(head).toReversed());
  const left = before.slice(head, before.length - tail);
  const right = after.slice(head, after.length - tail);
  if (left.length === 1 && right.length === 1) {
    const [a, b] = contrastLine(left[0]!, right[0]!);
    return { before: [a], after: [b] };
  }
  return { before: cut(left), after: cut(right) };
}

function commonHead(a: ArrayLike<string>, b: ArrayLike<string>): number {
  let n = 0;
  while (n < a.length && n < b.length && a[n] === b[n]) n++;
  return n;
}

function contrastLine(a: string, b: string): [string, string] {
  if (a.length <= LINE && b.length <= LINE) return [oneLine(a), oneLine(b)];
  const head = commonHead(a, b);
  const tail = commonHead([...a.slice(head)].reverse(), [...b.slice(head)].reverse());
  const around = (text: string) => {
    const from = Math.max(0, head - CONTEXT);
    const to = Math.min(text.length, text.length - tail + CONTEXT);
    return `${from > 0 ? "…" : ""}${clip(oneLine(text.slice(from, Math.max(to, from))), LINE)}${to < text.length ? "…" : ""}`;
  };
  return [around(a), around(b)];
}

function cut(lines: readonly string[]): string[] {
  const shown = lines.slice(0, LINES).map((line) => clip(printable(line).replaceAll("\t", "  "), LINE));
  return lines.length > LINES ? [...shown, ...moreLine(lines.length - LINES, "line")] : shown;
}
