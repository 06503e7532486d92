/** What the functions that copy artifacts take and give, and where a copy may go. */
import { isAbsolute, relative, resolve } from "@std/path";
import { JSON } from "../intrinsics.ts";
import { isMountUri, pathOf } from "../artifacts/mod.ts";
import { checkMembers, KeyError, listNames, nearestName, OptionError } from "../errors.ts";
import type { Artifact, KeyOf, RunResult } from "../types.ts";
import { describe } from "./check_options.ts";
import type { RunServices } from "./request.ts";

/** What became of one output. */
export interface Restored {
  /**
   * `copied` from an unharmed copy; `from_ledger`, written anew from its ingested rows; `kept`, where its content was there already;
   * `unmappable`, where its address is an absolute path; `missing`, where its content is nowhere; `failed`, as the message says.
   */
  readonly status: "copied" | "from_ledger" | "kept" | "unmappable" | "missing" | "failed";
  /** Where it is, or would have been. */
  readonly path: string;
  /** The artifact, at that path where its content is there. */
  readonly artifact: Artifact;
  /** Why it is not there. */
  readonly message?: string;
}
/** Where a copy comes from, and what it may replace. */
export interface CopyOptions {
  /** A folder to look into first: an archive, or the run folder of another machine. */
  readonly sourceRoot?: string;
  /** Replace other content that stands at the path. @default false */
  readonly overwrite?: boolean;
  /**
   * Compare content with the recorded hash: `if-present` where there is one; `always` also wants that there is one; `never` takes what is
   * there as it is. @default "if-present"
   */
  readonly validateContentHash?: "never" | "if-present" | "always";
  /** A relative path may lead out of the working directory, and a link out of the target folder. @default false */
  readonly allowExternalPaths?: boolean;
}
/** How an artifact is put where a program wants it. */
export interface StageOptions extends CopyOptions {
  /**
   * A `hardlink` shares its content with the cached file: who edits one edits the other, and the step executes again. A `symlink` leads to the
   * cached file. @default "copy"
   */
  readonly mode?: "copy" | "hardlink" | "symlink";
}
/** Which outputs of a run are restored, and where. */
export interface HydrateOptions<K extends string = string> extends CopyOptions {
  /** The folder below which they are put, as they lie below their run's own folder. */
  readonly targetDir: string;
  /** Only these. @default all */
  readonly keys?: readonly K[];
  /** What to do where one cannot be restored. @default "warn" */
  readonly onMissing?: "warn" | "error";
}
/** Which outputs of a run are archived, and how. */
export interface ArchiveOptions<K extends string = string> {
  /** Only these. @default all */
  readonly keys?: readonly K[];
  /** `move` removes the files from their own place once the archive is on record. @default "copy" */
  readonly mode?: "copy" | "move";
}

/** The output keys of a run: those of a result, as far as it knows them. */
export type KeysOfRun<L> = L extends RunResult<infer V> ? KeyOf<V> : string;

const COPY: readonly string[] = ["sourceRoot", "overwrite", "validateContentHash", "allowExternalPaths"];
/** The options of each function. */
const KNOWN = {
  materializeArtifact: COPY,
  stageArtifact: [...COPY, "mode"],
  stageArtifacts: [...COPY, "mode"],
  hydrateRunOutputs: [...COPY, "targetDir", "keys", "onMissing"],
  archiveRunOutputs: ["keys", "mode"],
} as const;
/** The functions that copy artifacts. */
export type CopyCall = keyof typeof KNOWN;

const CHOICES: { readonly [option: string]: readonly string[] | undefined } = Object.assign(Object.create(null), {
  validateContentHash: ["never", "if-present", "always"],
  onMissing: ["warn", "error"],
});
const MODES: { readonly [call: string]: readonly string[] | undefined } = Object.assign(Object.create(null), {
  archiveRunOutputs: ["copy", "move"],
  stageArtifact: ["copy", "hardlink", "symlink"],
  stageArtifacts: ["copy", "hardlink", "symlink"],
});

/** Refuses options that do not exist, and words that they cannot be. */
export function checkCopyOptions(call: CopyCall, options: object): void {
  const known: readonly string[] = KNOWN[call];
  checkMembers(options, known, call);
  for (const [name, value] of Object.entries(options)) {
    const choices = name === "mode" ? MODES[call] : CHOICES[name];
    if (value !== undefined && choices !== undefined && !choices.includes(value)) throw invalid(call, name, value, choices);
  }
}

function invalid(call: string, name: string, value: unknown, choices: readonly string[]): OptionError {
  return new OptionError("option_invalid", {
    problem: `The option ${name} of ${call} is ${describe(value)}.`,
    why: `It has to be one of ${listNames(choices)}.`,
    fix: "Give one of them, or leave the option out.",
    path: name,
  });
}

/** The absolute path of a target. One that climbs out of the working directory is most often a slip, and is asked for by name. */
export function targetPath(services: Pick<RunServices, "roots">, call: CopyCall, path: unknown, isExternalAllowed = false): string {
  if (typeof path !== "string" || path === "" || path.includes("\0")) {
    throw new OptionError("option_invalid", {
      problem: `${call} was called with ${path === "" ? "an empty path" : describe(path)} as its target.`,
      why: "The target is a path.",
      fix: "Give a path, relative to the working directory or absolute.",
    });
  }
  const target = pathOf(path, services.roots);
  if (isExternalAllowed || isAbsolute(path) || isMountUri(path) || isBelow(Deno.cwd(), target)) return target;
  throw new OptionError("option_invalid", {
    problem: `The target ${JSON.stringify(path)} of ${call} leads out of the working directory.`,
    why: "A relative path that climbs out is refused.",
    fix: "Give an absolute path, or allowExternalPaths: true.",
    path: resolve(path),
  });
}

/** Is a path inside a folder, or the folder itself? */
export function isBelow(folder: string, path: string): boolean {
  const inner = relative(folder, path);
  return inner !== ".." && !/^\.\.[\\/]/.test(inner) && !isAbsolute(inner);
}

/** The outputs that are meant; a key that the run does not have is an error before anything is copied. */
export function chosen(call: CopyCall, outputs: ReadonlyMap<string, Artifact>, keys: readonly string[] | undefined): Artifact[] {
  return (keys ?? [...outputs.keys()]).map((key) => {
    const artifact = outputs.get(key);
    if (artifact !== undefined) return artifact;
    const near = nearestName(key, outputs.keys());
    throw new KeyError("unknown_key", {
      problem: `${call} wants "${key}", and the run has no such output.`,
      why: `Its outputs are ${listNames([...outputs.keys()])}.`,
      fix: near === undefined ? "Check its spelling." : `Did you mean "${near}"?`,
      path: key,
    });
  });
}
