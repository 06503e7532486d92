/**
 * The run that made a chart, written into the chart's files, so that a copy can be asked for it years later. A mark says what content it was
 * put on, so that a change is seen; it is no part of the content.
 */
import { createHash } from "node:crypto";
import { pngTexts, pngWithout, pngWithText } from "./png_text.ts";
import { recordOf } from "./spec_parts.ts";

type Spec = { readonly [key: string]: unknown };

/** Who made a chart. */
export interface MadeBy {
  /** The run's id. */
  readonly run: string;
  /** The output's key. */
  readonly key: string;
  /** SHA-256 of the output's content, in hex. */
  readonly content: string;
}

/** What a file says about who made it. */
export interface FoundMark extends MadeBy {
  /** Is the file as it was written? */
  readonly isUnchanged: boolean;
}

const KEY = "consist";
const SVG_MARK = /<(?:svg:)?metadata\b[^>]*\bid="consist"[^>]*>([^]*?)<\/(?:svg:)?metadata>/;

/** A complete specification as it is kept: without a mark, in one line. */
export function specText(spec: Spec): string {
  return JSON.stringify(unmarkedSpec(spec));
}

/** SHA-256 in hex. */
export function contentHash(content: string | Uint8Array): string {
  return createHash("sha256").update(content).digest("hex");
}

/** A specification with the mark in its `usermeta`, which Vega-Lite leaves alone. */
export function markedSpec(spec: Spec, madeBy: MadeBy): Spec {
  return { ...spec, usermeta: { ...recordOf(spec.usermeta), [KEY]: plainMark(madeBy) } };
}

/** The same without it. */
export function unmarkedSpec(spec: Spec): Spec {
  const others = Object.entries(recordOf(spec.usermeta)).filter(([key]) => key !== KEY);
  return Object.fromEntries(
    Object.entries(spec).flatMap(([key, value]) => {
      if (key !== "usermeta") return [[key, value]];
      return others.length === 0 ? [] : [[key, Object.fromEntries(others)]];
    }),
  );
}

/** An SVG document with the mark as its metadata. */
export function markedSvg(svg: string, madeBy: MadeBy): string {
  const mark = markText(madeBy, contentHash(svg)).replace(/[<>&]/g, (letter) => `&#${letter.charCodeAt(0)};`);
  return svg.replace(/^[^]*?<svg\b[^>]*>/, (head) => `${head}<metadata id="consist">${mark}</metadata>`);
}

/** A PNG with the mark as its text `consist`. */
export function markedPng(png: Uint8Array<ArrayBuffer>, madeBy: MadeBy): Uint8Array<ArrayBuffer> {
  return pngWithText(png, KEY, markText(madeBy, contentHash(png)));
}

/** What a chart's file says about who made it; nothing where it says nothing. */
export function readMark(file: Uint8Array<ArrayBuffer>): FoundMark | undefined {
  if (file[0] === 0x89) return readPng(file);
  const text = new TextDecoder().decode(file);
  return text.trimStart().startsWith("{") ? readSpec(text) : readSvg(text);
}

/** SHA-256 of a specification's content as it is kept, whatever its mark and its layout; nothing where the file is none. */
export function specHash(file: Uint8Array): string | undefined {
  const spec = parsed(new TextDecoder().decode(file));
  return spec === undefined ? undefined : contentHash(specText(spec));
}

function readPng(file: Uint8Array<ArrayBuffer>): FoundMark | undefined {
  const text = pngTexts(file).find(([keyword]) => keyword === KEY)?.[1];
  return text === undefined ? undefined : markOf(parsed(text), () => contentHash(pngWithout(file, KEY)));
}

function readSvg(text: string): FoundMark | undefined {
  const [whole, mark] = SVG_MARK.exec(text) ?? [];
  if (whole === undefined || mark === undefined) return undefined;
  return markOf(parsed(unescaped(mark)), () => contentHash(text.replace(whole, "")));
}

function readSpec(text: string): FoundMark | undefined {
  const spec = parsed(text);
  const mark = recordOf(recordOf(spec?.usermeta)[KEY]);
  return spec === undefined ? undefined : markOf({ ...mark, digest: mark.content }, () => contentHash(specText(spec)));
}

function markOf(mark: Spec | undefined, digest: () => string): FoundMark | undefined {
  const { run, key, content } = mark ?? {};
  if (typeof run !== "string" || run === "" || typeof key !== "string" || typeof content !== "string") return undefined;
  return { run, key, content, isUnchanged: mark?.digest === digest() };
}

const plainMark = ({ run, key, content }: MadeBy): MadeBy => ({ run, key, content });

/** Letters beyond ASCII are spelt out: tools that rewrite a picture keep the mark then. */
function markText(madeBy: MadeBy, digest: string): string {
  return JSON.stringify({ ...plainMark(madeBy), digest }).replace(
    /[^\x20-\x7e]/g,
    (letter) => `\\u${letter.charCodeAt(0).toString(16).padStart(4, "0")}`,
  );
}

function parsed(text: string): Spec | undefined {
  try {
    const value: unknown = JSON.parse(text.replace(/^\ufeff/, ""));
    return typeof value === "object" && value !== null && !Array.isArray(value) ? value as Spec : undefined;
  } catch {
    return undefined; // what is no JSON has no mark of ours
  }
}

const NAMED: { readonly [name: string]: string } = { lt: "<", gt: ">", amp: "&", quot: '"', apos: "'" };

function unescaped(text: string): string {
  const cdata = /^\s*<!\[CDATA\[([^]*)\]\]>\s*$/.exec(text)?.[1];
  return cdata ?? text.replace(/&(?:#(\d+)|#x([0-9a-f]+)|(\w+));/gi, (whole, decimal, hex, name) => {
    if (name !== undefined) return NAMED[name] ?? whole;
    return String.fromCodePoint(decimal === undefined ? parseInt(hex, 16) : Number(decimal));
  });
}
