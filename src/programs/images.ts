/** Asks a container engine: which image a name stands for, and what it left behind. */
import { resolve } from "@std/path";
import { JSON, TextDecoder } from "../intrinsics.ts";
import { digestFile, digestFolder, type DigestMemo } from "../artifacts/mod.ts";
import { InputError } from "../errors.ts";
import { type EngineName, ENGINES, inspectLine, isImageFile, labelLine, listLine, pullLine, removeLine } from "./engines.ts";
import { findProgram } from "./find_program.ts";

/** A container engine of this machine. */
export interface Engine {
  /** Which one it is. */
  readonly name: EngineName;
  /** The path of its program. */
  readonly program: string;
}

/** The engine asked for, else the first one found. */
export async function findEngine(wanted: EngineName | undefined): Promise<Engine | undefined> {
  const place = { cwd: Deno.cwd(), path: Deno.env.get("PATH") ?? "" };
  for (const name of wanted === undefined ? ENGINES : [wanted]) {
    const program = await findProgram(name, place) ?? (name === "apptainer" ? await findProgram("singularity", place) : undefined);
    if (program !== undefined) return { name, program };
  }
  return undefined;
}

/** What an image's name stands for at this moment: its content, or why that is not known. */
export type ImageState =
  | { readonly digest: string }
  | { readonly problem: "missing" | "unknown" | "failed"; readonly why: string };

/** The content of an image. */
export async function imageState(engine: Engine, image: string, digests: DigestMemo): Promise<ImageState> {
  if (engine.name === "apptainer") return await apptainerImageState(image, digests);
  const { code, out, err } = await ask(engine, inspectLine(image));
  const id = /^(?:sha256:)?([0-9a-f]{12,})/.exec(out.trim())?.[1];
  if (code === 0 && id !== undefined) return { digest: `sha256:${id}` };
  if (code !== 0 && /no such (?:image|object)|image not known|not found|unable to find/i.test(err)) {
    return { problem: "missing", why: lastLine(err) };
  }
  return { problem: "failed", why: code === 0 ? `${engine.name} told no id: ${JSON.stringify(out.slice(0, 80))}` : lastLine(err) };
}

/** Apptainer's images are files; a name in a registry says what it is only where it has a digest. */
async function apptainerImageState(image: string, digests: DigestMemo): Promise<ImageState> {
  const pinned = /@(sha256:[0-9a-f]{64})$/.exec(image)?.[1];
  if (pinned !== undefined) return { digest: pinned };
  if (!isImageFile(image)) {
    return { problem: "unknown", why: "nothing says what is in it: give a file (.sif), or its name with @sha256:…" };
  }
  const path = resolve(image);
  try {
    const isFolder = (await Deno.stat(path)).isDirectory;
    return { digest: `sha256:${isFolder ? (await digestFolder(path, digests)).digest : await digestFile(path, digests)}` };
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return { problem: "missing", why: `There is no file ${path}.` };
    if (error instanceof InputError) return { problem: "failed", why: error.why };
    throw error;
  }
}

/** Fetches an image anew; gives the reason where that failed. */
export async function pullImage(engine: Engine, image: string): Promise<string | undefined> {
  if (engine.name === "apptainer") return undefined; // it fetches what it runs
  const { code, err } = await ask(engine, pullLine(image));
  return code === 0 ? undefined : lastLine(err);
}

/** Removes the containers with a label whose value says that nobody waits for them any more. */
export async function removeLeft(engine: Engine, label: string, isLeft: (value: string) => boolean): Promise<string[]> {
  const remove = removeLine(engine.name, []);
  if (remove === undefined) return [];
  const listed = (await ask(engine, listLine(label))).out.split("\n").map((line) => line.trim()).filter((id) => /^[0-9a-f]+$/.test(id));
  if (listed.length === 0) return [];
  const lines = (await ask(engine, labelLine(label, listed))).out.split("\n");
  const left = lines.flatMap((line) => {
    const [id = "", value = ""] = line.trim().split(" ");
    return id !== "" && value !== "" && isLeft(value) ? [id] : [];
  });
  if (left.length > 0) await ask(engine, [...remove, ...left]);
  return left;
}

async function ask({ program }: Engine, args: readonly string[]): Promise<{ code: number; out: string; err: string }> {
  const { code, stdout, stderr } = await new Deno.Command(program, { args: [...args], stdin: "null", stdout: "piped", stderr: "piped" })
    .output();
  return { code, out: new TextDecoder().decode(stdout), err: new TextDecoder().decode(stderr) };
}

const lastLine = (text: string): string => text.trim().split("\n").at(-1)?.trim() || "It said nothing.";
