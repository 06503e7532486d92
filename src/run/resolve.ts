/** First stage: checks the options of a call, finds the step's name, its inputs and its declared outputs. */
import { listNames, nearestName, OptionError } from "../errors.ts";
import { JSON } from "../intrinsics.ts";
import { activeRun } from "./active_run.ts";
import { checkStepOptions, describe } from "./check_options.ts";
import { completeCall } from "./complete_call.ts";
import { executorOf } from "./executors.ts";
import type { Binding } from "./input_types.ts";
import type { RunSettings } from "./options.ts";
import type { OutputOptions } from "./output_types.ts";
import { checkHydration } from "./hydrate.ts";
import { checkKey } from "./keys.ts";
import { isRehearsal } from "./rehearsal.ts";
import { programOf } from "./program.ts";
import type { DeclaredOutput, RunPlace, RunServices, StepBody, StepRequest } from "./request.ts";
import { resolveDependencies, resolveInputs } from "./resolve_inputs.ts";

/** The options of a call, as they come in: the types are checked by the compiler, the rest here. */
export interface RawOptions extends RunSettings {
  readonly fn?: unknown;
  readonly inputs?: unknown;
  readonly config?: unknown;
  readonly configSchema?: unknown;
  readonly facetFrom?: readonly string[] | undefined;
  readonly outputs?: unknown;
  readonly outputPaths?: { readonly [key: string]: string } | undefined;
  readonly outputPolicy?:
    | { readonly outputMissing?: StepRequest["outputMissing"]; readonly outputMismatch?: StepRequest["outputMismatch"] }
    | undefined;
  readonly executionOptions?: {
    readonly inputBinding?: Binding;
    readonly loadInputs?: boolean;
    readonly runtimeArgs?: { readonly [key: string]: unknown };
    readonly executor?: unknown;
  } | undefined;
}

/** Turns the options of `run` or `trace` into a request. Throws before anything is recorded. */
export async function resolveRequest(
  services: RunServices,
  mode: StepRequest["mode"],
  given: RawOptions,
  body: unknown,
  place: RunPlace,
): Promise<StepRequest> {
  const [calledAt, clockedAt] = [services.now(), performance.now()];
  const isRepeated = activeRun()?.request.isRepeated ?? false;
  checkStepOptions(given, mode);
  if (typeof body !== "function") throw noFunction(mode, body);
  const completed = completeCall(given, body, place, mode);
  const options = completed instanceof Promise ? await completed : completed;
  checkHydration(options);
  const outputs = declaredOutputs(options.outputs);
  const name = stepName(options, body as { name: string }, outputs, mode);
  const binding = bindingOf(options, mode, body);
  const inputBinding = binding === "paths" ? "path" : binding === "none" ? "none" : "loaded";
  const inputs = await resolveInputs(options.inputs, inputBinding, name, place, services);
  const dependencies = await resolveDependencies(options.dependsOn, name, place, services);
  return {
    mode,
    name,
    model: options.model ?? name,
    settings: options,
    body: body as StepBody,
    config: options.config,
    facetFrom: options.facetFrom,
    facet: options.facet,
    inputs,
    dependencies,
    outputs,
    outputPaths: options.outputPaths ?? {},
    binding,
    outputMissing: options.outputPolicy?.outputMissing ?? "error",
    outputMismatch: options.outputPolicy?.outputMismatch ?? "warn",
    runtime: options.executionOptions?.runtimeArgs ?? {},
    // A program is a process of its own: nobody has to call it from another one.
    executor: mode === "trace" || programOf(body) !== undefined
      ? undefined
      : executorOf(services.executors, options.executionOptions?.executor),
    cache: {
      cacheHydration: place.cacheHydration ?? "metadata",
      ...(place.cacheEpoch === undefined ? {} : { cacheEpoch: place.cacheEpoch }),
      ...options.cacheOptions,
      ...(isRepeated || isRehearsal() ? { cacheMode: "readonly" } : {}),
    },
    tags: [...new Set([...(place.tags ?? []), ...(options.tags ?? [])])],
    place: options.sync === false ? unsynced(place) : place,
    captured: new Set(),
    isRepeated,
    calledAt,
    clockedAt,
  };
}

