/** After the body: what it returned becomes outputs, files are captured, and what was declared is checked. */
import { basename } from "@std/path";
import {
  driverForPath,
  driverForValue,
  driverNamed,
  type FileState,
  isFileOutput,
  isFrame,
  isWritten,
  type OnHeld,
  pathOf,
  snapshotFile,
} from "../artifacts/mod.ts";
import { listNames, nearestName, OutputError } from "../errors.ts";
import { isRelation } from "../relations/mod.ts";
import type { ActiveRun } from "./active_run.ts";
import { logFile, logValue } from "./log_files.ts";
import { describe } from "./check_options.ts";
import { copiedFile } from "./copied_file.ts";
import { checkSchema } from "./check_schema.ts";
import { writerOf } from "./driver_versions.ts";
import { destinationOf } from "./hydrate.ts";
import { keyOfName } from "./keys.ts";
import { driverOfPath, FROM_PATH } from "./output_paths.ts";
import { asideNote, putCopies } from "./put_copy.ts";
import type { DeclaredOutput, MadeOutput } from "./request.ts";
import { isArtifact } from "./resolve_inputs.ts";
import type { MissingPolicy } from "./output_types.ts";

/** The files at the paths that the user named, before the body runs: what it leaves as it was is no output of it. */
export type StatesBefore = ReadonlyMap<string, FileState | undefined>;

/** Looks at the files of `outputPaths`. */
export async function statesBefore({ request, services }: ActiveRun): Promise<StatesBefore> {
  const paths = Object.values(request.outputPaths).map((path) => pathOf(path, services.roots));
  return new Map(await Promise.all(paths.map(async (path) => [path, await snapshotFile(path)] as const)));
}

/**
 * Stores what the body returned. What it logged by hand is kept as it is. `onHeld` is called as soon as nothing that happens next can change
 * what is stored, and nothing can be found wrong with it but by the disk; not at all where that is when all is stored.
 */
export async function collectOutputs(run: ActiveRun, returned: unknown, before: StatesBefore, onHeld?: OnHeld): Promise<void> {
  const { request } = run;
  if (request.mode === "run") {
    const values = valuesByKey(run, returned);
    const held = isAll(run, values) ? onHeld : undefined;
    for (const [index, [key, value]] of values.entries()) await store(run, key, value, index === values.length - 1 ? held : undefined);
  }
  await takeFromFolder(run);
  const stale = await takeFromPaths(run, before);
  await checkDeclaredSchemas(run);
  checkMissing(run, stale);
}

/** Is what the body returned all that is to be stored, and none of it a file that somebody may write to? */
function isAll({ request: { outputs, outputPaths } }: ActiveRun, values: readonly (readonly [string, unknown])[]): boolean {
  return Object.keys(outputPaths).length === 0 && outputs.every(({ key }) => values.some(([own]) => own === key)) &&
    !values.some(([, value]) => isFileOutput(value) || isArtifact(value) || isRelation(value));
}

/** A declared output that the step wrote at its `outputPath`, and neither returned nor logged. */
async function takeFromFolder(run: ActiveRun): Promise<void> {
  for (const { key, driver, ...declared } of run.request.outputs) {
    if (run.outputs.has(key)) continue;
    const [path, ...others] = await run.names.writtenAt(key);
    if (path === undefined) continue;
    if (others.length > 0) throw severalFiles(run, key, [path, ...others]);
    await logFile(run, path, { key, direction: "output", ...optionsOf({ ...declared, key }), ...(driver === undefined ? {} : { driver }) });
  }
}

function severalFiles(run: ActiveRun, key: string, paths: readonly string[]): OutputError {
  return new OutputError("output_mismatch", {
    problem: `Step "${run.request.name}" wrote several files for its output "${key}".`,
    why: `It wrote ${listNames(paths.map((path) => basename(path)))}, and an output is one file.`,
    fix: "Return file(path) with the one that is the output, or declare an output for each.",
    run: run.id,
    step: run.request.name,
  });
}

