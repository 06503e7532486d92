/** Files in the run's own folder that were logged there, and written to again before the step ended. */
import { digestFiles, type FileStat, sameState, type StoredArtifact } from "../artifacts/mod.ts";
import { InputError, OutputError } from "../errors.ts";
import type { ActiveRun } from "./active_run.ts";

/** A file as it was logged. */
export interface LoggedInPlace {
  readonly path: string;
  /** Its state when it was hashed. */
  readonly state: FileStat;
  /** Logs it again with what it contains now, as the same artifact. */
  readonly again: (hash: string, bytes: number) => StoredArtifact;
}

/** What a file contains when the step ends is what the step made: it is recorded, with a warning that it is not what was logged. */
export async function takeLateChanges(run: ActiveRun): Promise<void> {
  const { digests } = run.services;
  for (const [key, { path, state, again }] of run.inPlace) {
    const made = run.outputs.get(key);
    if (made === undefined || made.path !== path) continue;
    const now = await digests.stat(path).catch(() => undefined); // gone, or closed to us: hashing it says so
    if (now !== undefined && sameState(now, state)) continue;
    const [found] = await digestFiles([path], digests).catch((cause) => {
      throw cause instanceof InputError ? lost(run, key, path, cause) : cause;
    });
    if (found!.digest === made.hash) continue;
    run.warn(`"${key}" was written to after it was logged: ${path}. What it contains now is recorded; log a file when it is finished.`);
    const artifact = again(found!.digest, found!.bytes);
    for (const noted of [run.ingested, run.profiled] as Map<string, { artifact: StoredArtifact }>[]) {
      const entry = noted.get(artifact.id);
      if (entry !== undefined) noted.set(artifact.id, { ...entry, artifact });
    }
  }
}

/** One file holds one content: what was logged of it under another key would be lost. */
export function refuseOverwritten(run: ActiveRun, key: string, path: string, hash: string): void {
  const other = [...run.outputs.values()].find((made) => made.path === path && made.key !== key && made.hash !== hash);
  if (other === undefined) return;
  throw new OutputError("output_mismatch", {
    problem: `Cannot log artifact "${key}": ${path}.`,
    why: `This file is the output "${other.key}" already, with other content, which is overwritten by now.`,
    fix: "Give each output a file of its own: step.outputPath(key, ext).",
    run: run.id,
    step: run.request.name,
    path,
  });
}

function lost(run: ActiveRun, key: string, path: string, cause: InputError): OutputError {
  return new OutputError("missing_outputs", {
    problem: `The output "${key}" of step "${run.request.name}" is gone: ${path}.`,
    why: `It was logged, and removed before the step ended. ${cause.why}`,
    fix: "Leave what is logged where it is.",
    run: run.id,
    step: run.request.name,
    path,
    cause,
  });
}
