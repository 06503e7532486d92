/** Takes runs out of the ledger and off the disk: rows first, in one transaction, then files, of which a list tells until they are gone. */
import { exists } from "@std/fs";
import { basename, dirname, isAbsolute, join, relative } from "@std/path";
import { crypto, JSON, TextEncoder } from "../../intrinsics.ts";
import { safeName } from "../../artifacts/mod.ts";
import { LedgerError } from "../../errors.ts";
import { type ArtifactRow, artifactsById, type Db, runningRuns, runsById, snapshotFilesOf, SNAPSHOTS } from "../../ledger/mod.ts";
import {
  addressesInUse,
  artifactsOnlyOf,
  foldersInUse,
  type MeantRun,
  type NeededRun,
  type OnProgress,
  type PurgeFilter,
  removeArtifacts,
  removeRuns,
  runsToPurge,
  selectPurgeable,
} from "../../ledger/maintenance/mod.ts";
import type { Reading } from "../../query/mod.ts";
import { heldArtifact } from "../../query/answers/mod.ts";
import { isDeadRun } from "../interrupted.ts";
import type { RunServices } from "../request.ts";

/** What purging needs. */
export type PurgeServices = Pick<RunServices, "ledger" | "runDir" | "access" | "now"> & Pick<Reading, "artifactOf">;

/** What would go. */
export interface PurgePlan {
  /** The runs. */
  readonly runs: readonly { readonly id: string; readonly step: string; readonly status: string }[];
  /** Artifacts that nothing else refers to. */
  readonly artifacts: readonly string[];
  /** Folders of runs, all of them in the run folder. */
  readonly folders: readonly string[];
  /** Single files in the run folder: snapshots, and outputs that stand elsewhere in it. */
  readonly files: readonly string[];
  /** Runs that stay, since others rest on them. */
  readonly needed: readonly NeededRun[];
  /** Runs that stay, since they have not ended. */
  readonly running: readonly string[];
}

/** What may go. */
export interface PurgeOptions {
  /** Also what rests on the runs, and what rests on that. */
  readonly withDependents?: boolean;
  /** Leave all files but the snapshots, which would bring the runs back. */
  readonly keepFiles?: boolean;
  /** Hears how far it is. */
  readonly onProgress?: OnProgress;
}

/** Says what purging would do. */
export async function planPurge(services: PurgeServices, filter: PurgeFilter, options: PurgeOptions = {}): Promise<PurgePlan> {
  return await services.ledger.read((db) => planIn(db, services, filter, options));
}

async function planIn(db: Db, services: PurgeServices, filter: PurgeFilter, options: PurgeOptions): Promise<PurgePlan> {
  const meant = await runsToPurge(db, filter);
  const ended = meant.filter(({ status }) => status !== "running");
  const { runs, needed } = await selectPurgeable(db, ended.map(({ id }) => id), options.withDependents ?? false);
  const going = new Map((await runsToPurge(db, { ids: runs })).filter(({ id }) => runs.includes(id)).map((run) => [run.id, run]));
  const artifacts = await artifactsOnlyOf(db, [...going.keys()]);
  return {
    runs: [...going.values()].map(({ id, model_name, step, status }) => ({ id, step: step ?? model_name, status })),
    artifacts,
    ...await filesOf(db, services, [...going.values()], artifacts, options.keepFiles ?? false),
    needed,
    running: meant.filter(({ status }) => status === "running").map(({ id }) => id),
  };
}

async function filesOf(
  db: Db,
  services: PurgeServices,
  runs: readonly MeantRun[],
  ids: readonly string[],
  keepFiles: boolean,
) {
  const { runDir } = services;
  const snapshots = (await Promise.all(runs.map(({ id }) => snapshotFilesOf(runDir, id)))).flat();
  if (keepFiles) return { folders: [], files: await thatAre(snapshots) };
  const taken = await foldersInUse(db, ids);
  const own = runs.map(({ id, step, model_name }) => `outputs/${safeName(step ?? model_name)}/${safeName(id)}`).filter((folder) =>
    !taken.has(`./${folder}`)
  );
  const rows = await artifactsById(db, ids);
  const made = rows.filter(({ run_id }) => run_id !== null).map((row) => [row.container_uri, heldArtifact(services, row).path] as const);
  const paths = new Map(made.filter(([, path]) => path !== ""));
  const others = await sharedWith(db, rows);
  const folders = new Set(own.map((folder) => join(runDir, folder)));
  const outside = [...paths].filter(([uri, path]) => !others.has(uri) && folderAbove(folders, path) === undefined).map(([, path]) => path);
  const files = [...snapshots, ...outside.filter((path) => isBelow(runDir, path))];
  return { folders: await thatAre([...folders]), files: await thatAre(files) };
}

/** Hits have no folder, and what was removed by hand is gone. */
async function thatAre(paths: readonly string[]): Promise<string[]> {
  const found: string[] = [];
  for (const path of paths) {
    if (await Deno.lstat(path).then(() => true, () => false)) found.push(path);
  }
  return found;
}

/** The addresses of these artifacts that others have as well: one folder may serve two runs of the other library. */
async function sharedWith(db: Db, rows: readonly ArtifactRow[]): Promise<Set<string>> {
  const going = new Set(rows.map(({ id }) => id));
  const inUse = await addressesInUse(db, rows.map(({ container_uri }) => container_uri), [...going]);
  return inUse;
}

/** Which of these folders a path is below. */
function folderAbove(folders: ReadonlySet<string>, path: string): string | undefined {
  for (let at = dirname(path); at !== dirname(at); at = dirname(at)) {
    if (folders.has(at)) return at;
  }
  return undefined;
}