/** Which value belongs to which key. */
function valuesByKey(run: ActiveRun, returned: unknown): [string, unknown][] {
  const { outputs, name } = run.request;
  if (returned === undefined) return [];
  const keys = outputs.map((output) => output.key);
  if (keys.length === 0) {
    if (returned === null || (run.outputs.size > 0 && isPlainMapping(returned) && Object.keys(returned).length === 0)) return [];
    return [[keyOfName(name), returned]];
  }
  if (isPlainMapping(returned)) {
    const own = Object.keys(returned);
    const undeclared = own.filter((key) => !keys.includes(key));
    if (own.length > 0 && undeclared.length === 0) return Object.entries(returned).filter(([, value]) => value !== undefined);
    if (keys.length > 1) {
      mismatch(run, `It returned ${listNames(undeclared)}, which it does not declare.`, undeclared, keys);
      return Object.entries(returned).filter(([key, value]) => keys.includes(key) && value !== undefined);
    }
  }
  if (keys.length === 1) return returned === null && run.outputs.has(keys[0]!) ? [] : [[keys[0]!, returned]];
  if (returned !== null || run.outputs.size === 0) {
    mismatch(run, `It returned ${describe(returned)}, and several outputs are declared.`, [], keys);
  }
  return [];
}

/** An object with keys, as against a frame, a file, a list or a class's instance. */
function isPlainMapping(value: unknown): value is Record<string, unknown> {
  if (typeof value !== "object" || value === null || isFrame(value)) return false;
  const prototype = Object.getPrototypeOf(value);
  return prototype === null || prototype === Object.prototype;
}

function mismatch(run: ActiveRun, why: string, undeclared: readonly string[], keys: readonly string[]): void {
  const near = undeclared.length === 0 ? undefined : nearestName(undeclared[0]!, keys);
  const fix = near === undefined
    ? `Return an object with the keys ${listNames(keys)}, or declare what is returned.`
    : `Did you mean "${near}"? Else declare "${undeclared[0]}" in outputs.`;
  follow(
    run,
    run.request.outputMismatch,
    "output_mismatch",
    `Step "${run.request.name}" returned something else than it declares.`,
    why,
    fix,
  );
}

/** A returned value by its kind: a file that the step wrote, an artifact it logged, or a value that a driver writes. */
async function store(run: ActiveRun, key: string, value: unknown, onHeld?: OnHeld): Promise<void> {
  const declared = run.request.outputs.find((output) => output.key === key);
  const options = optionsOf(declared);
  if (isFileOutput(value)) {
    await logFile(run, value.path, {
      key,
      direction: "output",
      ...options,
      ...(declared?.driver === undefined ? {} : { driver: declared.driver }),
    });
    return;
  }
  if (isArtifact(value)) {
    if (run.outputs.get(key)?.artifact.id !== value.id) {
      await logFile(run, value.path, { key, direction: "output", driver: value.driver, ...options });
    }
    return;
  }
  if (isRelation(value)) {
    await logValue(run, key, value, declared?.driver ?? "parquet", options);
    return;
  }
  const driver = declared?.driver ?? driverForValue(value, key).name;
  const writer = declared?.driver === undefined ? await writerOf(driver) : {};
  await logValue(run, key, value, driver, { ...options, ...scalarOf(value), meta: { ...options.meta, ...writer } }, onHeld);
}

function optionsOf(
  declared: DeclaredOutput | undefined,
): Pick<DeclaredOutput, "schema" | "profileFileSchema" | "description" | "facet" | "meta"> {
  if (declared === undefined) return {};
  const { schema, profileFileSchema, description, facet, meta } = declared;
  return Object.fromEntries(
    Object.entries({ schema, profileFileSchema, description, facet, meta }).filter(([, value]) => value !== undefined),
  );
}

function scalarOf(value: unknown): { scalar?: NonNullable<MadeOutput["scalar"]> } {
  if (typeof value === "boolean" || (typeof value === "number" && Number.isFinite(value))) return { scalar: value };
  return typeof value === "string" && value.length <= 256 ? { scalar: value } : {};
}

