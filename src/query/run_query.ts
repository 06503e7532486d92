/** Rows of a query, however it is given. */
import { type AmbientLedger, isRelation, type SqlParameter, type SqlRelation, textRelation } from "../relations/mod.ts";
import { OptionError } from "../errors.ts";
import type { Relation, UnknownRow } from "../types.ts";

/** What query builders compile to (Kysely and others). */
export interface CompiledQuery {
  /** The text, with `$1` or `?` where parameters stand. */
  readonly sql: string;
  /** The parameters, in order. */
  readonly parameters: readonly unknown[];
}

/** The rows of a relation, of a compiled query, or of text with parameters. */
export async function runQuery<Row = UnknownRow>(
  ambient: AmbientLedger,
  query: Relation<Row> | CompiledQuery | string,
  parameters?: readonly SqlParameter[],
): Promise<Row[]> {
  return await asRelation<Row>(ambient, query, parameters).rows();
}

function asRelation<Row>(ambient: AmbientLedger, query: unknown, parameters: readonly SqlParameter[] | undefined): Relation<Row> {
  if (typeof query === "string") return textRelation<Row>(ambient, query, parameters ?? []);
  if (parameters !== undefined) throw notAQuery("Parameters go with text; a relation and a compiled query have their own.");
  if (isRelation(query)) return query as SqlRelation<Row>;
  if (isCompiled(query)) return textRelation<Row>(ambient, query.sql, query.parameters);
  throw notAQuery("It is neither a relation, nor what a query builder compiles, nor text.");
}

function isCompiled(query: unknown): query is CompiledQuery {
  if (query === null || typeof query !== "object") return false;
  const { sql, parameters } = query as Partial<CompiledQuery>;
  return typeof sql === "string" && Array.isArray(parameters);
}

function notAQuery(why: string): OptionError {
  return new OptionError("option_invalid", {
    problem: "Cannot run the query.",
    why,
    fix: "Give sql`…`, another relation, `builder.compile()`, or text with a list of parameters.",
  });
}
