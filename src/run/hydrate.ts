/** Brings back files that are gone: from any other copy on record that has the same content. */
import { basename, join, resolve } from "@std/path";
import { copyFile, digestFile } from "../artifacts/mod.ts";
import { ConsistError } from "../errors.ts";
import type { Artifact } from "../types.ts";
import type { ActiveRun } from "./active_run.ts";
import { artifactsWithContent, type Hit } from "./look_up.ts";
import type { RunServices, StepRequest } from "./request.ts";

/** Copies a missing input into the run's own folder, and says where it is; nothing where no unharmed copy is on record. */
export async function restoreInput(run: ActiveRun, artifact: Artifact): Promise<string | undefined> {
  for (const copy of await artifactsWithContent(run.services, artifact.hash)) {
    if (copy.path === artifact.path || await copy.check() !== undefined) continue;
    const target = join(run.outputDir("inputs"), basename(artifact.path));
    await copyFile(copy.path, target);
    return target;
  }
  return undefined;
}

/** A hit makes no copies: the paths of `outputPaths` at which another content stands, or none, in words for the card. */
export async function staleCopies(services: RunServices, { outputPaths }: StepRequest, hit: Pick<Hit, "outputs">): Promise<string[]> {
  const stale = await Promise.all(
    Object.entries(outputPaths).map(async ([key, path]) => {
      const artifact = hit.outputs.get(key);
      if (artifact === undefined || await contentAt(services, resolve(path)) === artifact.hash) return [];
      return [`"${key}" was not copied to ${path}, where other content stands or none: a hit makes no copies`];
    }),
  );
  return stale.flat();
}

async function contentAt({ digests }: RunServices, path: string): Promise<string | undefined> {
  try {
    return await digestFile(path, digests);
  } catch (error) {
    if (error instanceof ConsistError) return undefined; // nothing is there, or nothing that can be read
    throw error;
  }
}
