/** Where the rows of a view come from, added to a frame: polars does it faster than DuckDB writes it and polars reads it again. */
import type { DataFrame } from "../../types.ts";
import { type Bare, OWN_COLUMNS } from "./view_text.ts";

/** The frame with the columns that every view has, in the place of the one that has the numbers of the members. */
export async function withSources(frame: DataFrame, { place, members }: Bare): Promise<DataFrame> {
  const { default: pl } = await import("polars");
  const columns = OWN_COLUMNS.map(([name, type, value]) => {
    const values = members.map(value);
    // A column of another width than 64 bits would have zeros for nulls.
    return type === "INTEGER" ? pl.Series(name, values, pl.Int64).cast(pl.Int32) : pl.Series(name, values, pl.Utf8);
  });
  const numbers = frame.getColumn(place);
  return frame.drop(place).hstack(pl.DataFrame(columns).select(...OWN_COLUMNS.map(([name]) => pl.col(name).gather(numbers))));
}
