/** Files and folders that the arguments of a program name, without being inputs: their content counts. */
import { isAbsolute, join, relative, resolve } from "@std/path";
import { digestFolder } from "../artifacts/mod.ts";
import { InputError } from "../errors.ts";
import type { CodeNote } from "../identity/mod.ts";
import { hasRole, withRoles } from "../programs/mod.ts";
import { digestPart, type ProgramMoment } from "./program.ts";

/** What was found: parts by name, and what could not be told. */
export interface NamedFiles {
  /** Part → digest. */
  readonly parts: { readonly [name: string]: string };
  /** Folders that hold too much to tell. */
  readonly opaque: readonly CodeNote[];
  /** Folders that the step writes to: what else lies in them does not count. */
  readonly outside: readonly CodeNote[];
}

/** Looks at every argument that names something on the disk. */
export async function namedFiles(args: readonly string[], cwd: string, at: ProgramMoment): Promise<NamedFiles> {
  const found = await Promise.all(args.map((argument, index) => namedBy(argument, index + 1, cwd, at)));
  return {
    parts: Object.assign({}, ...found.map(({ parts }) => parts)),
    opaque: found.flatMap(({ opaque }) => opaque ?? []),
    outside: found.flatMap(({ outside }) => outside ?? []),
  };
}

/** The absolute paths of what arguments name. */
export async function namedPaths(args: readonly string[], cwd: string): Promise<string[]> {
  const paths = args.flatMap(textsOf).filter((text) => text !== "" && !text.includes("\0")).map((text) => resolve(cwd, text));
  const kinds = await Promise.all(paths.map(kindOf));
  return paths.filter((_, index) => kinds[index] === "file");
}

/** An argument as a whole, and what follows its first `=`. */
const textsOf = (argument: string): string[] => [
  argument,
  ...(argument.includes("=") ? [argument.slice(argument.indexOf("=") + 1)] : []),
];

async function namedBy(argument: string, number: number, cwd: string, at: ProgramMoment): Promise<Partial<NamedFiles>> {
  for (const text of textsOf(argument)) {
    if (text === "" || text.includes("\0") || hasRole(text, countedRoles(at))) continue;
    const path = resolve(cwd, text);
    const kind = await kindOf(path);
    if (kind === undefined || at.written.some((own) => isBelow(path, own))) continue;
    const name = `argument ${number} (${withRoles(text, at.roles)})`;
    return kind === "file" ? await file(path, name, at) : await folder(path, name, at);
  }
  return {};
}

/** What counts already: inputs by their content. What the run's folder holds is made by the run. */
const countedRoles = ({ roles }: ProgramMoment) => roles.filter(({ role }) => role.startsWith("input ") || role.startsWith("run"));

async function kindOf(path: string): Promise<"file" | "folder" | undefined> {
  try {
    const { isFile, isDirectory } = await Deno.stat(path);
    return isFile ? "file" : isDirectory ? "folder" : undefined;
  } catch {
    // Most arguments name nothing, and some are no possible names: then there is nothing to count.
    return undefined;
  }
}

function isBelow(path: string, folder: string): boolean {
  const inner = relative(folder, path);
  return inner === "" || (inner !== ".." && !/^\.\.[\\/]/.test(inner) && !isAbsolute(inner));
}

async function file(path: string, name: string, { digests }: ProgramMoment): Promise<Partial<NamedFiles>> {
  if (SYSTEM.test(path)) return { opaque: [{ name, why: "the system makes it up when it is read" }] };
  try {
    return { parts: { [`file of ${name}`]: await digestPart(path, digests) } };
  } catch (error) {
    if (!(error instanceof InputError)) throw error;
    return { opaque: [{ name, why: `it is a file that cannot be read: ${error.why}` }] };
  }
}

/** A folder with more files than this is hardly meant as a whole, and might take hours to read. */
const MOST_FILES = 10_000;
/** What the system makes up when it is read. */
const SYSTEM = /^\/(?:proc|sys|dev)(?:\/|$)/;

/** Does a folder hold more files than are read for an argument? What cannot be listed is met again when it is read. */
async function isVast(folder: string): Promise<boolean> {
  if (SYSTEM.test(folder)) return true;
  let count = 0;
  const waiting = [folder];
  for (let next = waiting.pop(); next !== undefined; next = waiting.pop()) {
    const entries = await Array.fromAsync(Deno.readDir(next)).catch(() => []);
    count += entries.length;
    if (count > MOST_FILES) return true;
    for (const { name, isDirectory } of entries) if (isDirectory) waiting.push(join(next, name));
  }
  return false;
}

/** A folder counts by all that lies in it, where that can be told. */
async function folder(path: string, name: string, at: ProgramMoment): Promise<Partial<NamedFiles>> {
  if (isBelow(Deno.cwd(), path)) {
    const why = "it is the folder of the project or one above it, and what of it decides the result is not known; " +
      "give what the program reads as inputs";
    return { opaque: [{ name, why }] };
  }
  if (at.written.some((own) => isBelow(own, path))) {
    return { outside: [{ name, why: "the step writes into this folder, and what else lies in it does not count" }] };
  }
  if (await isVast(path)) {
    return { opaque: [{ name, why: `it is a folder with more than ${MOST_FILES} files; give what the program reads as inputs` }] };
  }
  try {
    return { parts: { [`folder of ${name}`]: `sha256:${(await digestFolder(path, at.digests)).digest}` } };
  } catch (error) {
    if (!(error instanceof InputError)) throw error;
    if (error.code === "input_missing") return { parts: { [`folder of ${name}`]: "empty" } };
    return { opaque: [{ name, why: `it is a folder that cannot be read: ${error.why}` }] };
  }
}
