/** What a container sees of this machine: volumes, inputs read-only, and the run's own folder. */
import { basename, dirname, extname, isAbsolute, join, relative, resolve } from "@std/path";
import { JSON } from "../../intrinsics.ts";
import { digestFolder, type DigestMemo, safeName } from "../../artifacts/mod.ts";
import { ContainerError, InputError } from "../../errors.ts";
import type { CodeNote } from "../../identity/mod.ts";
import type { Mount } from "../../programs/mod.ts";
import { digestPart } from "../program.ts";

/** Where the run's own folder is in the container. */
export const RUN_FOLDER = "/consist/outputs";
/** Below this the inputs are that lie in no volume. */
const INPUT_FOLDER = "/consist/inputs";

/** A volume as the user gave it. */
export interface Volume extends Mount {
  /** The files and folders of the user's below it to which the step writes. */
  readonly written: readonly string[];
  /** The user said that the container may write there. */
  readonly isAsked: boolean;
}

/** Everything that is mounted. */
export interface MountPlan {
  readonly volumes: readonly Volume[];
  /** Inputs that are mounted by themselves. */
  readonly inputs: readonly (Mount & { readonly key: string })[];
  /** Input key → its path, or paths, in the container. */
  readonly paths: { readonly [key: string]: string };
}

/** An input as the container gets it. */
export interface GivenInput {
  readonly key: string;
  /** Absolute path of a file or folder, or of several files. */
  readonly path?: string | readonly string[] | undefined;
  /** A value in memory. */
  readonly value?: unknown;
}

/** Which of this machine's files are where in the container. */
export function planMounts(
  volumes: { readonly [hostPath: string]: string },
  inputs: readonly GivenInput[],
  written: readonly string[],
): MountPlan {
  const planned = Object.entries(volumes).map(([host, target]) => volumeOf(host, target, written));
  const mounts: (Mount & { key: string })[] = [];
  const paths: Record<string, string> = {};
  for (const { key, path, value } of inputs) {
    const files = path === undefined ? [] : typeof path === "string" ? [path] : path;
    const isOne = typeof path === "string";
    const placed = files.map((file, index) => placeOf(file, ownName(key, file, isOne ? undefined : index), planned));
    for (const { mount } of placed) if (mount !== undefined) mounts.push({ ...mount, key });
    const targets = placed.map(({ target }) => target);
    const given: unknown = path === undefined ? value : isOne ? targets[0] : targets;
    paths[key] = given as string; // the type says what most inputs are
  }
  return { volumes: planned, inputs: mounts, paths };
}

function volumeOf(host: string, given: string, written: readonly string[]): Volume {
  const [, target = given, mode] = /^(.+?)(?::(ro|rw))?$/s.exec(given) ?? [];
  const source = resolve(host);
  const below = written.filter((path) => innerPath(source, path) !== undefined);
  const writable = mode === "rw" || (mode === undefined && below.length > 0);
  return { source, target: target.length > 1 ? target.replace(/\/+$/, "") : target, writable, written: below, isAsked: mode === "rw" };
}

/** An input's place: in the innermost volume that holds it, where it is mounted over itself if the container may write there; else its own. */
function placeOf(path: string, name: string, volumes: readonly Volume[]): { target: string; mount?: Mount } {
  const holding = volumes.filter(({ source }) => innerPath(source, path) !== undefined)
    .toSorted((one, other) => other.source.length - one.source.length)[0];
  if (holding !== undefined) {
    const target = inContainer(holding, path);
    const isOutput = holding.written.includes(path);
    return { target, ...(holding.writable && !isOutput ? { mount: { source: path, target, writable: false } } : {}) };
  }
  const target = `${INPUT_FOLDER}/${name}`;
  return { target, mount: { source: path, target, writable: false } };
}

/** What an input is called that lies in no volume: by its key, so that its name on this machine does not matter. */
function ownName(key: string, path: string, index: number | undefined): string {
  return index === undefined ? `${safeName(key)}${extname(path)}` : `${safeName(key)}/${index}-${basename(path)}`;
}

/** A path of this machine as the container sees it through a volume. */
function inContainer({ source, target }: Mount, path: string): string {
  const inner = innerPath(source, path)!.replaceAll("\\", "/");
  return inner === "" ? target : `${target === "/" ? "" : target}/${inner}`;
}

