/** A function with defaults for its runs. */
import { OptionError } from "../errors.ts";
import type { Equal } from "../types.ts";
import { checkDefaults, describe } from "./check_options.ts";
import type { AcceptsStep, DefinedStep, Definition, HasDefinition, StepDefaults } from "./definition.ts";
import type { AcceptsInputs, BindingChoice, BoundInputs, NoInputs, ScenarioInputs } from "./input_types.ts";
import { checkTemplate } from "./name_template.ts";
import type { NoConfig } from "./options.ts";
import type { MissingPolicy, OutputsDeclaration } from "./output_types.ts";
import type { NoValues } from "./step_types.ts";

/** Shared by all copies of this library in a process. */
const DEFAULTS = Symbol.for("consist.defaults");
/** Under this symbol the identity of code finds the user's function behind ours. */
const STEP = Symbol.for("consist.step");
const IDENTITY = Symbol.for("consist.identity");

/** Defaults that decide no result: a step that calls this one need not execute again when they change. */
const SAY_ONLY: readonly string[] = ["description", "tags", "facet", "facetFrom", "facetSchemaVersion", "facetIndex", "schemaOutputs"];

type Fields = { readonly [name: string]: unknown };
type AnyFunction = (...args: unknown[]) => unknown;

/**
 * A function with defaults for `run`, still callable as it was written.
 *
 * Each default is a value, or a function of the call (`fnName`, `year`, `iteration`, `phase`, `stage`, `scenario`, `runtime`) that gives it.
 * What a call says wins; in `cacheOptions`, `outputPolicy` and `executionOptions` each member by itself.
 *
 * What a default gives counts as if the call had said it; how it is computed does not. A step that calls or runs this one counts both.
 *
 * @param defaults What a call need not say.
 * @param fn The step: an ordinary function of its inputs and the step's context.
 * @returns The same function, with the defaults attached.
 * @throws {OptionError} `unknown_option` or `option_invalid`, where a default is none.
 *
 * @example A step for every year
 * ```ts
 * import { defineStep, run, Tracker, useTracker } from "consist";
 * import assert from "node:assert/strict";
 *
 * const forecast = defineStep(
 *   { outputs: ["persons"], nameTemplate: "{fnName}__y{year}", config: (call) => ({ horizon: (call.year ?? 2020) - 2020 }) },
 *   function forecast(_: unknown, { config }: { config: { horizon: number } }) {
 *     return { persons: 100 + config.horizon };
 *   },
 * );
 * assert.deepEqual(forecast({}, { config: { horizon: 5 } }), { persons: 105 });
 *
 * await using tracker = new Tracker({ dbPath: `${await Deno.makeTempDir()}/provenance.duckdb` });
 * await useTracker(tracker, async () => {
 *   const made = await run({ fn: forecast, year: 2030 });
 *   assert.equal(made.run.model, "forecast__y2030");
 *   assert.equal(await made.load("persons"), 110);
 *   assert.equal(await run({ fn: forecast, year: 2030, config: { horizon: 1 } }).load("persons"), 101);
 * });
 * ```
 */
export function defineStep<
  const I extends ScenarioInputs = NoInputs,
  C = NoConfig,
  const O extends OutputsDeclaration = readonly [],
  B extends BindingChoice = "loaded",
  A = NoValues,
  P = BoundInputs<I, B>,
  Z = unknown,
  S = DefinedStep<I, C, A, Z>,
  R = void,
  M extends MissingPolicy = "error",
>(
  defaults: StepDefaults<I, C, O, B, A, Z, M>,
  fn:
    & ((inputs: P, step: S) => R)
    & (Equal<I, NoInputs> extends true ? unknown : AcceptsInputs<NoInfer<BoundInputs<I, B>>, NoInfer<P>>)
    & (Equal<C, NoConfig> extends true ? (unknown extends Z ? unknown : AcceptsStep<NoInfer<DefinedStep<I, C, A, Z>>, NoInfer<S>>)
      : AcceptsStep<NoInfer<DefinedStep<I, C, A, Z>>, NoInfer<S>>),
): ((inputs: P, step: S) => R) & HasDefinition<Definition<I, C, O, B, Z, A, M>> {
  checkDefaults(defaults);
  const { nameTemplate } = defaults as Fields;
  if (typeof nameTemplate === "string") checkTemplate(nameTemplate);
  if (typeof fn !== "function" || ownDefaults(fn) !== undefined) throw noPlainFunction(fn);
  const step = function (this: unknown, ...args: unknown[]): unknown {
    return Reflect.apply(fn as AnyFunction, this, args);
  };
  const kept = Object.freeze({ ...defaults as Fields });
  const deciding = Object.fromEntries(Object.entries(kept).filter(([name]) => !SAY_ONLY.includes(name)));
  Object.defineProperties(step, {
    name: { value: fn.name },
    length: { value: fn.length },
    [STEP]: { value: fn },
    [DEFAULTS]: { value: kept },
    [IDENTITY]: { value: () => deciding },
  });
  return step as never;
}

/** The defaults that `defineStep` attached; none where it did not. */
export function ownDefaults(fn: unknown): Fields | undefined {
  return typeof fn === "function" ? Object.getOwnPropertyDescriptor(fn, DEFAULTS)?.value as Fields | undefined : undefined;
}

/** The user's own function behind a defined step; any other function is its own. */
export function plainFunction(fn: AnyFunction): AnyFunction {
  return Object.getOwnPropertyDescriptor(fn, STEP)?.value as AnyFunction | undefined ?? fn;
}

function noPlainFunction(fn: unknown): OptionError {
  const isStep = typeof fn === "function";
  return new OptionError("option_invalid", {
    problem: `defineStep() was given ${isStep ? "a step that is defined already" : describe(fn)}.`,
    why: isStep ? "Of two definitions one would be lost." : "A step is a function.",
    fix: isStep ? "Give the function itself: stepContract(step).fn." : "Give a function as the second argument.",
    path: "fn",
  });
}
