/** The table `deno_display`: what a step printed and displayed when it executed. A run that showed nothing has no row. */
import type { Db } from "./connection.ts";
import { insertRows } from "./insert.ts";

/** A row of `deno_display`. */
export interface DisplayRow {
  /** The run. */
  readonly run_id: string;
  /** JSON of what it showed, as text: a reader of large numbers would change a chart's. */
  readonly shown: string;
}

/** Inserts rows; a second one of a run is an error. */
export async function insertDisplays(db: Db, rows: readonly DisplayRow[]): Promise<void> {
  await insertRows(db, "deno_display", rows.map((row) => ({ ...row })));
}

/** What a run showed. */
export async function displayOf(db: Db, runId: string): Promise<string | undefined> {
  const [row] = await db.all<{ shown: string }>("SELECT shown FROM deno_display WHERE run_id = $1", [runId]);
  return row?.shown;
}
