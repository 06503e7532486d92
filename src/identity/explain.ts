/** The words of a miss: the reason, and each difference with both values; changed source as lines that went and came. */
import { JSON } from "../intrinsics.ts";
import type { Change } from "../types.ts";
import { lineDiff } from "./line_diff.ts";
import type { EarlierRun } from "./why_miss.ts";

/** What `explain` needs of a miss. */
export interface ExplainableMiss {
  /** The reason as a sentence. */
  readonly reason: string;
  /** The nearest earlier run. */
  readonly nearest?: EarlierRun;
  /** Each difference. */
  readonly changes: readonly Change[];
}

/** Differences shown at most; what is cut is counted. */
const MOST_CHANGES = 20;
const LONGEST_VALUE = 80;

/** Why a step executed, over several lines. */
export function explain({ reason, nearest, changes }: ExplainableMiss): string {
  const shown = changes.slice(0, MOST_CHANGES).flatMap(changeLines);
  const more = changes.length > MOST_CHANGES ? [`  … ${changes.length - MOST_CHANGES} more differences`] : [];
  const compared = nearest && changes.length > 0 ? [`Compared with run ${nearest.id}${madeAt(nearest.startedAt)}:`] : [];
  return [`Executed. ${reason}`, ...compared, ...shown, ...more].join("\n");
}

const madeAt = (at: Date | undefined) => at ? ` of ${at.toISOString().slice(0, 16).replace("T", " ")} UTC` : "";

function changeLines(change: Change): string[] {
  if (isSource(change)) {
    return [`  ${change.name}:`, ...lineDiff(change.before, change.after).map((line) => `    ${line}`)];
  }
  return [`  ${change.name}: ${changeWords(change)}`];
}

/** Text of more than a line on both sides is shown line by line. */
function isSource(change: Change): change is Change & { readonly before: string; readonly after: string } {
  const { part, before, after } = change;
  return part === "code" && typeof before === "string" && typeof after === "string" && before !== after &&
    (isLong(before) || isLong(after));
}

const isLong = (text: string) => text.includes("\n") || text.length > LONGEST_VALUE;

/** `0.5 → 0.7`, `added (0.3)`, `removed (was 1)`. */
export function changeWords(change: Change): string {
  const [before, after] = [shownValue(change, change.before), shownValue(change, change.after)];
  if (before === undefined && after === undefined) return "changed";
  if (before === undefined) return `added (${after})`;
  if (after === undefined) return `removed (was ${before})`;
  return `${before} → ${after}`;
}

/** Values of a config as JSON, everything else as it is; on one line, cut where it is long. */
function shownValue({ part }: Change, value: unknown): string | undefined {
  if (value === undefined) return undefined;
  const text = part === "config" || typeof value !== "string" ? jsonText(value) : value.replace(/\s+/g, " ").trim();
  return text.length > LONGEST_VALUE ? `${text.slice(0, LONGEST_VALUE - 1)}…` : text;
}

function jsonText(value: unknown): string {
  if (typeof value === "bigint") return value.toString();
  return JSON.stringify(value, (_key, member) => typeof member === "bigint" ? member.toString() : member) ?? String(value);
}
