/** What DuckDB is told about separated values, so that it does not have to try every dialect and type: that takes most of a view's time. */
import { headerOf } from "../../artifacts/mod.ts";
import { quoteText, type TableFormat } from "../../relations/mod.ts";
import type { SchemaColumn } from "../../schemas/mod.ts";

/** Further arguments for a scan, and whether DuckDB has to look into each file for its columns. */
export interface Told {
  /** Arguments of DuckDB's function. */
  readonly settings: readonly string[];
  /** Are the columns of each file to be looked for? */
  readonly unite: boolean;
}

const SEPARATORS: { readonly [format: string]: string } = { csv: ",", tsv: "\t" };
/** A header that does not end before is left to DuckDB. */
const LONGEST_HEADER = 1 << 16;
/** Types that are read from text in one way only; of a date, a list or JSON DuckDB has to find out how it is written. */
const FROM_TEXT: readonly string[] = ["DOUBLE", "FLOAT", "VARCHAR", "BOOLEAN"];
const GUESSED: Told = { settings: [], unite: true };

/**
 * How to read a file of separated values. Its header names the columns; where no column of the schema is among them, or the header is not
 * what a driver writes, DuckDB guesses. Values come as text, which the view casts: guessed types would make 7 of the text `007`.
 */
export function toldOf(format: TableFormat, path: string, columns: readonly SchemaColumn[]): Told {
  const separator = SEPARATORS[format];
  const header = separator === undefined ? undefined : headerAt(path, separator);
  if (separator === undefined || header === undefined) return GUESSED;
  const names = new Set(header.map((name) => name.toLowerCase()));
  const present = columns.filter(({ name }) => names.has(name.toLowerCase()));
  if (present.length === 0 || names.size < header.length) return GUESSED;
  const dialect = ["header = true", ...(format === "csv" ? ["delim = ','"] : []), `quote = '"'`, `escape = '"'`];
  if (!present.every(({ type, safe }) => safe || FROM_TEXT.includes(type))) return { settings: dialect, unite: true };
  const texts = header.map((name) => `${quoteText(name)}: 'VARCHAR'`);
  return { settings: [...dialect, "auto_detect = false", `columns = {${texts.join(", ")}}`], unite: false };
}

/** The names in a file's first row; nothing where they are not spelt as a driver spells them, or the file cannot be read. */
function headerAt(path: string, separator: string): readonly string[] | undefined {
  const start = startOf(path);
  if (start === undefined || !start.includes(0x0a)) return undefined;
  const fields = headerOf(start, separator.charCodeAt(0)).map((field) => field.replace(/\r$/, ""));
  const length = fields.join(separator).length;
  const names = fields.map((field) => /^"((?:[^"]|"")*)"$/.exec(field)?.[1]?.replaceAll('""', '"') ?? field);
  const isPlain = names.every((name, index) => name !== "" && name === name.trim() && (name !== fields[index] || !name.includes('"')));
  return isPlain && length < LONGEST_HEADER / 4 ? names : undefined;
}

/** Asked without waiting, since there may be a thousand small files. */
function startOf(path: string): Uint8Array | undefined {
  try {
    using file = Deno.openSync(path, { read: true });
    const start = new Uint8Array(LONGEST_HEADER);
    return start.subarray(0, file.readSync(start) ?? 0);
  } catch {
    return undefined; // DuckDB says why it cannot be read, and names it
  }
}
