/** Files and folders that the arguments of a program name, without being inputs: their content counts. */
import { join, resolve } from "@std/path";
import { digestFolder } from "../../artifacts/mod.ts";
import { InputError } from "../../errors.ts";
import type { CodeNote } from "../../identity/mod.ts";
import { hasRole, withRoles } from "../../programs/mod.ts";
import { isBelow } from "../copy_options.ts";
import { digestPart, type ProgramMoment } from "../program.ts";

/** What was found: parts by name, and what could not be told. */
export interface NamedFiles {
  /** Part → digest. */
  readonly parts: { readonly [name: string]: string };
  /** The paths of the files and folders that count. */
  readonly paths: readonly string[];
  /** Folders that hold too much to tell. */
  readonly opaque: readonly CodeNote[];
  /** Folders that the step writes to: what else lies in them does not count. */
  readonly outside: readonly CodeNote[];
}

/** Looks at every argument that names something on the disk. */
export async function namedFiles(args: readonly string[], cwd: string, at: ProgramMoment): Promise<NamedFiles> {
  return together(await Promise.all(args.map((argument, index) => namedBy(argument, index + 1, cwd, at))));
}

/** Files that the given variables name: `env: { CONFIG: "model.yaml" }`. A folder is hardly meant as a whole: `HOME`, `TMPDIR`. */
export async function filesOfVariables(env: { readonly [name: string]: string }, cwd: string, at: ProgramMoment): Promise<NamedFiles> {
  const found = await Promise.all(
    Object.entries(env).map(async ([name, value]) => {
      if (!mayBePath(value) || hasRole(value, countedRoles(at)) || await kindOf(resolve(cwd, value)) !== "file") return {};
      return await file(resolve(cwd, value), `environment ${name}`, at);
    }),
  );
  return together(found);
}

function together(found: readonly Partial<NamedFiles>[]): NamedFiles {
  return {
    parts: Object.assign({}, ...found.map(({ parts }) => parts)),
    paths: found.flatMap(({ paths }) => paths ?? []),
    opaque: found.flatMap(({ opaque }) => opaque ?? []),
    outside: found.flatMap(({ outside }) => outside ?? []),
  };
}

/** The absolute paths of what arguments name. */
export async function namedPaths(args: readonly string[], cwd: string): Promise<string[]> {
  const texts = args.flatMap((argument) => [...textsOf(argument), ...listedIn(argument)]);
  const paths = texts.filter(mayBePath).map((text) => resolve(cwd, text));
  const kinds = await Promise.all(paths.map(kindOf));
  return paths.filter((_, index) => kinds[index] === "file");
}

const mayBePath = (text: string): boolean => text !== "" && !text.includes("\0");

/** What of an argument may be a path: the whole, what follows its first `=`, a short option (`-fscript.awk`), or the `@` of a file with arguments. */
function textsOf(argument: string): string[] {
  const value = argument.includes("=") ? argument.slice(argument.indexOf("=") + 1) : argument;
  const glued = /^-[A-Za-z](.+)$/s.exec(argument)?.[1];
  return [...new Set([argument, value, ...(glued === undefined ? [] : [glued]), ...(value.startsWith("@") ? [value.slice(1)] : [])])];
}

/** The members of a list of files: `-cp lib/a.jar:lib/b.jar`. */
function listedIn(argument: string): string[] {
  const members = textsOf(argument).slice(0, 2).flatMap((text) => text.split(/[:;,]/));
  return [...new Set(members.filter((member) => member !== argument && !argument.endsWith(`=${member}`)))];
}

async function namedBy(argument: string, number: number, cwd: string, at: ProgramMoment): Promise<Partial<NamedFiles>> {
  for (const text of textsOf(argument)) {
    const found = await namedByText(text, number, cwd, at);
    if (found !== undefined) return found;
  }
  const listed = await Promise.all(
    listedIn(argument).map(async (text) =>
      await kindOf(resolve(cwd, text)) === "file" ? await namedByText(text, number, cwd, at) : undefined
    ),
  );
  return together(listed.filter((found) => found !== undefined));
}

/** What a text names; nothing where it names nothing that would count besides. */
async function namedByText(text: string, number: number, cwd: string, at: ProgramMoment): Promise<Partial<NamedFiles> | undefined> {
  if (!mayBePath(text) || hasRole(text, countedRoles(at))) return undefined;
  const path = resolve(cwd, text);
  const kind = await kindOf(path);
  const isWritten = at.isWritten(path, cwd);
  if (kind === undefined || isWritten === true) return undefined;
  const name = `argument ${number} (${withRoles(text, at.roles)})`;
  if (kind === "folder") return await folder(path, name, at);
  if (isWritten === false) return await file(path, name, at);
  const why = "it lies in the folder that is captured, and nothing tells whether the program reads or writes it: " +
    'say with capturePattern which files it writes there ("*.csv"), or capture a folder of their own';
  return { opaque: [{ name, why }] };
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

async function file(path: string, name: string, { digests }: ProgramMoment): Promise<Partial<NamedFiles>> {
  if (SYSTEM.test(path)) return { opaque: [{ name, why: "the system makes it up when it is read" }] };
  try {
    return { parts: { [`file of ${name}`]: await digestPart(path, digests) }, paths: [path] };
  } catch (error) {
    if (!(error instanceof InputError)) throw error;
    return { opaque: [{ name, why: `it is a file that cannot be read: ${error.why}` }] };
  }
}

/** A folder with more files than this is hardly meant as a whole, and might take hours to read. */
const MOST_FILES = 10_000;
/** What the system makes up when it is read. Below `/dev/shm` are ordinary files. */
const SYSTEM = /^\/(?:proc|sys|dev(?!\/shm\/))(?:\/|$)/;

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
  if (isBelow(path, Deno.cwd())) {
    const why = "it is the folder of the project or one above it, and what of it decides the result is not known; " +
      "give what the program reads as inputs";
    return { opaque: [{ name, why }] };
  }
  if (at.written.some((own) => isBelow(path, own))) {
    return { outside: [{ name, why: "the step writes into this folder, and what else lies in it does not count" }] };
  }
  if (await isVast(path)) {
    return { opaque: [{ name, why: `it is a folder with more than ${MOST_FILES} files; give what the program reads as inputs` }] };
  }
  try {
    return { parts: { [`folder of ${name}`]: `sha256:${(await digestFolder(path, at.digests)).digest}` }, paths: [path] };
  } catch (error) {
    if (!(error instanceof InputError)) throw error;
    if (error.code === "input_missing") return { parts: { [`folder of ${name}`]: "empty" }, paths: [path] };
    return { opaque: [{ name, why: `it is a folder that cannot be read: ${error.why}` }] };
  }
}
