/** The mark before what a step showed when it executed, and which a hit shows again. */
import type { MimeBundle } from "../../types.ts";
import type { ReplayView } from "../views.ts";
import { bundleOf } from "./bundle.ts";
import { markup } from "./html.ts";
import * as part from "./parts.ts";
import { short } from "./printable.ts";
import { ACCENT, pill, STYLE } from "./style.ts";
import { countOf, localTime } from "./units.ts";

/** Marks what follows as replayed. */
export function renderReplayMark(view: ReplayView): MimeBundle {
  const origin = markup`from run ${part.name(view.runId)}, ${localTime(view.at)}: ${extent(view)}`;
  return bundleOf(
    markup`<div style="${STYLE.mark}"><span style="${pill(ACCENT.neutral)}">replayed</span>${
      part.muted(markup`${part.name(view.step, 60)} ${origin}`)
    }</div>`,
    replayMarkText(view),
  );
}

/** The same as a line. */
export function replayMarkText(view: ReplayView): string {
  return `↻ replayed  ${short(view.step, 60)}  from run ${short(view.runId, 80)}, ${localTime(view.at)}: ${extent(view)}`;
}

/** `12 lines, 1 display; not kept: 3,000 characters`. */
function extent({ lines, displays, textLeftOut = 0, displaysLeftOut = 0 }: ReplayView): string {
  const there = [...(lines === 0 ? [] : [countOf(lines, "line")]), ...(displays === 0 ? [] : [countOf(displays, "display")])];
  const gone = [
    ...(textLeftOut === 0 ? [] : [countOf(textLeftOut, "character")]),
    ...(displaysLeftOut === 0 ? [] : [countOf(displaysLeftOut, "display")]),
  ];
  const notice = gone.length === 0 ? "" : `not kept: ${gone.join(", ")}`;
  return [there.join(", "), notice].filter(Boolean).join("; ");
}
