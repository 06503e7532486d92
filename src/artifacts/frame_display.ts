/** How a DataFrame shows itself in a notebook. */
import type { DataFrame, MimeBundle } from "../types.ts";

/** Rows that a frame shows. */
const SHOWN = 20;

/** A frame's first rows as html and text. */
export function displayFrame(frame: DataFrame): MimeBundle {
  return { "text/html": frame.head(SHOWN).toHTML(), "text/plain": frame.toString() };
}