const isBelow = (folder: string, path: string): boolean => {
  const way = relative(folder, path);
  return way !== "" && !way.startsWith("..") && !isAbsolute(way);
};

/**
 * Purges runs. Their rows go in one transaction; until then a failure or a kill leaves all as it was. Then their files go; what a kill leaves
 * of those goes with the next purge.
 *
 * @throws {LedgerError} `access_refused`, where a process executes a step in this run folder: it may read what would go
 */
export async function purge(services: PurgeServices, filter: PurgeFilter, options: PurgeOptions = {}): Promise<PurgePlan> {
  services.access.toWrite("purge runs");
  const { ledger, runDir } = services;
  const { onProgress = () => {} } = options;
  await finishPurges(services);
  let list: string | undefined;
  const plan = await ledger.write(async (db) => {
    await refuseWhileRunning(db, services);
    const found = await planIn(db, services, filter, options);
    if (found.runs.length === 0) return found;
    await onProgress(0, 3, "list of files");
    list = await writeList(runDir, found);
    await onProgress(1, 3, "rows of the ledger");
    await removeRuns(db, found.runs.map(({ id }) => id), found.artifacts);
    return found;
  });
  if (list === undefined) return plan;
  await onProgress(2, 3, "files");
  await finish(services, list);
  await onProgress(3, 3, "done");
  return plan;
}

async function refuseWhileRunning(db: Db, services: PurgeServices): Promise<void> {
  const alive = (await runningRuns(db)).filter((run) =>
    run.meta._process !== undefined && !run.tags.includes("scenario_header") && !isDeadRun(services, run)
  );
  if (alive.length === 0) return;
  throw new LedgerError("access_refused", {
    problem: "Cannot purge runs now.",
    why: `Steps are executing, and may read what would go: ${alive.slice(0, 4).map(({ id }) => id).join(", ")}.`,
    fix: "Wait until they have ended. consist db fix-status marks runs whose process died.",
  });
}

// ── files, after the rows ───────────────────────────────────────────────────────────────────────────────────────────────────

type Going = Pick<PurgePlan, "artifacts" | "folders" | "files"> & { readonly runs: readonly string[] };

const LIST = /^\.purge-[0-9a-f-]{36}\.json$/;

/** The list is on the disk before any row goes. */
async function writeList(runDir: string, { runs, artifacts, folders, files }: PurgePlan): Promise<string> {
  const path = join(runDir, SNAPSHOTS, `.purge-${crypto.randomUUID()}.json`);
  await Deno.mkdir(dirname(path), { recursive: true });
  const going: Going = { runs: runs.map(({ id }) => id), artifacts, folders, files };
  using file = await Deno.open(path, { write: true, createNew: true });
  const bytes = new TextEncoder().encode(JSON.stringify(going));
  for (let done = 0; done < bytes.length;) done += await file.write(bytes.subarray(done));
  await file.sync();
  return path;
}

/** Lists that a kill left. */
export async function openPurges(runDir: string): Promise<string[]> {
  try {
    const names = (await Array.fromAsync(Deno.readDir(join(runDir, SNAPSHOTS)))).map(({ name }) => name);
    return names.filter((name) => LIST.test(name)).map((name) => join(runDir, SNAPSHOTS, name));
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return [];
    throw error;
  }
}

/** Does to its end what a kill left half-done: where the rows are gone, the files go; where they are there, nothing happened. */
export async function finishPurges(services: PurgeServices): Promise<void> {
  for (const list of await openPurges(services.runDir)) await finish(services, list);
}

async function finish({ ledger, runDir }: PurgeServices, list: string): Promise<void> {
  const { runs, artifacts, folders, files } = await readList(list);
  const isUndone = (await ledger.read((db) => runsById(db, runs))).length > 0;
  if (!isUndone) {
    await ledger.write((db) => removeArtifacts(db, artifacts));
    const places = new Map<string, string | undefined>();
    for (const path of [...folders, ...files]) await removeInside(runDir, path, places);
  }
  await Deno.remove(list);
}

/** A list that is cut off was written before any row went. */
async function readList(path: string): Promise<Going> {
  try {
    return JSON.parse(await Deno.readTextFile(path)) as Going;
  } catch (error) {
    if (!(error instanceof SyntaxError)) throw error;
    return { runs: [], artifacts: [], folders: [], files: [] };
  }
}

/** Where a folder is, links followed; asked once for the thousands of files in one. */
async function realPlace(folder: string, places: Map<string, string | undefined>): Promise<string | undefined> {
  if (!places.has(folder)) places.set(folder, await exists(folder) ? await Deno.realPath(folder) : undefined);
  return places.get(folder);
}

/** Removes what is in the run folder, links followed; everything else stays, whatever a ledger or a list says. */
async function removeInside(runDir: string, path: string, places: Map<string, string | undefined>): Promise<void> {
  if (!isBelow(runDir, path)) return;
  const [root, real] = [await realPlace(runDir, places), await realPlace(dirname(path), places)];
  if (root === undefined || real === undefined || (real !== root && !isBelow(root, real))) return;
  const target = join(real, basename(path));
  if (target === root || target === join(root, SNAPSHOTS) || target === join(root, "outputs")) return;
  await Deno.remove(target, { recursive: true }).catch((error) => {
    if (!(error instanceof Deno.errors.NotFound)) throw error;
  });
  if (isBelow(join(root, "outputs"), real)) await Deno.remove(real).catch(() => {}); // only where it is empty now
}
