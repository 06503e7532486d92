/** What a step declares, without running it. */
import { OptionError } from "../errors.ts";
import { columnsOf, type SchemaColumn } from "../schemas/mod.ts";
import type { ZodObject, ZodSchema } from "../types.ts";
import { describe } from "./check_options.ts";
import { completeDefaults } from "./complete_call.ts";
import { ownDefaults, plainFunction } from "./define_step.ts";
import type { CallContext } from "./definition.ts";
import type { OutputOptions } from "./output_types.ts";

/** A column that an output's schema describes. */
export type ContractColumn = SchemaColumn;
/** One output that a step declares. */
export interface OutputContract extends OutputOptions {
  /** Its key. */
  readonly key: string;
  /** The columns of its schema, in their order. */
  readonly columns?: readonly ContractColumn[];
}
/** What a step declares. */
export interface StepContract {
  /** The step's own function, without its defaults. */
  readonly fn: (...args: never[]) => unknown;
  /** What it is called; `undefined` where only a call says so. */
  readonly name: string | undefined;
  /** What it is for. */
  readonly description: string | undefined;
  /** Words to find its runs by. */
  readonly tags: readonly string[];
  /** Keys of its inputs. */
  readonly inputs: readonly string[];
  /** Its outputs, in their order. */
  readonly outputs: readonly OutputContract[];
  /** Its config, before a schema parses it. */
  readonly config: unknown;
  /** What parses its config. */
  readonly configSchema: ZodSchema | undefined;
}
/** What computed defaults are told of a call that nobody makes. */
export type ContractContext = Partial<CallContext>;
/** The options of {@linkcode collectStepSchema}. */
export interface StepSchemaOptions extends ContractContext {
  /** Keys that no step makes, with what they are. */
  readonly extraKeys?: { readonly [key: string]: string };
}

/**
 * What a step declares: its outputs with their schemas, its inputs, its config. Runs nothing.
 *
 * @param step A function that `defineStep` gave, or any other.
 * @param context What computed defaults are told of the call. @default only the function's name
 * @throws {OptionError} `option_invalid`, where it is no function, or a default cannot be computed.
 *
 * @example The columns of an output
 * ```ts
 * import { defineStep, stepContract } from "consist";
 * import assert from "node:assert/strict";
 * import { z } from "zod";
 *
 * const Person = z.object({ id: z.int(), age: z.number().nullable() });
 * const draw = defineStep({ outputs: { persons: { schema: Person, description: "one row a person" } } }, function draw() {});
 * const { name, outputs } = stepContract(draw);
 * assert.equal(name, "draw");
 * assert.deepEqual(outputs[0]?.columns?.map((column) => `${column.name} ${column.type}`), ["id BIGINT", "age DOUBLE"]);
 * ```
 */
export function stepContract(step: (...args: never[]) => unknown, context: ContractContext = {}): StepContract {
  if (typeof step !== "function") throw noStep(step);
  const { name, description, tags, inputs, outputs, config, configSchema } = completeDefaults(step, context);
  return Object.freeze({
    fn: plainFunction(step as (...args: unknown[]) => unknown) as StepContract["fn"],
    name: name as string | undefined,
    description: description as string | undefined,
    tags: (tags ?? []) as readonly string[],
    inputs: keysOf(inputs),
    outputs: outputsOf(outputs),
    config,
    configSchema: configSchema as ZodSchema | undefined,
  });
}

/**
 * The outputs of several steps by key, with what they are: for `sc.declareOutputs(Object.keys(schema), { description: schema })`.
 *
 * A step whose outputs only a call can compute says their keys in `schemaOutputs`.
 *
 * @param steps The steps.
 * @param options More keys, and what computed defaults are told of the call.
 * @returns Key → description; empty where an output has none.
 * @throws {OptionError} `option_invalid`, where one is no function, or a default cannot be computed.
 *
 * @example The keys of a workflow
 * ```ts
 * import { collectStepSchema, defineStep } from "consist";
 * import assert from "node:assert/strict";
 *
 * const draw = defineStep({ outputs: { persons: { description: "one row a person" } } }, () => {});
 * const count = defineStep({ outputs: ["n"] }, () => 1);
 * assert.deepEqual(collectStepSchema([draw, count], { extraKeys: { raw: "what was measured" } }), {
 *   persons: "one row a person",
 *   n: "",
 *   raw: "what was measured",
 * });
 * ```
 */
export function collectStepSchema(
  steps: readonly ((...args: never[]) => unknown)[],
  options: StepSchemaOptions = {},
): { readonly [key: string]: string } {
  const { extraKeys = {}, ...context } = options;
  const entries = steps.flatMap((step) => {
    const declared = ownDefaults(step)?.schemaOutputs as readonly string[] | undefined;
    if (declared !== undefined) return declared.map((key) => [key, ""] as const);
    if (typeof step !== "function") throw noStep(step);
    return outputsOf(completeDefaults(step, context, ["outputs"]).outputs).map(({ key, description }) => [key, description ?? ""] as const);
  });
  return Object.fromEntries([...entries, ...Object.entries(extraKeys)]);
}

function keysOf(inputs: unknown): string[] {
  return Array.isArray(inputs) ? inputs.map(String) : Object.keys((inputs ?? {}) as object);
}

function outputsOf(outputs: unknown): OutputContract[] {
  if (Array.isArray(outputs)) return outputs.map((key) => ({ key: String(key) }));
  return Object.entries((outputs ?? {}) as { readonly [key: string]: OutputOptions | undefined }).map(([key, options]) => ({
    ...options,
    key,
    ...(options?.schema === undefined ? {} : { columns: columnsOf(options.schema as ZodObject) }),
  }));
}

function noStep(step: unknown): OptionError {
  return new OptionError("option_invalid", {
    problem: `stepContract() was given ${describe(step)}.`,
    why: "A step is a function.",
    fix: "Give the function, or what defineStep made of it.",
  });
}
