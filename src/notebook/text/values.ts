/** One value as text for a cell or a line: bounded, printable, never throwing. */
import { short } from "./printable.ts";
import { isoTime } from "./units.ts";

/** What a cell holds, which decides how it is aligned and coloured. */
export type CellKind = "null" | "number" | "boolean" | "date" | "text" | "nested";

/** A cell as it is shown. */
export interface Cell {
  /** What it is. */
  readonly kind: CellKind;
  /** How it reads, on one line. */
  readonly text: string;
}

/** A value as a cell of a table: text without quotes, nested values as short JSON. */
export function cellOf(value: unknown, limit = 80): Cell {
  if (value === null || value === undefined) return { kind: "null", text: "null" };
  if (typeof value === "string") return { kind: "text", text: short(value, limit) };
  if (typeof value === "number" || typeof value === "bigint") return { kind: "number", text: short(numberText(value), limit) };
  if (typeof value === "boolean") return { kind: "boolean", text: String(value) };
  if (value instanceof Date) return { kind: "date", text: isoTime(value) };
  return { kind: "nested", text: short(nestedText(value, limit), limit) };
}

/** How the values of one column are shown together. */
export interface ColumnFormat {
  /** Do they stand at the right? */
  readonly numeric: boolean;
  /** One of them. */
  readonly cell: (value: unknown) => Cell;
}

/** Numbers stand at the right; fractions get the same number of decimals (of six digits that count), so that they line up. */
export function columnFormat(values: readonly unknown[], limit: number): ColumnFormat {
  const there = values.filter((value) => value !== null && value !== undefined);
  const numeric = there.length > 0 && there.every((value) => typeof value === "number" || typeof value === "bigint");
  const decimals = numeric
    ? decimalsOf(there.filter((value) => typeof value === "number" && Number.isFinite(value)) as number[])
    : undefined;
  if (decimals === undefined) return { numeric, cell: (value) => cellOf(value, limit) };
  const fixed = (value: unknown): Cell | undefined =>
    typeof value === "number" && Number.isFinite(value) ? { kind: "number", text: value.toFixed(decimals) } : undefined;
  return { numeric, cell: (value) => fixed(value) ?? cellOf(value, limit) };
}

/** How many decimals a column of fractions wants; none where all are whole or some need an exponent. */
function decimalsOf(numbers: readonly number[]): number | undefined {
  const shown = numbers.map((value) => String(Number(value.toPrecision(6))));
  if (!shown.some((text) => text.includes(".")) || shown.some((text) => text.includes("e"))) return undefined;
  return Math.min(6, Math.max(...shown.map((text) => text.split(".")[1]?.length ?? 0)));
}

/** A value as it stands in a sentence or a list of settings: text in quotes. */
export function valueText(value: unknown, limit = 80): string {
  if (value === undefined) return "undefined";
  if (typeof value === "string") return short(JSON.stringify(value.slice(0, limit * 4)).replaceAll("\\n", "⏎"), limit);
  return cellOf(value, limit).text;
}

const numberText = (value: number | bigint) => Object.is(value, -0) ? "-0" : String(value);

/** JSON that stops when it is long enough, and survives cycles, proxies and getters that throw. */
function nestedText(value: unknown, limit: number): string {
  const seen: unknown[] = [];
  let budget = limit + 40;
  const spend = (text: string) => {
    budget -= text.length;
    return text;
  };
  const list = (items: Iterable<unknown>, one: (item: unknown) => string) => {
    const parts: string[] = [];
    for (const item of items) {
      if (budget <= 0) return [...parts, "…"].join(", ");
      parts.push(one(item));
    }
    return parts.join(", ");
  };
  const text = (item: unknown): string => {
    if (typeof item === "string") return spend(JSON.stringify(item.slice(0, limit)));
    if (item === null || typeof item !== "object") return spend(scalarText(item));
    if (item instanceof Date) return spend(isoTime(item));
    if (item instanceof Uint8Array) return spend(`${item.length} bytes`);
    if (seen.includes(item)) return spend("[cycle]");
    seen.push(item);
    try {
      if (Array.isArray(item) || item instanceof Set || ArrayBuffer.isView(item)) return `[${list(item as Iterable<unknown>, text)}]`;
      const entries: Iterable<unknown> = item instanceof Map ? item : keysOf(item);
      const one = (entry: unknown) => {
        const [key, of] = item instanceof Map ? entry as [unknown, unknown] : [entry, (item as Record<string, unknown>)[entry as string]];
        return `${spend(typeof key === "string" ? JSON.stringify(key) : scalarText(key))}: ${text(of)}`;
      };
      return `{${list(entries, one)}}`;
    } finally {
      seen.pop();
    }
  };
  try {
    return text(value);
  } catch {
    // A getter or a proxy's trap threw: the value cannot be looked at, and showing must not fail.
    return "[not printable]";
  }
}

/** Own keys one by one, so that an object of a million entries is not listed to show five. */
function* keysOf(item: object): Generator<string> {
  for (const key in item) if (Object.hasOwn(item, key)) yield key;
}

function scalarText(item: unknown): string {
  if (typeof item === "symbol" || typeof item === "function") return `[${typeof item}]`;
  if (item !== null && typeof item === "object") return "[object]";
  return typeof item === "number" ? numberText(item) : String(item);
}
