/** What a container as a step is made from, and the refusal of what is none. */
import { checkMembers, listNames, nearestName, OptionError } from "../errors.ts";
import { JSON } from "../intrinsics.ts";
import type { EngineName } from "../programs/mod.ts";
import { describe } from "./check_options.ts";
import type { ProgramInputs } from "./program.ts";
import type { Step } from "./step_types.ts";

/** A container as a step: what runs, and what it sees. */
export interface ContainerSpec {
  /** The image's name; for apptainer also the path of a file. */
  readonly image: string;
  /**
   * The arguments of the image's entry point, as a list; or a text for the image's own `/bin/sh`; or a function that gives one of these from the
   * inputs' paths in the container and the step, called before a run begins as well.
   */
  readonly command: string | readonly string[] | ((inputs: ProgramInputs, step: Step) => string | readonly string[]);
  /** Host path → path in the container. Read-only unless an output lies there, or the path ends in `:rw`. */
  readonly volumes?: { readonly [hostPath: string]: string } | undefined;
  /** Its variables. They count; their values are kept as hashes only. */
  readonly environment?: { readonly [name: string]: string } | undefined;
  /** The folder that it runs in. @default the image's */
  readonly workingDir?: string | undefined;
  /** The engine. @default the first one found of podman, docker and apptainer */
  readonly backend?: EngineName | undefined;
  /** Fetch the image anew before it is looked at; where that fails the one on this machine is used. @default false */
  readonly pullLatest?: boolean | undefined;
}

/** An image that was fetched: once for each call of `container`. */
export interface Fetched {
  /** What went wrong, if something did. */
  image?: Promise<string | undefined>;
}

const ENGINES = Object.keys({ podman: true, docker: true, apptainer: true } satisfies { readonly [K in EngineName]: true });

const OPTIONS = ["image", "command", "volumes", "environment", "workingDir", "backend", "pullLatest"];

/** `registry/group/model:v2` is `model`. */
export function nameOfImage(image: string): string {
  const last = image.split(/[/\\]/).at(-1)!;
  return last.replace(/@sha256:.*$/, "").replace(/:[^:]*$/, "").replace(/\.(?:sif|img|sqsh)$/, "");
}

/** Throws an `OptionError` where this is no container. */
export function checkSpec(spec: ContainerSpec): void {
  if (typeof spec !== "object" || spec === null) throw invalid(spec, "It takes one object of options.");
  const ofRun = Object.keys(spec).find((name) => OF_RUN.includes(name));
  if (ofRun !== undefined) throw optionOfRun(ofRun);
  checkMembers(spec, OPTIONS, "container");
  const { image, volumes, environment, workingDir, backend } = spec;
  if (typeof image !== "string" || image === "" || image.startsWith("-") || image.includes("\0")) {
    throw invalid(image, "Its image is the name of one.");
  }
  if (typeof spec.command !== "function") checkCommand(spec.command);
  for (const [name, value] of Object.entries({ volumes, environment })) {
    const isRecord = value === undefined ||
      (typeof value === "object" && value !== null && Object.values(value).every((text) => typeof text === "string"));
    if (!isRecord) throw invalid(value, `Its ${name} are an object of strings.`);
  }
  for (const target of Object.values(volumes ?? {})) {
    if (!target.startsWith("/")) throw invalid(target, "A volume's path in the container is absolute.");
  }
  const bad = Object.keys(environment ?? {}).find((name) => !/^[A-Za-z_][\w.-]*$/.test(name));
  if (bad !== undefined) throw invalid(bad, "A variable's name has letters, digits and underscores.");
  if (workingDir !== undefined && typeof workingDir !== "string") throw invalid(workingDir, "Its workingDir is the path of a folder.");
  if (backend !== undefined && !ENGINES.includes(backend)) throw noBackend(backend);
}

function noBackend(backend: unknown): OptionError {
  const near = typeof backend === "string" ? nearestName(backend, ENGINES) : undefined;
  return new OptionError("option_invalid", {
    problem: `The option backend of a container is ${describe(backend)}.`,
    why: `It has to be one of ${listNames(ENGINES)}.`,
    fix: near === undefined
      ? "Give one of them, or leave the option out: the first engine that is found runs it."
      : `Did you mean ${JSON.stringify(near)}?`,
    path: "backend",
  });
}

/** Options of `run` that are looked for here. */
const OF_RUN: readonly string[] = ["inputs", "outputs", "config", "name"];

function optionOfRun(name: string): OptionError {
  return new OptionError("unknown_option", {
    problem: `container has no option "${name}".`,
    why: `Its options are ${listNames(OPTIONS)}.`,
    fix: `Give ${name} to run: run({ fn: container({ ... }), ${name} }).`,
    path: name,
  });
}

function invalid(found: unknown, why: string): OptionError {
  return new OptionError("option_invalid", {
    problem: `container() was called with ${describe(found)}.`,
    why,
    fix: 'Call container({ image: "model:v2", command: ["run", "--year", "2030"] }).',
    path: "fn",
  });
}

/** Throws an `OptionError` where this is no command. */
export function checkCommand(command: unknown): asserts command is string | readonly string[] {
  const words = typeof command === "string" ? [command] : command;
  if (!Array.isArray(words)) throw invalid(command, "Its command is a text or a list of strings.");
  const bad = words.findIndex((word) => typeof word !== "string" || word.includes("\0"));
  if (bad >= 0) throw invalid(words[bad], `The word ${bad + 1} of its command has to be a string without NUL.`);
}
