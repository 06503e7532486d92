/** What the author of a query refers to, read by DuckDB's own parser. */
import type { ConsistError } from "../errors.ts";
import { JSON } from "../intrinsics.ts";
import { refuse, shorten } from "./failure.ts";
import type { FilesRead } from "./heard.ts";
import { inScratch } from "./scratch.ts";
import { NO_PIECE } from "./statement.ts";

/** What stands in a query's own words. */
export interface Outline {
  /** Does it name tables, or ask about the database? Then it has to run in the ledger. */
  readonly namesTables: boolean;
  /** What it reads from disk. */
  readonly files: FilesRead;
}

interface ParsedQuery {
  readonly error: boolean;
  readonly error_type?: string;
  readonly error_message?: string;
  readonly statements?: readonly unknown[];
}

/** Statements that read but that DuckDB's parser does not hand out as a tree. */
const OTHER_QUERIES =
  /^\s*(?:(?:--[^\n]*\n|\/\*[\s\S]*?\*\/)\s*)*(?:pivot|pivot_wider|unpivot|pivot_longer|explain|show|describe|summarize|pragma|call)\b/i;
const FILE_NAME = /\.(?:parquet|csv|tsv|json|jsonl|ndjson)(?:\.(?:gz|zst))?$|:\/\/|[*?]/i;
const ASKS_THE_DATABASE = /^(?:duckdb_|pragma_|pg_|query$|query_table$|sql_auto_complete$|test_)/i;

/** Reads an outline; what is not one single query is a `query_failed`. */
export async function readOutline(text: string): Promise<Outline> {
  if (text === NO_PIECE) return { namesTables: false, files: { paths: [], others: false } }; // nobody's words: all is the library's
  const parsed = await inScratch(async (connection) => {
    const reader = await connection.runAndReadAll("select json_serialize_sql($1::varchar)", [text]);
    return JSON.parse(String(reader.getRows()[0]![0])) as ParsedQuery;
  });
  if (!parsed.error) {
    if (parsed.statements!.length !== 1) throw notOneQuery(text, `it has ${parsed.statements!.length} statements`);
    return { namesTables: namesTables(parsed.statements![0]), files: filesOf(parsed.statements![0]) };
  }
  if (parsed.error_type === "parser") throw syntaxError(text, parsed.error_message ?? "");
  if (!OTHER_QUERIES.test(text) || /;\s*\S/.test(text)) throw notOneQuery(text, "it is a statement of another kind, or several");
  return { namesTables: true, files: { paths: [], others: true } };
}

function notOneQuery(text: string, why: string): ConsistError {
  return refuse(
    `Cannot run "${shorten(text)}" as a query.`,
    `A query reads, and is one statement: ${why}.`,
    "To change tables of your own, use `await tracker.connection()`.",
  );
}

function syntaxError(text: string, message: string): ConsistError {
  return refuse(`Cannot run the query "${shorten(text)}".`, `DuckDB says: ${message}.`, "Correct the syntax of the query.");
}

/** Base tables that are neither files nor named in a `with`, and functions that tell about the database. */
function namesTables(tree: unknown): boolean {
  const tables: string[] = [];
  const local = new Set<string>();
  let asks = false;
  visit(tree, (node) => {
    if (node.type === "BASE_TABLE") tables.push(`${node.catalog_name}${node.schema_name}` === "" ? String(node.table_name) : "");
    if (node.type === "SHOW_REF" && node.query === null) asks = true;
    if (node.type === "TABLE_FUNCTION") asks ||= ASKS_THE_DATABASE.test(functionName(node.function));
    for (const entry of cteNames(node.cte_map)) local.add(entry.toLowerCase());
    if (typeof node.cte_name === "string") local.add(node.cte_name.toLowerCase());
  });
  return asks || tables.some((name) => !local.has(name.toLowerCase()) && !FILE_NAME.test(name));
}

/** Functions that make rows of nothing but their arguments. */
const MAKES_ROWS = /^(?:range|generate_series|unnest|repeat|repeat_row|json_each|json_tree|summary)$/i;

/** Files that stand for tables, and what functions are given that read files. */
function filesOf(tree: unknown): FilesRead {
  const paths: string[] = [];
  let others = false;
  visit(tree, (node) => {
    if (node.type === "BASE_TABLE" && FILE_NAME.test(String(node.table_name))) paths.push(String(node.table_name));
    if (node.type !== "TABLE_FUNCTION") return;
    const name = functionName(node.function);
    if (MAKES_ROWS.test(name) || ASKS_THE_DATABASE.test(name)) return;
    const path = firstText(node.function);
    if (path === undefined) others = true;
    else paths.push(path);
  });
  return { paths, others };
}

/** A function's first argument, where it is a text. */
function firstText(call: unknown): string | undefined {
  const [first] = (call as { children?: readonly Node[] } | null)?.children ?? [];
  const { value, is_null } = (first?.value ?? {}) as { value?: unknown; is_null?: unknown };
  return first?.class === "CONSTANT" && is_null === false && typeof value === "string" ? value : undefined;
}

type Node = { readonly [key: string]: unknown };

function visit(value: unknown, see: (node: Node) => void): void {
  if (Array.isArray(value)) return value.forEach((member) => visit(member, see));
  if (value === null || typeof value !== "object") return;
  see(value as Node);
  Object.values(value).forEach((member) => visit(member, see));
}

function functionName(node: unknown): string {
  return String((node as { function_name?: unknown } | null)?.function_name ?? "");
}

function cteNames(map: unknown): string[] {
  const entries = (map as { map?: readonly { key?: unknown }[] } | undefined)?.map ?? [];
  return entries.map((entry) => String(entry.key ?? ""));
}
