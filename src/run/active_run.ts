/** A run while its body executes: its folder, what was logged so far, and which run is the current one. */
import { AsyncLocalStorage } from "node:async_hooks";
import { basename, extname, isAbsolute, join, relative } from "@std/path";
import {
  copyFile,
  digestFile,
  digestFiles,
  type Driver,
  driverForPath,
  driverNamed,
  type FileDigest,
  publish,
  type Published,
  safeName,
  snapshotFile,
  StoredArtifact,
  toUri,
} from "../artifacts/mod.ts";
import { ConsistError, InputError, OutputError } from "../errors.ts";
import type { Artifact, Facet, Meta, ZodObject } from "../types.ts";
import { interruptSignal } from "../notebook/mod.ts";
import { isRelation } from "../relations/mod.ts";
import { profileOf, schemaId } from "../schemas/mod.ts";
import { checkInputSchema, checkSchema } from "./check_schema.ts";
import { GIVEN_HASH, givenHash } from "./given_hash.ts";
import { ImplicitReads } from "./implicit_inputs.ts";
import { newId } from "./ids.ts";
import { checkKey } from "./keys.ts";
import { type LocalFile, localFile } from "./local_file.ts";
import { type LoggedInPlace, refuseOverwritten } from "./late_changes.ts";
import type { Recording } from "./recording.ts";
import { type ProgressState, StepProgress } from "./progress.ts";
import type { MadeOutput, RunServices, StepRequest } from "./request.ts";
import { artifactOptions } from "./servable.ts";
import type { LogOptions } from "./step_types.ts";
import { noteProfile } from "./tables.ts";

/** The run inside which code executes, through every `await`. */
const current = new AsyncLocalStorage<ActiveRun>();

/**
 * The run inside which this code executes, or none. A dynamic import leaves its context to what the runtime calls next, another test or cell:
 * there a run that has ended is none.
 */
export function activeRun(): ActiveRun | undefined {
  const run = current.getStore();
  return run === undefined || run.ended ? undefined : run;
}

/** What is read inside a run is noted here; nowhere outside of runs. */
export function readsOfActiveRun(): ImplicitReads | undefined {
  return activeRun()?.implicit;
}

/** A value that is loaded inside a run is read by it. */
export function noteLoaded(artifact: Artifact): void {
  readsOfActiveRun()?.artifact(artifact);
}

/** The run inside which this code executes; an error that names the caller where there is none. */
export function requireActiveRun(call: string): ActiveRun {
  const run = activeRun();
  if (run !== undefined) return run;
  throw new ConsistError("no_active_run", {
    problem: `Cannot log artifact: ${call}() was called outside a run.`,
    why: "What is logged belongs to the run that is executing, and none is.",
    fix: `Call it inside a step: run({ fn: async (inputs, step) => { await step.${call}(...) } }), or in the body of sc.trace.`,
  });
}

/** How a file is logged, with what `logArtifacts` adds. */
export type LogRequest = LogOptions & { readonly direction: "input" | "output" };

/** What is kept of an output besides its content. */
type MadeOptions = Omit<LogOptions, "key" | "driver"> & { readonly scalar?: MadeOutput["scalar"] };

/** An output of an earlier run that a trace found in the cache. */
export type CachedOutputs = ReadonlyMap<string, Artifact>;

/** A run while its body executes. */
export class ActiveRun {
  /** What it made so far, by key. */
  readonly outputs: Map<string, MadeOutput & { readonly artifact: StoredArtifact }> = new Map();
  /** Files it said it read, by key. */
  readonly logged: Map<string, StoredArtifact> = new Map();
  /** What it made or logged and wants to keep the rows of, by the artifact's id. */
  readonly ingested: Map<string, { readonly artifact: StoredArtifact; readonly schema?: ZodObject }> = new Map();
  /** Of which of them the first rows are to be looked at, and how many. */
  readonly profiled: Map<string, { readonly artifact: StoredArtifact; readonly sampleRows: number | undefined }> = new Map();
  /** Files that were logged where they are, in the run's own folder, by key. */
  readonly inPlace: Map<string, LoggedInPlace> = new Map();
  /** What it read without having declared it. */
  readonly implicit: ImplicitReads = new ImplicitReads(this);
  /** Notes. */
  readonly meta: Record<string, unknown> = {};
  /** What it told the user. */
  readonly warnings: string[] = [];
  /** Keys whose content differs from what the cache holds: the hit is no hit any more. */
  readonly changedKeys: string[] = [];
  /** Aborted when the run is cancelled. */
  readonly signal: AbortSignal;
  /** How long the step took the last time, in seconds. */
  expectedSeconds: number | undefined;
  /** Keeps what its body shows, where that is to be shown again. */
  recording: Recording | undefined;
  /** Nothing can be logged any more. */
  ended = false;
  /** The ledger has its result. */
  isCompleted = false;
  /** The ledger has a row of it. */
  hasRow = false;
  #folder: Promise<void> | undefined;
  readonly #taken: Set<string> = new Set();
  /** The names that `outputPath` has given out, and for what. */
  readonly #owners: Map<string, string> = new Map();
  /** The paths that `outputPath` has given out, by key. */
  readonly #given: Map<string, Set<string>> = new Map();
  /** The run whose body runs this one: it shows how far this one is. */
  readonly #around: ActiveRun | undefined = activeRun();
  #progress: StepProgress | undefined;

