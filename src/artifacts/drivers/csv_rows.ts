/** Rows of separated values, looked at byte by byte. */
import type { Buffer } from "node:buffer";
import { TextDecoder } from "../../intrinsics.ts";

const [LINE_FEED, RETURN, QUOTE] = [0x0a, 0x0d, 0x22];

/** How many lines a file has at most. polars reserves memory for as many rows as it is told. */
export function countLines(text: Buffer): number {
  let lines = 1;
  for (let index = 0; index < text.length; index++) if (text[index] === LINE_FEED) lines++;
  return lines;
}

/** Without empty lines at its end, each of which polars would take for a row of nulls; the header's own line end stays. */
export function withoutTrailingBlankLines(text: Buffer): Buffer {
  let end = text.length;
  while (end > 0 && (text[end - 1] === LINE_FEED || text[end - 1] === RETURN)) end--;
  if (text[end] === RETURN) end++;
  return text.subarray(0, Math.min(end + 1, text.length));
}

/** The fields of the first row as they are spelt, quotes included. */
export function headerOf(text: Uint8Array, separator: number): string[] {
  const fields: string[] = [];
  let [start, index, quoted] = [0, 0, false];
  const end = () => fields.push(new TextDecoder().decode(text.subarray(start, index)));
  for (; index < text.length; index++) {
    const byte = text[index];
    if (byte === QUOTE) quoted = !quoted;
    if (quoted || (byte !== separator && byte !== LINE_FEED)) continue;
    if (byte === LINE_FEED) break;
    end();
    start = index + 1;
  }
  end();
  return fields;
}

/** Column names with quotes in them, as polars leaves them and as they should be: it reads them without undoing the doubling. */
export function misreadNames(header: readonly string[]): Record<string, string> {
  const inner = header.map((field) => /^"(.*)"\r?$/s.exec(field)?.[1] ?? "").filter((name) => name.includes('""'));
  return Object.fromEntries(inner.map((name) => [name, name.replaceAll('""', '"')]));
}

/** The first row with fewer fields than there are columns, by its number in the file from 1. */
export function firstShortRow(text: Buffer, separator: number, columns: number): { line: number; fields: number } | undefined {
  let [line, start, fields, quoted] = [1, 1, 1, false];
  for (let index = 0; index < text.length; index++) {
    const byte = text[index];
    if (byte === QUOTE) quoted = !quoted;
    else if (byte === LINE_FEED) {
      line++;
      if (quoted) continue;
      if (fields < columns) return { line: start, fields };
      [start, fields] = [line, 1];
    } else if (byte === separator && !quoted) fields++;
  }
  const ended = text.at(-1) === LINE_FEED;
  return !ended && fields < columns ? { line: start, fields } : undefined;
}
