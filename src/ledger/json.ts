/** JSON as it stands in a ledger, read and written by two languages. */
import { JSON } from "../intrinsics.ts";

/** Python writes `NaN` and `Infinity`; the words are replaced outside of strings, and read back as numbers. */
const PYTHON_WORDS = /"(?:[^"\\]|\\.)*"|-?\bInfinity\b|\bNaN\b/g;
const MARK = "\u0000consist:";
const NUMBERS: Readonly<Record<string, number>> = { "NaN": NaN, "Infinity": Infinity, "-Infinity": -Infinity };

/** Reads JSON text from a ledger; SQL null and the text `null` are both null. Whole numbers that a number does not hold exactly are bigint. */
export function parseJson(text: string | null): unknown {
  if (text === null || text === "null") return null;
  try {
    return JSON.parse(text, /\d{16}/.test(text) ? exact : undefined);
  } catch {
    // Not JSON in the strict sense: with Python's words replaced it parses, or the second error is the one to show.
    const marked = text.replace(PYTHON_WORDS, (word) => word.startsWith('"') ? word : JSON.stringify(MARK + word));
    return JSON.parse(
      marked,
      (key, value, context?: { source?: string }) =>
        typeof value === "string" && value.startsWith(MARK) ? NUMBERS[value.slice(MARK.length)] : exact(key, value, context),
    );
  }
}

/** A whole number that JavaScript would print with the same digits is that number; any other would lose some. */
function exact(_key: string, value: unknown, context?: { source?: string }): unknown {
  const source = context?.source ?? "";
  return typeof value === "number" && /^-?\d{16,}$/.test(source) && String(value) !== source ? BigInt(source) : value;
}

/** Reads a JSON column that holds an object; anything else gives an empty one. */
export function parseObject(text: string | null): Record<string, unknown> {
  const value = parseJson(text);
  return typeof value === "object" && value !== null && !Array.isArray(value) ? value as Record<string, unknown> : {};
}

/** Reads a JSON column that holds a list of text; anything else is left out. */
export function parseTexts(text: string | null): string[] {
  const value = parseJson(text);
  return Array.isArray(value) ? value.filter((item) => typeof item === "string") : [];
}

/** Writes a JSON column: bigint as a whole number, `NaN` and the infinities as Python does, what is undefined left out. */
export function jsonText(value: unknown): string {
  return write(plainJson(value), { comma: ",", colon: ":", sorted: false, ascii: false }) ?? "null";
}

/** The canonical JSON of a facet, as Python writes it: sorted keys, no spaces, ASCII only. */
export function canonicalFacetJson(facet: unknown): string {
  return write(plainJson(facet), { comma: ",", colon: ":", sorted: true, ascii: true }) ?? "null";
}

interface Style {
  readonly comma: string;
  readonly colon: string;
  readonly sorted: boolean;
  readonly ascii: boolean;
}

/** Dates and addresses count as text, sets as lists, maps as objects; functions and symbols are left out. */
export function plainJson(value: unknown): unknown {
  if (value instanceof Set) return [...value];
  if (value instanceof Map) return Object.fromEntries(value);
  if (typeof value === "object" && value !== null && "toJSON" in value && typeof value.toJSON === "function") return value.toJSON();
  return typeof value === "function" || typeof value === "symbol" ? undefined : value;
}

function write(value: unknown, style: Style): string | undefined {
  if (value === undefined) return undefined;
  if (value === null || typeof value === "boolean") return String(value);
  if (typeof value === "bigint") return value.toString();
  if (typeof value === "number") return style.ascii ? pythonNumber(value) : String(value);
  if (typeof value === "string") return writeText(value, style);
  if (Array.isArray(value)) return `[${value.map((item) => write(plainJson(item), style) ?? "null").join(style.comma)}]`;
  return writeObject(value as object, style);
}

function writeObject(value: object, style: Style): string {
  const entries = Object.entries(value);
  if (style.sorted) entries.sort(([a], [b]) => byCodePoint(a, b));
  const parts = entries.flatMap(([key, item]) => {
    const text = write(plainJson(item), style);
    return text === undefined ? [] : [writeText(key, style) + style.colon + text];
  });
  return `{${parts.join(style.comma)}}`;
}

/** Half of a surrogate pair becomes the replacement character, as in every text of DuckDB: its JSON refuses the escaped half. */
function writeText(text: string, style: Style): string {
  const json = JSON.stringify(text.toWellFormed());
  return style.ascii ? json.replace(/[\u007f-\uffff]/g, (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, "0")}`) : json;
}

/** A number as Python prints it: whole ones as integers, others with an exponent below 1e-4 and from 1e16. */
export function pythonNumber(value: number): string {
  if (!Number.isFinite(value)) return String(value);
  if (Object.is(value, -0)) return "0";
  if (Number.isInteger(value) && Math.abs(value) < 1e21) return BigInt(value).toString();
  const [digits, exponent] = value.toExponential().split("e") as [string, string];
  const power = Number(exponent);
  if (power >= -4 && power < 16) return String(value);
  return `${digits}e${power < 0 ? "-" : "+"}${String(Math.abs(power)).padStart(2, "0")}`;
}

/** Python sorts by code points, JavaScript by UTF-16 units: they differ where emoji meet letters of the private area. */
function byCodePoint(a: string, b: string): number {
  const [left, right] = [[...a], [...b]];
  for (let index = 0; index < Math.min(left.length, right.length); index++) {
    const difference = left[index]!.codePointAt(0)! - right[index]!.codePointAt(0)!;
    if (difference !== 0) return difference;
  }
  return left.length - right.length;
}
