/** The bundle that a frontend gets. */
import type { MimeBundle } from "../../types.ts";
import { capBundle } from "../text/bundle.ts";
import type { Html } from "./html.ts";

/** A bundle of html and text, capped. */
export function bundleOf(markup: Html, text: string): MimeBundle {
  return capBundle({ "text/html": markup.toString(), "text/plain": text });
}
