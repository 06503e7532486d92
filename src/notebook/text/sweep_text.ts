/** How far a sweep has come, as text. */
import type { SweepProgressView } from "../views.ts";
import { progressText } from "./notices.ts";
import { short } from "./printable.ts";
import { count, duration, rateText } from "./units.ts";

/** How far it has come, on one line: `model: 12 of 40, 4 hits, 1 failed, 2 running, 3.2 rows/s, 9 s left`. */
export function sweepLine(view: SweepProgressView): string {
  return `${short(view.name, 60)}: ${progressText({ done: view.done, total: view.total })}, ${countsOf(view).join(", ")}`;
}

/** The counts that are not nothing, then how fast it goes. */
export function countsOf({ hits, failed, running, cancelled = 0, rate, left, saved, state, seconds }: SweepProgressView): string[] {
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
