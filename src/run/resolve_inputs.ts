/** Finds each input and hashes its content. Nothing is loaded here. */
import { basename, extname, fromFileUrl } from "@std/path";
import { JSON } from "../intrinsics.ts";
import {
  digestFile,
  digestFolder,
  digestGlob,
  driverForPath,
  hashValue,
  isFrame,
  isGlob,
  isLazyInput,
  isMountUri,
  isValueInput,
  isWebAddress,
  pathOf,
  StoredArtifact,
  type TreeDigest,
} from "../artifacts/mod.ts";
import { ContentError, InputError, KeyError, listNames, nearestName } from "../errors.ts";
import { isRelation, missingFile, type RelationInput } from "../relations/mod.ts";
import type { Artifact, PathLike, RunResult } from "../types.ts";
import { describe } from "./check_options.ts";
import { hashOfList } from "./hash_of_list.ts";
import { hashOfQuery, type Query } from "./hash_of_query.ts";
import { checkKey, keyOfName } from "./keys.ts";
import { type FileServices, keptFile } from "./local_file.ts";
import type { ResolvedInput, RunPlace } from "./request.ts";

/** What finding inputs needs. */
export type InputServices = FileServices;

/** How inputs reach the step when nothing else is said about a single one. */
type Fallback = ResolvedInput["binding"];

/** What a reference stands for, before its content is looked at. */
interface Pending {
  readonly key: string;
  readonly ref: unknown;
  readonly binding: Fallback;
  readonly label: string;
  readonly step: string;
}

/** Inputs of a call, in the order in which they were written. */
export async function resolveInputs(
  inputs: unknown,
  fallback: Fallback,
  step: string,
  place: RunPlace,
  services: InputServices,
): Promise<ResolvedInput[]> {
  const pairs = pairsOf(inputs, step, place);
  for (const [key] of pairs) checkKey(key, "input");
  return await Promise.all(pairs.map(([key, ref]) => resolveInput({ key, ref, binding: fallback, label: "", step }, place, services)));
}

/** Files that only count for the identity: a list, or a map of named parts. */
export async function resolveDependencies(
  dependsOn: unknown,
  step: string,
  place: RunPlace,
  services: InputServices,
): Promise<ResolvedInput[]> {
  if (dependsOn === undefined) return [];
  const pairs: [string, unknown][] = Array.isArray(dependsOn)
    ? dependsOn.map((ref, index) => [`dependsOn.${index}`, ref])
    : Object.entries(dependsOn as Record<string, unknown>).map(([name, ref]) => [`dependsOn.${name}`, ref]);
  return await Promise.all(
    pairs.map(([key, ref]) =>
      resolveInput({ key, ref, binding: "none", label: "", step }, { ...place, artifactOf: () => undefined }, services)
    ),
  );
}

function pairsOf(inputs: unknown, step: string, place: RunPlace): [string, unknown][] {
  if (inputs === undefined) return [];
  if (Array.isArray(inputs)) return inputs.map((key) => [String(key), coupled(String(key), step, place)]);
  if (typeof inputs !== "object" || inputs === null) {
    throw new InputError("option_invalid", {
      problem: `The inputs of step "${step}" are ${describe(inputs)}.`,
      why: "Inputs are a mapping from keys to what is read, or, in a scenario, a list of keys.",
      fix: 'Give { raw: "raw.csv" }.',
      step,
    });
  }
  return Object.entries(inputs);
}

/** The coupler's artifact; the list form knows no paths. */
function coupled(key: string, step: string, place: RunPlace): Artifact {
  if (place.artifactOf === undefined || place.keys === undefined) {
    throw new InputError("option_invalid", {
      problem: `The inputs of step "${step}" are a list of keys.`,
      why: "A list is looked up in a scenario's coupler, and this step is in no scenario.",
      fix: `Use sc.run, or a mapping: inputs: { ${keyOfName(basename(key, extname(key)))}: ${JSON.stringify(key)} }.`,
      step,
    });
  }
  const artifact = place.artifactOf(key);
  if (artifact !== undefined) return artifact;
  const keys = [...place.keys()];
  const near = nearestName(key, keys);
  throw new KeyError("unknown_key", {
    problem: `Step "${step}" wants the input "${key}", and the coupler has no such key.`,
    why: `Its keys are ${listNames(keys)}.`,
    fix: near === undefined ? `Run the step that makes "${key}" first, or give a path: { ${key}: "..." }.` : `Did you mean "${near}"?`,
    step,
  });
}

