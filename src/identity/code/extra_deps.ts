/** Files and folders that the user names as belonging to a step's code. */
import { resolve } from "@std/path";
import { digestGlob, DigestMemo, isGlob } from "../../artifacts/mod.ts";
import { InputError } from "../../errors.ts";
import { JSON } from "../../intrinsics.ts";
import type { CodeIdentity, CodePart } from "../code_parts.ts";
import { byCodePoint, sha256 } from "../digest.ts";
import { MISSING, pathDigest } from "./file_digest.ts";

/** Adds the named files, folders and patterns to an identity. A missing one counts as missing, so the hash changes when it appears. */
export async function withExtraDeps(identity: CodeIdentity, paths: readonly string[], baseDir: string): Promise<CodeIdentity> {
  const names = [...new Set(paths)].sort(byCodePoint);
  const parts = await Promise.all(names.map((name) => filePart(name, baseDir)));
  const hash = identity.hash === null ? null : sha256(JSON.stringify([identity.hash, parts.map(({ name, hash }) => [name, hash])]));
  return { ...identity, hash, parts: [...identity.parts, ...parts] };
}

async function filePart(name: string, baseDir: string): Promise<CodePart> {
  const path = resolve(baseDir, name);
  const there = await pathDigest(path);
  const hash = there === MISSING && isGlob(name) ? await patternDigest(path) : there;
  return hash === MISSING ? { kind: "file", name, hash, text: "missing" } : { kind: "file", name, hash };
}

/** The files that match a pattern; none is as if they were missing. */
async function patternDigest(pattern: string): Promise<string> {
  try {
    return (await digestGlob(pattern, new DigestMemo())).digest;
  } catch (error) {
    if (error instanceof InputError && error.code === "input_missing") return MISSING;
    throw error;
  }
}
