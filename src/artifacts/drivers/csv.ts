/** Separated values ⇄ DataFrame. A file that does not hold a table is an error, never a frame with guesses in it. */
import type { Buffer } from "node:buffer";
import type { DataFrame } from "../../types.ts";
import type { DriverSpec } from "../driver.ts";
import { contentOf, isFrameLike, loadPolars, type Polars, polarsVersion, withDisplay, writeFrame } from "../frames.ts";
import { countLines, firstShortRow, headerOf, misreadNames, withoutTrailingBlankLines } from "./csv_rows.ts";

/** Rows from which column types are guessed before all rows have to be asked. */
const SAMPLE = 10_000;

/** Reads and writes comma-separated values by polars. */
export const csv: DriverSpec = separated("csv", ",");
/** Reads and writes tab-separated values by polars. */
export const tsv: DriverSpec = separated("tsv", "\t");

function separated(name: string, separator: string): DriverSpec {
  return {
    name,
    extensions: [name],
    formatVersion: 1,
    isTable: true,
    libraryVersion: polarsVersion,
    accepts: isFrameLike,
    async write(value, path) {
      await writeFrame(value, path, (frame) => {
        if (frame.width === 0) throw new TypeError(`${name} cannot hold a frame without columns`);
        frame.writeCSV(path, { separator });
      });
    },
    async read(path) {
      return withDisplay(parse(await loadPolars(), await contentOf(path), separator));
    },
    async scan(path) {
      const frame = (await loadPolars()).scanCSV(path, { sep: separator, inferSchemaLength: SAMPLE, glob: false });
      const misread = misreadNames(headerOf(await startOf(path), separator.charCodeAt(0)));
      return Object.keys(misread).length === 0 ? frame : frame.rename(misread);
    },
  };
}

function parse(polars: Polars, content: Buffer, separator: string): DataFrame {
  const header = headerOf(content, separator.charCodeAt(0));
  const text = header.length === 1 ? content : withoutTrailingBlankLines(content); // in a file with one column an empty line is a null
  const read = (inferSchemaLength: number) => polars.readCSV(text, { sep: separator, inferSchemaLength, truncateRaggedLines: false });
  const frame = readSampled(read, () => countLines(text));
  checkRows(frame, text, separator);
  const misread = misreadNames(header);
  return Object.keys(misread).length === 0 ? frame : frame.rename(misread);
}

/** The bytes in which a header ends, unless it is a monster. */
async function startOf(path: string): Promise<Uint8Array> {
  using file = await Deno.open(path, { read: true });
  const start = new Uint8Array(1 << 20);
  return start.subarray(0, await file.read(start) ?? 0);
}

/** The types that all rows together ask for, from the first rows where these decide it: reading twice is three times slower. */
function readSampled(read: (rows: number) => DataFrame, lines: () => number): DataFrame {
  let frame: DataFrame;
  try {
    frame = read(SAMPLE);
  } catch (error) {
    const all = lines();
    if (all <= SAMPLE) throw error;
    return read(all); // a later row may hold what the first ones did not announce; a broken file fails again
  }
  return startsBlank(frame) ? read(lines()) : frame;
}

/** Is there a column whose type was guessed from nulls alone? polars takes it for text. */
function startsBlank(frame: DataFrame): boolean {
  if (frame.height < SAMPLE) return false;
  const start = frame.head(SAMPLE - 1);
  return frame.columns.some((name) => {
    const nulls = start.getColumn(name).nullCount();
    return nulls === start.height && frame.getColumn(name).nullCount() < frame.height;
  });
}

/** polars fills a row that is too short with nulls. Such a row leaves a null in the last column, so most files need no second look. */
function checkRows(frame: DataFrame, text: Buffer, separator: string): void {
  if (frame.width < 2 || frame.getColumn(frame.columns.at(-1)!).nullCount() === 0) return;
  const short = firstShortRow(text, separator.charCodeAt(0), frame.width);
  if (short) throw new Error(`line ${short.line} has ${short.fields} of ${frame.width} fields`);
}
