/** Numbers as people read them: durations, sizes, counts, dates. */

/** `0.8 ms`, `12.3 s`, `1 min 20 s`, `2 h 5 min`, `3 d 4 h`. */
export function duration(seconds: number): string {
  if (!Number.isFinite(seconds) || seconds < 0) return "unknown";
  if (seconds < 0.00995) return `${trimmed(seconds * 1000, 1)} ms`;
  if (seconds < 0.9995) return `${Math.round(seconds * 1000)} ms`;
  if (seconds < 59.95) return `${trimmed(seconds, 1)} s`;
  const whole = Math.round(seconds);
  if (whole < 3600) return pair(whole, 60, "min", "s");
  const minutes = Math.round(seconds / 60);
  return minutes < 24 * 60 ? pair(minutes, 60, "h", "min") : pair(Math.round(seconds / 3600), 24, "d", "h");
}

/** `812 B`, `4.2 MB`, in powers of 1000. */
export function byteSize(bytes: number): string {
  if (!Number.isFinite(bytes) || bytes < 0) return "unknown size";
  const units = ["B", "kB", "MB", "GB", "TB", "PB"];
  let value = bytes;
  let unit = 0;
  while (value >= 999.5 && unit < units.length - 1) {
    value /= 1000;
    unit++;
  }
  return `${unit === 0 || value >= 99.95 ? Math.round(value) : trimmed(value, 1)} ${units[unit]}`;
}

/** `1,234,567`. */
export function count(n: number): string {
  if (!Number.isFinite(n)) return "unknown";
  return BigInt(Math.round(n)).toString().replace(/\B(?=(?:\d{3})+$)/g, ","); // the language's own formatter takes 12 ms when it is first used
}

/** `3 runs`, `1 run`. */
export function countOf(n: number, singular: string, plural: string = `${singular}s`): string {
  return `${count(n)} ${n === 1 ? singular : plural}`;
}

/** `2026-11-20 14:03`, on this machine's clock. */
export function localTime(date: Date): string {
  return preciseTime(date).replace(/(\d\d:\d\d):\d\d$/, "$1");
}

/** `2026-11-20 14:03:11`, on this machine's clock. */
export function preciseTime(date: Date): string {
  if (Number.isNaN(date.getTime())) return "unknown time";
  const two = (n: number) => String(n).padStart(2, "0");
  const day = `${date.getFullYear()}-${two(date.getMonth() + 1)}-${two(date.getDate())}`;
  return `${day} ${two(date.getHours())}:${two(date.getMinutes())}:${two(date.getSeconds())}`;
}

/** `2026-11-20T13:03:05Z`: without the parts that are zero, and a plain date where there is no time of day. */
export function isoTime(date: Date): string {
  if (Number.isNaN(date.getTime())) return "invalid date";
  return date.toISOString().replace(".000Z", "Z").replace("T00:00:00Z", "");
}

/** The first eight characters of a hash: enough to compare by eye. */
export function shortHash(hash: string): string {
  return hash.slice(0, 8);
}

const trimmed = (value: number, decimals: number) => value.toFixed(decimals).replace(/\.0+$/, "");

function pair(value: number, base: number, large: string, small: string): string {
  const rest = value % base;
  return `${Math.floor(value / base)} ${large}${rest === 0 ? "" : ` ${rest} ${small}`}`;
}

/** `3.2 rows/s`, or `3.2/s` of what has no name; what is slow by the minute or the hour. */
export function rateText(rate: number, thing?: string): string {
  const [n, unit] = rate >= 1 ? [rate, "s"] : rate >= 1 / 60 ? [rate * 60, "min"] : [rate * 3600, "h"];
  return `${n >= 10 ? count(n) : n.toFixed(1)}${thing === undefined ? "" : ` ${thing}s`}/${unit}`;
}
