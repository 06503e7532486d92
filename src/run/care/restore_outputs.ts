/** Brings back the outputs of a recorded run, into a folder of the user's. */
import { dirname, resolve } from "@std/path";
import { ConsistError, ContentError, listNames } from "../../errors.ts";
import { artifactsOfRuns } from "../../ledger/mod.ts";
import { runIdOf, type RunLike } from "../../query/mod.ts";
import { findRun } from "../../query/answers/mod.ts";
import type { Artifact } from "../../types.ts";
import { layoutOf } from "../copies.ts";
import { checkCopyOptions, chosen, type HydrateOptions, isBelow, type Restored, targetPath } from "../copy_options.ts";
import { at, place } from "./materialize.ts";
import type { RunServices } from "../request.ts";
import { artifactOf } from "../servable.ts";

/** What became of each output, by key. */
export type RestoredOutputs = { readonly [key: string]: Restored };

/**
 * Copies the outputs of a run below a folder. What cannot be restored is said for each of them.
 *
 * @throws {FindError} `run_not_found`
 * @throws {KeyError} `unknown_key`, before anything is copied
 * @throws {ContentError} `artifact_missing` with `onMissing: "error"`
 */
export async function hydrateRunOutputs(services: RunServices, run: RunLike, options: HydrateOptions): Promise<RestoredOutputs> {
  checkCopyOptions("hydrateRunOutputs", options);
  const root = targetPath(services, "hydrateRunOutputs", options.targetDir, options.allowExternalPaths);
  services.access.toPut("restore outputs", root, services);
  const artifacts = chosen("hydrateRunOutputs", await outputsOf(services, run), options.keys);
  const targets = artifacts.map((artifact) => ({ artifact, path: pathBelow(root, artifact) }));
  const restored: [string, Restored][] = [];
  for (const { artifact, path } of targets) {
    const rivals = targets.filter((other) => other.path === path && other.artifact.hash !== artifact.hash).map((other) =>
      other.artifact.key
    );
    restored.push([artifact.key, await restore(services, artifact, path, { ...options, root, rivals })]);
  }
  tell(services, runIdOf(run), restored, options.onMissing ?? "warn");
  return Object.fromEntries(restored);
}

/** The outputs of a run by key: those of a result as it has them, else those on record. */
export async function outputsOf(services: RunServices, run: RunLike): Promise<Map<string, Artifact>> {
  const held = typeof run === "object" && "outputs" in run ? run.outputs as { readonly [key: string]: Artifact } : undefined;
  if (held !== undefined) return new Map(Object.entries(held));
  const { id } = await findRun(services, { id: runIdOf(run), history: true });
  const linked = await services.ledger.read((db) => artifactsOfRuns(db, [id]));
  // Where its inputs are does not matter: they may be in a mount that is not known here.
  return new Map(
    linked.filter(({ direction }) => direction === "output").map(({ artifact }) => [artifact.key, artifactOf(services, artifact)]),
  );
}

function pathBelow(root: string, artifact: Artifact): string | undefined {
  const layout = layoutOf(artifact);
  return layout === undefined ? undefined : resolve(root, layout);
}

interface Restoring extends HydrateOptions {
  readonly root: string;
  /** Other outputs that would be put at the same path. */
  readonly rivals: readonly string[];
}

async function restore(services: RunServices, artifact: Artifact, path: string | undefined, options: Restoring): Promise<Restored> {
  if (path === undefined) {
    const message = `Its address ${artifact.uri} is an absolute path, which has no place below another folder: use materializeArtifact.`;
    return { status: "unmappable", path: artifact.path, artifact, message };
  }
  const failed = (message: string, status: "failed" | "missing" = "failed"): Restored => ({ status, path, artifact, message });
  if (options.rivals.length > 0) return failed(`${listNames(options.rivals)} would be put at the same path.`);
  if (!options.allowExternalPaths && !await staysBelow(options.root, path)) return failed("A link leads out of the target folder there.");
  try {
    const status = await place(services, artifact, path, options);
    return { status, path, artifact: at(services, artifact, path) };
  } catch (error) {
    if (!(error instanceof ConsistError)) throw error;
    return failed(`${error.why} ${error.fix}`, error.code === "artifact_missing" ? "missing" : "failed");
  }
}

/** Does the folder of a path lie below the root, links followed? */
export async function staysBelow(root: string, path: string): Promise<boolean> {
  const [base, folder] = await Promise.all([realOrNearest(root), realOrNearest(dirname(path))]);
  return isBelow(base, folder);
}

/** The real path, of what does not exist that of its nearest folder with the rest behind it. */
async function realOrNearest(path: string): Promise<string> {
  try {
    return await Deno.realPath(path);
  } catch (error) {
    if (!(error instanceof Deno.errors.NotFound || error instanceof Deno.errors.NotADirectory) || dirname(path) === path) throw error;
    return resolve(await realOrNearest(dirname(path)), path.slice(dirname(path).length).replace(/^[\\/]/, ""));
  }
}

/** Whoever asked hears of what is not there. */
export function tell(services: RunServices, run: string, restored: readonly (readonly [string, Restored])[], how: "warn" | "error"): void {
  const lost = restored.filter(([, { message }]) => message !== undefined);
  if (lost.length === 0) return;
  const words = lost.map(([key, { status, message }]) => `"${key}" (${status}): ${message}`);
  if (how === "warn") return words.forEach((text) => services.warn(`an output of run ${run} was not restored, ${text}`));
  const done = restored.filter(([, { message }]) => message === undefined).map(([key]) => key);
  throw new ContentError("artifact_missing", {
    problem: `Cannot restore ${listNames(lost.map(([key]) => key))} of run ${run}.`,
    why: `${words.join(" ")} Done: ${listNames(done)}.`,
    fix: 'Give sourceRoot: a folder that has them, run the step again, or go on without them: onMissing: "warn".',
    run,
    path: lost[0]![1].path,
  });
}
