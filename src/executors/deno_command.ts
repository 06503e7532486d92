/** The command that runs a program of this library in another process, as this one is run. */
import { dirname, fromFileUrl, join } from "@std/path";
import { ExecutorError } from "../errors.ts";
import { namesConfig, ownFlags } from "./own_flags.ts";

const KINDS = ["read", "write", "net", "env", "run", "ffi", "sys", "import"] as const;

/** Deno with the permissions and the configuration of this process. A permission that is only granted in part is not passed on. */
export async function denoCommand(program: string, args: readonly string[]): Promise<string[]> {
  if (Deno.build.standalone) throw compiled();
  const states = await Promise.all(KINDS.map(async (name) => ({ name, ...await stateOf(name) })));
  const granted = states.filter(({ state }) => state === "granted").map(({ name }) => `--allow-${name}`);
  const permissions = granted.length === KINDS.length ? ["--allow-all"] : granted;
  const flags = ownFlags();
  const config = namesConfig(flags) ? undefined : configFile();
  return [
    Deno.execPath(),
    "run",
    "--quiet",
    "--no-prompt",
    ...permissions,
    ...flags,
    ...(config === undefined ? [] : ["--config", config]),
    program,
    ...args,
  ];
}

/** A compiled program would start itself again. */
function compiled(): ExecutorError {
  return new ExecutorError("not_importable", {
    problem: "This program is compiled, and cannot start worker processes.",
    why: "There is no Deno in it that could run a module by itself.",
    fix: 'Use executor: "in_process", or run the program with deno run.',
  });
}

async function stateOf(name: typeof KINDS[number]): Promise<{ state: string }> {
  const { state } = await Deno.permissions.query({ name } as Deno.PermissionDescriptor);
  return { state };
}

/** The configuration that Deno finds from the main module, or from the working directory, as it did for this process. */
function configFile(): string | undefined {
  const main = Deno.mainModule.startsWith("file:") ? dirname(fromFileUrl(Deno.mainModule)) : undefined;
  return (main === undefined ? undefined : above(main)) ?? above(Deno.cwd());
}

function above(folder: string): string | undefined {
  for (let dir = folder;; dir = dirname(dir)) {
    for (const name of ["deno.json", "deno.jsonc"]) if (isThere(join(dir, name))) return join(dir, name);
    if (dirname(dir) === dir) return undefined;
  }
}

function isThere(path: string): boolean {
  try {
    return Deno.statSync(path).isFile;
  } catch (error) {
    if (error instanceof Error) return false; // not there, or not to be looked at: then Deno does not see it either
    throw error;
  }
}
