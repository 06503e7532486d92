/** Columns of values as a DataFrame. */
import { polarsForRuns } from "../relations/mod.ts";
import type { DataFrame } from "../types.ts";

/**
 * A DataFrame of named columns, in order. A column whose numbers are all whole is one of whole numbers, so that a seed is `1` and not `1.0`;
 * nulls stay. `measured` columns hold fractions, whatever values they happen to have.
 */
export async function frameOf(
  columns: readonly (readonly [name: string, values: readonly unknown[]])[],
  measured: readonly string[] = [],
): Promise<DataFrame> {
  const pl = await polarsForRuns();
  const typed = columns.map(([name, values]) => {
    if (measured.includes(name) || !areWhole(values)) return [name, values];
    return [name, pl.Series(name, values as (number | null)[], pl.Int64)];
  });
  return pl.DataFrame(Object.fromEntries(typed) as Record<string, unknown[]>);
}

/** Whole numbers that JavaScript tells apart, and nulls; nulls alone have no type. */
function areWhole(values: readonly unknown[]): boolean {
  return values.some((value) => value !== null) && values.every((value) => value === null || Number.isSafeInteger(value));
}
