/** Gives a step its inputs: values by their drivers, paths, LazyFrames, relations, or nothing. */
import { driverNamed, lazyFrame, type StoredArtifact } from "../artifacts/mod.ts";
import { ContentError } from "../errors.ts";
import { relation } from "../relations/mod.ts";
import type { Artifact, DataFrame } from "../types.ts";
import type { ActiveRun } from "./active_run.ts";
import type { ResolvedInput } from "./request.ts";
import { restoreInput } from "./hydrate.ts";
import { givenValue } from "./steady_inputs.ts";

/** Every bound input by its key. Those that only count for the identity are left out. */
export async function bindInputs(run: ActiveRun): Promise<{ readonly [key: string]: unknown }> {
  const bound = run.request.inputs.filter((input) => input.binding !== "none");
  return Object.fromEntries(await Promise.all(bound.map(async (input) => [input.key, await bindOne(run, input)] as const)));
}

/** One input as the step wants it. */
export async function bindOne(run: ActiveRun, input: ResolvedInput): Promise<unknown> {
  if (input.kind === "value") return givenValue(input);
  const path = await presentPath(run, input);
  if (path === undefined) return await fromLedger(run, input, input.artifact!);
  if (input.binding === "path") return input.kind === "glob" || input.kind === "list" ? input.files : path;
  if (input.binding === "lazy") return await lazyFrame(input.files ?? [path], input.driver);
  if (input.binding === "relation") return relation(path === input.artifact?.path ? input.artifact : input.files ?? path);
  if (input.files !== undefined) return input.files;
  if (input.artifact !== undefined && path === input.artifact.path) return await input.artifact.load();
  return await driverNamed(input.driver).read(path);
}

/** The input's file; where it is gone a copy in the run's folder, if the step asked for that, or an unharmed copy where it is. */
export async function presentPath(run: ActiveRun, input: ResolvedInput): Promise<string | undefined> {
  const path = input.path ?? "";
  if (input.artifact === undefined || isFile(path)) return path;
  if (run.request.cache.cacheHydration === "inputs-missing") {
    const restored = await restoreInput(run, input.artifact);
    if (restored !== undefined) return restored;
  }
  return await (input.artifact as Partial<StoredArtifact>).copy?.();
}

/** A value whose file is nowhere may still be in the ledger; a path is a path. */
async function fromLedger(run: ActiveRun, input: ResolvedInput, artifact: Artifact): Promise<unknown> {
  if (input.binding === "relation") return relation(artifact);
  if (input.binding === "path") throw missing(run, input, artifact);
  try {
    const value = await artifact.load();
    return input.binding === "lazy" ? (value as DataFrame).lazy() : value;
  } catch (error) {
    if (error instanceof ContentError && error.code === "artifact_missing") throw missing(run, input, artifact);
    throw error;
  }
}

function isFile(path: string): boolean {
  try {
    return Deno.statSync(path).isFile;
  } catch (error) {
    if (error instanceof Deno.errors.NotFound || error instanceof Deno.errors.NotADirectory) return false;
    throw error;
  }
}

function missing(run: ActiveRun, input: ResolvedInput, artifact: Artifact): ContentError {
  const hydrated = run.request.cache.cacheHydration === "inputs-missing";
  return new ContentError("artifact_missing", {
    problem: `The input "${input.key}" of step "${run.request.name}" is gone: ${artifact.path}.`,
    why: hydrated ? "No other copy with its content is on record." : "The file of this artifact was moved or deleted.",
    fix: artifact.runId === undefined
      ? "Restore the file."
      : `Run the step that made it again (run ${artifact.runId})${
        hydrated ? "" : ', or set cacheHydration: "inputs-missing" to restore it from a copy'
      }.`,
    run: run.id,
    step: run.request.name,
    path: artifact.path,
  });
}
