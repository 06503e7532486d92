/** Canonical JSON: the text that Python's `json.dumps(sort_keys=True, ensure_ascii=True)` writes, so that both languages hash a config alike. */
import { JSON } from "../intrinsics.ts";
import { byCodePoint } from "./digest.ts";
import { type Plain, type PlainObject, plainValue } from "./plain_config.ts";

/**
 * The canonical JSON text of a value, after the rules of `plainConfig`.
 *
 * @throws {ConfigError} `config_not_plain`, where the value or a part of it is no plain data.
 */
export function canonicalJson(value: unknown, path = "config"): string {
  return canonicalText(plainValue(value, path));
}

/** The canonical text of plain data. */
export function canonicalText(value: Plain): string {
  if (value === null) return "null";
  switch (typeof value) {
    case "boolean":
      return String(value);
    case "bigint":
      return value.toString();
    case "number":
      return numberText(value);
    case "string":
      return stringText(value);
  }
  if (Array.isArray(value)) return `[${value.map(canonicalText).join(", ")}]`;
  const members = value as PlainObject;
  return `{${Object.keys(members).sort(byCodePoint).map((key) => `${stringText(key)}: ${canonicalText(members[key]!)}`).join(", ")}}`;
}

/**
 * A number as Python writes it. JavaScript does not tell the float 1.0 from the integer 1: a whole number is written in digits, as Python writes an integer.
 * Others have the same shortest digits in both languages, but other exponents.
 */
function numberText(value: number): string {
  if (Object.is(value, -0)) return "-0.0";
  if (Number.isInteger(value)) return BigInt(value).toString();
  const [digits, exponent] = value.toExponential().split("e") as [string, string];
  const power = Number(exponent);
  if (power >= -4) return String(value);
  return `${digits}e-${String(-power).padStart(2, "0")}`;
}

const SHORT_ESCAPES: Readonly<Record<string, string>> = {
  '"': '\\"',
  "\\": "\\\\",
  "\b": "\\b",
  "\t": "\\t",
  "\n": "\\n",
  "\f": "\\f",
  "\r": "\\r",
};

/** Everything outside printable ASCII is escaped, DEL and lone surrogates too. */
function stringText(value: string): string {
  const escaped = value.replace(/["\\]|[^\x20-\x7e]/g, (unit) => SHORT_ESCAPES[unit] ?? hexEscapes(unit));
  return `"${escaped}"`;
}

const hexEscapes = (unit: string) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, "0")}`;

/** Reads canonical JSON back: whole numbers that a number cannot hold come as bigint, so nothing is lost. */
export function parseCanonicalJson(text: string): Plain {
  return JSON.parse(text, (_key, value: unknown, context?: { source?: string }) => {
    const source = context?.source;
    const isLargeWhole = typeof value === "number" && !Number.isSafeInteger(value) && source !== undefined && /^-?\d+$/.test(source);
    return isLargeWhole ? BigInt(source) : value;
  });
}
