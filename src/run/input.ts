/** A file by its path, as a step reads it without declaring it: the value, and a note that it was read. */
import { basename, extname, fromFileUrl, resolve } from "@std/path";
import { JSON } from "../intrinsics.ts";
import { DigestMemo, driverForPath, driverNamed, isMountUri, isWebAddress, pathKind } from "../artifacts/mod.ts";
import { InputError, OptionError } from "../errors.ts";
import type { LoadedPath } from "../types.ts";
import { ACCESS } from "./access.ts";
import { activeRun } from "./active_run.ts";
import { describe } from "./check_options.ts";
import { keyOfName } from "./keys.ts";
import type { ResolvedInput } from "./request.ts";
import { type InputServices, resolveInputs } from "./resolve_inputs.ts";

/** What was read outside of runs, by its time stamps. */
const outside = new DigestMemo();

/**
 * A file's value, by its driver. Inside a run it is an input all the same: it is recorded, and a later call is a hit only while a file with
 * this content is at this path. A folder or a pattern gives the paths of its files.
 *
 * @param path relative to the working directory, absolute, below a mount (`inputs://k.json`), a `file:` URL, or an `https:` address
 * @throws {InputError} `input_missing` or `input_unreadable`.
 *
 * @example A file that a step reads by itself
 * ```ts
 * import { input, run, Tracker, useTracker } from "consist";
 * import assert from "node:assert/strict";
 *
 * const dir = await Deno.makeTempDir();
 * await using tracker = new Tracker({ dbPath: `${dir}/provenance.duckdb` });
 * await useTracker(tracker, async () => {
 *   const path = `${dir}/k.json`;
 *   const reads = () => run({ name: "reads", fn: async () => (await input(path) as { k: number }).k, outputs: ["k"] });
 *   await Deno.writeTextFile(path, '{"k":2}');
 *   assert.equal(await reads().load(), 2);
 *   assert.equal((await reads()).cacheHit, true);
 *   await Deno.writeTextFile(path, '{"k":3}');
 *   assert.equal(await reads().load(), 3);
 * });
 * ```
 */
export async function input<const S extends string | URL>(path: S): Promise<S extends string ? LoadedPath<S> : unknown> {
  return await read(written(path)) as S extends string ? LoadedPath<S> : unknown;
}

async function read(path: string): Promise<unknown> {
  const key = keyOfName(basename(path, extname(path)));
  const run = activeRun();
  if (run === undefined || run.ended) return await readOutside(path);
  const at = isWebAddress(path) || isMountUri(path) ? undefined : resolve(path);
  try {
    const found = await find(path, key, run.request.name, run.services);
    run.implicit.path(path, found);
    return found.files ?? await driverNamed(found.driver).read(found.path!);
  } catch (error) {
    // A step may go on without the file: then it is an input that nothing is there.
    if (error instanceof InputError && error.code === "input_missing") run.implicit.nothingAt(path, key, at);
    throw error;
  }
}

/** Outside of runs nothing is recorded, and what is fetched is not kept. */
async function readOutside(path: string): Promise<unknown> {
  if (!isWebAddress(path)) {
    if (await pathKind(resolve(path)) === "file") return await driverForPath(path).read(resolve(path));
    return (await findOutside(path, outsideOf(""))).files;
  }
  const folder = await Deno.makeTempDir({ prefix: "consist-fetched-" });
  try {
    const found = await findOutside(path, outsideOf(folder));
    return await driverNamed(found.driver).read(found.path!);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

function outsideOf(runDir: string): InputServices {
  return { access: ACCESS.standard, digests: outside, roots: { runDir }, warn: (message) => console.warn(`consist: ${message}`) };
}

/** A file that is missing is told as what was asked for: no step has an input here. */
async function findOutside(path: string, services: InputServices): Promise<ResolvedInput> {
  try {
    return await find(path, "file", "input()", services);
  } catch (error) {
    if (!(error instanceof InputError) || error.code !== "input_missing") throw error;
    throw new InputError("input_missing", {
      problem: `Cannot read ${JSON.stringify(path)}.`,
      why: error.why,
      fix: error.fix,
      path,
      cause: error,
    });
  }
}

async function find(path: string, key: string, step: string, services: InputServices): Promise<ResolvedInput> {
  return (await resolveInputs({ [key]: path }, "loaded", step, {}, services))[0]!;
}

/** The path as it was written, which is how it is looked for again. */
function written(path: unknown): string {
  if (path instanceof URL && path.protocol === "file:") return fromFileUrl(path);
  if (path instanceof URL && isWebAddress(path.href)) return path.href;
  if (typeof path === "string" && path !== "") return path;
  throw new OptionError("option_invalid", {
    problem: `input() was called with ${path instanceof URL ? path.href : describe(path)}.`,
    why: "It takes the path of a file on this machine, a file: URL, or an https: address.",
    fix: 'Call input("k.json").',
  });
}