/** Its outputs stay out of the coupler. */
function unsynced({ onOutput: _, ...place }: RunPlace): RunPlace {
  return place;
}

function noFunction(mode: StepRequest["mode"], body: unknown): OptionError {
  return new OptionError("option_invalid", {
    problem: mode === "run" ? `The option fn is ${describe(body)}.` : `The body of the trace is ${describe(body)}.`,
    why: "A step is a function.",
    fix: mode === "run" ? "Give fn: (inputs, step) => ..." : "Give a function as the second argument.",
    path: "fn",
  });
}

function declaredOutputs(outputs: unknown): DeclaredOutput[] {
  if (outputs === undefined) return [];
  if (typeof outputs !== "object" || outputs === null) throw noOutputs(outputs);
  const list: [string, OutputOptions][] = Array.isArray(outputs)
    ? outputs.map((key) => [key, {}])
    : Object.entries((outputs ?? {}) as Record<string, OutputOptions | undefined>).map(([key, options]) => [key, options ?? {}]);
  const seen = new Set<string>();
  return list.map(([key, options]) => {
    checkKey(key, "output");
    if (seen.has(key)) {
      throw new OptionError("option_invalid", {
        problem: `The output "${key}" is declared twice.`,
        why: "Each key names one output.",
        fix: "Remove one of them.",
        path: "outputs",
      });
    }
    seen.add(key);
    checkOutputOptions(key, options);
    return { ...options, key };
  });
}

function noOutputs(outputs: unknown): OptionError {
  return new OptionError("option_invalid", {
    problem: `The option outputs is ${describe(outputs)}.`,
    why: "It names what comes out: a list of keys, or an object with options for each key.",
    fix: typeof outputs === "string" ? `Give outputs: [${JSON.stringify(outputs)}].` : 'Give outputs: ["cleaned"].',
    path: "outputs",
  });
}

const OUTPUT_OPTIONS = ["driver", "schema", "ingest", "profileFileSchema", "description", "facet", "meta"];
function checkOutputOptions(key: string, options: OutputOptions): void {
  for (const name of Object.keys(options)) {
    if (OUTPUT_OPTIONS.includes(name)) continue;
    const near = nearestName(name, OUTPUT_OPTIONS);
    throw new OptionError("unknown_option", {
      problem: `The output "${key}" has no option "${name}".`,
      why: `Its options are ${listNames(OUTPUT_OPTIONS)}.`,
      fix: near === undefined ? "Remove it, or check its spelling." : `Did you mean ${near}?`,
      path: `outputs.${key}.${name}`,
    });
  }
}

/** The name given, the function's own, or the only output's. An inline `fn:` has no name of its own: JavaScript calls it "fn". */
function stepName(options: RawOptions, fn: { name: string }, outputs: readonly DeclaredOutput[], mode: StepRequest["mode"]): string {
  const given = options.name?.trim();
  if (options.name !== undefined && !given) throw unnamed("The option name is empty.");
  if (given) return given;
  if (mode === "run" && fn.name && fn.name !== "fn") return fn.name;
  if (outputs.length === 1) return outputs[0]!.key;
  throw unnamed("The step has no name.");
}

/** The error of a step without a name. */
export function unnamed(problem: string): OptionError {
  return new OptionError("name_missing", {
    problem,
    why: "An inline function has no name of its own, and there is not exactly one declared output that could give it.",
    fix: 'Give name: "...", or a named function.',
    path: "name",
  });
}

function bindingOf(options: RawOptions, mode: StepRequest["mode"], body: unknown): Binding {
  if (mode === "trace") return "none";
  const execution = options.executionOptions;
  if (execution?.loadInputs === false) return "none";
  if (programOf(body) === undefined) return execution?.inputBinding ?? "loaded";
  if (execution?.inputBinding !== "loaded" && execution?.loadInputs !== true) return execution?.inputBinding ?? "paths";
  throw new OptionError("option_invalid", {
    problem: "The inputs of a program are to be loaded.",
    why: "Another program reads files, and gets their paths.",
    fix: 'Set executionOptions: { inputBinding: "paths" }.',
    path: "executionOptions",
  });
}
