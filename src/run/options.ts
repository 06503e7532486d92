/** The options of a step. One type, shared by `run`, `sc.run` and `sc.trace`. */
import type { Artifact, Facet, Misuse, Registry, ZodSchema } from "../types.ts";
import type { BindingOf, ConfigOf, Definition, HasDefinition, InputsOf, NoDefinition, Parsable, RuntimeOf } from "./definition.ts";
import type { ExecutorChoice } from "./executors.ts";
import type { AcceptsInputs, Binding, BindingChoice, BoundInputs, CheckedInputs, Inputs } from "./input_types.ts";
import type { IsOpen, MissingPolicy, OutputKey } from "./output_types.ts";
import type { NoValues, Step } from "./step_types.ts";

/** No config was given. */
export type NoConfig = Record<never, never>;

/**
 * Which files are put where: `metadata` copies nothing; `inputs-missing` puts inputs that are gone into the run's folder before a miss
 * executes; `outputs-requested` copies a hit's outputs to their `outputPaths`; `outputs-all` also the others, into `outputDir`, or captured
 * ones back into `captureDir`.
 */
export type CacheHydration = "metadata" | "inputs-missing" | "outputs-requested" | "outputs-all";
/** How the cache is used. */
export interface CacheOptions {
  /**
   * `reuse` takes a hit; `overwrite` always executes, and later runs hit the new result; `readonly` takes a hit and records nothing on a
   * miss; `off` always executes, and its result is never served. @default "reuse"
   */
  readonly cacheMode?: "reuse" | "overwrite" | "readonly" | "off";
  /**
   * Which files are put where, besides what a miss puts at `outputPaths` and into `outputDir` in any mode. Content that is there already is
   * left as it is; a file of yours with other content is kept beside it as `<name>.replaced-1`. @default "metadata"
   */
  readonly cacheHydration?: CacheHydration;
  /** A number of your own; another number is another step. */
  readonly cacheVersion?: number;
  /** A number of your own for a whole project. @default the tracker's */
  readonly cacheEpoch?: number;
  /** What to do where the code's identity cannot be followed: execute, allow a hit all the same, or fail. @default "execute" */
  readonly untracked?: "execute" | "allow" | "error";
  /**
   * What counts as the step's code: everything that its function reaches, symbol by symbol, through helpers, captured values and imports; its
   * function's own text only; its module's file; or the state of the git repository. @default "dependencies"
   */
  readonly codeIdentity?: "dependencies" | "source" | "module" | "repo_git";
  /** Files and folders whose content also counts as code. */
  readonly codeIdentityExtraDeps?: readonly string[];
}
/** What to do where outputs are not as declared. */
export interface OutputPolicy<M extends MissingPolicy = MissingPolicy> {
  /** A declared output that nothing produced. @default "error" */
  readonly outputMissing?: M;
  /** A returned value or key that was not declared. @default "warn" */
  readonly outputMismatch?: MissingPolicy;
}
/** How the function is called. */
export interface ExecutionBase<A> {
  /** Values passed as `step.runtime` that do not count for the identity. */
  readonly runtimeArgs?: A;
  /**
   * Where the function is called: in this process, in a worker process (which imports it from its module: it has to be exported there), or
   * where an executor of your own runs it. The identity is the same in all of them, so that each hits what another made. @default "in_process"
   */
  readonly executor?: ExecutorChoice;
}
/** `loadInputs: false` is `inputBinding: "none"`; giving both is an error. */
export type ExecutionOptions<B extends BindingChoice = BindingChoice, A = { readonly [key: string]: unknown }> =
  & ExecutionBase<A>
  & (
    | {
      /** How inputs arrive. @default "loaded" */
      readonly inputBinding?: B & Binding;
      /** Not beside `inputBinding`. */
      readonly loadInputs?: never;
    }
    | {
      /** `true` is `inputBinding: "loaded"`, `false` is `"none"`. */
      readonly loadInputs: B & boolean;
      /** Not beside `loadInputs`. */
      readonly inputBinding?: never;
    }
  );
