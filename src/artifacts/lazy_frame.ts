/** Files as a polars LazyFrame: nothing is read before `collect()`. */
import { InputError } from "../errors.ts";
import type { LazyFrame } from "../types.ts";
import { loadPolars, looksLikePattern, type Polars } from "./frames.ts";

/** Driver → how polars scans a file of it. */
const SCANS: { readonly [driver: string]: (pl: Polars, path: string) => LazyFrame } = {
  csv: (pl, path) => pl.scanCSV(path),
  tsv: (pl, path) => pl.scanCSV(path, { sep: "\t" }),
  parquet: (pl, path) => pl.scanParquet(path),
  arrow: (pl, path) => pl.scanIPC(path),
  ndjson: (pl, path) => pl.scanJson(path, { format: "lines" } as never),
};

/**
 * One LazyFrame over all files, their rows one after another.
 *
 * @throws {InputError} `input_unreadable` where polars cannot scan files of this driver, or would take a path for a pattern
 */
export async function lazyFrame(paths: readonly string[], driver: string): Promise<LazyFrame> {
  const scan = SCANS[driver];
  if (scan === undefined) {
    throw unscannable(paths[0] ?? "", `Only csv, tsv, ndjson, parquet and arrow files can be scanned, and its driver is "${driver}".`);
  }
  const pattern = paths.find(looksLikePattern);
  if (pattern !== undefined) throw unscannable(pattern, "polars takes the brackets or stars in its path for a pattern.");
  const pl = await loadPolars();
  const frames = paths.map((path) => scan(pl, path));
  return frames.length === 1 ? frames[0]! : pl.concat(frames) as unknown as LazyFrame;
}

function unscannable(path: string, why: string): InputError {
  return new InputError("input_unreadable", {
    problem: `Cannot make a LazyFrame of ${JSON.stringify(path)}.`,
    why,
    fix: "Use relation(...), or let the input be loaded.",
    path,
  });
}
