/** Where the content of an artifact is found, besides its own place: archives, the folders of its time, artifacts with the same content. */
import { join, resolve } from "@std/path";
import { belowOf, digestBy, fromUri, safeName, type StoredArtifact } from "../artifacts/mod.ts";
import { ContentError, InputError } from "../errors.ts";
import { type ArtifactRow, artifactsByHash, artifactsById, runsById } from "../ledger/mod.ts";
import type { Artifact, Meta } from "../types.ts";
import type { RunServices } from "./request.ts";

/** What looking for copies needs. */
export type CopyServices = Pick<RunServices, "ledger" | "roots" | "digests">;

/** The facts by which copies are looked for. */
export type Sought = Pick<Artifact, "id" | "path" | "uri" | "driver" | "hash" | "meta"> & { readonly runId?: string | undefined };

/** Where else to look. */
export interface CopySearch {
  /** A folder that is looked into first. */
  readonly sourceRoot?: string | undefined;
  /** Also artifacts that other runs made or read, with the same content. @default false */
  readonly twins?: boolean;
  /** Take what is there without looking at its content. @default false */
  readonly unchecked?: boolean;
}

/** The key under which an artifact's notes have the folders that its copies are below. */
export const RECOVERY_ROOTS = "recovery_roots";

/** The folders below which copies of an artifact were put. */
export function recoveryRoots(meta: Meta): string[] {
  const roots = meta[RECOVERY_ROOTS];
  return Array.isArray(roots) ? roots.filter((root) => typeof root === "string") : [];
}

/** What was found: an unharmed copy, and files in places of the artifact that have other content. */
export interface Found {
  readonly path?: string;
  readonly damaged: readonly string[];
}

/** The path of an unharmed copy: the given folder first, then its own place, the folders of its time, its archives, other artifacts. */
export async function findCopy(services: CopyServices, artifact: Sought, search: CopySearch = {}): Promise<string | undefined> {
  return (await searchCopies(services, artifact, search)).path;
}

/** The same, with what was passed over. */
export async function searchCopies(services: CopyServices, artifact: Sought, search: CopySearch = {}): Promise<Found> {
  const damaged = new Set<string>();
  for await (const path of places(services, artifact, search)) {
    if (damaged.has(path)) continue;
    const content = await contentAt(services, path, artifact.driver);
    if (content === undefined) continue;
    if (search.unchecked || content === artifact.hash) return { path, damaged: [...damaged] };
    damaged.add(path);
  }
  return { damaged: [...damaged] };
}

async function* places(services: CopyServices, artifact: Sought, { sourceRoot, twins = false }: CopySearch): AsyncGenerator<string> {
  if (sourceRoot !== undefined) yield* belowRoots([sourceRoot], artifact);
  yield artifact.path;
  const { row, roots } = await recorded(services, artifact);
  yield* placesOfRow(services, row ?? rowLike(artifact), roots);
  if (!twins || artifact.hash === "") return;
  for (const twin of await services.ledger.lookUp((db) => artifactsByHash(db, artifact.hash))) {
    if (twin.id !== artifact.id) yield* placesOfRow(services, twin, []);
  }
}

type RowFacts = Pick<ArtifactRow, "id" | "container_uri" | "run_id" | "meta">;

function rowLike({ id, uri, runId, meta }: Sought): RowFacts {
  return { id, container_uri: uri, run_id: runId ?? null, meta };
}

/** The artifact as the ledger has it now, and the folders that its run had: it may have been archived since it was handed out. */
async function recorded({ ledger }: CopyServices, { id, runId, uri }: Sought): Promise<{ row: ArtifactRow | undefined; roots: string[] }> {
  return await ledger.lookUp(async (db) => {
    const [row] = await artifactsById(db, [id]);
    const maker = row?.run_id ?? runId;
    const [run] = typeof maker === "string" ? await runsById(db, [maker]) : [];
    return { row, roots: run === undefined ? [] : rootsOfRun(uri, run.meta) };
  });
}

