/** The types that `defineStep` attaches to a function, and what a call makes of them. */
import type { Equal, Facet, Registry, ZodOutput, ZodSchema } from "../types.ts";
import type { BindingChoice, BoundInputs, NoInputs } from "./input_types.ts";
import type { CacheOptions, ExecutionOptions, NoConfig, OutputPolicy, RunSettings, StepOptions } from "./options.ts";
import type { MissingPolicy } from "./output_types.ts";
import type { NoValues, Step } from "./step_types.ts";

/** The key under which a function carries the types of its definition. It has no value at run time. */
export declare const definition: unique symbol;
/** The types of a step's defaults. */
export interface Definition<
  out I = unknown,
  out C = unknown,
  out O = unknown,
  out B = unknown,
  out Z = unknown,
  out A = unknown,
  out M = unknown,
> {
  /** What it reads. */
  readonly inputs: I;
  /** Its config. */
  readonly config: C;
  /** What it makes. */
  readonly outputs: O;
  /** How its inputs arrive. */
  readonly binding: B;
  /** What parses its config; `unknown` where nothing does. */
  readonly configSchema: Z;
  /** What is passed and not hashed. */
  readonly runtime: A;
  /** What is done where an output is missing. */
  readonly missing: M;
}
/** The definition of a function that has none. */
export interface NoDefinition extends Definition<NoInputs, NoConfig, readonly [], "loaded", unknown, NoValues, "error"> {}
/** A function with a definition. */
export interface HasDefinition<D> {
  /** Only a type. */
  readonly [definition]?: D;
}
/** `Given` where the call says something, else `Default` of the definition. */
export type Or<Given, None, Default> = Equal<Given, None> extends true ? Default : Given;
/** The inputs of a call. */
export type InputsOf<I, D extends Definition> = Or<I, NoInputs, D["inputs"]>;
/** The config that the step gets: what the schema makes of it, where there is one. */
export type ConfigOf<C, D extends Definition, Z = unknown> = unknown extends Z
  ? (unknown extends D["configSchema"] ? Or<C, NoConfig, D["config"]> : Parsed<D["configSchema"]>)
  : Parsed<Z>;
/** The outputs of a call. */
export type OutputsOf<O, D extends Definition> = Or<O, readonly [], D["outputs"]>;
/** How the inputs of a call arrive. */
export type BindingOf<B extends BindingChoice, D extends Definition> = B extends "loaded"
  ? (D["binding"] extends BindingChoice ? D["binding"] : B)
  : B;
/** The values that a step is passed, and that do not count. */
export type RuntimeOf<A, D extends Definition> = Or<A, NoValues, D["runtime"]>;
/** What is done where an output is missing. */
export type MissingOf<M extends MissingPolicy, D extends Definition> = M extends "error"
  ? (D["missing"] extends MissingPolicy ? D["missing"] : M)
  : M;
/** What a config schema gives. */
export type Parsed<Z> = Z extends ZodSchema ? ZodOutput<Z> : never;
/** What a config has to be where a schema parses it. */
export type Parsable<Z> = unknown extends Z ? unknown : Z extends ZodSchema ? Z["_zod"]["input"] : unknown;

/** What a default may be computed from. */
export interface CallContext {
  /** The function's own name; empty where it has none. */
  readonly fnName: string;
  /** Simulated year. */
  readonly year?: number;
  /** Number of the iteration. */
  readonly iteration?: number;
  /** Phase of the workflow. */
  readonly phase?: string;
  /** Stage of the workflow. */
  readonly stage?: string;
  /** Name of the scenario that the call belongs to. */
  readonly scenario?: string;
  /** Its config, before a schema parses it; not there while the config itself is computed. */
  readonly config?: unknown;
  /** `executionOptions.runtimeArgs` of the call. */
  readonly runtime: { readonly [name: string]: unknown };
}
/** A value, or a function of the call that gives it. */
export type Computed<T> = T | ((context: CallContext) => T);
/** The options that a definition can compute from the call, besides its inputs, its outputs and its config. */
export type ComputedSettings = {
  /** What the step is called, with `{fnName}`, `{year}` and the like. */
  readonly nameTemplate?: Computed<string> | undefined;
  /** Words to find its runs by. */
  readonly tags?: Computed<readonly string[]> | undefined;
  /** Queryable values; `false` for none. */
  readonly facet?: Computed<Facet | false> | undefined;
  /** What the step is for. */
  readonly description?: Computed<string> | undefined;
  /** Under which name its runs are recorded. */
  readonly model?: Computed<string> | undefined;
  /** More files that it reads. */
  readonly dependsOn?: Computed<NonNullable<RunSettings["dependsOn"]>> | undefined;
  /** A folder into which copies of the outputs are put. */
  readonly outputDir?: Computed<string> | undefined;
  /** A folder whose new and changed files become outputs. */
  readonly captureDir?: Computed<string> | undefined;
  /** How the cache is used. */
  readonly cacheOptions?: Computed<CacheOptions> | undefined;
};
/** What is one execution's, or is typed anew in `StepDefaults`. */
export type NotDefaults =
  | keyof ComputedSettings
  | "inputs"
  | "config"
  | "configSchema"
  | "outputs"
  | "outputPaths"
  | "outputPolicy"
  | "executionOptions"
  | "runId"
  | "parentRunId";
/** The defaults of a step: what a call may say, fixed or computed from the call. */
export type StepDefaults<I, C, O, B extends BindingChoice, A, Z = unknown, M extends MissingPolicy = MissingPolicy> =
  & Omit<StepOptions<I, C, O, B, A, MissingPolicy, Registry, Z>, NotDefaults>
  & ComputedSettings
  & {
    /** What the step reads, by key. */
    readonly inputs?: I | ((context: CallContext) => I);
    /** Plain data that decides the result. */
    readonly config?: C | ((context: CallContext) => C);
    /** A zod schema that parses the config. */
    readonly configSchema?: Z & ZodSchema;
    /** What the step makes: keys, or keys with options. */
    readonly outputs?: O | ((context: CallContext) => O);
    /** Paths, relative to the working directory, that outputs are copied to, or taken from. */
    readonly outputPaths?:
      | NonNullable<StepOptions<I, C, O, B, A, MissingPolicy>["outputPaths"]>
      | ((context: CallContext) => { readonly [key: string]: string });
    /** What to do where outputs are not as declared. */
    readonly outputPolicy?: OutputPolicy<M> | ((context: CallContext) => OutputPolicy<M>);
    /** How the function is called. */
    readonly executionOptions?: ExecutionOptions<B, A> | ((context: CallContext) => ExecutionOptions<B, A>);
    /** The keys of its outputs for `collectStepSchema`, where `outputs` can only be computed in a call. */
    readonly schemaOutputs?: readonly string[];
  };
/** `unknown` where the function accepts the context that it will get; else the function that is wanted, so that the compiler names the difference. */
export type AcceptsStep<Given, S> = Given extends S ? unknown : (inputs: never, step: Given) => unknown;
/** The context that a defined step gets. */
export type DefinedStep<I, C, A, Z> = Step<unknown extends Z ? C : Parsed<Z>, BoundInputs<I>, A>;
