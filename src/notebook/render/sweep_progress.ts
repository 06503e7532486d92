/** How far a sweep has come: a bar, counts, rate and the time that is left. */
import type { MimeBundle } from "../../types.ts";
import { short } from "../text/printable.ts";
import { countsOf, sweepLine } from "../text/sweep_text.ts";
import { count, duration } from "../text/units.ts";
import type { SweepProgressView } from "../views.ts";
import { bundleOf } from "./bundle.ts";
import { type Html, markup } from "./html.ts";
import * as part from "./parts.ts";
import { ACCENT } from "./style.ts";

/** Running rows that are named. */
const NAMED = 4;

/** Shows how far a sweep has come. */
export function renderSweepProgress(view: SweepProgressView): MimeBundle {
  return bundleOf(cardHtml(view), sweepLine(view));
}

function cardHtml(view: SweepProgressView): Html {
  const word = view.state === "running" ? "running" : view.state === "cancelled" ? "cancelled" : view.failed > 0 ? "failed" : "done";
  const accent = view.state === "running" ? ACCENT.running : word === "done" ? ACCENT.executed : ACCENT.failed;
  const rows = view.rows.slice(0, NAMED).map((row) => short(row, 80));
  const more = view.rows.length > NAMED ? ` and ${count(view.rows.length - NAMED)} more` : "";
  return part.card(accent, [
    part.heading(accent, word, markup`${part.muted("sweep")} ${part.title(view.name)}`, part.muted(duration(view.seconds))),
    part.progressBar({ done: view.done, total: view.total, note: countsOf(view).join(", ") }),
    rows.length === 0 ? "" : part.section(part.muted(markup`<bdi>${rows.join(" · ")}${more}</bdi>`)),
  ]);
}
