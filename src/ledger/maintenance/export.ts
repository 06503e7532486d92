/** Writes each table of a ledger into a file of its own. */
import { ensureDir, exists } from "@std/fs";
import { basename, dirname, join } from "@std/path";
import { OptionError } from "../../errors.ts";
import { writeFailure } from "../failures.ts";
import type { Ledger } from "../ledger.ts";
import { quoteName } from "../schema.ts";
import type { OnProgress } from "./compact.ts";

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

/** Writes all tables into a folder that is not there yet; it has its name when it is whole. */
export async function exportLedger(
  ledger: Ledger,
  folder: string,
  format: ExportFormat,
  onProgress: OnProgress = () => {},
): Promise<ExportedTable[]> {
  if (await exists(folder)) throw isThere(folder);
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
        const place = `${quoteName(schema)}.${quoteName(name)}`;
        await db.run(`COPY (SELECT * FROM ${place}) TO '${join(aside, file).replaceAll("'", "''")}' (${OPTIONS[format]})`);
        const [row] = await db.all<{ n: number }>(`SELECT count(*) AS n FROM ${place}`);
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

function isThere(folder: string): OptionError {
  return new OptionError("option_invalid", {
    problem: `Cannot export into "${folder}".`,
    why: "There is something with this name.",
    fix: "Name a folder that is not there yet.",
    path: folder,
  });
}