/** The path from a folder to what lies in it; nothing where it lies elsewhere. */
function innerPath(folder: string, path: string): string | undefined {
  const inner = relative(folder, path);
  return inner === ".." || /^\.\.[\\/]/.test(inner) || isAbsolute(inner) ? undefined : inner;
}

// ── identity ────────────────────────────────────────────────────────────────────────────────────────────────────────────────

/** What the mounts contribute to the identity. */
export interface MountParts {
  readonly parts: { readonly [name: string]: string };
  readonly opaque: readonly CodeNote[];
  readonly outside: readonly CodeNote[];
}

/** Read-only volumes count by their content, inputs as inputs; what lies in a volume that the container writes to does not count. */
export async function mountParts({ volumes, inputs }: MountPlan, digests: DigestMemo, busy: readonly string[]): Promise<MountParts> {
  const parts: Record<string, string> = {};
  const opaque: CodeNote[] = [];
  const outside: CodeNote[] = [];
  for (const { key, target } of inputs) parts[`mount ${target}`] = `input ${key}, read-only`;
  for (const volume of volumes) {
    const name = `mount ${volume.target}`;
    if (volume.writable) {
      parts[name] = "writable";
      outside.push({ name, why: "the container may write there, and what lies in it besides the declared inputs does not count" });
    } else if (busy.some((path) => innerPath(volume.source, path) !== undefined)) {
      opaque.push({
        name,
        why: "the runs or the ledger lie in it, so that its content is another one each time; mount only what the program reads",
      });
    } else Object.assign(parts, { [name]: await contentOf(volume, digests, opaque) });
  }
  return { parts, opaque, outside };
}

async function contentOf({ source, target }: Volume, digests: DigestMemo, opaque: CodeNote[]): Promise<string> {
  try {
    const state = await Deno.stat(source);
    return `read-only, ${state.isDirectory ? `sha256:${(await digestFolder(source, digests)).digest}` : await digestPart(source, digests)}`;
  } catch (error) {
    if (error instanceof InputError && error.code === "input_missing") return "read-only, empty";
    if (!(error instanceof InputError || error instanceof Deno.errors.NotFound)) throw error;
    opaque.push({ name: `mount ${target}`, why: error instanceof InputError ? error.why : `there is no ${source}` });
    return "unknown";
  }
}

// ── execution ───────────────────────────────────────────────────────────────────────────────────────────────────────────────

/** Makes the folders that are written to, and refuses a volume of which there is nothing on this machine. */
export async function prepareVolumes(volumes: readonly Volume[]): Promise<void> {
  for (const { source, target, written, isAsked } of volumes) {
    if (written.length > 0 || isAsked) {
      if (!written.includes(source)) await Deno.mkdir(source, { recursive: true });
      for (const path of written) await Deno.mkdir(dirname(path), { recursive: true });
    }
    const found = await Deno.stat(source).catch((error: unknown) => error as Error);
    if (!(found instanceof Error)) continue;
    throw new ContainerError("container_failed", {
      problem: `The volume ${JSON.stringify(source)} cannot be mounted at ${target}.`,
      why: found.message,
      fix: "Make the folder, or correct its path.",
      path: source,
      cause: found,
    });
  }
}

/**
 * For a repetition: a copy of each volume that is written to, without the outputs, so that nothing of the user's is touched. Gives the
 * mounts with the copies, and where each written path is now.
 */
export async function copiedVolumes(volumes: readonly Volume[], folder: string): Promise<{ mounts: Mount[]; moved: Map<string, string> }> {
  const moved = new Map<string, string>();
  const mounts = await Promise.all(volumes.map(async (volume, index) => {
    if (!volume.writable) return volume;
    const source = join(folder, `volume-${index + 1}`);
    await copyTree(volume.source, source, new Set(volume.written));
    for (const path of volume.written) moved.set(path, join(source, innerPath(volume.source, path)!));
    return { ...volume, source };
  }));
  return { mounts, moved };
}

async function copyTree(from: string, to: string, without: ReadonlySet<string>): Promise<void> {
  await Deno.mkdir(to, { recursive: true });
  for await (const entry of Deno.readDir(from)) {
    const [source, target] = [join(from, entry.name), join(to, entry.name)];
    if (without.has(source)) continue;
    if (entry.isDirectory) await copyTree(source, target, without);
    else if (entry.isFile) await Deno.copyFile(source, target);
    else if (entry.isSymlink) await Deno.symlink(await Deno.readLink(source), target);
  }
}
