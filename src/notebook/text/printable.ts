/** Text as it may be shown: no invisible control, no reversed direction, no more than fits. */

let segmenter: Intl.Segmenter | undefined;

/** Made when it is first needed: that takes 8 ms, and most texts are short or ASCII. */
const graphemesOf = (text: string): Iterable<{ readonly segment: string }> =>
  (segmenter ??= new Intl.Segmenter("en", { granularity: "grapheme" })).segment(text);

/** Makes control characters, direction overrides and broken surrogates visible; leaves line breaks alone. */
export function printable(text: string): string {
  return text.toWellFormed()
    // deno-lint-ignore no-control-regex
    .replace(/[\0-\x08\x0b-\x1f]/g, (c) => String.fromCharCode(0x2400 + c.charCodeAt(0)))
    .replace(/[\x7f-\x9f\u200e\u200f\u202a-\u202e\u2066-\u2069]/g, (c) => `\\u${c.charCodeAt(0).toString(16).padStart(4, "0")}`);
}

/** The same on one line. */
export function oneLine(text: string): string {
  return printable(text.replace(/\r?\n|[\u2028\u2029]/g, "⏎").replaceAll("\t", "⇥"));
}

/** The first `limit` characters as a reader counts them, with an ellipsis where something was cut. */
export function clip(text: string, limit: number): string {
  if (text.length <= limit) return text;
  const parts = graphemes(text, limit + 1);
  return parts.length <= limit ? parts.join("") : `${parts.slice(0, limit - 1).join("")}…`;
}

/** Keeps both ends, as paths want it. */
export function clipMiddle(text: string, limit: number): string {
  if (text.length <= limit) return text;
  const parts = graphemes(text, 10_000);
  if (parts.length <= limit) return parts.join("");
  const head = Math.floor((limit - 1) * 0.4);
  return `${parts.slice(0, head).join("")}…${parts.slice(parts.length - (limit - 1 - head)).join("")}`;
}

/** One line of at most `limit` characters. */
export function short(text: string, limit: number): string {
  return clip(oneLine(text.length > limit * 40 ? text.slice(0, limit * 40) : text), limit);
}

function graphemes(text: string, limit: number): string[] {
  const parts: string[] = [];
  for (const { segment } of graphemesOf(text)) {
    if (parts.push(segment) >= limit) break;
  }
  return parts;
}

/** How many columns of a terminal the text takes. */
export function displayWidth(text: string): number {
  if (/^[\x20-\x7e]*$/.test(text)) return text.length;
  let width = 0;
  for (const { segment } of graphemesOf(text)) width += WIDE.test(segment) ? 2 : ZERO.test(segment) ? 0 : 1;
  return width;
}

const WIDE =
  /^[\u1100-\u115f\u2e80-\u303e\u3041-\ua4cf\uac00-\ud7a3\uf900-\ufaff\ufe30-\ufe6f\uff00-\uff60\uffe0-\uffe6]|^\p{Emoji_Presentation}/u;
const ZERO = /^[\p{Mn}\p{Me}\u200b-\u200d]+$/u;
