/**
 * Prunes the cache. First the ledger says of a run that it hits no more, then a moment passes in which those who used it just before say so,
 * then its files are deleted, then the ledger says that they are gone. Who dies between two of these steps leaves the rest to the next prune.
 */
import { hostname } from "node:os";
import { basename, isAbsolute, join, relative, resolve } from "@std/path";
import { fromUri } from "../../artifacts/mod.ts";
import { ConsistError } from "../../errors.ts";
import {
  addressesOfArtifacts,
  type Db,
  markPruned,
  namedPlaces,
  needs,
  parseJson,
  prunedAmong,
  setPruneState,
  unfinishedPrunes,
  unmarkPruned,
  type UsedRun,
  usedRuns,
} from "../../ledger/mod.ts";
import { keepPruned } from "../../ledger/maintenance/mod.ts";
import { claimsOf } from "../claim.ts";
import { inUseNow, isRead, PRUNE_CLAIM } from "../in_use.ts";
import { type CacheState, choosePrunes, lastUse, type PruneChoice, reached } from "./prune_choice.ts";
import { type PruneOptions, pruneRules } from "./prune_rules.ts";
import { type PrunedRun, PruneReport } from "./prune_report.ts";
import type { RunServices } from "../request.ts";
import { folderOfRun, removeEmptySteps, removeRunFolder, runFolders } from "../run_folders.ts";

/** What whoever calls may take part in. */
export interface PruneHooks {
  /** Is what was chosen to be deleted? @default it is */
  readonly agrees?: (report: PruneReport) => boolean | Promise<boolean>;
  /** Hears how many folders are deleted. */
  readonly onProgress?: (done: number, total: number) => void;
  /** How long those who were just served have to say so, in milliseconds. @default 1_500 */
  readonly graceMs?: number;
}

/** A hit is on record within a tenth of a second, or as soon as the ledger is free. */
const GRACE_MS = 1_500;
/** So many folders are deleted between two notes in the ledger. */
const TOGETHER = 1_000;

/** Deletes the cached files of runs, and says which. */
export async function pruneCache(services: RunServices, options: PruneOptions, hooks: PruneHooks = {}): Promise<PruneReport> {
  const rules = pruneRules(options);
  if (options.dryRun !== true) services.access.toWrite("prune the cache");
  if (!services.tracking.isOn) return new PruneReport({ dryRun: options.dryRun === true, runs: [] });
  const choose = async (): Promise<[PruneChoice, CacheState]> => {
    const state = await cacheState(services);
    return [choosePrunes(rules, state), state];
  };
  const planned = reportOf(...await choose(), true);
  if (options.dryRun === true) return planned;
  if (planned.runs.length > 0 && hooks.agrees !== undefined && !await hooks.agrees(planned)) return planned;
  const agreed = new Set(planned.runs.map(({ run }) => run));
  return await alone(services, async () => {
    const failures = await finish(services, hooks);
    // While the user thought, or another one pruned, things may have changed: what goes now was agreed to, and may go still.
    const [choice, state] = await choose();
    const runs = choice.runs.filter(({ id }) => agreed.has(id));
    await mark(services, runs, state);
    const deleted = runs.length === 0 ? [] : await settleAndDelete(services, hooks);
    return reportOf({ ...choice, runs }, state, false, [...failures, ...deleted], await survivors(services, runs));
  });
}

// ── what there is ───────────────────────────────────────────────────────────────────────────────────────────────────────────

async function cacheState(services: RunServices): Promise<CacheState> {
  const use = await inUseNow(services);
  const [runs, need, addresses, named] = await services.ledger.read(async (db) =>
    [await usedRuns(db), await needs(db), await addressesOfArtifacts(db), await namedPlaces(db)] as const
  );
  await services.ledger.release();
  const { sizes, others } = await runFolders(services.runDir);
  const folders = foldersOf(runs);
  const taken = new Set([...foreign(services, runs, addresses), ...namedFolders(services, named)]);
  const own = runs.flatMap((run): [string, number][] => {
    const folder = folderOfRun(run);
    const size = sizes.get(folder);
    return size === undefined || folders.get(folder)!.length > 1 || taken.has(folder) ? [] : [[run.id, size.bytes]];
  });
  const reading = runs.filter((run) => isRead(folderOfRun(run), use.folders)).map(({ id }) => id);
  return {
    runs,
    needs: need,
    sizes: new Map(own),
    inUse: new Set([...use.runs, ...reading]),
    bytes: [...sizes.values(), ...others.values()].reduce((sum, { bytes }) => sum + bytes, 0),
    now: services.now(),
  };
}

