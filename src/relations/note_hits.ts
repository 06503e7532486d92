/** Rows of the ledger name runs: those that are hits are noted, so that a step that reads the rows knows for which execution each stands. */
import type { DuckDBConnection } from "@duckdb/node-api";
import type { DataFrame } from "../types.ts";
import { executionOf, HITS_KEPT, noteHit } from "./hits.ts";
import { askRows } from "./value.ts";

/** Values of a column that tell whether it may hold ids of runs. */
const LOOKED_AT = 100;

/** Notes the hits among the ids in some rows of the ledger. */
export async function noteHitsInRows(ledger: DuckDBConnection, rows: readonly object[]): Promise<void> {
  const names = new Set(
    rows.slice(0, LOOKED_AT).flatMap((row) => Object.entries(row).flatMap(([name, value]) => isId(value) ? [name] : [])),
  );
  const ids = [...names].flatMap((name) => rows.map((row) => (row as { readonly [name: string]: unknown })[name]));
  await noteHitsAmong(ledger, ids);
}

/** Notes the hits among the ids in a table of the ledger. */
export async function noteHitsInFrame(ledger: DuckDBConnection, frame: DataFrame): Promise<void> {
  const texts = frame.columns.filter((_, index) => String(frame.dtypes[index]) === "DataType(String)");
  const named = texts.filter((name) => frame.getColumn(name).head(LOOKED_AT).toArray().some(isId));
  await noteHitsAmong(ledger, named.flatMap((name) => frame.getColumn(name).toArray()));
}

/** A hit has an id of ours, whatever label it was given. */
const isId = (value: unknown): value is string => typeof value === "string" && /_[0-9a-f]{12}$/.test(value);

/** More than are remembered are not looked up: they count by what they are. */
async function noteHitsAmong(ledger: DuckDBConnection, texts: readonly unknown[]): Promise<void> {
  const ids = [...new Set(texts.filter(isId))].filter((id) => executionOf(id) === undefined);
  if (ids.length === 0 || ids.length > HITS_KEPT) return;
  const found = await askRows<{ id: string; execution: string }>(
    ledger,
    `select d.run_id as id, d.source_run_id as execution from deno_run d
    where d.hit and d.source_run_id is not null and d.run_id in (select unnest($1::varchar[]))`,
    [ids],
  );
  for (const { id, execution } of found) noteHit(id, { id: execution });
}
