/** Reads the implicit inputs of an earlier run again, each as it was read then, and says whether they are still the same. */
import { ConsistError, ContentError, InputError } from "../errors.ts";
import { JSON } from "../intrinsics.ts";
import type { ImplicitChange } from "../identity/mod.ts";
import { onlyCoupler } from "./coupler_handle.ts";
import { versioned } from "./driver_versions.ts";
import { type ImplicitInput, type ImplicitRead, readOfCoupler, readOfKeys, readOfPath } from "./implicit_inputs.ts";
import type { RunServices, StepRequest } from "./request.ts";
import { resolveInputs } from "./resolve_inputs.ts";
import { storedArtifact } from "./servable.ts";

/** What is kept of implicit inputs with a run; `ids` are their artifacts in the ledger. */
export async function keptReads(reads: readonly ImplicitRead[], ids: ReadonlyMap<ImplicitRead, string>): Promise<ImplicitInput[]> {
  return await Promise.all(reads.map(async (read) => {
    const { key, how, hash, label } = read;
    const id = ids.get(read);
    return { key, how, hash, label, driver: await readerOf(read), ...(id === undefined ? {} : { id }) };
  }));
}

/** How an implicit input is loaded, with versions; a list of files is not loaded, and nothing is not either. */
async function readerOf({ driver, hash, input }: ImplicitRead): Promise<string> {
  const isLoaded = hash !== "" && input?.files === undefined && !["none", "files", "folder", "glob"].includes(driver);
  return isLoaded ? await versioned(driver) : driver;
}

/** Reads again what earlier runs of one signature read; what several of them read is read once. */
export class Rereading {
  readonly #services: RunServices;
  readonly #request: StepRequest;
  readonly #known: Map<string, Promise<ImplicitRead | undefined>> = new Map();

  /** For one lookup. */
  constructor(services: RunServices, request: StepRequest) {
    this.#services = services;
    this.#request = request;
  }

  /** The implicit inputs as they are now, where all are what they were; else the changed ones. */
  async compare(inputs: readonly ImplicitInput[]): Promise<{ readonly reads: ImplicitRead[] } | { readonly changes: ImplicitChange[] }> {
    const reads: ImplicitRead[] = [];
    const changes: ImplicitChange[] = [];
    for (const input of inputs) {
      const read = await this.#read(input);
      const reader = read === undefined ? undefined : await readerOf(read);
      if (read !== undefined && read.hash === input.hash && reader === input.driver) reads.push({ ...read, key: input.key });
      else changes.push(changeOf(input, read, reader));
    }
    return changes.length === 0 ? { reads } : { changes };
  }

  #read(input: ImplicitInput): Promise<ImplicitRead | undefined> {
    const name = JSON.stringify(input.how);
    const known = this.#known.get(name) ?? readNow(this.#services, this.#request, input);
    this.#known.set(name, known);
    return known;
  }
}

/** Where content is the same, what loads it is another one. */
function changeOf({ key, label, hash, driver }: ImplicitInput, read: ImplicitRead | undefined, reader: string | undefined): ImplicitChange {
  if (read !== undefined && read.hash === hash) return { key, label, before: driver, after: reader };
  return { key, label, before: hash === "" ? undefined : hash, after: read === undefined || read.hash === "" ? undefined : read.hash };
}

/** What is there now; nothing where it cannot be told. */
async function readNow(services: RunServices, request: StepRequest, input: ImplicitInput): Promise<ImplicitRead | undefined> {
  const { how } = input;
  if ("path" in how) return await readPath(services, request, input, how.path);
  if ("artifact" in how) return await readArtifact(services, input, how);
  const from = onlyCoupler(request.captured, request.place.coupler);
  if (from === undefined) return undefined;
  if ("keys" in how) return readOfKeys(from, how.keys);
  const read = readOfCoupler(from, how.coupler, from.artifactOf(how.coupler));
  return await isHarmed(read.artifact) ? undefined : read;
}

async function readPath(
  services: RunServices,
  request: StepRequest,
  { key, label }: ImplicitInput,
  path: string | readonly string[],
): Promise<ImplicitRead | undefined> {
  try {
    const [input] = await resolveInputs({ [key]: path }, "loaded", request.name, {}, services);
    return readOfPath(path, input!);
  } catch (error) {
    if (!(error instanceof ConsistError)) throw error;
    // Nothing there is an answer too; what is there and cannot be read is none.
    return error.code === "input_missing" ? { key, how: { path }, label, hash: "", driver: "none" } : undefined;
  }
}

/** A recorded artifact has the content that was recorded. Its file may be gone, as that of a declared input may; edited it may not be. */
async function readArtifact(
  services: RunServices,
  { key, how, hash, driver, label }: ImplicitInput,
  { artifact: id, uri }: { readonly artifact: string; readonly uri: string },
): Promise<ImplicitRead | undefined> {
  const name = driver.split("@")[0]!;
  try {
    const artifact = storedArtifact(services, { id, key, uri, driver: name, hash, runId: null, meta: {} });
    return await isHarmed(artifact) ? undefined : { key, how, hash, driver: name, label, artifact };
  } catch (error) {
    // Its address leads nowhere on this machine: then its file is gone.
    if (error instanceof ContentError) return { key, how, hash, driver: name, label };
    throw error;
  }
}

/** Has the file other content than was recorded, or can nothing be said about it? */
async function isHarmed(artifact: unknown): Promise<boolean> {
  try {
    const problem = await (artifact as { check?(): Promise<ConsistError | undefined> } | undefined)?.check?.();
    return problem?.code === "content_mismatch";
  } catch (error) {
    if (error instanceof InputError) return true;
    throw error;
  }
}