  /** `dir` is the run's own folder; `cached` are the outputs of a trace that hit. */
  constructor(
    readonly services: RunServices,
    readonly request: StepRequest,
    readonly id: string,
    readonly dir: string,
    readonly cached?: CachedOutputs,
  ) {
    this.signal = AbortSignal.any([request.place.signal, interruptSignal()].filter((signal) => signal !== undefined));
  }

  /** Runs `body` with this run as the current one. */
  async within<T>(body: () => T | Promise<T>): Promise<T> {
    return await current.run(this, async () => await body());
  }

  /** Makes the run's folder, once. */
  folder(): Promise<void> {
    return this.#folder ??= Deno.mkdir(this.dir, { recursive: true }).catch((cause) => {
      throw new OutputError("storage_failed", {
        problem: `Cannot make the run folder ${this.dir}.`,
        why: cause instanceof Error ? cause.message : String(cause),
        fix: "Make the folder writable, free space on its disk, or give the tracker another runDir.",
        run: this.id,
        step: this.request.name,
        path: this.dir,
        cause,
      });
    });
  }

  /** A path in the run's own folder that no other output has; the same key and extension give the same path again. */
  outputPath(key: string, extension = ""): string {
    const ext = extension === "" ? "" : `.${safeName(extension.replace(/^\./, ""))}`;
    const owner = JSON.stringify([key, ext]);
    const name = this.#nameOf(key, ext, (free) => this.#isFreeFor(free.toLowerCase(), owner));
    this.#owners.set(name.toLowerCase(), owner);
    const path = join(this.dir, name);
    this.#given.set(key, (this.#given.get(key) ?? new Set()).add(path));
    return path;
  }

  /** The paths that `outputPath` has given out for a key, and at which a file is now. */
  async writtenAt(key: string): Promise<string[]> {
    const given = [...this.#given.get(key) ?? []];
    const states = await Promise.all(given.map((path) => snapshotFile(path)));
    return given.filter((_, index) => states[index] !== undefined);
  }

  #isFreeFor(name: string, owner: string): boolean {
    return (this.#owners.get(name) ?? owner) === owner && !this.#taken.has(name);
  }

  /** A folder in the run's own folder. */
  outputDir(namespace?: string): string {
    const dir = namespace === undefined ? this.dir : join(this.dir, safeName(namespace));
    Deno.mkdirSync(dir, { recursive: true });
    return dir;
  }

  /** A path for what the run writes itself: neither one that it has used, nor one where the step put a file of its own. */
  #freshPath(key: string, extension: string, beside: readonly string[] = []): string {
    const all = (name: string) => [name, ...beside.map((ending) => name.slice(0, -extension.length) + ending)];
    const isFree = (name: string) => !this.#taken.has(name.toLowerCase()) && !isThere(join(this.dir, name));
    const name = this.#nameOf(key, extension, (free) => all(free).every(isFree));
    for (const each of all(name)) this.#taken.add(each.toLowerCase());
    return join(this.dir, name);
  }

  /** A file name for a key: keys that differ in letters which a file's name cannot have get numbers. */
  #nameOf(key: string, extension: string, isFree: (name: string) => boolean): string {
    const stem = safeName(key);
    for (let n = 1;; n++) {
      const name = n === 1 ? `${stem}${extension}` : `${stem}-${n}${extension}`;
      if (isFree(name)) return name;
    }
  }

  /** Writes a value by its driver and logs it as an output. */
  async logValue(
    key: string,
    value: unknown,
    driverName: string,
    options: MadeOptions = {},
  ): Promise<Artifact> {
    checkKey(key, "output");
    await this.folder();
    const driver = driverNamed(driverName);
    if (options.schema !== undefined && !isRelation(value)) await checkSchema(options.schema, value, key);
    const path = this.#freshPath(key, `.${driver.extensions[0] ?? "bin"}`, driver.beside?.endings);
    const written = await this.#write(value, driver, path);
    if (options.schema !== undefined && isRelation(value)) await checkSchema(options.schema, await driver.read(path), key);
    const artifact = await this.#withoutTwin(path, this.#made(key, path, driver.name, written.hash, written.bytes, options));
    if (artifact.path === path) await driver.beside?.write(path, { run: this.id, key, content: written.hash });
    await noteProfile(this, artifact, options);
    return artifact;
  }

  /** A relation becomes parquet without passing through memory, or a frame for another driver. */
  async #write(value: unknown, driver: Driver, path: string): Promise<Published> {
    if (isRelation(value) && driver.name === "parquet") return await publish(path, (aside) => value.copyTo(aside));
    return await driver.write(isRelation(value) ? await value.df() : value, path);
  }

  /** Logs a file; one outside the run's own folder is copied into it when it is an output. */
  async logFile(path: string | URL, options: LogRequest): Promise<StoredArtifact> {
    const file = await localFile(this.services, path, this.request.name);
    const source = file.path;
    const key = options.key ?? basename(source, extname(source));
    checkKey(key, options.direction);
    const driver = options.driver === undefined ? driverForPath(source).name : driverNamed(options.driver).name;
    await this.#mustExist(source, key, options.direction);
    if (options.direction === "input") return await this.#logInput(file, key, driver, options);
    if (options.schema !== undefined) await checkSchema(options.schema, await driverNamed(driver).read(source), key);
    const given = await givenHash(this, source, key, options);
    const noted = given === undefined ? options : { ...options, meta: { ...GIVEN_HASH, ...options.meta } };
    const { path: kept, hash: found, bytes } = await this.#intoFolder(source, key, given);
    const hash = given ?? found;
    if (kept === source) refuseOverwritten(this, key, kept, hash);
    const artifact = this.#made(key, kept, driver, hash, bytes, noted);
    await noteProfile(this, artifact, options);
    if (kept !== source) return await this.#withoutTwin(kept, artifact);
    const again = (now: string, size: number) => this.#made(key, kept, driver, now, size, options, artifact.id);
    this.inPlace.set(key, { path: kept, state: await this.services.digests.stat(kept), again });
    return artifact;
  }

  /** Removes a file of ours whose content the cache has already. */
  async #withoutTwin(path: string, artifact: StoredArtifact): Promise<StoredArtifact> {
    if (artifact.path !== path) await Deno.remove(path);
    return artifact;
  }

  /** Removes the run's folder if nothing was put into it. */
  async removeEmptyFolder(): Promise<void> {
    try {
      await Deno.remove(this.dir);
    } catch (error) {
      // Not empty, or never made: then it stays as it is.
      if (!(error instanceof Error)) throw error;
    }
  }

  /** Notes an output that is in the run's folder. On a trace that hit, the same content keeps the cached artifact. */
  #made(
    key: string,
    path: string,
    driver: string,
    hash: string,
    bytes: number,
    options: MadeOptions,
    id = newId(),
  ): StoredArtifact {
    const cached = this.cached?.get(key);
    if (cached !== undefined && cached.hash === hash && cached.driver === driver) return cached as StoredArtifact;
    if (this.cached !== undefined) this.changedKeys.push(key);
    const meta: Meta = {
      ...options.meta,
      ...(options.description === undefined ? {} : { description: options.description }),
      ...this.#schemaNotes(options.schema),
    };
    const uri = toUri(path, this.services.roots);
    const artifact = new StoredArtifact(
      { id, key, path, uri, driver, hash, runId: this.id, meta },
      artifactOptions(this.services),
    );
    this.outputs.set(key, {
      key,
      path,
      driver,
      hash,
      bytes,
      meta,
      artifact,
      ...(options.facet === undefined ? {} : { facet: options.facet as Facet }),
      ...(options.schema === undefined ? {} : { schema: options.schema }),
      ...(options.scalar === undefined ? {} : { scalar: options.scalar }),
    });
    this.request.place.onOutput?.(key, artifact);
    return artifact;
  }

  /** With which schema something was logged: views find it by these. */
  #schemaNotes(schema: ZodObject | undefined): Meta {
    if (schema === undefined) return {};
    const name = this.services.schemaName(schema);
    return { ...(name === undefined ? {} : { schema_name: name }), schema_id: schemaId(profileOf(schema)) };
  }

  /** Takes over an output that another process made for this run. */
  async takeOver({ key, path, driver, hash, bytes, ...made }: Omit<MadeOutput, "schema">): Promise<StoredArtifact> {
    const schema = this.request.outputs.find((output) => output.key === key)?.schema;
    if (schema !== undefined) await checkSchema(schema, await driverNamed(driver).read(path), key);
    return this.#made(key, path, driver, hash, bytes, { ...made, ...(schema === undefined ? {} : { schema }) });
  }

  async #logInput({ path, written, url }: LocalFile, key: string, driver: string, options: LogRequest): Promise<StoredArtifact> {
    if (options.schema !== undefined) await checkInputSchema(options.schema, await driverNamed(driver).read(path), key);
    const given = await givenHash(this, path, key, options);
    const hash = given ?? await digestFile(path, this.services.digests);
    const meta: Meta = {
      ...(given === undefined ? {} : GIVEN_HASH),
      ...(url === undefined ? {} : { source_url: url }),
      ...options.meta,
      ...(options.description === undefined ? {} : { description: options.description }),
      ...this.#schemaNotes(options.schema),
    };
    const uri = toUri(path, this.services.roots);
    const artifact = new StoredArtifact({ id: newId(), key, path, uri, driver, hash, meta }, artifactOptions(this.services));
    this.logged.set(key, artifact);
    this.implicit.logged(written, artifact);
    await noteProfile(this, artifact, options);
    return artifact;
  }

  async #mustExist(path: string, key: string, direction: LogRequest["direction"]): Promise<void> {
    const found = await Deno.stat(path).catch((error) => error as Error);
    if (!(found instanceof Error) && found.isFile) return;
    const Class = direction === "input" ? InputError : OutputError;
    throw new Class(direction === "input" ? "input_missing" : "missing_outputs", {
      problem: `Cannot log artifact "${key}": ${path}.`,
      why: found instanceof Error ? "There is no such file." : "It is a folder, and an artifact is one file.",
      fix: direction === "input" ? "Check the path." : "Write the file before it is logged.",
      run: this.id,
      step: this.request.name,
      path,
      ...(found instanceof Error ? { cause: found } : {}),
    });
  }

  /** The file in the run's own folder: itself, or a copy. Where its hash is given it is not read for it. */
  async #intoFolder(source: string, key: string, given: string | undefined): Promise<Published & { readonly path: string }> {
    const inside = relative(this.dir, source);
    if (inside !== "" && !inside.startsWith("..") && !isAbsolute(inside)) {
      if (given !== undefined) return { path: source, hash: given, bytes: (await this.services.digests.stat(source)).size };
      const [{ digest: hash, bytes }] = await digestFiles([source], this.services.digests) as [FileDigest];
      return { path: source, hash, bytes };
    }
    await this.folder();
    const target = this.#freshPath(key, extname(source));
    return { path: target, ...await copyFile(source, target) };
  }

  /** Shows that the step runs, unless somebody else does: a sweep, or the run around it. `expected` is how long it took the last time. */
  beginProgress(expected?: number): void {
    if (this.#progress !== undefined || this.request.place.onProgress !== undefined || this.#around !== undefined) return;
    const { request: { name, calledAt } } = this;
    this.#progress = new StepProgress({ id: this.id, step: name, startedAt: new Date(calledAt) }, expected);
    this.#progress.begin();
  }

  /** Says how far the step is. */
  progress(done: number, total?: number, note?: string): void {
    const state = { done, ...(total === undefined ? {} : { total }), ...(note === undefined ? {} : { note }) };
    const { onProgress } = this.request.place;
    if (onProgress !== undefined) return onProgress(this.request.name, state);
    this.#progress?.update(state);
    this.#around?.innerProgress(this.request.name, state);
  }

  /** Says how far a run inside of it is; nothing where that has ended. */
  innerProgress(name: string, state: ProgressState | undefined): void {
    this.#progress?.inner(name, state);
  }

  /** Says what the step's program printed last. */
  printed(tail: () => string): void {
    this.#progress?.printed(tail);
  }

  /** Nothing can be logged any more, and the live display stands still. */
  async end(how: "done" | "failed" = "failed"): Promise<void> {
    this.ended = true;
    this.#around?.innerProgress(this.request.name, undefined);
    await this.#progress?.end(how);
  }

  /** Tells the user something; it is shown on the card as well. */
  warn(message: string): void {
    this.warnings.push(message);
    this.services.warn(`${this.request.name}: ${message}`);
  }
}

function isThere(path: string): boolean {
  try {
    Deno.lstatSync(path);
    return true;
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return false;
    throw error;
  }
}
