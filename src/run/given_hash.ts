/** A content hash that the caller gives with a file: taken as it is, unless it is to be checked, or the run knows another one for this file. */
import { digestFile } from "../artifacts/mod.ts";
import { ContentError, OptionError } from "../errors.ts";
import type { Meta } from "../types.ts";
import type { ActiveRun } from "./active_run.ts";
import { describe } from "./check_options.ts";
import type { LogOptions } from "./step_types.ts";

/** What logging knows of a file's hash. */
export type HashOptions = Pick<LogOptions, "contentHash" | "validateContentHash" | "forceHashOverride">;

/**
 * The hash that was given for a file; `undefined` where none was, or where the run has read the file with another one and is not told to
 * override it.
 *
 * @throws {OptionError} `option_invalid` where it is no SHA-256
 * @throws {ContentError} `content_mismatch` where it is to be checked, and the file has another one
 */
export async function givenHash(run: ActiveRun, path: string, key: string, options: HashOptions): Promise<string | undefined> {
  const { contentHash: given, validateContentHash = false, forceHashOverride = false } = options;
  if (given === undefined) return undefined;
  if (typeof given !== "string" || !/^[0-9a-f]{64}$/i.test(given)) throw noHash(key, given);
  const hash = given.toLowerCase();
  if (validateContentHash) {
    const found = await digestFile(path, run.services.digests);
    if (found !== hash) throw wrongHash(run, path, key, hash, found);
    return hash;
  }
  const known = knownHash(run, path);
  if (known === undefined || known === hash || forceHashOverride) return hash;
  run.warn(
    `the contentHash of "${key}" is not the one that this run knows for ${path}, and is not used; forceHashOverride: true would use it`,
  );
  return undefined;
}

/** What is noted with an artifact whose hash nobody computed. */
export const GIVEN_HASH: Meta = {
  hash_semantics: { version: 1, algorithm: "unknown", kind: "file", digest_contract: "caller_supplied", source: "caller_supplied" },
};

/** The hash with which the run has read or logged this file. */
function knownHash({ request, logged, outputs }: ActiveRun, path: string): string | undefined {
  const files = [...request.inputs, ...request.dependencies, ...logged.values(), ...outputs.values()];
  return files.find((file) => file.path === path)?.hash;
}

function noHash(key: string, given: unknown): OptionError {
  return new OptionError("option_invalid", {
    problem: `The contentHash of "${key}" is ${describe(given)}.`,
    why: "A content hash is a SHA-256 as 64 hexadecimal digits.",
    fix: "Leave it out: the file is hashed, and an unchanged one is not read twice.",
    path: "contentHash",
  });
}

function wrongHash(run: ActiveRun, path: string, key: string, given: string, found: string): ContentError {
  return new ContentError("content_mismatch", {
    problem: `Cannot log artifact "${key}": the contentHash given for ${path} is wrong.`,
    why: `The file has the hash ${found.slice(0, 12)}…, and ${given.slice(0, 12)}… was given.`,
    fix: "Correct contentHash, or leave it out.",
    run: run.id,
    step: run.request.name,
    path,
  });
}
