/** The files of a step cell as inputs of its run: those that its options list, and those that its text reads by itself. */
import { basename, extname, fromFileUrl } from "@std/path";
import { isGlob, isWebAddress } from "../artifacts/mod.ts";
import type { CodeIdentity } from "../identity/mod.ts";
import { keyOfName } from "../run/mod.ts";
import { type Evaluate, type Held, readName, valueOf } from "./held_outputs.ts";
import type { StepSpec } from "./step_message.ts";

/**
 * The files that the cell's text reads by itself. What is no file of this machine is text, or not there: then the step sees that itself. Not
 * every name that holds a path is bound: after a hit an output of a step is not.
 */
export async function readsOf(
  { reads }: StepSpec,
  artifacts: ReadonlyMap<string, Held>,
  evaluate: Evaluate,
): Promise<[undefined, string][]> {
  const held = await Promise.all(
    reads.names.map((name) => artifacts.has(name) ? valueOf(name, artifacts.get(name)!) : readName(name, evaluate)),
  );
  const paths = [...new Set([...reads.paths, ...held.flat().flatMap(pathOf)])];
  const words = reads.words.filter((word) => !paths.includes(word) && isFileNamed(word));
  const isThere = await Promise.all(paths.map(isReadable));
  return [...paths.filter((_, at) => isThere[at]), ...words].map((path) => [undefined, path]);
}

function pathOf(value: unknown): string[] {
  if (typeof value === "string") return [value];
  return value instanceof URL && value.protocol === "file:" ? [fromFileUrl(value)] : [];
}

async function isReadable(path: string): Promise<boolean> {
  try {
    const { isFile, isDirectory } = await Deno.stat(path);
    return isFile || isDirectory;
  } catch {
    return isPattern(path); // frames read all that match
  }
}

/** A folder that a program is given may hold more than belongs to the step, as the step's own outputs. */
function isFileNamed(word: string): boolean {
  try {
    return Deno.statSync(word).isFile;
  } catch {
    return false; // no file, or no path at all
  }
}

/** A pattern of paths, and no text that has its characters. */
const isPattern = (path: string): boolean => isGlob(path) && path.length < 1000 && !/[\n",]/.test(path) && !isWebAddress(path);

/** Why nothing tells which files a step reads, although it is seen what it opens itself; where the cell says which, there is no doubt. */
export function untoldReads({ tellsFiles, reads }: StepSpec, { outside }: CodeIdentity): string[] {
  if (tellsFiles) return [];
  const named = (why: string) => outside.filter((note) => note.why === why).map(({ name }) => name);
  const lazy = named("files, when it is collected");
  const programs = reads.words.some(isFileNamed) ? [] : named("other programs");
  return [
    ...lazy.map((name) =>
      `"${name}" reads files when it is collected, and nothing here tells which: make it in this cell, or list them (//| inputs: …)`
    ),
    ...programs.slice(0, 1).map((name) =>
      `it starts another program (${name}), and nothing tells which files that reads: list them (//| inputs: …)`
    ),
  ];
}

/** Packages whose reading is seen. */
const LISTENED = /^(?:consist$|nodejs-polars)/;
/** So many words are looked at. */
const MOST_WORDS = 5_000;

/**
 * Files whose names stand somewhere in what a step reaches, where it reaches a package that may read them by native code (DuckDB: `FROM
 * 'a.csv'`), which nobody sees.
 */
export function mentionedFiles({ text }: StepSpec, { parts }: CodeIdentity): string[] {
  if (!parts.some(({ kind, name }) => kind === "package" && !LISTENED.test(name))) return [];
  const words = new Set<string>();
  for (const each of [text, ...parts.map((part) => part.text ?? "")]) {
    for (const word of each.split(/[\s"'`()[\]{},;<>=|]+/)) if (words.size < MOST_WORDS && /[./]/.test(word)) words.add(word);
  }
  return [...words].filter((word) => isFileNamed(word) || PATTERN.test(word));
}

/** A pattern of files with rows. */
const PATTERN = /^[^:]*\*[^:]*\.(?:csv|tsv|parquet|json|ndjson|jsonl|arrow|feather|txt)(?:\.gz|\.zst)?$/;

/** A path is a path, also where the scenario has a key of this name. */
export function filesByKey(files: StepSpec["files"], taken: ReadonlySet<string>): { [key: string]: unknown } {
  const found: { [key: string]: unknown } = {};
  for (const [given, path] of files) {
    const wanted = given ?? keyOfName(basename(path, extname(path)).replaceAll(/[*?[\]{}]+/g, "_"));
    let key = wanted;
    for (let n = 2; key in found || taken.has(key); n++) key = `${wanted}_${n}`;
    found[key] = isWebAddress(path) ? path : { path };
  }
  return found;
}
