/** Where a ledger is when nothing says so: beside the notebook, else in the working directory. */
import { dirname, join, resolve } from "@std/path";
import { turnsPath } from "./turns.ts";

/** Folder of the notebook that this kernel runs, as Jupyter tells it; none elsewhere. */
export function notebookFolder(): string | undefined {
  const path = Deno.env.get("JPY_SESSION_NAME");
  if (path === undefined || !path.endsWith(".ipynb")) return undefined;
  const folder = dirname(resolve(path));
  try {
    return Deno.statSync(folder).isDirectory ? folder : undefined;
  } catch (error) {
    // The name is only a hint: where its folder is not there, the working directory is as good.
    if (error instanceof Error) return undefined;
    throw error;
  }
}

/** Where a ledger and its runs are, absolute. */
export interface LedgerPlace {
  /** The ledger's file. */
  readonly dbPath: string;
  /** Root of all run folders. */
  readonly runDir: string;
}

/** The place that options name. @default `provenance.duckdb` in the notebook's folder, else in the working directory, and `runs` beside it */
export function ledgerPlace(dbPath?: string, runDir?: string): LedgerPlace {
  const path = resolve(dbPath ?? join(notebookFolder() ?? Deno.cwd(), "provenance.duckdb"));
  return { dbPath: path, runDir: resolve(runDir ?? join(dirname(path), "runs")) };
}

/** The files of the ledger at a path: itself, its log, and what tells who waits for it. */
export const ledgerFiles = (path: string): readonly string[] => [path, `${path}.wal`, turnsPath(path)];
