/** One quiet line, such as a mark above what is replayed. */
import type { MimeBundle } from "../../types.ts";
import { clip, printable } from "../text/printable.ts";
import { bundleOf } from "./bundle.ts";
import { markup } from "./html.ts";
import { prose } from "./parts.ts";
import { STYLE } from "./style.ts";

/** Shows a remark. */
export function renderNote(text: string): MimeBundle {
  return bundleOf(markup`<div style="${STYLE.footer}">${prose(text, 600)}</div>`, clip(printable(text), 600));
}
