/** Who hears of queries that run: inside a step their files are read by the step. */
import type { SqlSource } from "./statement.ts";

/** What a query's own words read from disk. */
export interface FilesRead {
  /** Paths and patterns, as they are written. */
  readonly paths: readonly string[];
  /** Does it read others, which its text does not name? */
  readonly others: boolean;
}

/** Who hears of queries. */
export interface QueryListener {
  /** Runs a query. */
  around<T>(source: SqlSource, work: () => Promise<T>): Promise<T>;
  /** The query that runs reads these files. */
  reads(source: SqlSource, files: FilesRead): void;
}

let listener: QueryListener | undefined;

/** Says who hears of the queries of this copy of the library. */
export function hearQueries(by: QueryListener): void {
  listener = by;
}

/** Runs a query, and lets the listener know. */
export const heardAround = <T>(source: SqlSource, work: () => Promise<T>): Promise<T> =>
  listener === undefined ? work() : listener.around(source, work);

/** Lets the listener know of files. */
export function heardReading(source: SqlSource, files: FilesRead): void {
  if (files.others || files.paths.length > 0) listener?.reads(source, files);
}

/** Is a query the other one, or made from it? */
export const containsQuery = (source: SqlSource, other: SqlSource): boolean =>
  source === other || (source.parts ?? []).some((part) => containsQuery(part, other));
