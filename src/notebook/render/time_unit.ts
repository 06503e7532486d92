/** Which unit of time an axis counts in. */

/** A unit of time. */
export interface TimeUnit {
  /** What it is called. */
  readonly name: string;
  /** How many seconds it has. */
  readonly seconds: number;
}

const UNITS: readonly TimeUnit[] = [
  { name: "milliseconds", seconds: 0.001 },
  { name: "seconds", seconds: 1 },
  { name: "minutes", seconds: 60 },
  { name: "hours", seconds: 3600 },
  { name: "days", seconds: 86400 },
];

/** The largest unit of which there are at least two, so that an axis counts in small numbers. */
export function unitOf(seconds: number): TimeUnit {
  return UNITS.findLast((unit) => seconds >= 2 * unit.seconds) ?? UNITS[0]!;
}
