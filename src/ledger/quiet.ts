/**
 * Moments of the clock at which all processes in steady use leave a ledger alone. Other programs (Python's library) cannot say that they wait:
 * they try, in the end every two seconds for half a minute, and our processes would fill each other's gaps. Nothing is exchanged for it but
 * when another program was last seen.
 */
import { statOf } from "./file_size.ts";

/** Such a moment, in stretches: 2.8 s, longer than between two tries on a busy machine, and one in the 27 s that Python goes on trying. */
const RARE = { every: 10, lasts: 1.4 };
/** Where another program was seen in the last minute: on a very busy machine its tries, and our leaving, take longer. */
const OFTEN = { every: 7, lasts: 1.8 };
const SEEN_MS = 60_000;
/** While that program writes the moment goes on, by so much each time: each run of Python's library opens the file about ten times. */
const GOES_ON = { by: 0.6, atMost: 3.1 };

/** What there is to know of a ledger. */
export interface QuietParts {
  /** The ledger's file. */
  readonly path: string;
  /** The unit, in milliseconds. */
  readonly stretchMs: number;
  /** Milliseconds since 1970. */
  readonly now: () => number;
  /** When another program was last seen, in milliseconds since 1970. */
  readonly seenAt: () => number;
}

/** Was another program at the ledger in the last minute? */
export const isShared = ({ now, seenAt }: QuietParts): boolean => now() - seenAt() < SEEN_MS;

/** How many milliseconds all leave the file alone from now on. */
export function quietLeft(parts: QuietParts): number {
  const shared = isShared(parts);
  const { every, lasts } = shared ? OFTEN : RARE;
  const { stretchMs, path } = parts;
  const now = parts.now();
  const gone = now % (stretchMs * every);
  const left = stretchMs * lasts - gone;
  if (left > 0 || !shared) return Math.max(0, left);
  if (gone >= stretchMs * GOES_ON.atMost) return 0;
  // All decide alike, by what was written in the step before: what is written later may be one of us, who found that it is over.
  const step = stretchMs * GOES_ON.by;
  const into = -left % step;
  const ago = now - lastWrite(path);
  return ago >= into && ago < into + step ? step - into : 0;
}

function lastWrite(path: string): number {
  return Math.max(...[path, `${path}.wal`].map((file) => statOf(file)?.mtime?.getTime() ?? -Infinity));
}