/** The part of the options that says nothing about inputs, config or outputs: what helpers pass through. */
export interface RunSettings {
  /** What the step is called. @default the function's name, else the only output's key */
  readonly name?: string | undefined;
  /**
   * The same with parts to fill in: `{fnName}`, `{scenario}`, `{year}`, `{iteration}`, `{phase}` and `{stage}`. `name` is stronger. `{{` is a
   * brace.
   */
  readonly nameTemplate?: string | undefined;
  /** Under which name the run is recorded and its facets are kept. @default the step's name */
  readonly model?: string | undefined;
  /** What the step is for. */
  readonly description?: string | undefined;
  /** Words to find the run by. */
  readonly tags?: readonly string[] | undefined;
  /** Simulated year. */
  readonly year?: number | undefined;
  /** Number of the iteration. */
  readonly iteration?: number | undefined;
  /** Phase of the workflow. */
  readonly phase?: string | undefined;
  /** Stage of the workflow. */
  readonly stage?: string | undefined;
  /** A label for this execution, used as its id where it is free. */
  readonly runId?: string | undefined;
  /** Records the run as a child of this one. */
  readonly parentRunId?: string | undefined;
  /** Queryable values; `false` for none. @default the scalar leaves of `config` and the scalar outputs */
  readonly facet?: Facet | false | undefined;
  /** Version of the facet's shape. */
  readonly facetSchemaVersion?: string | number | undefined;
  /** Index the facet for queries. @default true */
  readonly facetIndex?: boolean | undefined;
  /** More files that the step reads: a list, or a map for named parts. */
  readonly dependsOn?: readonly (string | URL | Artifact)[] | { readonly [name: string]: string | URL | Artifact } | undefined;
  /** Record what the step prints and displays when it executes, and show it again on a hit. @default true */
  readonly displayOutputs?: boolean | undefined;
  /** A folder into which copies of the outputs are put. */
  readonly outputDir?: string | undefined;
  /** A folder whose new and changed files become outputs when the step ends. */
  readonly captureDir?: string | undefined;
  /** Which files of `captureDir`. @default "*" */
  readonly capturePattern?: string | undefined;
  /** How the cache is used. */
  readonly cacheOptions?: CacheOptions | undefined;
  /** In a scenario: put the outputs into the coupler. `false` leaves that to `collectByKeys`. @default true */
  readonly sync?: boolean | undefined;
}
/** Functions and symbols in a config are an error here already; the rest is checked, with its path, when it is hashed. */
// deno-lint-ignore no-explicit-any -- any function whatever
export type PlainData<T> = T extends (...args: any[]) => unknown ? Misuse<"a function cannot be part of a config">
  : T extends symbol ? Misuse<"a symbol cannot be part of a config">
  // deno-lint-ignore no-explicit-any -- dates, addresses, and whatever else says itself what it is
  : T extends { toJSON(...args: any[]): unknown } ? unknown
  : T extends ReadonlySet<infer Member> ? ReadonlySet<PlainData<Member>>
  : T extends ReadonlyMap<infer Key, infer Member>
    ? Key extends string ? ReadonlyMap<string, PlainData<Member>> : Misuse<"the keys of a Map in a config are strings">
  : T extends object ? { readonly [K in keyof T]: PlainData<T[K]> }
  : unknown;
/** Everything but the function. `F` is the config as the step gets it. */
export interface StepOptions<
  I,
  C,
  O,
  B extends BindingChoice,
  A,
  M extends MissingPolicy,
  G = Registry,
  Z = unknown,
  F = ConfigOf<C, NoDefinition, Z>,
> extends RunSettings {
  /** What the step reads, by key. */
  readonly inputs?: I & CheckedInputs<NoInfer<I>, G>;
  /** Plain data that decides the result. Hashed. */
  readonly config?: C & PlainData<NoInfer<C>> & Parsable<NoInfer<Z>>;
  /** A zod schema that parses the config and fills its defaults. What it gives is hashed, and is the step's `config`. */
  readonly configSchema?: Z & ZodSchema;
  /** Keys of `config` to index as facets. */
  readonly facetFrom?: readonly (keyof NoInfer<F> & string)[];
  /** What the step makes: keys, or keys with options. */
  readonly outputs?: O;
  /** Paths, relative to the working directory, that outputs are copied to, or taken from where the step wrote them there. */
  readonly outputPaths?: IsOpen<NoInfer<O>> extends true ? { readonly [key: string]: string }
    : { readonly [K in OutputKey<NoInfer<O>>]?: string };
  /** What to do where outputs are not as declared. */
  readonly outputPolicy?: OutputPolicy<M>;
  /** How the function is called. */
  readonly executionOptions?: ExecutionOptions<B, A>;
}

/**
 * The options of `run`. The inputs decide and `fn` follows: its `inputs` are typed from `inputs`, its `step.config` from `config`.
 * A parameter annotation is trusted exactly where the type cannot be known (a path in a variable, a coupler key).
 */
export type RunOptions<
  I = Inputs,
  C = NoConfig,
  O = readonly [],
  R = unknown,
  B extends BindingChoice = "loaded",
  A = NoValues,
  M extends MissingPolicy = "error",
  P = BoundInputs<I, B>,
  D extends Definition = NoDefinition,
  G = Registry,
  Z = unknown,
> = StepOptions<I, C, O, B, A, M, G, Z, ConfigOf<C, D, Z>> & {
  /** The step: an ordinary function of its inputs and the step's context. */
  readonly fn:
    & ((
      inputs: P,
      step: Step<NoInfer<ConfigOf<C, D, Z>>, NoInfer<BoundInputs<InputsOf<I, D>, "loaded", G>>, NoInfer<RuntimeOf<A, D>>>,
    ) => R | Promise<R>)
    & HasDefinition<D>
    & AcceptsInputs<NoInfer<BoundInputs<InputsOf<I, D>, BindingOf<B, D>, G>>, NoInfer<P>>;
  /** Plain data that decides the result. Hashed. */
  readonly config?: Parsable<NoInfer<D["configSchema"]>>;
};
