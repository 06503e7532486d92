/** Puts the content of an artifact at a path: as a copy, or as a link. */
import { dirname, resolve } from "@std/path";
import { crypto } from "../../intrinsics.ts";
import { copyFile, copyFolder, StoredArtifact } from "../../artifacts/mod.ts";
import { ConsistError, ContentError, KeyError, listNames, nearestName, OptionError, OutputError } from "../../errors.ts";
import type { Artifact } from "../../types.ts";
import { noteLoaded } from "../active_run.ts";
import { describe } from "../check_options.ts";
import { refusePictureName } from "../copied_file.ts";
import { contentAt, searchCopies } from "../copies.ts";
import { checkCopyOptions, type CopyOptions, type StageOptions, targetPath } from "../copy_options.ts";
import { writeKept } from "../ingested.ts";
import type { RunServices } from "../request.ts";
import { isArtifact } from "../resolve_inputs.ts";
import { artifactOptions } from "../servable.ts";

/**
 * Copies an artifact's content to a path, from its own place or an unharmed copy on record. The artifact on record stays what it is.
 *
 * @throws {ContentError} `artifact_missing` or `content_mismatch`
 */
export async function materializeArtifact(
  services: RunServices,
  artifact: Artifact,
  path: string,
  options: CopyOptions = {},
): Promise<Artifact> {
  checkCopyOptions("materializeArtifact", options);
  const target = targetPath(services, "materializeArtifact", path, options.allowExternalPaths);
  await place(services, artifact, target, options);
  return at(services, artifact, target);
}

/** Puts an artifact where a program wants it. */
export async function stageArtifact(
  services: RunServices,
  artifact: Artifact,
  path: string,
  options: StageOptions = {},
): Promise<Artifact> {
  checkCopyOptions("stageArtifact", options);
  const target = targetPath(services, "stageArtifact", path, options.allowExternalPaths);
  await place(services, artifact, target, options);
  return at(services, artifact, target);
}

/** Puts several artifacts where a program wants them. Everything that can be refused is refused before the first one. */
export async function stageArtifacts(
  services: RunServices,
  artifacts: { readonly [key: string]: Artifact },
  paths: { readonly [key: string]: string },
  options: StageOptions = {},
): Promise<{ readonly [key: string]: Artifact }> {
  const call = "stageArtifacts";
  checkCopyOptions(call, options);
  checkPaths(artifacts, paths);
  const targets = Object.entries(artifacts).map(([key, artifact]) =>
    [key, artifact, targetPath(services, call, paths[key], options.allowExternalPaths)] as const
  );
  refuseCollisions(targets);
  const staged: [string, Artifact][] = [];
  for (const [key, artifact, target] of targets) {
    try {
      await place(services, artifact, target, options);
    } catch (error) {
      throw halfStaged(key, error, staged.map(([done]) => done), targets.map(([name]) => name));
    }
    staged.push([key, at(services, artifact, target)]);
  }
  return Object.fromEntries(staged);
}

function checkPaths(artifacts: object, paths: object): void {
  const [keys, named] = [Object.keys(artifacts), Object.keys(paths)];
  const unknown = named.find((key) => !Object.hasOwn(artifacts, key));
  const without = keys.find((key) => !Object.hasOwn(paths, key));
  if (unknown === undefined && without === undefined) return;
  const near = unknown === undefined ? undefined : nearestName(unknown, keys);
  throw new KeyError("unknown_key", {
    problem: unknown === undefined
      ? `stageArtifacts has no path for "${without}".`
      : `stageArtifacts has a path for "${unknown}", and no artifact.`,
    why: `The artifacts are ${listNames(keys)}, the paths are for ${listNames(named)}.`,
    fix: near === undefined ? "Give each artifact one path." : `Did you mean "${near}"?`,
    path: unknown ?? without,
  });
}

function refuseCollisions(targets: readonly (readonly [key: string, artifact: Artifact, target: string])[]): void {
  for (const [target, same] of Map.groupBy(targets, ([, , target]) => target)) {
    if (same.length === 1) continue;
    throw new OutputError("storage_failed", {
      problem: `Cannot stage ${same.map(([key]) => `"${key}"`).join(" and ")} at ${target}.`,
      why: "It is one path.",
      fix: "Give each a path of its own.",
      path: target,
    });
  }
}

