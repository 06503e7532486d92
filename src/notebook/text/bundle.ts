/** How large what a frontend gets may be. */
import type { MimeBundle } from "../../types.ts";
import { byteSize } from "./units.ts";

/** A kernel's output channel was seen to break at 10 MB and to hold at 3; a notebook file should stay smaller than that anyway. */
export const BUNDLE_LIMIT = 1_000_000;

const encoder = new TextEncoder();

/** The bundle, or a smaller one with a notice: the largest representation goes first, text stays and is cut. */
export function capBundle(bundle: MimeBundle, limit: number = BUNDLE_LIMIT): MimeBundle {
  let kept = { ...bundle };
  if (sizeOf(kept) <= limit) return kept;
  const notice = `This display takes ${byteSize(sizeOf(kept))}, more than the ${byteSize(limit)} that a notebook should hold, and was cut.`;
  const text = textOf(kept, Math.floor(limit / 4));
  kept = { ...kept, "text/plain": text === "" ? notice : `${text}\n${notice}` };
  while (sizeOf(kept) > limit) {
    const largest = largestOf(kept);
    if (largest === undefined) break;
    const { [largest]: _dropped, ...others } = kept;
    kept = largest === "text/html" ? { ...others, "text/html": `<div>${notice}</div>` } : others;
    if (largest === "text/html" && sizeOf(kept) > limit) kept = others;
  }
  return kept;
}

function sizeOf(value: unknown): number {
  return encoder.encode(JSON.stringify(value)).length;
}

function largestOf(bundle: MimeBundle): string | undefined {
  const sizes = Object.entries(bundle).filter(([mime]) => mime !== "text/plain").map(([mime, value]) => [mime, sizeOf(value)] as const);
  return sizes.sort((a, b) => b[1] - a[1])[0]?.[0];
}

/** The text representation cut to a number of bytes, at a whole character. */
function textOf(bundle: MimeBundle, limit: number): string {
  const text = bundle["text/plain"];
  if (typeof text !== "string") return "";
  if (encoder.encode(text).length <= limit) return text;
  const buffer = new Uint8Array(limit);
  const { read } = encoder.encodeInto(text, buffer);
  return `${text.slice(0, read)}…`;
}
