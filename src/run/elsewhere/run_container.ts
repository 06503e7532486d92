/** `runContainer`: a containerised program with files by their paths, as one call. */
import { basename, extname, fromFileUrl } from "@std/path";
import { checkMembers, listNames, OptionError } from "../../errors.ts";
import { describe, settingNames } from "../check_options.ts";
import { container } from "../container.ts";
import { type ContainerSpec, nameOfImage } from "../container_spec.ts";
import type { InputRef, Inputs } from "../input_types.ts";
import { keyOfName } from "../keys.ts";
import type { RunSettings } from "../options.ts";
import { isArtifact } from "../resolve_inputs.ts";

/** The options of `runContainer`. */
export interface ContainerOptions<F> extends RunSettings, ContainerSpec {
  /** What it reads: by key, or a list whose keys are the names of the files. Mounted read-only. */
  readonly inputs?: readonly InputRef[] | Inputs | undefined;
  /** Key → host path: taken from the volume that holds it, or put there from `/consist/outputs/<key>.<extension>`. */
  readonly outputs: F;
}

const SPEC = ["image", "command", "volumes", "environment", "workingDir", "backend", "pullLatest"] as const;

/** The call as the options of `run`. */
export function containerStep(options: ContainerOptions<{ readonly [key: string]: string }>): object {
  if (typeof options !== "object" || options === null) throw invalid(describe(options), "It takes one object of options.");
  checkNames(options);
  const spec = Object.fromEntries(SPEC.flatMap((name) => options[name] === undefined ? [] : [[name, options[name]]]));
  const { inputs, outputs, ...rest } = options;
  const settings = Object.fromEntries(Object.entries(rest).filter(([name]) => !(SPEC as readonly string[]).includes(name)));
  if (
    typeof outputs !== "object" || outputs === null || Array.isArray(outputs) ||
    Object.values(outputs).some((path) => typeof path !== "string")
  ) {
    throw invalid(describe(outputs), "Its outputs are an object: key → path on this machine.");
  }
  const fn = container(spec as unknown as ContainerSpec);
  return {
    name: nameOfImage(options.image) || undefined,
    ...settings,
    fn,
    ...(inputs === undefined ? {} : { inputs: Array.isArray(inputs) ? keyed(inputs as readonly InputRef[]) : inputs }),
    outputs: Object.keys(outputs),
    outputPaths: outputs,
    executionOptions: { inputBinding: "paths" },
  };
}

function checkNames(options: object): void {
  const own = [...SPEC, "inputs", "outputs"];
  checkMembers(options, [...own, ...settingNames()], "runContainer", `Its options are ${listNames(own)}, and those of run.`);
}

function invalid(found: string, why: string): OptionError {
  return new OptionError("option_invalid", {
    problem: `runContainer() was called with ${found}.`,
    why,
    fix:
      'Call runContainer({ image: "model:v2", command: ["run"], volumes: { "data": "/data" }, outputs: { result: "data/result.csv" } }).',
  });
}

/** A list of files by their names. */
function keyed(inputs: readonly InputRef[]): Record<string, InputRef> {
  const named: Record<string, InputRef> = {};
  for (const [index, ref] of inputs.entries()) {
    const key = keyOf(ref, index);
    if (Object.hasOwn(named, key)) {
      throw invalid(`two inputs called "${key}"`, "Each input has a key of its own; those of a list are the names of the files.");
    }
    named[key] = ref;
  }
  return named;
}

function keyOf(ref: InputRef, index: number): string {
  if (isArtifact(ref)) return ref.key;
  const path = ref instanceof URL ? ref.protocol === "file:" ? fromFileUrl(ref) : ref.pathname : typeof ref === "string" ? ref : undefined;
  return path === undefined ? `input_${index + 1}` : keyOfName(basename(path, extname(path)));
}
