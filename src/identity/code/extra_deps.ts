/** Files and folders that the user names as belonging to a step's code. */
import { resolve } from "@std/path";
import { JSON } from "../../intrinsics.ts";
import type { CodeIdentity, CodePart } from "../code_parts.ts";
import { byCodePoint, sha256 } from "../digest.ts";
import { MISSING, pathDigest } from "./file_digest.ts";

/** Adds the named files and folders to an identity. A missing one counts as missing, so the hash changes when it appears. */
export async function withExtraDeps(identity: CodeIdentity, paths: readonly string[], baseDir: string): Promise<CodeIdentity> {
  const names = [...new Set(paths)].sort(byCodePoint);
  const parts = await Promise.all(names.map((name) => filePart(name, baseDir)));
  const hash = identity.hash === null ? null : sha256(JSON.stringify([identity.hash, parts.map(({ name, hash }) => [name, hash])]));
  return { ...identity, hash, parts: [...identity.parts, ...parts] };
}

async function filePart(name: string, baseDir: string): Promise<CodePart> {
  const hash = await pathDigest(resolve(baseDir, name));
  return hash === MISSING ? { kind: "file", name, hash, text: "missing" } : { kind: "file", name, hash };
}
