/** Are the inputs of a run still what they were when it began? */
import { digestFile, digestFolder, digestGlob } from "../artifacts/mod.ts";
import { ConsistError } from "../errors.ts";
import { configOf } from "./identify.ts";
import type { ResolvedInput, RunServices, StepRequest } from "./request.ts";

/** The inputs whose content is another one now, in words. A file that the memo knows to be unchanged is not read again. */
export async function changedInputs(services: RunServices, request: StepRequest, configHash: string): Promise<string[]> {
  const inputs = [...request.inputs, ...request.dependencies];
  const states = await Promise.all(
    inputs.map(async (input) => await isSteady(services, input) ? [] : [`input "${input.key}" (${input.label})`]),
  );
  return [...states.flat(), ...(configOf(services, request).hash === configHash ? [] : ["the config"])];
}

async function isSteady({ digests }: RunServices, input: ResolvedInput): Promise<boolean> {
  const { path, hash, kind } = input;
  if (path === undefined || kind === "value" || kind === "artifact") return true;
  try {
    if (kind === "folder") return (await digestFolder(path, digests)).digest === hash;
    if (kind === "glob") return (await digestGlob(input.label, digests)).digest === hash;
    return await digestFile(path, digests) === hash;
  } catch (error) {
    // Gone or unreadable by now: not what it was.
    if (error instanceof ConsistError) return false;
    throw error;
  }
}
