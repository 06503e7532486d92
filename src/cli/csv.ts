/** Rows as CSV (RFC 4180). */

/** The text: a line of names, then a line for each row. Nothing is empty, lists and structures are JSON. */
export function csvText(names: readonly string[], rows: readonly (readonly unknown[])[]): string {
  return [names, ...rows].map((row) => row.map(field).join(",")).join("\r\n") + "\r\n";
}

function field(value: unknown): string {
  const text = textOf(value);
  return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}

function textOf(value: unknown): string {
  if (value === null || value === undefined) return "";
  if (value instanceof Date) return value.toISOString();
  if (typeof value === "object") return JSON.stringify(value, (_key, part) => typeof part === "bigint" ? part.toString() : part);
  return String(value);
}
