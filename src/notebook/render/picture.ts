/** SVG documents as images, which also an untrusted notebook shows. */
import { short } from "../text/printable.ts";
import { type Html, markup } from "./html.ts";

/** A picture that shrinks to `least` of its size, and then scrolls in what it stands in. */
export function pictured(svg: string, alt: string, { width, least }: { width: number; least: number }): Html {
  const source = `data:image/svg+xml;base64,${new TextEncoder().encode(svg).toBase64()}`;
  const fit = `max-width:100%;min-width:${Math.ceil(width * least)}px;height:auto`;
  return markup`<img src="${source}" alt="${short(alt, 200)}" width="${Math.ceil(width)}" style="${fit}">`;
}

/** The width that an SVG document asks for. */
export function widthOf(svg: string): number {
  const width = Number(/^[^>]*?\swidth="([\d.]+)(?:px)?"/.exec(svg)?.[1]);
  return Number.isFinite(width) && width > 0 ? width : 600;
}
