/** What an active run logs: values that it writes, and files that it or its step wrote or read. */
import { basename, extname, isAbsolute, relative } from "@std/path";
import {
  copyFile,
  digestFile,
  digestFiles,
  type Driver,
  driverForPath,
  driverNamed,
  type FileDigest,
  type OnHeld,
  publish,
  type Published,
  StoredArtifact,
  toUri,
} from "../artifacts/mod.ts";
import { InputError, OutputError } from "../errors.ts";
import { isRelation } from "../relations/mod.ts";
import { profileOf, schemaId } from "../schemas/mod.ts";
import type { Artifact, Facet, Meta, ZodObject } from "../types.ts";
import type { ActiveRun } from "./active_run.ts";
import { checkInputSchema, checkSchema } from "./check_schema.ts";
import { GIVEN_HASH, givenHash } from "./given_hash.ts";
import { newId } from "./ids.ts";
import { checkKey } from "./keys.ts";
import { refuseOverwritten } from "./late_changes.ts";
import { type LocalFile, localFile } from "./local_file.ts";
import type { MadeOutput } from "./request.ts";
import { artifactOptions } from "./servable.ts";
import type { LogOptions } from "./step_types.ts";
import { noteProfile } from "./tables.ts";

/** How a file is logged, with what `logArtifacts` adds. */
export type LogRequest = LogOptions & { readonly direction: "input" | "output" };

/** What is kept of an output besides its content. */
type MadeOptions = Omit<LogOptions, "key" | "driver"> & { readonly scalar?: MadeOutput["scalar"] };

/** Writes a value by its driver and logs it as an output. `onHeld` is called when the value itself is not needed any more. */
export async function logValue(
  run: ActiveRun,
  key: string,
  value: unknown,
  driverName: string,
  options: MadeOptions = {},
  onHeld?: OnHeld,
): Promise<Artifact> {
  checkKey(key, "output");
  await run.folder();
  const driver = driverNamed(driverName);
  if (options.schema !== undefined && !isRelation(value)) await checkSchema(options.schema, value, key);
  const path = run.names.fresh(key, `.${driver.extensions[0] ?? "bin"}`, driver.beside?.endings);
  const written = await write(value, driver, path, onHeld);
  if (options.schema !== undefined && isRelation(value)) await checkSchema(options.schema, await driver.read(path), key);
  const artifact = await withoutTwin(path, noteMade(run, key, path, driver.name, written.hash, written.bytes, options));
  if (artifact.path === path) await driver.beside?.write(path, { run: run.id, key, content: written.hash });
  await noteProfile(run, artifact, options);
  return artifact;
}

/** A relation becomes parquet without passing through memory, or a frame for another driver. */
async function write(value: unknown, driver: Driver, path: string, onHeld?: OnHeld): Promise<Published> {
  if (isRelation(value) && driver.name === "parquet") return await publish(path, (aside) => value.copyTo(aside));
  return await driver.write(isRelation(value) ? await value.df() : value, path, onHeld);
}

/** Logs a file; one outside the run's own folder is copied into it when it is an output. */
export async function logFile(run: ActiveRun, path: string | URL, options: LogRequest): Promise<StoredArtifact> {
  const file = await localFile(run.services, path, run.request.name);
  const source = file.path;
  const key = options.key ?? basename(source, extname(source));
  checkKey(key, options.direction);
  const driver = options.driver === undefined ? driverForPath(source).name : driverNamed(options.driver).name;
  await mustExist(run, source, key, options.direction);
  if (options.direction === "input") return await logInput(run, file, key, driver, options);
  if (options.schema !== undefined) await checkSchema(options.schema, await driverNamed(driver).read(source), key);
  const given = await givenHash(run, source, key, options);
  const noted = given === undefined ? options : { ...options, meta: { ...GIVEN_HASH, ...options.meta } };
  const state = await run.services.digests.stat(source); // before it is hashed: what is written meanwhile shows
  const { path: kept, hash: found, bytes } = await intoFolder(run, source, key, given);
  const hash = given ?? found;
  if (kept === source) refuseOverwritten(run, key, kept, hash);
  const artifact = noteMade(run, key, kept, driver, hash, bytes, noted);
  await noteProfile(run, artifact, options);
  if (kept !== source) return await withoutTwin(kept, artifact);
  const again = (now: string, size: number) => noteMade(run, key, kept, driver, now, size, options, artifact.id);
  run.inPlace.set(key, { path: kept, state, again });
  return artifact;
}

