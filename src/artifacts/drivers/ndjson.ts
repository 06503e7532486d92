/** One JSON object a line ⇄ DataFrame. */
import type { DriverSpec } from "../driver.ts";
import { contentOf, isFrameLike, loadPolars, looksLikePattern, type Polars, polarsVersion, withDisplay, writeFrame } from "../frames.ts";
import type { Buffer } from "node:buffer";
import type { DataFrame } from "../../types.ts";

/** Reads and writes lines of JSON by polars. A file without rows loads as a frame without columns: the format has no place for them. */
export const ndjson: DriverSpec = {
  name: "ndjson",
  extensions: ["ndjson"],
  formatVersion: 1,
  isTable: true,
  libraryVersion: polarsVersion,
  accepts: isFrameLike,
  async write(value, path) {
    // the type declarations of polars lack `format` here
    await writeFrame(value, path, (frame) => frame.writeJSON(path, { format: "lines" } as never));
  },
  async read(path) {
    return withDisplay(parse(await loadPolars(), await contentOf(path)));
  },
  async scan(path) {
    const polars = await loadPolars();
    // polars cannot be told here that a path is no pattern
    return looksLikePattern(path) ? parse(polars, await contentOf(path)).lazy() : polars.scanJson(path, { inferSchemaLength: null });
  },
};

/** Every line counts for the columns: polars would leave out, in silence, a key that comes late. */
function parse(polars: Polars, content: Buffer): DataFrame {
  if (content.every((byte) => byte === 0x0a || byte === 0x0d || byte === 0x20)) return polars.DataFrame({});
  return polars.readJSON(content, { format: "lines", inferSchemaLength: countLines(content) });
}

/** How many lines a file has at most. polars reserves memory for as many as it is told. */
function countLines(content: Buffer): number {
  let lines = 1;
  for (let index = 0; index < content.length; index++) if (content[index] === 0x0a) lines++;
  return lines;
}