/**
 * Files that the step wrote at a path the user named become outputs; the others are copied to such a path. Gives the files that were there
 * before and were not written: an earlier run left them, so they are no result of this one.
 */
async function takeFromPaths(run: ActiveRun, before: StatesBefore): Promise<string[]> {
  const { outputPaths, outputs } = run.request;
  const stale: string[] = [];
  for (const [key, named] of Object.entries(outputPaths)) {
    if (run.outputs.has(key)) continue;
    const path = pathOf(named, run.services.roots);
    const declared = outputs.find((output) => output.key === key);
    const options = { ...optionsOf(declared), key, direction: "output", driver: driverOfPath(declared?.driver, path) } as const;
    if (await isWritten(path, before.get(path))) await logFile(run, path, { ...options, meta: { ...options.meta, [FROM_PATH]: true } });
    else if (before.get(path) !== undefined) stale.push(path);
  }
  if (!run.request.isRepeated) await copyOut(run);
  return stale;
}

/** Puts copies of the outputs where the user wants them. */
async function copyOut(run: ActiveRun): Promise<void> {
  const made = [...run.outputs.values()].filter(({ meta }) => meta[FROM_PATH] !== true);
  const copies = (await Promise.all(made.map(async ({ key, artifact }) => {
    const to = destinationOf(run.services, run.request, artifact);
    return to === undefined ? [] : [{ key, to, ...await copiedFile(run.services, artifact, to) }];
  }))).flat();
  const done = await putCopies(run.services, copies);
  for (const { key, to, isBeside } of copies) {
    for (const note of asideNote(to, done.get(key)!)) run.warn(note);
    if (isBeside) continue;
    const [written, named] = [run.outputs.get(key)!.driver, driverForPath(to).name];
    if (named !== written && named !== "bytes") {
      run.warn(
        `the copy of "${key}" at ${to} is written as ${written}, whatever its name says: declare outputs: { ${key}: { driver: "${named}" } }`,
      );
    }
  }
}

/** What the step logged itself, or wrote to a path that the user named, has to fit its declared schema as well. */
async function checkDeclaredSchemas(run: ActiveRun): Promise<void> {
  for (const { key, schema } of run.request.outputs) {
    const made = run.outputs.get(key);
    if (schema === undefined || made === undefined || made.schema !== undefined) continue;
    await checkSchema(schema, await driverNamed(made.driver).read(made.path), key);
    run.outputs.set(key, { ...made, schema });
  }
}

function checkMissing(run: ActiveRun, stale: readonly string[]): void {
  const made = [...run.outputs.keys(), ...(run.cached?.keys() ?? [])];
  const missing = run.request.outputs.map((output) => output.key).filter((key) => !made.includes(key));
  if (missing.length === 0) return;
  const near = nearestName(missing[0]!, made.filter((key) => !run.request.outputs.some((output) => output.key === key)));
  const left = stale.length === 0 ? "" : ` It did not write ${listNames(stale)}, which was there before.`;
  follow(
    run,
    run.request.outputMissing,
    "missing_outputs",
    `Step "${run.request.name}" did not make ${listNames(missing)}.`,
    `It declares ${listNames(run.request.outputs.map((output) => output.key))} and made ${listNames(made, "nothing")}.${left}`,
    near === undefined
      ? 'Return it, log it with step.logOutput, or set outputPolicy: { outputMissing: "warn" }.'
      : `It made "${near}": use one spelling.`,
  );
}

/** Fails, warns or says nothing. */
function follow(
  run: ActiveRun,
  policy: MissingPolicy,
  code: "missing_outputs" | "output_mismatch",
  problem: string,
  why: string,
  fix: string,
): void {
  if (policy === "ignore") return;
  if (policy === "error") throw new OutputError(code, { problem, why, fix, run: run.id, step: run.request.name });
  run.warn(`${problem} ${why}`);
}
