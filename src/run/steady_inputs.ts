/** Are the inputs of a run still what they were when it began? */
import { digestFile, digestFolder, digestGlob, hashValue, isFrame, type StoredArtifact } from "../artifacts/mod.ts";
import { ConsistError } from "../errors.ts";
import { isRelation } from "../relations/mod.ts";
import { configOf } from "./identify.ts";
import type { ImplicitRead } from "./implicit_inputs.ts";
import type { ResolvedInput, RunServices, StepRequest } from "./request.ts";
import { hashOfList } from "./hash_of_list.ts";
import { hashOfQuery } from "./hash_of_query.ts";

/** The values of which their step has a copy of its own: whatever becomes of the original, the step saw what was hashed. */
const copied = new WeakSet<ResolvedInput>();

/**
 * A value in memory as its step gets it: a copy, so that neither the step nor anybody else changes it under the other. What has no faithful
 * copy, as a frame or a handle, is given as it is, and looked at again when the step ended.
 */
export function givenValue(input: ResolvedInput): unknown {
  const copy = copyOf(input.value);
  if (copy === undefined || hashValue(copy) !== input.hash) return input.value;
  copied.add(input);
  return copy;
}

function copyOf(value: unknown): unknown {
  if (isFrame(value) || isRelation(value)) return undefined;
  try {
    return withoutSurroundings(structuredClone(value));
  } catch (error) {
    // Not cloneable, as a handle that a value holds.
    if (error instanceof DOMException) return undefined;
    throw error;
  }
}

/** A part of a buffer counts by its own bytes, so that its step gets no others. */
function withoutSurroundings(copy: unknown): unknown {
  if (!ArrayBuffer.isView(copy) || copy.byteLength === copy.buffer.byteLength) return copy;
  const Kind = copy.constructor as new (buffer: ArrayBufferLike) => ArrayBufferView;
  return new Kind(copy.buffer.slice(copy.byteOffset, copy.byteOffset + copy.byteLength));
}

/** The inputs whose content is another one now, in words. A file that the memo knows to be unchanged is not read again. */
export async function changedInputs(
  services: RunServices,
  request: StepRequest,
  configHash: string,
  reads: readonly ImplicitRead[],
): Promise<string[]> {
  const undeclared = reads.flatMap(({ input, key }) => input === undefined ? [] : [{ ...input, key }]);
  const inputs = [...request.inputs, ...request.dependencies, ...undeclared];
  const states = await Promise.all(
    inputs.map(async (input) => await isSteady(services, input) ? [] : [`input "${input.key}" (${input.label})`]),
  );
  return [...states.flat(), ...(configOf(services, request).hash === configHash ? [] : ["the config"])];
}

async function isSteady(services: RunServices, input: ResolvedInput): Promise<boolean> {
  try {
    return await hashNow(services, input) === input.hash;
  } catch (error) {
    // Gone or unreadable by now: not what it was.
    if (error instanceof ConsistError) return false;
    throw error;
  }
}

/** The hash of an input's present content, made as `resolveInputs` made it. */
async function hashNow({ digests }: RunServices, input: ResolvedInput): Promise<string> {
  const { path = "", hash, kind, value } = input;
  switch (kind) {
    case "value":
      if (copied.has(input)) return hash;
      return isRelation(value) ? await hashOfQuery(value) : hashValue(value);
    case "artifact": {
      // An artifact whose file is gone was restored from a copy with its content, or its step has failed.
      const problem = await (input.artifact as Partial<StoredArtifact>).check?.();
      return problem?.code === "content_mismatch" ? "" : hash;
    }
    case "folder":
      return (await digestFolder(path, digests)).digest;
    case "glob":
      return (await digestGlob(path, digests)).digest;
    case "list":
      return (await hashOfList(input.files ?? [], digests)).hash;
    case "file":
      return await digestFile(path, digests);
  }
}