function halfStaged(key: string, cause: unknown, done: readonly string[], all: readonly string[]): unknown {
  if (!(cause instanceof ConsistError)) return cause;
  const open = all.filter((name) => !done.includes(name));
  const Class = cause.constructor as new (...args: ConstructorParameters<typeof ConsistError>) => ConsistError;
  return new Class(cause.code, {
    problem: `Cannot stage "${key}". ${cause.problem}`,
    why: `${cause.why} Done: ${listNames(done)}; not done: ${listNames(open)}.`,
    fix: cause.fix,
    path: cause.path,
    cause,
  });
}

/** The artifact with its content at another path; the one on record stays what it is. */
export function at(services: RunServices, artifact: Artifact, path: string): Artifact {
  const { id, key, uri, driver, hash, runId, meta } = artifact;
  return new StoredArtifact({ id, key, uri, driver, hash, runId, meta, path }, artifactOptions(services));
}

/** How content came to a path. */
export type Placed = "copied" | "from_ledger" | "kept";

/** Puts the content at a path, unless it is there: says which. Nothing of it is there after a failure. */
export async function place(services: RunServices, artifact: Artifact, target: string, options: StageOptions): Promise<Placed> {
  if (!isArtifact(artifact)) throw noArtifact(artifact);
  services.access.toPut(`put "${artifact.key}"`, target, services);
  refusePictureName(artifact, target);
  noteLoaded(artifact);
  const { mode = "copy", overwrite = false } = options;
  const isChecked = checksContent(artifact, options);
  const there = await Deno.lstat(target).catch((error) => error as Error);
  if (!(there instanceof Error)) {
    if (await isThere(services, artifact, target, there, { mode, isChecked })) return "kept";
    refuseKind(artifact, target, there);
    if (!overwrite) throw inTheWay(artifact, target, there.isSymlink);
  }
  const root = options.sourceRoot === undefined ? {} : { sourceRoot: resolve(options.sourceRoot) };
  const { path: from, damaged } = await searchCopies(services, artifact, { ...root, twins: true, unchecked: !isChecked });
  if (from === undefined) {
    if (mode === "copy" && await writeKept(services.ledger, artifact, target) !== undefined) return "from_ledger";
    throw nowhere(artifact, damaged.filter((path) => path !== target));
  }
  try {
    if (mode === "copy") await copy(services, artifact, from, target, isChecked, !(there instanceof Error));
    else await link(from, target, mode, artifact);
  } catch (error) {
    throw copyFailure(artifact.key, from, target, error);
  }
  return "copied";
}

/** A file that was there a moment ago, and is not or cannot be read now, is told like everything else that keeps a copy from being made. */
export function copyFailure(key: string, from: string, target: string, cause: unknown): unknown {
  if (!Object.values(Deno.errors).some((Class) => cause instanceof Class)) return cause;
  return new OutputError("storage_failed", {
    problem: `Cannot copy "${key}" from ${from} to ${target}.`,
    why: `The file system refused it: ${(cause as Error).message.replace(/[.\s]*$/, ".")}`,
    fix: "Check that the one can be read and the other can be written to, and try again.",
    path: from,
    cause,
  });
}

/** A hash that is recorded is compared, unless that is switched off. */
function checksContent({ key, hash, path }: Artifact, { validateContentHash = "if-present" }: CopyOptions): boolean {
  if (validateContentHash !== "always" || hash !== "") return validateContentHash !== "never" && hash !== "";
  throw new ContentError("content_mismatch", {
    problem: `Cannot check the content of "${key}".`,
    why: "No hash of it is on record.",
    fix: 'Leave validateContentHash at "if-present".',
    path,
  });
}

/** A link counts as what it is: content that is reached through it may go with what it leads to. */
async function isThere(
  services: RunServices,
  artifact: Artifact,
  target: string,
  there: Deno.FileInfo,
  { mode, isChecked }: { mode: StageOptions["mode"]; isChecked: boolean },
): Promise<boolean> {
  if ((mode === "symlink") !== there.isSymlink) return false;
  const content = await contentAt(services, target, artifact.driver);
  return content !== undefined && (!isChecked || content === artifact.hash);
}