async function resolveInput(pending: Pending, place: RunPlace, services: InputServices): Promise<ResolvedInput> {
  const { ref } = pending;
  if (isValueInput(ref)) return fromValue(pending, ref.value);
  if (isLazyInput(ref)) return await resolveInput({ ...pending, ref: ref.source, binding: asked(pending, "lazy") }, place, services);
  if (isRelation(ref)) {
    const { source } = ref as { source?: RelationInput };
    if (source === undefined) return await fromQuery(pending, ref);
    return await resolveInput({ ...pending, ref: source, binding: asked(pending, "relation") }, place, services);
  }
  if (typeof ref === "string") return await fromText(pending, ref, place, services);
  if (ref instanceof URL) return await fromUrl(pending, ref, services);
  if (isArtifact(ref)) return await fromArtifact(pending, ref, services);
  if (isPathLike(ref)) return await fromPath(pending, ref.path, services, place);
  if (isResult(ref)) return await fromArtifact(pending, onlyOutput(ref, pending), services);
  if (isFrame(ref)) return fromValue(pending, ref);
  if (Array.isArray(ref) && ref.length > 0 && ref.every((path) => typeof path === "string")) {
    return await fromList(pending, ref, services);
  }
  throw new InputError("option_invalid", {
    problem: `The input "${pending.key}" of step "${pending.step}" is ${describe(ref)}.`,
    why: "An input is a path, a URL, an artifact, a result with one output, lazy(...), relation(...), a DataFrame or value(...).",
    fix: ref instanceof Promise
      ? "Await it: inputs: { x: await ... }."
      : "Wrap a value in memory: value(x). It then counts by its content.",
    step: pending.step,
    path: `inputs.${pending.key}`,
  });
}

/** `lazy` and `relation` say how an input arrives; where nothing or a path is wanted that is stronger. */
function asked(pending: Pending, binding: "lazy" | "relation"): Fallback {
  return pending.binding === "loaded" ? binding : pending.binding;
}

/** A string is a key of the coupler if there is one, else a path. */
async function fromText(pending: Pending, text: string, place: RunPlace, services: InputServices): Promise<ResolvedInput> {
  const artifact = place.artifactOf?.(text);
  if (artifact === undefined) {
    return isWebAddress(text) ? await fromWeb(pending, text, services) : await fromPath(pending, text, services, place);
  }
  if (await isThere(text)) {
    throw new InputError("input_ambiguous", {
      problem: `The input "${pending.key}" of step "${pending.step}" is "${text}", which is a key of the coupler and a file.`,
      why: "Both exist, and they may differ.",
      fix: `Say which: sc.key("${text}") for the coupler's, "./${text}" for the file.`,
      step: pending.step,
      path: text,
    });
  }
  return await fromArtifact(pending, artifact, services);
}

async function isThere(path: string): Promise<boolean> {
  try {
    await Deno.stat(path);
    return true;
  } catch (error) {
    // Not a file: also where the text cannot be a path at all (too long, a NUL in it) or may not be looked at.
    if (error instanceof Error) return false;
    throw error;
  }
}

async function fromUrl(pending: Pending, url: URL, services: InputServices): Promise<ResolvedInput> {
  if (url.protocol === "file:") return await fromPath(pending, fromFileUrl(url), services);
  if (isWebAddress(url.href)) return await fromWeb(pending, url.href, services);
  throw new InputError("input_missing", {
    problem: `The input "${pending.key}" of step "${pending.step}" is ${JSON.stringify(url.href)}.`,
    why: "Inputs are files of this machine, and what is at https: addresses.",
    fix: "Fetch it into a file first, and give the file's path.",
    step: pending.step,
    path: url.href,
  });
}

/** A file of the web counts by its content; it is kept beside the runs, and asked for again at each lookup whether it changed. */
async function fromWeb(pending: Pending, address: string, services: InputServices): Promise<ResolvedInput> {
  const { path, hash, bytes, unasked } = await keptFile(services, address, pending.step);
  const note = unasked === undefined ? {} : { note: "kept copy; the server could not be asked" };
  const shared = { key: pending.key, label: address, path, hash, bytes, url: address, ...note } as const;
  return { ...shared, kind: "file", binding: pending.binding, driver: driverForPath(path).name };
}

async function fromPath(pending: Pending, label: string, services: InputServices, place?: RunPlace): Promise<ResolvedInput> {
  const memo = services.digests;
  const path = belowMount(pending, label, services);
  const shared = { key: pending.key, label, path } as const;
  const found = look(path);
  if (found !== undefined && !found.isDirectory) { // a pipe or device is refused, and not missing
    const hash = await digestFile(path, memo);
    return { ...shared, kind: "file", binding: pending.binding, driver: driverForPath(path).name, hash, bytes: found.size };
  }
  if (found?.isDirectory) {
    const folder = await digestFolder(path, memo);
    return { ...shared, kind: "folder", binding: pending.binding, ...ofFiles(folder) };
  }
  if (found === undefined && isGlob(label)) {
    const glob = await digestGlob(isMountUri(label) ? path : label, memo);
    return { ...shared, kind: "glob", binding: pending.binding, ...ofFiles(glob) };
  }
  throw missingInput(pending, path, place);
}

/** A path, or the address of a file below a mount: `inputs://raw.csv`. */
function belowMount(pending: Pending, text: string, { roots }: InputServices): string {
  try {
    return pathOf(text, roots);
  } catch (error) {
    if (!(error instanceof ContentError)) throw error;
    const { why, fix } = error;
    const problem = `The input "${pending.key}" of step "${pending.step}" cannot be found: ${JSON.stringify(text)}.`;
    throw new InputError("input_missing", { problem, why, fix, step: pending.step, path: text, cause: error });
  }
}

