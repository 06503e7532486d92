/** How far a sweep has come: a bar, counts, rate and the time that is left. */
import type { MimeBundle } from "../../types.ts";
import { progressText } from "../text/notices.ts";
import { short } from "../text/printable.ts";
import { count, duration, rateText } from "../text/units.ts";
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

/** The same on one line: `model: 12 of 40, 4 hits, 1 failed, 2 running, 3.2 rows/s, 9 s left`. */
export function sweepLine(view: SweepProgressView): string {
  return `${short(view.name, 60)}: ${progressText({ done: view.done, total: view.total })}, ${parts(view).join(", ")}`;
}

function cardHtml(view: SweepProgressView): Html {
  const word = view.state === "running" ? "running" : view.state === "cancelled" ? "cancelled" : view.failed > 0 ? "failed" : "done";
  const accent = view.state === "running" ? ACCENT.running : word === "done" ? ACCENT.executed : ACCENT.failed;
  const rows = view.rows.slice(0, NAMED).map((row) => short(row, 80));
  const more = view.rows.length > NAMED ? ` and ${count(view.rows.length - NAMED)} more` : "";
  return part.card(accent, [
    part.heading(accent, word, markup`${part.muted("sweep")} ${part.title(view.name)}`, part.muted(duration(view.seconds))),
    part.progressBar({ done: view.done, total: view.total, note: parts(view).join(", ") }),
    rows.length === 0 ? "" : part.section(part.muted(markup`<bdi>${rows.join(" · ")}${more}</bdi>`)),
  ]);
}

/** The counts that are not nothing, then how fast it goes. */
function parts({ hits, failed, running, cancelled = 0, rate, left, saved, state, seconds }: SweepProgressView): string[] {
  return [
    `${count(hits)} ${hits === 1 ? "hit" : "hits"}`,
    ...(failed === 0 ? [] : [`${count(failed)} failed`]),
    ...(cancelled === 0 ? [] : [`${count(cancelled)} cancelled`]),
    ...(running === 0 ? [] : [`${count(running)} running`]),
    ...(rate === undefined ? [] : [rateText(rate, "row")]),
    ...(left === undefined ? [] : [`${duration(left)} left`]),
    ...(state === "running" ? [] : [duration(seconds)]),
    ...(saved === undefined ? [] : [`${duration(saved)} saved`]),
  ];
}
