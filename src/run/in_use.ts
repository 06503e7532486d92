/** What runs that execute now need of the cache: the folders that they read, and what their scenarios hold. */
import { join, relative } from "@std/path";
import { LedgerError } from "../errors.ts";
import { runningRuns, type RunRow, runsOfHeaders } from "../ledger/mod.ts";
import type { Meta } from "../types.ts";
import { claimsFolder } from "./claim.ts";
import { isBelow } from "./copy_options.ts";
import { isDeadRun } from "./interrupted.ts";
import { lockState } from "./presence.ts";
import type { RunServices, StepRequest } from "./request.ts";

/** The note on a running row: below which folders of `outputs` it reads. */
const READS = "_reads";

/** What somebody needs now. */
export interface InUse {
  /** Beginnings of `<step>/<run>`. */
  readonly folders: readonly string[];
  /** Runs behind the results of open scenarios. */
  readonly runs: readonly string[];
}

/** So long is waited for a step that has begun to say what it reads. */
const PATIENCE_MS = 5_000;
const LOOK_EVERY_MS = 50;
const CLAIM = ".claim";
/** The name under which one process at a time prunes. */
export const PRUNE_CLAIM = "prune";

/** The note of what a step reads from the cache. It stands with the run until it ends, when its inputs are on record. */
export function readsNote({ runDir }: Pick<RunServices, "runDir">, { inputs, dependencies }: StepRequest): Meta {
  const outputs = join(runDir, "outputs");
  const paths = [...inputs, ...dependencies].flatMap(({ path, files }) => files ?? (path === undefined ? [] : [path]));
  const below = paths.filter((path) => isBelow(outputs, path)).map((path) => relative(outputs, path).split(/[\\/]/).slice(0, 2).join("/"));
  return below.length === 0 ? {} : { [READS]: [...new Set(below)] };
}

/** Is this folder below one of those? */
export function isRead(folder: string, reads: readonly string[]): boolean {
  return reads.some((read) => read === "" || folder === read || folder.startsWith(`${read}/`));
}

/**
 * What somebody needs now. A step that has a claim and no row yet is waited for.
 *
 * @throws {LedgerError} `cache_in_use`, where it says nothing in time
 */
export async function inUseNow(services: RunServices): Promise<InUse> {
  const until = performance.now() + PATIENCE_MS;
  for (;;) {
    const rows = (await services.ledger.read((db) => runningRuns(db))).filter((row) => !isDeadRun(services, row));
    const known = new Set(rows.map(({ signature }) => signature));
    const silent = claimed(services.runDir).filter((signature) => !known.has(signature));
    if (silent.length === 0) return await usedBy(services, rows);
    if (performance.now() > until) throw inUse(silent.length);
    await services.ledger.release();
    await new Promise((resolve) => setTimeout(resolve, LOOK_EVERY_MS));
  }
}

async function usedBy({ ledger }: RunServices, rows: readonly RunRow[]): Promise<InUse> {
  const headers = rows.filter(({ tags }) => tags.includes("scenario_header")).map(({ id }) => id);
  const runs = await ledger.read((db) => runsOfHeaders(db, headers));
  const folders = rows.flatMap(({ meta }) => Array.isArray(meta[READS]) ? meta[READS].filter((read) => typeof read === "string") : []);
  return { folders, runs };
}

/** The signatures that living processes compute. */
function claimed(runDir: string): string[] {
  const folder = claimsFolder(runDir);
  const names = namesIn(folder).filter((name) => name.endsWith(CLAIM) && name !== `${PRUNE_CLAIM}${CLAIM}`);
  return names.filter((name) => ["held", "unknown"].includes(lockState(join(folder, name)))).map((name) => name.slice(0, -CLAIM.length));
}

function namesIn(folder: string): string[] {
  try {
    return [...Deno.readDirSync(folder)].map(({ name }) => name);
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return [];
    throw error;
  }
}

function inUse(count: number): LedgerError {
  return new LedgerError("cache_in_use", {
    problem: "The cache cannot be pruned now.",
    why: `${count === 1 ? "A step executes that has" : `${count} steps execute that have`} not said yet what it reads from the cache.`,
    fix: "Prune again when it has ended. Nothing was deleted.",
  });
}
