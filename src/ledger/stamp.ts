/** What shows that a ledger was written without looking into it: number, size and time of the file and of its log. */
import { statOf } from "./file_size.ts";

/** The state of a ledger's files. */
export interface Stamp {
  /** Whoever writes changes it. */
  readonly text: string;
  /** Was the last writing long enough ago that another one cannot leave the same text? */
  readonly isSettled: boolean;
}

/** Some disks keep times in steps of two seconds. */
const SETTLED_MS = 2_000;
/** And others in steps so short that many milliseconds lie between two of them: theirs are no whole hundredths of a second, but by chance. */
const SETTLED_FINE_MS = 100;

/** The stamp of the ledger at a path. */
export function stampOf(path: string): Stamp {
  const states = [path, `${path}.wal`].map(statOf);
  const times = states.map((found) => found === undefined ? 0 : found.mtime?.getTime() ?? Infinity);
  const text = states.map((found, index) => `${found?.ino ?? 0}:${found?.size ?? -1}:${times[index]}`).join("|");
  const now = Date.now();
  return { text, isSettled: times.every((time) => now - time >= (time % 10 === 0 ? SETTLED_MS : SETTLED_FINE_MS)) };
}
