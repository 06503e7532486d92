/** The kernelspec by which Jupyter finds our kernel: where it belongs, what it says, whether it is there and works. */
import { ensureDir, exists } from "@std/fs";
import { fromFileUrl, join, resolve } from "@std/path";
import { NotebookError } from "../errors.ts";
import { writeWhole } from "./notebook_file.ts";

/** The folder of our kernelspec, and the name by which notebooks ask for it. */
export const KERNEL_NAME = "deno-consist";

/** Where Jupyter looks for kernels. */
export type KernelPlace =
  | { readonly kind: "user" }
  | { readonly kind: "sys-prefix"; readonly python?: string | undefined }
  | { readonly kind: "prefix"; readonly prefix: string };

/** What a kernelspec says. */
export interface Kernelspec {
  /** The command that starts the kernel. */
  readonly argv: readonly string[];
  /** Its name in the launcher. */
  readonly display_name: string;
  /** The language of its cells. */
  readonly language: string;
  /** Interrupts come as messages. */
  readonly interrupt_mode: "message";
}

/** A kernelspec that is installed. */
export interface InstalledKernel {
  /** Its folder. */
  readonly folder: string;
  /** What it says; `undefined` where the file cannot be read. */
  readonly spec: Kernelspec | undefined;
  /** What is wrong with it; empty where it works. */
  readonly faults: readonly string[];
}

/** The folder of Jupyter's that holds kernels, for a place. */
export async function kernelsFolder(place: KernelPlace): Promise<string> {
  if (place.kind === "user") return join(userFolder(), "kernels");
  const prefix = place.kind === "prefix" ? resolve(place.prefix) : await pythonPrefix(place.python ?? "python3");
  return join(prefix, "share", "jupyter", "kernels");
}

/** As `jupyter --paths` gives it for data. */
function userFolder(): string {
  const chosen = Deno.env.get("JUPYTER_DATA_DIR");
  if (chosen !== undefined && chosen !== "") return chosen;
  const home = Deno.env.get("HOME") ?? Deno.env.get("USERPROFILE") ?? ".";
  if (Deno.build.os === "darwin") return join(home, "Library", "Jupyter");
  if (Deno.build.os === "windows") return join(Deno.env.get("APPDATA") ?? home, "jupyter");
  return join(Deno.env.get("XDG_DATA_HOME") ?? join(home, ".local", "share"), "jupyter");
}

async function pythonPrefix(python: string): Promise<string> {
  try {
    const { success, stdout } = await new Deno.Command(python, {
      args: ["-c", "import sys; print(sys.prefix)"],
      stdin: "null",
      stdout: "piped",
      stderr: "null",
    }).output();
    const prefix = new TextDecoder().decode(stdout).trim();
    if (success && prefix !== "") return prefix;
    throw new Error(`"${python}" does not say what its sys.prefix is`);
  } catch (cause) {
    throw new NotebookError("notebook_failed", {
      problem: "The place for the kernel was not found.",
      why: `${cause instanceof Error ? cause.message : String(cause)}.`,
      fix: "Activate the environment in which Jupyter is installed, or name its folder with --prefix.",
      cause,
    });
  }
}

/** The words that start our kernel: this Deno, this library, and the connection file that Jupyter fills in. */
export function kernelspec(): Kernelspec {
  const program = new URL("../../cli.ts", import.meta.url);
  const config = program.protocol === "file:" ? ["--config", fromFileUrl(new URL("../../deno.json", import.meta.url))] : [];
  const path = program.protocol === "file:" ? fromFileUrl(program) : program.href;
  const argv = [Deno.execPath(), "run", "-A", "--no-check", ...config, path, "kernel", "start", "{connection_file}"];
  return { argv, display_name: "Deno (Consist)", language: "typescript", interrupt_mode: "message" };
}

/** Writes the kernelspec and gives its folder. One that is there already is replaced. */
export async function installKernel(place: KernelPlace): Promise<string> {
  const folder = await kernelspecFolder(place);
  try {
    await ensureDir(folder);
    await writeWhole(join(folder, "kernel.json"), `${JSON.stringify(kernelspec(), null, 1)}\n`);
  } catch (cause) {
    throw new NotebookError("notebook_failed", {
      problem: `The kernel could not be installed in "${folder}".`,
      why: `The folder cannot be written: ${cause instanceof Error ? cause.message : String(cause)}.`,
      fix: "Install it for yourself (without --sys-prefix and --prefix), or as somebody who may write there.",
      cause,
    });
  }
  return folder;
}

/** Removes the kernelspec; `undefined` where there was none. */
export async function uninstallKernel(place: KernelPlace): Promise<string | undefined> {
  const folder = await kernelspecFolder(place);
  if (!await exists(folder)) return undefined;
  await Deno.remove(folder, { recursive: true });
  return folder;
}

/** The kernelspec at a place, and whether it can work; `undefined` where there is none. */
export async function installedKernel(place: KernelPlace): Promise<InstalledKernel | undefined> {
  const folder = await kernelspecFolder(place);
  if (!await exists(folder)) return undefined;
  const spec = await readSpec(join(folder, "kernel.json"));
  if (spec === undefined) return { folder, spec, faults: ["its kernel.json is missing or is no kernelspec"] };
  const files = spec.argv.filter((word) => /^(?:\/|[A-Za-z]:[\\/])/.test(word));
  const missing = (await Promise.all(files.map(async (path) => await exists(path) ? [] : [`${path} is not there any more`]))).flat();
  return { folder, spec, faults: missing };
}

async function readSpec(path: string): Promise<Kernelspec | undefined> {
  try {
    const spec = JSON.parse(await Deno.readTextFile(path)) as Partial<Kernelspec>;
    return Array.isArray(spec.argv) && spec.argv.every((word) => typeof word === "string") ? spec as Kernelspec : undefined;
  } catch {
    return undefined; // whoever asks says that it is missing or damaged
  }
}

/** The folder in which a kernelspec of this place would stand. */
export const kernelspecFolder = async (place: KernelPlace): Promise<string> => join(await kernelsFolder(place), KERNEL_NAME);
