/** Writes each table of a ledger into a file of its own. */
import { ensureDir } from "@std/fs";
import { basename, dirname, join } from "@std/path";
import { crypto, JSON } from "../../intrinsics.ts";
import { writeFailure } from "../failures.ts";
import type { Db } from "../connection.ts";
import type { Ledger } from "../ledger.ts";
import { textLiteral } from "../literals.ts";
import { quoteName } from "../schema.ts";
import { textList, texts } from "../json_lists.ts";
import type { OnProgress } from "./compact.ts";
import { checkFree } from "./free_name.ts";

/** The forms in which tables are written. */
export const EXPORT_FORMATS = ["parquet", "json", "csv"] as const;
/** One of them. */
export type ExportFormat = typeof EXPORT_FORMATS[number];

/** A table that was written. */
export interface ExportedTable {
  /** The table, with its schema where that is not `main`. */
  readonly table: string;
  /** How many rows it has. */
  readonly rows: number;
  /** The file's name in the folder. */
  readonly file: string;
}

const OPTIONS = { parquet: "FORMAT parquet", json: "FORMAT json, ARRAY true", csv: "FORMAT csv, HEADER" } as const;

/** What is written. */
export interface ExportOptions {
  /** Only what belongs to these runs. @default everything */
  readonly runs?: readonly string[];
  /** Hears each table. */
  readonly onProgress?: OnProgress;
}

/** Writes all tables into a folder that is not there yet; it has its name when it is whole. */
export async function exportLedger(
  ledger: Ledger,
  folder: string,
  format: ExportFormat,
  { runs, onProgress = () => {} }: ExportOptions = {},
): Promise<ExportedTable[]> {
  await checkFree(folder, `Cannot export into "${folder}".`, "folder");
  await ensureDir(dirname(folder));
  const aside = `${folder}.${crypto.randomUUID()}.new`;
  await Deno.mkdir(aside);
  try {
    const written = await ledger.read(async (db) => {
      const tables = await db.all<{ schema: string; name: string }>(
        `SELECT schema_name AS schema, table_name AS name FROM duckdb_tables()
WHERE database_name = current_database() AND NOT internal AND NOT temporary ORDER BY schema_name DESC, table_name`,
      );
      const done: ExportedTable[] = [];
      for (const [index, { schema, name }] of tables.entries()) {
        await onProgress(index, tables.length, name);
        const table = schema === "main" ? name : `${schema}.${name}`;
        const file = `${table.replaceAll(/[^A-Za-z0-9_.-]/g, "_")}.${format}`;
        const rows = `${quoteName(schema)}.${quoteName(name)}${await restriction(db, schema, name, runs)}`;
        await db.run(`COPY (SELECT * FROM ${rows}) TO '${join(aside, file).replaceAll("'", "''")}' (${OPTIONS[format]})`);
        const [row] = await db.all<{ n: number }>(`SELECT count(*) AS n FROM ${rows}`);
        done.push({ table, rows: row!.n, file });
      }
      return done;
    });
    const manifest = { ledger: basename(ledger.path), format, tables: written };
    await Deno.writeTextFile(join(aside, "ledger.json"), `${JSON.stringify(manifest, null, 2)}\n`);
    await Deno.rename(aside, folder);
    return written;
  } catch (error) {
    await Deno.remove(aside, { recursive: true }).catch(() => {}); // what could not be written whole is not kept; the error says why
    throw writeFailure(ledger.path, error);
  }
}

/** Runs with what ran inside of them: the steps of a scenario, and what steps ran themselves. */
export async function withChildren(db: Db, ids: readonly string[]): Promise<string[]> {
  const rows = await db.all<{ id: string }>(
    `WITH RECURSIVE chosen AS (
  SELECT ${texts(1)} AS id
  UNION
  SELECT r.id FROM run r LEFT JOIN deno_run d ON d.run_id = r.id JOIN chosen c ON c.id = coalesce(d.header_id, r.parent_run_id) OR c.id = r.parent_run_id
) SELECT id FROM chosen ORDER BY id`,
    [textList(ids)],
  );
  return rows.map(({ id }) => id);
}

const LINKED = "SELECT artifact_id FROM run_artifact_link WHERE run_id IN <runs>";
const SCHEMAS = `SELECT schema_id FROM artifact_schema_observation WHERE artifact_id IN (${LINKED})`;
/** Which rows of a table belong to some runs. What has no entry, and no artifact's id, belongs to none. */
const OF_RUNS: { readonly [table: string]: string } = {
  run: "id IN <runs>",
  run_binding_invocation: "requested_run_id IN <runs>",
  artifact: `id IN (${LINKED})`,
  artifact_content: `id IN (SELECT content_id FROM artifact WHERE id IN (${LINKED}))`,
  artifact_schema_observation: `artifact_id IN (${LINKED})`,
  artifact_schema: `id IN (${SCHEMAS})`,
  artifact_schema_field: `schema_id IN (${SCHEMAS})`,
  artifact_schema_relation: `schema_id IN (${SCHEMAS})`,
  artifact_facet: `id IN (SELECT facet_id FROM artifact_kv WHERE artifact_id IN (${LINKED}))`,
  config_facet: `id IN (SELECT facet_id FROM run_config_kv WHERE run_id IN <runs>
UNION ALL SELECT meta->>'$.config_facet_id' FROM run WHERE id IN <runs>)`,
  deno_accepted: "run_id IN <runs> OR other_run_id IN <runs>",
};

async function restriction(db: Db, schema: string, table: string, runs: readonly string[] | undefined): Promise<string> {
  if (runs === undefined) return "";
  const columns = await db.all<{ name: string }>(
    "SELECT column_name AS name FROM duckdb_columns() WHERE database_name = current_database() AND schema_name = $1 AND table_name = $2",
    [schema, table],
  );
  const has = (name: string): boolean => columns.some((column) => column.name === name);
  const own = schema === "main" ? OF_RUNS[table] : undefined;
  const where = own ??
    (has("run_id")
      ? "run_id IN <runs>"
      : has("artifact_id")
      ? `artifact_id IN (${LINKED})`
      : has("consist_artifact_id")
      ? `consist_artifact_id IN (${LINKED})`
      : "false");
  return ` WHERE ${where.replaceAll("<runs>", `(${runs.map(textLiteral).join(", ") || "NULL"})`)}`;
}
