/** The options of `mapRuns`, as they come in, checked as those of `run` are. */
import { OptionError } from "../../errors.ts";
import type { Executor } from "../../executors/mod.ts";
import {
  checkExecutor,
  checkStepOptions,
  completeDefaults,
  describe,
  type ExecutorChoice,
  isSimple,
  type RawOptions,
  type RunPlace,
  unnamed,
} from "../../run/mod.ts";
import type { Facet } from "../../types.ts";
import { type Member, membersOf } from "./map_rows.ts";

/** The options as they come in. */
export interface RawMapOptions extends Omit<RawOptions, "facetFrom"> {
  readonly rows?: unknown;
  readonly nameTemplate?: string;
  readonly configFrom?: (row: object, index: number) => unknown;
  readonly facetFrom?: readonly string[] | ((row: object, index: number) => Facet);
  readonly concurrency?: number;
  readonly executor?: unknown;
  readonly cancelPendingOnFailure?: boolean;
  readonly signal?: AbortSignal;
}

/** A sweep that can begin. */
export interface SweepPlan {
  /** What it is called. */
  readonly step: string;
  /** Its runs. */
  readonly members: readonly Member[];
  /** The options of a member's run. */
  readonly optionsOf: (member: Member, executor: Executor | undefined) => RawOptions;
  /** How many rows execute at once, where that was said. */
  readonly concurrency: number | undefined;
  /** Where they execute. */
  readonly executor: ExecutorChoice;
  /** Does a failure keep the pending rows from running? */
  readonly cancelPendingOnFailure: boolean;
  /** Cancels the sweep. */
  readonly signal: AbortSignal | undefined;
  /** Is nothing of the user's called to make a row's options? */
  readonly isPlain: boolean;
}

/** What belongs to one run or one place, and so not to many runs. */
const OF_ONE: { readonly [option: string]: string } = Object.assign(Object.create(null), {
  config: "Each row is the config of its run; configFrom: (row) => ... makes another one of it.",
  runId: "A label names one execution. Use nameTemplate and tags.",
  outputPaths: "Every row would write to the same paths. Each run keeps its outputs in a folder of its own.",
  outputDir: "Every row would write to the same folder. Each run keeps its outputs in a folder of its own.",
  captureDir:
    "Every row would write to the same folder. Let the step capture a folder of its own: step.captureOutputs(step.outputDir(), ...).",
  sync: "The outputs of rows, which share keys, stay out of the coupler in any case.",
  capturePattern: "It belongs to captureDir, and every row would write to the same folder.",
});

/** Checks the options and makes the runs of the rows. Throws before anything is run. */
export function planSweep(options: RawMapOptions, place: RunPlace): SweepPlan {
  refuseOfOne(options);
  checkStepOptions(options, "mapRuns");
  checkOwn(options);
  const { rows, nameTemplate, configFrom, facetFrom, concurrency, executor, cancelPendingOnFailure, signal, ...shared } = options;
  const defaults = definedFor(shared, place);
  const { step, isSaid } = nameOf(shared, defaults);
  const isParsed = (shared.configSchema ?? defaults.configSchema) !== undefined;
  const members = membersOf(rows, {
    step,
    nameTemplate,
    configFrom,
    isParsed,
    facetFrom: typeof facetFrom === "function" ? facetFrom : undefined,
  });
  const model = shared.model ?? defaults.model ?? step;
  const optionsOf = ({ name, config, facet }: Member, where: Executor | undefined): RawOptions => ({
    ...shared,
    executionOptions: { ...shared.executionOptions, executor: where ?? "in_process" },
    ...(nameTemplate === undefined ? isSaid ? {} : { name: step } : { name, model }),
    config,
    ...(Array.isArray(facetFrom) ? { facetFrom: facetFrom as readonly string[] } : {}),
    ...(facet === undefined ? {} : { facet }),
  });
  return {
    step: model,
    members,
    optionsOf,
    concurrency,
    executor: executorFor(executor, shared.executionOptions?.executor, defaults.executionOptions?.executor),
    cancelPendingOnFailure: cancelPendingOnFailure ?? false,
    signal,
    isPlain: !isParsed && isSimple(shared.fn),
  };
}

/** The executor that the options mean; a definition's is the weakest. */
function executorFor(own: unknown, ofRun: unknown, defined: unknown): ExecutorChoice {
  if (own !== undefined && ofRun !== undefined && own !== ofRun) {
    throw new OptionError("option_invalid", {
      problem: "mapRuns was given executor and executionOptions.executor.",
      why: "They say the same thing, and they differ.",
      fix: "Give one of them.",
      path: "executor",
    });
  }
  const choice = own ?? ofRun ?? defined ?? "in_process";
  checkExecutor(choice);
  return choice as ExecutorChoice;
}

/** What `defineStep` says, as far as it does not depend on the row. */
function definedFor(options: RawOptions, { scenario }: RunPlace): Partial<RawOptions> {
  const fields = Object.entries({ ...options, scenario: scenario?.name }).filter(([name, value]) =>
    TOLD_BY.includes(name) && value !== undefined
  );
  return completeDefaults(options.fn, { ...Object.fromEntries(fields), runtime: options.executionOptions?.runtimeArgs ?? {} });
}
const TOLD_BY = ["year", "iteration", "phase", "stage", "scenario"];

/** The step's name; an inline function has none of its own: then the model or the only output is its name. */
function nameOf(options: RawOptions, defaults: Partial<RawOptions>): { readonly step: string; readonly isSaid: boolean } {
  const said = options.name ?? defaults.name;
  if (said !== undefined && said.trim() !== "") return { step: said, isSaid: true };
  const outputs: unknown = options.outputs ?? defaults.outputs ?? [];
  const keys = Array.isArray(outputs) ? outputs : Object.keys(outputs as object);
  const step = options.model ?? defaults.model ?? (keys.length === 1 ? String(keys[0]) : undefined);
  if (step === undefined) throw unnamed("The step has no name.");
  return { step, isSaid: false };
}

function refuseOfOne(options: unknown): void {
  if (typeof options !== "object" || options === null) return; // said by the next check
  const name = Object.entries(options).find(([name, value]) => value !== undefined && name in OF_ONE)?.[0];
  if (name === undefined) return;
  throw new OptionError("unknown_option", {
    problem: `mapRuns has no option "${name}".`,
    why: "It makes many runs, and this option is of one.",
    fix: OF_ONE[name]!,
    path: name,
  });
}

function checkOwn({ fn, configFrom, facetFrom, concurrency, signal }: RawMapOptions): void {
  if (typeof fn !== "function") throw invalid("fn", fn, "a function of inputs and step");
  if (configFrom !== undefined && typeof configFrom !== "function") throw invalid("configFrom", configFrom, "a function of row and index");
  if (facetFrom !== undefined && typeof facetFrom !== "function" && !Array.isArray(facetFrom)) {
    throw invalid("facetFrom", facetFrom, "a list of the config's keys, or a function of row and index");
  }
  if (concurrency !== undefined && !(Number.isSafeInteger(concurrency) && concurrency >= 1)) {
    throw invalid("concurrency", concurrency, "a whole number from 1 on");
  }
  if (signal !== undefined && !(signal instanceof AbortSignal)) throw invalid("signal", signal, "an AbortSignal");
}

function invalid(name: string, value: unknown, wanted: string): OptionError {
  return new OptionError("option_invalid", {
    problem: `The option ${name} is ${describe(value)}.`,
    why: `It has to be ${wanted}.`,
    fix: `Give ${wanted}${name === "fn" ? "" : ", or leave the option out"}.`,
    path: name,
  });
}
