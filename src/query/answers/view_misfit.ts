/** Which file of a view has a value that its schema's type cannot hold? Looked for where a query over the view failed. */
import { QueryError } from "../../errors.ts";
import { JSON } from "../../intrinsics.ts";
import { literalPath, ownPiece, quoteName, relationOf, scanText } from "../../relations/mod.ts";
import { rowWords, type SchemaColumn } from "../../schemas/mod.ts";
import type { ViewMember } from "./view_members.ts";

/** What DuckDB says where a value has another type than the schema wants. */
const OF_TYPES =
  /Conversion Error|Could not convert|could not (?:be )?cast|Mismatch Type|wants whole numbers|Unimplemented type for cast|schema mismatch/i;

/** The error that names the first value that does not fit, with its column and its file; nothing where the failure has another reason. */
export async function misfit(
  view: string,
  columns: readonly SchemaColumn[],
  members: readonly ViewMember[],
  cause: unknown,
): Promise<QueryError | undefined> {
  if (!(cause instanceof Error) || !OF_TYPES.test(cause.message)) return undefined;
  const files = members.filter(({ table, format }) => table === undefined && format !== "ipc");
  const seen = new Set<string>();
  for (const { path, format, runId } of files) {
    if (seen.has(path)) continue;
    seen.add(path);
    const found = await misfitIn(columns, scanText(format as "parquet", [literalPath(path)]));
    if (found !== undefined) return notFitting(view, found, path, runId, cause);
  }
  return undefined;
}

interface Misfit {
  readonly column: SchemaColumn;
  readonly value: string;
  /** Which of the file's rows, in words. */
  readonly row: string;
}

/** The first value of a file that its column's type cannot hold. */
async function misfitIn(columns: readonly SchemaColumn[], scan: string): Promise<Misfit | undefined> {
  const present = new Set((await relation(`select * from ${scan}`).columns()).map(({ name }) => name.toLowerCase()));
  for (const column of columns.filter(({ name, type }) => present.has(name.toLowerCase()) && type !== "JSON")) {
    const name = quoteName(column.name);
    const text = `${name}::varchar`;
    const whole = column.safe ? ` or try_cast(${text} as double) <> trunc(try_cast(${text} as double))` : "";
    const rows = await relation(
      `select v, r, n from (select ${text} as v, (row_number() over () - 1)::bigint as r, count(*) over () as n, ${name} is not null and (try_cast(${
        column.type.endsWith("[]") ? name : text
      } as ${column.type}) is null${whole}) as bad from ${scan}) where bad limit 1`,
    ).rows();
    if (rows.length > 0) return { column, value: String(rows[0]!.v), row: rowWords(Number(rows[0]!.r), Number(rows[0]!.n)) };
  }
  return undefined;
}

const relation = (text: string) => relationOf<{ v: unknown; r: unknown; n: unknown }>({ write: () => ownPiece(text, "file of a view") });

function notFitting(view: string, { column, value, row }: Misfit, path: string, run: string, cause: unknown): QueryError {
  const shown = value.length > 100 ? `${value.slice(0, 99)}…` : value;
  const wanted = column.safe ? "whole numbers" : `values of the type ${column.type}`;
  return new QueryError("query_failed", {
    problem: `Cannot read the view "${view}": the column "${column.name}" of ${path} is ${JSON.stringify(shown)} in ${row}.`,
    why: `The schema wants ${wanted} in it.`,
    fix: column.safe && Number.isFinite(Number(value)) && value.trim() !== ""
      ? "Use z.number() in the schema, or round the column in the step that makes it."
      : "Correct the step that makes the file, or choose a type in the schema that holds all of them, such as z.string().",
    run,
    path,
    cause,
  });
}
