/** Finds the file that a program's name stands for, and what runs it where it is a script. */
import { delimiter } from "node:path";
import { basename, isAbsolute, join, resolve } from "@std/path";
import { TextDecoder } from "../intrinsics.ts";

/** Where a program is looked for. */
export interface ProgramPlace {
  /** The folder in which it will run: a name with a slash is relative to it. */
  readonly cwd: string;
  /** The search path. */
  readonly path: string;
}

const isWindows = Deno.build.os === "windows";

/** The absolute path of a program, or nothing where there is none. */
export async function findProgram(name: string, { cwd, path }: ProgramPlace): Promise<string | undefined> {
  if (name === "" || name.includes("\0")) return undefined;
  const hasFolder = isAbsolute(name) || name.includes("/") || (isWindows && name.includes("\\"));
  const folders = hasFolder ? [""] : path.split(delimiter).filter((folder) => folder !== "");
  for (const folder of folders) {
    for (const ending of endings(name)) {
      const candidate = resolve(cwd, join(folder, name) + ending);
      if (await isProgram(candidate)) return candidate;
    }
  }
  return undefined;
}

/** Windows adds an ending of its own. */
function endings(name: string): string[] {
  if (!isWindows) return [""];
  const known = (Deno.env.get("PATHEXT") ?? ".COM;.EXE;.BAT;.CMD").split(";").filter((ending) => ending !== "");
  return known.some((ending) => name.toLowerCase().endsWith(ending.toLowerCase())) ? ["", ...known] : known;
}

async function isProgram(path: string): Promise<boolean> {
  try {
    const { isFile, mode } = await Deno.stat(path);
    return isFile && (mode === null || (mode & 0o111) !== 0);
  } catch (error) {
    // A folder of the search path need not exist, and may be closed to us: the next one is looked into.
    if (
      error instanceof Deno.errors.NotFound || error instanceof Deno.errors.NotADirectory || error instanceof Deno.errors.PermissionDenied
    ) {
      return false;
    }
    throw error;
  }
}

/** The most that a script's first line is read. */
const FIRST_LINE = 256;

/** The programs that run a script, by its first line: `#!/usr/bin/env python3` names two. None where it is no script. */
export async function interpretersOf(program: string, place: ProgramPlace): Promise<string[]> {
  const words = /^#!\s*(.+)$/.exec(await firstLine(program))?.[1]?.trim().split(/\s+/) ?? [];
  const first = words[0] === undefined ? undefined : await findProgram(words[0], place);
  if (first === undefined) return [];
  const inner = basename(first) === "env" ? words.slice(1).find((word) => !word.startsWith("-") && !word.includes("=")) : undefined;
  const second = inner === undefined ? undefined : await findProgram(inner, place);
  return second === undefined ? [first] : [first, second];
}

async function firstLine(path: string): Promise<string> {
  using file = await Deno.open(path);
  const bytes = new Uint8Array(FIRST_LINE);
  const read = await file.read(bytes) ?? 0;
  return new TextDecoder().decode(bytes.subarray(0, read)).split("\n")[0]!;
}
