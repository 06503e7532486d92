/** Questions of this floor to the ledger. */
import type { Db } from "../../ledger/mod.ts";
import { askRows } from "../../relations/mod.ts";

/**
 * Runs a query that is planned anew each time: DuckDB plans with the sizes and values that the tables have at that moment, and a plan that
 * is kept while rows are added answers wrongly.
 */
export async function ask<Row>(db: Db, sql: string, parameters: readonly unknown[] = []): Promise<Row[]> {
  return await askRows<Row>(db.raw, sql, parameters);
}
