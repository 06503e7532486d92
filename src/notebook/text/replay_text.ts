/** The mark before what a hit shows again, as text. */
import type { ReplayView } from "../views.ts";
import { short } from "./printable.ts";
import { countOf, localTime } from "./units.ts";

/** The mark as a line. */
export function replayMarkText(view: ReplayView): string {
  return `↻ replayed  ${short(view.step, 60)}  from run ${short(view.runId, 80)}, ${localTime(view.at)}: ${extent(view)}`;
}

/** `12 lines, 1 display; not kept: 3,000 characters`. */
export function extent({ lines, displays, textLeftOut = 0, displaysLeftOut = 0 }: ReplayView): string {
  const there = [...(lines === 0 ? [] : [countOf(lines, "line")]), ...(displays === 0 ? [] : [countOf(displays, "display")])];
  const gone = [
    ...(textLeftOut === 0 ? [] : [countOf(textLeftOut, "character")]),
    ...(displaysLeftOut === 0 ? [] : [countOf(displaysLeftOut, "display")]),
  ];
  const notice = gone.length === 0 ? "" : `not kept: ${gone.join(", ")}`;
  return [there.join(", "), notice].filter(Boolean).join("; ");
}
