/** The mark before what a step showed when it executed, and which a hit shows again. */
import type { MimeBundle } from "../../types.ts";
import { extent, replayMarkText } from "../text/replay_text.ts";
import { localTime } from "../text/units.ts";
import type { ReplayView } from "../views.ts";
import { bundleOf } from "./bundle.ts";
import { markup } from "./html.ts";
import * as part from "./parts.ts";
import { ACCENT, pill, STYLE } from "./style.ts";

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
