/** The table `deno_digest`: what a file's content was when it was last read, so that an unchanged file is not read again. */
import type { Db } from "./connection.ts";
import { insertRows } from "./insert.ts";
import { rowsAmong } from "./select.ts";

/** A row of `deno_digest`. */
export interface DigestRow {
  /** Absolute path. */
  readonly path: string;
  /** Size in bytes. */
  readonly size: number;
  /** Time of the last change of content. */
  readonly mtime_ms: number | null;
  /** Time of the last change of content or name, where the system has it. */
  readonly ctime_ms: number | null;
  /** Number of the file on its disk, as text: it may exceed a number. */
  readonly inode: string | null;
  /** SHA-256 of the content. */
  readonly digest: string;
  /** When the content was read. */
  readonly taken_at: Date;
}

/** Stores digests; an earlier one of the same path is replaced. */
export async function putDigests(db: Db, rows: readonly DigestRow[]): Promise<void> {
  await insertRows(db, "deno_digest", rows as readonly (DigestRow & Record<string, unknown>)[], "replace");
}

/** The digests of these paths, as far as they are known. */
export async function digestsOf(db: Db, paths: readonly string[]): Promise<DigestRow[]> {
  return await rowsAmong(db, "deno_digest", "path", paths);
}