/** Names that are made safe may become one: then it is nobody's to delete. */
function foldersOf(runs: readonly UsedRun[]): Map<string, UsedRun[]> {
  return Map.groupBy(runs, folderOfRun);
}

/** The folders of runs in which artifacts of others lie. */
function foreign(services: RunServices, runs: readonly UsedRun[], addresses: readonly { uri: string; run_id: string }[]): Set<string> {
  const folders = new Map(runs.map((run) => [run.id, folderOfRun(run)]));
  const found = new Set<string>();
  for (const { uri, run_id } of addresses) {
    const folder = folderOfPath(services, pathOfUri(services, uri));
    if (folder !== undefined && folder !== folders.get(run_id)) found.add(folder);
  }
  return found;
}

/** The folders of runs into which a user's own path leads. */
function namedFolders(services: RunServices, { copies, calls }: { copies: readonly string[]; calls: readonly string[] }): Set<string> {
  const ofCopies = copies.flatMap((text) => Object.values(parseJson(text) as object));
  const ofCalls = calls.flatMap((text) => {
    const { cwd = "", options = {} } = parseJson(text) as { cwd?: string; options?: { outputPaths?: object } };
    return Object.values(options.outputPaths ?? {}).map((path) => resolve(services.runDir, cwd, String(path)));
  });
  return new Set([...ofCopies, ...ofCalls].flatMap((path) => folderOfPath(services, String(path)) ?? []));
}

function pathOfUri({ roots }: RunServices, uri: string): string | undefined {
  try {
    return fromUri(uri, roots);
  } catch {
    return undefined; // an address that leads nowhere on this machine, or climbs out: it is in no folder of a run
  }
}

function folderOfPath({ runDir }: RunServices, path: string | undefined): string | undefined {
  if (path === undefined || !isAbsolute(path)) return undefined;
  const inner = relative(join(runDir, "outputs"), path).split(/[\\/]/);
  return inner.length < 2 || inner[0] === ".." ? undefined : inner.slice(0, 2).join("/");
}

// ── one at a time ───────────────────────────────────────────────────────────────────────────────────────────────────────────

/** One process prunes at a time; where there are no locks two of them do the same, which does no harm. */
async function alone<T>(services: RunServices, work: () => Promise<T>): Promise<T> {
  const claims = claimsOf(services.runDir);
  for (;;) {
    const found = claims.take(PRUNE_CLAIM);
    if (found === undefined) return await work();
    if (!("release" in found)) {
      await services.ledger.release();
      await found.over();
      continue;
    }
    try {
      return await work();
    } finally {
      found.release();
    }
  }
}

// ── the steps ───────────────────────────────────────────────────────────────────────────────────────────────────────────────

async function mark({ ledger, now }: RunServices, runs: readonly UsedRun[], { sizes }: CacheState): Promise<void> {
  const at = new Date(now());
  const rows = runs.map(({ id, hits }) => ({ run_id: id, pruned_at: at, pruned_by: whoAmI(), hits, bytes: sizes.get(id)! }));
  await ledger.write((db) => markPruned(db, rows));
}

/** The name of the user and the machine, as far as this program may know them. */
export function whoAmI(): string {
  const may = (permission: Deno.PermissionDescriptor): boolean => Deno.permissions.querySync(permission).state === "granted";
  const names = ["USER", "USERNAME", "LOGNAME"].filter((variable) => may({ name: "env", variable }));
  const user = names.map((name) => Deno.env.get(name)).find((name) => name !== undefined && name !== "") ?? "unknown";
  return `${user}@${may({ name: "sys", kind: "hostname" }) ? hostname() : "unknown"}`;
}

/** What an earlier prune began and did not end. */
async function finish(services: RunServices, hooks: PruneHooks): Promise<string[]> {
  const begun = await services.ledger.read((db) => unfinishedPrunes(db));
  return begun.length === 0 ? [] : await settleAndDelete(services, hooks);
}

async function settleAndDelete(services: RunServices, { graceMs = GRACE_MS, onProgress }: PruneHooks): Promise<string[]> {
  await services.ledger.release();
  await new Promise((resolve) => setTimeout(resolve, graceMs));
  const use = await inUseNow(services);
  const runs = await services.ledger.read((db) => usedRuns(db));
  const readers = runs.filter((run) => isRead(folderOfRun(run), use.folders)).map(({ id }) => id);
  await services.ledger.flush();
  const going = await services.ledger.write((db) => settle(db, new Set([...use.runs, ...readers])));
  return await deleteFolders(services, runs.filter(({ id }) => going.has(id)), onProgress);
}