/** The folder that an address was below when its run was recorded. */
function rootsOfRun(uri: string, { _physical_run_dir: runDir, mounts }: Meta): string[] {
  const scheme = /^([^:/]+):\/\//.exec(uri)?.[1];
  const root = scheme === undefined || scheme === "workspace" ? runDir : (mounts as Meta | null | undefined)?.[scheme];
  return typeof root === "string" ? [root] : [];
}

function* placesOfRow({ roots }: CopyServices, row: RowFacts, former: readonly string[]): Generator<string> {
  const own = pathOrNone(row.container_uri, roots);
  if (own !== undefined) yield own;
  const mountRoot = row.meta.mount_root;
  yield* belowRoots([...(typeof mountRoot === "string" ? [mountRoot] : []), ...former, ...recoveryRoots(row.meta)], {
    uri: row.container_uri,
    runId: row.run_id ?? undefined,
  });
}

/** An address may lead nowhere on this machine: then its own place is unknown, and copies may still be known. */
export function pathOrNone(uri: string, roots: RunServices["roots"]): string | undefined {
  try {
    return fromUri(uri, roots);
  } catch (error) {
    if (error instanceof ContentError) return undefined;
    throw error;
  }
}

function* belowRoots(roots: readonly string[], artifact: Pick<Sought, "uri" | "runId">): Generator<string> {
  const [below, layout] = [belowOf(artifact.uri), layoutOf(artifact)];
  for (const root of roots) {
    if (below !== undefined) yield resolve(root, below);
    if (layout !== undefined && layout !== below) yield resolve(root, layout);
  }
}

/** Where an output lies below its run's own folder; of what is in no such folder the whole way below its mount. Nothing for an absolute path. */
export function layoutOf({ uri, runId }: Pick<Sought, "uri" | "runId">): string | undefined {
  const below = belowOf(uri);
  if (below === undefined || runId === undefined) return below;
  const segments = below.split("/");
  const at = segments.indexOf(safeName(runId));
  return at < 0 || at === segments.length - 1 ? below : segments.slice(at + 1).join("/");
}

/** Where an archived artifact stands below its archive. */
export function archivedPath(root: string, uri: string): string | undefined {
  const below = belowOf(uri);
  return below === undefined ? undefined : join(resolve(root), below);
}

/** Where an artifact is on this machine: in its own place, or where that is empty in the first archive that has it. */
export function placeOf(
  { roots }: Pick<RunServices, "roots">,
  { uri, runId, meta }: { uri: string; runId?: string | null; meta: Meta },
): string {
  const archives = recoveryRoots(meta);
  if (archives.length === 0) return fromUri(uri, roots);
  const own = pathOrNone(uri, roots);
  if (own !== undefined && isThere(own)) return own;
  return [...belowRoots(archives, { uri, runId: runId ?? undefined })].find(isThere) ?? own ?? fromUri(uri, roots);
}

function isThere(path: string): boolean {
  try {
    Deno.statSync(path);
    return true;
  } catch {
    return false; // gone, or closed to us: loading it says so
  }
}

/** Outputs of a run of which some are not in their places, each where its content is; nothing where one is nowhere. */
export async function recover(services: CopyServices, outputs: readonly StoredArtifact[]): Promise<StoredArtifact[] | undefined> {
  const found: StoredArtifact[] = [];
  for (const artifact of outputs) {
    const path = await findCopy(services, artifact);
    if (path === undefined) return undefined;
    found.push(path === artifact.path ? artifact : artifact.at(path));
  }
  return found;
}

/** The hash of what is at a path; nothing where nothing is there, or nothing that can be read. */
export async function contentAt({ digests }: Pick<RunServices, "digests">, path: string, driver = "bytes"): Promise<string | undefined> {
  try {
    return await digestBy(driver, path, digests);
  } catch (error) {
    if (error instanceof InputError) return undefined;
    throw error;
  }
}
