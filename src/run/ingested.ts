/** Tables that the ledger has the rows of: as values where their file is gone, and as files again. */
import { join } from "@std/path";
import { driverNamed, frameOfRows, isExactTable, isTableDriver, publish, type Published, type TableColumn } from "../artifacts/mod.ts";
import { copyRows, type Db, ingestedByContent, ingestedByPython, type IngestedRow, isWhole, type Ledger } from "../ledger/mod.ts";
import type { Artifact, DataFrame } from "../types.ts";

/** What is asked about an artifact: its content decides. */
export type KeptArtifact = Pick<Artifact, "id" | "driver" | "hash" | "meta">;

/** Above so many cells DuckDB writes a file by itself; below, the artifact's driver does, so that the bytes can be those that were recorded. */
const STREAMED_CELLS = 50_000_000;

/** The rows that the ledger keeps of this content; none where it keeps none, or not all of them any more. */
async function keptRows(db: Db, { id, driver, hash, meta }: KeptArtifact): Promise<IngestedRow | undefined> {
  if (!isTableDriver(driver)) return undefined;
  const [own] = await ingestedByContent(db, [{ hash, driver }]);
  if (own !== undefined) return await isWhole(db, own) ? own : undefined;
  return meta.is_ingested === true && typeof meta.dlt_table_name === "string"
    ? await ingestedByPython(db, id, meta.dlt_table_name)
    : undefined;
}

/** Was this artifact ingested, and are its rows all there, with types that are known to come back the same? */
export async function isKept(ledger: Ledger, artifact: KeptArtifact): Promise<boolean> {
  if (!isMarkedKept(artifact)) return false;
  const rows = await ledger.lookUp((db) => keptRows(db, artifact));
  return rows !== undefined && isExactTable(rows.columns as readonly TableColumn[]);
}

/** Do the artifact's notes say that its rows are in the ledger? */
export function isMarkedKept({ meta }: Pick<Artifact, "meta">): boolean {
  return meta.is_ingested === true || typeof meta.rows_in_ledger === "string";
}

/** The table of an artifact from the ledger's rows; `undefined` where the ledger has none. */
export async function loadKept(ledger: Ledger, artifact: KeptArtifact): Promise<DataFrame | undefined> {
  const folder = await Deno.makeTempDir({ prefix: "consist-rows-" });
  try {
    const path = join(folder, "rows.parquet");
    const rows = await copied(ledger, artifact, path);
    return rows === undefined ? undefined : await frameOfRows(path, rows.columns);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

/**
 * Writes the table of an artifact from the ledger's rows as a file of its format. What was written by the same version of the same
 * driver has the recorded bytes again; compare the hash. A very large table is written as parquet by DuckDB.
 *
 * @returns size and hash of what was written; `undefined` where the ledger has no rows of it, and nothing is written then
 */
export async function writeKept(ledger: Ledger, artifact: KeptArtifact, target: string): Promise<Published | undefined> {
  const rows = await ledger.lookUp((db) => keptRows(db, artifact));
  if (rows === undefined) return undefined;
  const driver = driverNamed(artifact.driver);
  const isPlain = rows.columns.every(({ name, column }) => name === column);
  if (driver.name === "parquet" && isPlain && rows.row_count * rows.columns.length > STREAMED_CELLS) {
    return await publish(target, (aside) => copied(ledger, artifact, aside));
  }
  const frame = await loadKept(ledger, artifact);
  return frame === undefined ? undefined : await driver.write(frame, target);
}

/** Copies the rows to a parquet file, if there are any. */
async function copied(ledger: Ledger, artifact: KeptArtifact, path: string): Promise<IngestedRow | undefined> {
  return await ledger.lookUp(async (db) => {
    const rows = await keptRows(db, artifact);
    if (rows !== undefined) await copyRows(db, rows, path);
    return rows;
  });
}