async function fromList(pending: Pending, paths: readonly string[], services: InputServices): Promise<ResolvedInput> {
  const address = paths.find(isWebAddress);
  if (address !== undefined) throw addressInList(pending, address);
  const files = paths.map((path) => belowMount(pending, path, services));
  const { hash, bytes } = await hashOfList(files, services.digests);
  return {
    key: pending.key,
    label: `${files.length} files`,
    kind: "list",
    binding: pending.binding,
    driver: driverForPath(files[0]!).name,
    hash,
    files,
    bytes,
  };
}

function addressInList(pending: Pending, address: string): InputError {
  return new InputError("option_invalid", {
    problem: `The input "${pending.key}" of step "${pending.step}" is a list with ${JSON.stringify(address)} in it.`,
    why: "A list is of files of this machine.",
    fix: "Give each address as an input of its own.",
    step: pending.step,
    path: `inputs.${pending.key}`,
  });
}

function ofFiles(found: TreeDigest): Pick<ResolvedInput, "driver" | "hash" | "files" | "links" | "bytes"> {
  const files = found.files.map((file) => file.path);
  const drivers = new Set(files.map((file) => driverForPath(file).name));
  const bytes = found.files.reduce((sum, file) => sum + file.bytes, 0);
  return { driver: drivers.size === 1 ? [...drivers][0]! : "files", hash: found.digest, files, links: found.links, bytes };
}

function look(path: string): Deno.FileInfo | undefined {
  try {
    return Deno.statSync(path);
  } catch (error) {
    // What cannot be looked at is reported as missing, with the path, by the caller.
    if (error instanceof Error) return undefined;
    throw error;
  }
}

function missingInput(pending: Pending, path: string, place?: RunPlace): InputError {
  const keys = place?.keys === undefined ? [] : [...place.keys()];
  const near = nearestName(basename(path), keys);
  const file = missingFile(path);
  const alsoNoKey = place?.keys === undefined ? "" : ` The coupler has no such key either; its keys are ${listNames(keys)}.`;
  return new InputError("input_missing", {
    problem: `The input "${pending.key}" of step "${pending.step}" cannot be found: ${path}.`,
    why: `${file.why}${alsoNoKey}`,
    fix: near === undefined ? file.fix : `Did you mean the key "${near}"?`,
    step: pending.step,
    path,
  });
}

/** An artifact counts by its recorded content, and its file has to have that content where it is there. */
async function fromArtifact(pending: Pending, given: Artifact, { digests }: InputServices): Promise<ResolvedInput> {
  // What was copied or read back from JSON has an artifact's fields and none of its functions.
  const artifact = typeof (given as Partial<StoredArtifact>).check === "function" ? given : new StoredArtifact(given, { memo: digests });
  const problem = await (artifact as Partial<StoredArtifact>).check?.();
  if (problem?.code === "content_mismatch") throw problem; // a missing file may still be a hit, or be restored
  return {
    key: pending.key,
    kind: "artifact",
    binding: pending.binding,
    driver: artifact.driver,
    hash: artifact.hash,
    label: artifact.runId === undefined ? artifact.uri : `${artifact.key} of ${artifact.runId}`,
    path: artifact.path,
    artifact,
  };
}

function fromValue(pending: Pending, value: unknown): ResolvedInput {
  const what = isFrame(value) ? `DataFrame ${(value as { height: number }).height} rows` : describe(value);
  return { key: pending.key, kind: "value", binding: "value", driver: "value", hash: hashValue(value), label: what, value };
}

/** A query as an input counts by the rows that it gives now. */
async function fromQuery(pending: Pending, query: Query): Promise<ResolvedInput> {
  return {
    key: pending.key,
    kind: "value",
    binding: "value",
    driver: "relation",
    hash: await hashOfQuery(query),
    label: "query",
    value: query,
  };
}

function onlyOutput(result: RunResult, pending: Pending): Artifact {
  const outputs = Object.values(result.outputs);
  if (outputs.length === 1) return outputs[0]!;
  throw new InputError("option_invalid", {
    problem: `The input "${pending.key}" of step "${pending.step}" is a result with ${outputs.length} outputs.`,
    why: `Its outputs are ${listNames(Object.keys(result.outputs))}.`,
    fix: "Choose one: ref(result, key).",
    step: pending.step,
    path: `inputs.${pending.key}`,
  });
}

/** Is it an artifact of ours, also one from another copy of the library? */
export function isArtifact(value: unknown): value is Artifact {
  return typeof value === "object" && value !== null &&
    ["id", "key", "path", "uri", "driver", "hash"].every((name) => typeof (value as Record<string, unknown>)[name] === "string");
}

/** Does it say where a file is, and is no artifact? */
export function isPathLike(value: unknown): value is PathLike {
  return typeof value === "object" && value !== null && typeof (value as { path?: unknown }).path === "string" && !isArtifact(value);
}

function isResult(value: unknown): value is RunResult {
  return typeof value === "object" && value !== null && "outputs" in value && "run" in value && "cacheHit" in value;
}