/** Gives back what somebody used meanwhile, with all that it was made from; the others go from here on. Gives their ids. */
async function settle(db: Db, inUse: ReadonlySet<string>): Promise<Set<string>> {
  const marked = new Map((await unfinishedPrunes(db)).map((row) => [row.run_id, row]));
  const waiting = (id: string): boolean => marked.get(id)?.state === "marked";
  const runs = await usedRuns(db);
  const staying = runs.filter(({ id, state, hits }) => state === null || (waiting(id) && (inUse.has(id) || hits > marked.get(id)!.hits)));
  const links = await needs(db);
  const known = new Set(runs.map(({ id }) => id));
  const roots = new Set([...staying.map(({ id }) => id), ...links.map(({ reader }) => reader).filter((id) => !known.has(id))]);
  const needed = reached(roots, Map.groupBy(links, ({ reader }) => reader));
  const back = [...marked.keys()].filter((id) => waiting(id) && (needed.has(id) || roots.has(id)));
  await unmarkPruned(db, back);
  for (const id of back) marked.delete(id);
  await setPruneState(db, [...marked.keys()], "deleting");
  return new Set(marked.keys());
}

/** Deletes; gives what could not be deleted, in words. */
async function deleteFolders(services: RunServices, runs: readonly UsedRun[], onProgress: PruneHooks["onProgress"]): Promise<string[]> {
  const failures: string[] = [];
  for (let from = 0; from < runs.length; from += TOGETHER) {
    const gone: string[] = [];
    const batch = runs.slice(from, from + TOGETHER);
    for (const run of batch) {
      const failure = tryToRemove(services.runDir, folderOfRun(run));
      if (failure === undefined) gone.push(run.id);
      else failures.push(failure);
    }
    removeEmptySteps(services.runDir, batch.map(folderOfRun));
    const marks = await services.ledger.write(async (db) => {
      await setPruneState(db, gone, "done");
      return await prunedAmong(db, gone);
    });
    await toldWhereNotKept(services, () => keepPruned(services.runDir, marks, basename(services.ledger.path)));
    onProgress?.(Math.min(from + TOGETHER, runs.length), runs.length);
  }
  return failures;
}

/** What is kept for a rebuild is not what the user asked for: where it cannot be written, that is told. */
export async function toldWhereNotKept({ warn }: Pick<RunServices, "warn">, keep: () => Promise<void>): Promise<void> {
  try {
    await keep();
  } catch (error) {
    if (!(error instanceof ConsistError)) throw error;
    warn(`${error.problem} ${error.why} A ledger that is rebuilt would not know what was done. consist db snapshot writes it later.`);
  }
}

/** A folder that the system does not let go stays marked: the next prune tries again, and nothing of it is served meanwhile. */
function tryToRemove(runDir: string, folder: string): string | undefined {
  try {
    removeRunFolder(runDir, folder);
    return undefined;
  } catch (error) {
    return `${join(runDir, "outputs", folder)}: ${error instanceof Error ? error.message : String(error)}`;
  }
}

/** Those of the runs that somebody used at the last moment. */
async function survivors({ ledger }: RunServices, runs: readonly UsedRun[]): Promise<ReadonlySet<string>> {
  const pruned = await ledger.read((db) => prunedAmong(db, runs.map(({ id }) => id)));
  const gone = new Set(pruned.map(({ run_id }) => run_id));
  return new Set(runs.filter(({ id }) => !gone.has(id)).map(({ id }) => id));
}

// ── what is told ────────────────────────────────────────────────────────────────────────────────────────────────────────────

function reportOf(
  { runs, inUse, needed }: PruneChoice,
  { sizes, bytes }: CacheState,
  dryRun: boolean,
  failures: readonly string[] = [],
  kept: ReadonlySet<string> = new Set(),
): PruneReport {
  const rows = runs.filter(({ id }) => !kept.has(id)).map((run): PrunedRun => ({
    run: run.id,
    step: run.step,
    ...(run.scenario === null ? {} : { scenario: run.scenario }),
    bytes: sizes.get(run.id)!,
    endedAt: run.at,
    lastUsedAt: new Date(lastUse(run)),
    hits: run.hits,
  }));
  return new PruneReport({ dryRun, runs: rows, before: bytes, inUse: inUse + kept.size, needed, failures });
}
