/** A value for each file as an expression of the file's number, so that no join is needed to tell where rows come from. */
import { quoteText } from "../../relations/mod.ts";

/** A longer text costs more than a join. */
const LONGEST = 4_000_000;

/**
 * SQL for the value with this number, of values of one type. They stand in one text, each in a slot of the same width: DuckDB cuts out the
 * slot once for each chunk of rows, and not at all where nobody asks for the column. None where the text would be too long.
 */
export function valueAt(values: readonly (string | number | null)[], number: string, type: string): string | undefined {
  const [first = null] = values;
  if (values.every((value) => value === first)) return `${first === null ? "null" : quoteText(String(first))}::${type}`;
  const isEven = values.every((value) => typeof value === "string" && value.length === String(first).length && isAscii(value));
  if (isEven) return slotAt(values as readonly string[], number);
  // A mark ends each value, so that spaces at its end stay, and nothing at all is null. Slots are counted in bytes where all is ASCII.
  const marked = values.map((value) => value === null ? "" : `${value}|`);
  const isSafe = marked.every(isAscii);
  const slot = slotAt(isSafe ? marked : marked.map((text) => encodeURIComponent(text.toWellFormed())), number);
  if (slot === undefined) return undefined;
  const text = `nullif(rtrim(${slot}), '')`;
  return `left(${isSafe ? text : `url_decode(${text})`}, -1)::${type}`;
}

const isAscii = (text: string): boolean => /^[\x20-\x7e]*$/.test(text);

function slotAt(texts: readonly string[], number: string): string | undefined {
  const width = texts.reduce((widest, { length }) => Math.max(widest, length), 0);
  if (width * texts.length > LONGEST) return undefined;
  return `substr(${quoteText(texts.map((text) => text.padEnd(width)).join(""))}, ${number}::bigint * ${width} + 1, ${width})`;
}
