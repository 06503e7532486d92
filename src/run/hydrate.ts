/** Brings back files that are gone: from any other copy on record that has the same content. */
import { basename, join } from "@std/path";
import { copyFile } from "../artifacts/mod.ts";
import type { Artifact } from "../types.ts";
import type { ActiveRun } from "./active_run.ts";
import { artifactsWithContent } from "./look_up.ts";

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
