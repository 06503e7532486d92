/** A query as an input counts by what it gives now: its rows, and its columns with their types, which rows of JavaScript do not show. */
import { hashValue } from "../artifacts/mod.ts";
import { rowsAsExecuted } from "../relations/mod.ts";

/** What of a query is asked. */
export interface Query {
  /** Its rows. */
  rows(): Promise<unknown[]>;
  /** Its columns with DuckDB's types. */
  columns(): Promise<readonly { readonly name: string; readonly type: string }[]>;
}

/** The hash of what a query gives. */
export async function hashOfQuery(query: Query): Promise<string> {
  const columns = (await query.columns()).map(({ name, type }) => [name, type]);
  return hashValue([columns, rowsAsExecuted(await query.rows())]);
}