/** Removes a file of ours whose content the cache has already. */
async function withoutTwin(path: string, artifact: StoredArtifact): Promise<StoredArtifact> {
  if (artifact.path !== path) await Deno.remove(path);
  return artifact;
}

/** Notes an output that is in the run's folder. On a trace that hit, the same content keeps the cached artifact. */
function noteMade(
  run: ActiveRun,
  key: string,
  path: string,
  driver: string,
  hash: string,
  bytes: number,
  options: MadeOptions,
  id = newId(),
): StoredArtifact {
  const cached = run.cached?.get(key);
  if (cached !== undefined && cached.hash === hash && cached.driver === driver) return cached as StoredArtifact;
  if (run.cached !== undefined) run.changedKeys.push(key);
  const meta: Meta = {
    ...options.meta,
    ...(options.description === undefined ? {} : { description: options.description }),
    ...schemaNotes(run, options.schema),
  };
  const uri = toUri(path, run.services.roots);
  const artifact = new StoredArtifact(
    { id, key, path, uri, driver, hash, runId: run.id, meta },
    artifactOptions(run.services),
  );
  run.outputs.set(key, {
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
  run.request.place.onOutput?.(key, artifact);
  return artifact;
}

/** With which schema something was logged: views find it by these. */
function schemaNotes(run: ActiveRun, schema: ZodObject | undefined): Meta {
  if (schema === undefined) return {};
  const name = run.services.schemaName(schema);
  return { ...(name === undefined ? {} : { schema_name: name }), schema_id: schemaId(profileOf(schema)) };
}

/** Takes over an output that another process made for this run. */
export async function takeOverOutput(
  run: ActiveRun,
  { key, path, driver, hash, bytes, ...made }: Omit<MadeOutput, "schema">,
): Promise<StoredArtifact> {
  const schema = run.request.outputs.find((output) => output.key === key)?.schema;
  if (schema !== undefined) await checkSchema(schema, await driverNamed(driver).read(path), key);
  return noteMade(run, key, path, driver, hash, bytes, { ...made, ...(schema === undefined ? {} : { schema }) });
}

async function logInput(
  run: ActiveRun,
  { path, written, url }: LocalFile,
  key: string,
  driver: string,
  options: LogRequest,
): Promise<StoredArtifact> {
  if (options.schema !== undefined) await checkInputSchema(options.schema, await driverNamed(driver).read(path), key);
  const given = await givenHash(run, path, key, options);
  const hash = given ?? await digestFile(path, run.services.digests);
  const meta: Meta = {
    ...(given === undefined ? {} : GIVEN_HASH),
    ...(url === undefined ? {} : { source_url: url }),
    ...options.meta,
    ...(options.description === undefined ? {} : { description: options.description }),
    ...schemaNotes(run, options.schema),
  };
  const uri = toUri(path, run.services.roots);
  const artifact = new StoredArtifact({ id: newId(), key, path, uri, driver, hash, meta }, artifactOptions(run.services));
  run.logged.set(key, artifact);
  run.implicit.logged(written, artifact);
  await noteProfile(run, artifact, options);
  return artifact;
}

async function mustExist(run: ActiveRun, path: string, key: string, direction: LogRequest["direction"]): Promise<void> {
  const found = await Deno.stat(path).catch((error) => error as Error);
  if (!(found instanceof Error) && found.isFile) return;
  const Class = direction === "input" ? InputError : OutputError;
  throw new Class(direction === "input" ? "input_missing" : "missing_outputs", {
    problem: `Cannot log artifact "${key}": ${path}.`,
    why: found instanceof Error ? "There is no such file." : "It is a folder, and an artifact is one file.",
    fix: direction === "input" ? "Check the path." : "Write the file before it is logged.",
    run: run.id,
    step: run.request.name,
    path,
    ...(found instanceof Error ? { cause: found } : {}),
  });
}

/** The file in the run's own folder: itself, or a copy. Where its hash is given it is not read for it. */
async function intoFolder(
  run: ActiveRun,
  source: string,
  key: string,
  given: string | undefined,
): Promise<Published & { readonly path: string }> {
  const inside = relative(run.dir, source);
  if (inside !== "" && !inside.startsWith("..") && !isAbsolute(inside)) {
    if (given !== undefined) return { path: source, hash: given, bytes: (await run.services.digests.stat(source)).size };
    const [{ digest: hash, bytes }] = await digestFiles([source], run.services.digests) as [FileDigest];
    return { path: source, hash, bytes };
  }
  await run.folder();
  const target = run.names.fresh(key, extname(source));
  return { path: target, ...await copyFile(source, target) };
}
