/** What the first rows of a relation show of its columns. */
import { withQuery } from "./execute.ts";
import { quoteName } from "./quote.ts";
import { sourceOf, type SqlRelation } from "./relation.ts";
import { rowsOf, uniqueNames } from "./value.ts";

/** A column as it was seen. */
export interface ObservedColumn {
  /** Its name. */
  readonly name: string;
  /** DuckDB's type. */
  readonly type: string;
  /** Is it null in one of the rows, or were there none to look at? */
  readonly nulls: boolean;
}

/** The columns of a relation with their types, and whether they are null in one of its first rows. */
export async function observedColumns(relation: SqlRelation<unknown>, rows: number): Promise<ObservedColumn[]> {
  return await withQuery(sourceOf(relation)!, async (query) => {
    const described = await rowsOf<{ column_type: string; column_name: string }>(
      await query.run(`describe select * from (${query.text}\n)`),
    );
    const names = uniqueNames(described.map(({ column_name }) => column_name));
    const places = names.map((_, index) => `c${index}`);
    const counts = places.map((place) => `count(${place})`).join(", ");
    const sample = `(select * from (${query.text}\n) limit ${rows}) t(${places.map(quoteName).join(", ")})`;
    const result = await query.run(`select count(*), ${counts} from ${sample}`);
    const [all = 0, ...solid] = ((await result.getRows())[0] ?? []).map(Number);
    return described.map(({ column_type }, index) => ({ name: names[index]!, type: column_type, nulls: all === 0 || solid[index]! < all }));
  });
}
