/** What DuckDB says when a query fails, turned into an error with a reason and a way out. */
import { ConsistError, nearestName, QueryError } from "../errors.ts";

const SHOWN_CHARACTERS = 300;

/** The error for a query that DuckDB refused; an error of ours passes as it is. */
export function queryFailure(cause: unknown, text: string): ConsistError {
  if (cause instanceof ConsistError) return cause;
  const message = cause instanceof Error ? cause.message : String(cause);
  return new QueryError("query_failed", {
    problem: `Cannot run the query "${shorten(text)}".`,
    why: `DuckDB says: ${firstSentences(message)}`,
    fix: fixFor(message),
    cause,
  });
}

/** The error for a query that cannot be composed. */
export function refuse(problem: string, why: string, fix: string, cause?: unknown): QueryError {
  return new QueryError("query_failed", { problem, why, fix, cause });
}

/** A query on one line, cut where it is long. */
export function shorten(text: string): string {
  const line = text.replace(/\s+/g, " ").trim();
  return line.length > SHOWN_CHARACTERS ? `${line.slice(0, SHOWN_CHARACTERS - 1)}…` : line;
}

/** DuckDB's words without the drawing of the place, which quotes the composed text. */
function firstSentences(message: string): string {
  const words = message.replace(/^Failed to \w+ (?:value|statements): /, "").split(/\n\s*LINE \d+:/)[0]!.replace(/\s*\n\s*/g, " ").trim();
  return /[.!?"]$/.test(words) ? words : `${words}.`;
}

function fixFor(message: string): string {
  const missing = /(?:Referenced (?:column|table)|does not have a column named) "(.+?)"/.exec(message)?.[1];
  const candidates = [...(/Candidate (?:bindings|tables):[: ]+(.+)/.exec(message)?.[1] ?? "").matchAll(/"((?:[^"]|"")*)"/g)].map((match) =>
    match[1]!
  );
  if (missing !== undefined && candidates.length > 0) {
    const nearest = nearestName(missing, candidates) ?? candidates[0]!;
    return `Use "${nearest}" instead of "${missing}", if that is what you mean.`;
  }
  if (/Can not bind to parameter number|Values were not provided for/.test(message)) {
    return "Give one value for each parameter, and put no quotes around an interpolated value: it is a parameter already.";
  }
  if (/Table with name .+ does not exist/.test(message)) {
    const meant = /Did you mean "(.+?)"/.exec(message)?.[1];
    return `${
      meant === undefined ? "" : `If you mean the table "${meant}", write that. `
    }A DataFrame, a file or an artifact is interpolated: sql\`select * from \${frame}\`.`;
  }
  if (/The schema wants whole numbers/.test(message)) return "Use z.number() in the schema, or round the column in the step that makes it.";
  if (/Could not convert|Conversion Error|Mismatch Type/.test(message)) {
    return "Cast the column in the query, or use try_cast(column as type) to get null for what does not fit.";
  }
  if (/No files found/.test(message)) return "Check the path; a relative one counts from the working directory.";
  return "Correct the query; `await relation.explainSql()` shows the text that DuckDB gets.";
}
