/** Puts the outputs of a run into an archive, and notes it with them, so that hits and loads find them there. */
import { resolve } from "@std/path";
import { copyFile } from "../../artifacts/mod.ts";
import { ConsistError } from "../../errors.ts";
import { artifactsById, readSnapshot, setArtifactMeta, writeSnapshot } from "../../ledger/mod.ts";
import type { RunLike } from "../../query/mod.ts";
import type { Artifact, Meta } from "../../types.ts";
import { archivedPath, contentAt, pathOrNone, RECOVERY_ROOTS, recoveryRoots, searchCopies } from "../copies.ts";
import { type ArchiveOptions, checkCopyOptions, chosen, type Restored, targetPath } from "../copy_options.ts";
import { at, copyFailure } from "./materialize.ts";
import type { RunServices } from "../request.ts";
import { outputsOf, type RestoredOutputs, staysBelow } from "./restore_outputs.ts";

/**
 * Copies or moves the outputs of a run below a folder, each checked against its recorded hash. Doing it again is harmless.
 *
 * @throws {FindError} `run_not_found`
 * @throws {KeyError} `unknown_key`, before anything is copied
 */
export async function archiveRunOutputs(
  services: RunServices,
  run: RunLike,
  archiveRoot: string,
  options: ArchiveOptions = {},
): Promise<RestoredOutputs> {
  checkCopyOptions("archiveRunOutputs", options);
  services.access.toWrite("archive the outputs of a run");
  const root = targetPath(services, "archiveRunOutputs", archiveRoot, true);
  const artifacts = chosen("archiveRunOutputs", await outputsOf(services, run), options.keys);
  const recorded = new Set((await services.ledger.read((db) => artifactsById(db, artifacts.map(({ id }) => id)))).map(({ id }) => id));
  const archived: [string, Restored][] = [];
  for (const artifact of artifacts) archived.push([artifact.key, await archive(services, artifact, root, recorded.has(artifact.id))]);
  const there = archived.filter(([, { message }]) => message === undefined).map(([, restored]) => restored);
  try {
    await note(services, there.map(({ artifact }) => artifact), root);
  } catch (error) {
    await takeBack(there);
    throw error;
  }
  if (options.mode === "move") await Promise.all(there.map((restored) => leave(services, restored)));
  for (const [key, { status, message }] of archived) {
    if (message !== undefined) services.warn(`the output "${key}" was not archived (${status}): ${message}`);
  }
  return Object.fromEntries(archived);
}

async function archive(services: RunServices, artifact: Artifact, root: string, isRecorded: boolean): Promise<Restored> {
  const path = archivedPath(root, artifact.uri);
  if (path === undefined) {
    const message = `Its address ${artifact.uri} is an absolute path, which has no place below an archive.`;
    return { status: "unmappable", path: artifact.path, artifact, message };
  }
  const failed = (message: string, status: "failed" | "missing" = "failed"): Restored => ({ status, path, artifact, message });
  const done = (status: "copied" | "kept"): Restored => ({ status, path, artifact: at(services, artifact, path) });
  if (!isRecorded) return failed("The ledger does not have it: its run recorded nothing, so that nothing could say where it is.");
  try {
    if (!await staysBelow(root, path)) return failed("A link leads out of the archive there.");
    const there = await Deno.lstat(path).catch(() => undefined); // nothing there, or nothing that can be looked at: writing says so
    if (there?.isSymlink) return failed("A link stands there.");
    const content = there === undefined ? undefined : await contentAt(services, path);
    if (content !== undefined && content === artifact.hash) return done("kept");
    if (there !== undefined) return failed("Other content stands there, which is never replaced: choose another archive, or move it.");
    const { path: from, damaged } = await searchCopies(services, artifact);
    if (from === undefined) {
      return damaged.length === 0
        ? failed("Its file is gone.", "missing")
        : failed(`Its file has other content than was recorded: ${damaged.join(", ")}.`);
    }
    await copyFile(from, path, { expect: artifact.hash }).catch((error) => {
      throw copyFailure(artifact.key, from, path, error);
    });
    return done("copied");
  } catch (error) {
    if (!(error instanceof ConsistError)) throw error;
    return failed(`${error.why} ${error.fix}`);
  }
}

/** Notes the archive with the artifacts, in the ledger and in the snapshots from which it may have to be rebuilt. */
async function note({ ledger, runDir }: RunServices, artifacts: readonly Artifact[], root: string): Promise<void> {
  const ids = artifacts.map(({ id }) => id);
  const makers = await ledger.write(async (db) => {
    const rows = await artifactsById(db, ids);
    for (const row of rows) await setArtifactMeta(db, row.id, withRoot(row.meta, root));
    return new Set(rows.flatMap((row) => row.run_id ?? []));
  });
  for (const maker of makers) {
    const snapshot = await readSnapshot(runDir, maker);
    if (snapshot === undefined) continue;
    const outputs = snapshot.outputs.map((row) => ids.includes(row.id) ? { ...row, meta: withRoot(row.meta, root) } : row);
    await writeSnapshot(runDir, { ...snapshot, outputs });
  }
}

function withRoot(meta: Meta, root: string): Meta {
  return { ...meta, [RECOVERY_ROOTS]: [...new Set([...recoveryRoots(meta), resolve(root)])] };
}

/** What is not on record is not left lying about. */
async function takeBack(archived: readonly Restored[]): Promise<void> {
  const copied = archived.filter(({ status }) => status === "copied");
  await Promise.all(copied.map(({ path }) => Deno.remove(path).catch(() => {}))); // the error that led here is the one to tell
}

/** Removes the file from its own place, once its archive is on record. */
async function leave(services: RunServices, { artifact, path }: Restored): Promise<void> {
  const own = pathOrNone(artifact.uri, services.roots);
  if (own === undefined || own === path || await contentAt(services, own) !== artifact.hash) return;
  try {
    await Deno.remove(own);
  } catch (error) {
    services.warn(`the output "${artifact.key}" is archived, and stays at ${own} too: ${error instanceof Error ? error.message : error}`);
  }
}