const isFolder = ({ driver }: Artifact): boolean => driver === "folder";

function refuseKind(artifact: Artifact, target: string, there: Deno.FileInfo): void {
  if (there.isSymlink || (there.isFile && !isFolder(artifact))) return;
  throw new OutputError("storage_failed", {
    problem: `Cannot put "${artifact.key}" at ${target}.`,
    why: `${
      there.isDirectory ? "A folder" : there.isFile ? "A file" : "Something that is no file"
    } stands there, which is never replaced by ${isFolder(artifact) ? "a folder" : "a file"}.`,
    fix: "Move it, or give another path.",
    path: target,
  });
}

function inTheWay({ key, hash }: Artifact, target: string, isLink: boolean): ContentError {
  return new ContentError("content_mismatch", {
    problem: `Cannot put "${key}" at ${target}.`,
    why: isLink ? "A link stands there." : `A file with other content than ${hash.slice(0, 12)}… stands there.`,
    fix: "Move it, or give overwrite: true to replace it.",
    path: target,
  });
}

function nowhere(artifact: Artifact, places: readonly string[]): ContentError {
  return new ContentError(places.length === 0 ? "artifact_missing" : "content_mismatch", {
    problem: `Cannot find the content of "${artifact.key}".`,
    why: places.length === 0
      ? `Its file ${artifact.path} is gone, and no other copy is on record.`
      : `What is left of it has other content than was recorded: ${listNames(places)}.`,
    fix: artifact.runId === undefined
      ? "Put the file back, or give sourceRoot: a folder that has it."
      : "Give sourceRoot: a folder that has it; or run its step again, which makes it anew.",
    run: artifact.runId,
    path: artifact.path,
  });
}

async function copy(
  { digests }: RunServices,
  artifact: Artifact,
  from: string,
  target: string,
  isChecked: boolean,
  isReplaced: boolean,
): Promise<void> {
  const expect = isChecked ? artifact.hash : undefined;
  if (artifact.driver === "glob") throw noCopyOfPattern(artifact);
  if (!isFolder(artifact)) return void await copyFile(from, target, { expect });
  if (isReplaced) await Deno.remove(target); // a link, by name
  await copyFolder(from, target, expect, digests);
}

function noCopyOfPattern({ key, path }: Artifact): ContentError {
  return new ContentError("artifact_missing", {
    problem: `Cannot copy "${key}".`,
    why: `It is a pattern, ${path}, and no file or folder.`,
    fix: "Copy the files that it gives: await artifact.load().",
    path,
  });
}

/** The link appears under another name first, so that there is always something at the target. */
async function link(from: string, target: string, mode: "hardlink" | "symlink", artifact: Artifact): Promise<void> {
  const aside = `${target}.${crypto.randomUUID().slice(0, 8)}.tmp`;
  try {
    await Deno.mkdir(dirname(target), { recursive: true });
    if (mode === "hardlink") await Deno.link(from, aside);
    else await Deno.symlink(from, aside, { type: isFolder(artifact) ? "dir" : "file" });
    await Deno.rename(aside, target);
  } catch (cause) {
    await Deno.remove(aside).catch(() => {}); // it was never made: the first error is the one to tell
    throw new OutputError("storage_failed", {
      problem: `Cannot put a ${mode === "hardlink" ? "hard" : "symbolic"} link to "${artifact.key}" at ${target}.`,
      why: cause instanceof Error ? cause.message : String(cause),
      fix: 'Take mode: "copy"; a hard link is only possible to a file on the same disk.',
      path: target,
      cause,
    });
  }
}

function noArtifact(value: unknown): OptionError {
  return new OptionError("option_invalid", {
    problem: `A file was to be put in place of ${describe(value)}.`,
    why: "What is put there is an artifact: an output of a run.",
    fix: "Give result.outputs.key, or one of getArtifactsForRun(run).",
  });
}
