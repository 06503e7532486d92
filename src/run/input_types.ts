/** What a step's inputs may be, and what they arrive as. */
import type {
  Artifact,
  CollectedFrame,
  DataFrame,
  FileOutput,
  InputAs,
  KeyOf,
  LazyFrame,
  LazyFrameOf,
  LoadedPath,
  Misuse,
  PathLike,
  Registry,
  Relation,
  RunResult,
} from "../types.ts";

/** A path, URL, list of paths, artifact, anything with a `path`, `ref(...)`, `lazy(...)`, `relation(...)`, a DataFrame, `value(...)`, or a result with one output. */
export type InputRef = string | URL | readonly string[] | Artifact | PathLike | InputAs<unknown> | RunResult | DataFrame;
/** Inputs by key. */
export type Inputs = { readonly [key: string]: InputRef };
/** In a scenario also a list of keys that the coupler resolves. */
export type ScenarioInputs = Inputs | readonly string[];
/** No input was given. */
export type NoInputs = Record<never, never>;
/** Outside a scenario: no key is known. */
export type NoCoupler = Record<never, never>;
/** How inputs arrive: as values, as absolute paths, or not at all (they only count for the identity). */
export type Binding = "loaded" | "paths" | "none";
/** `inputBinding`, or `loadInputs` where `true` is "loaded" and `false` is "none". */
export type BindingChoice = Binding | boolean;

/** The one member of a union of strings; `never` where there are several. */
export type OnlyMember<K extends string, All extends string = K> = K extends K ? ([All] extends [K] ? K : never) : never;
/** The compiler's words where a result with several outputs stands among the inputs. */
export type OneOutput<V> = [OnlyMember<keyof V & string>] extends [never] ? Misuse<"several outputs: choose one with ref(result, key)">
  : unknown;
/** What the compiler says about inputs: a list names keys of the coupler, a result among the values has one output. */
export type CheckedInputs<I, G> = I extends readonly unknown[]
  ? ([keyof G] extends [never] ? Misuse<"a list of keys needs a coupler: use sc.run, or a mapping { key: path }">
    : readonly (keyof G & string)[])
  : { readonly [K in keyof I]: I[K] extends RunResult<infer V> ? OneOutput<V> : unknown };

/** What one input arrives as. */
export type Loaded<X, G = Registry> = X extends InputAs<infer V> ? V
  : X extends DataFrame ? X
  : X extends Artifact<string, infer V> ? V
  : X extends RunResult<infer V> ? V[OnlyMember<keyof V & string>]
  : X extends { readonly path: infer S extends string } ? LoadedPath<S>
  : X extends KeyOf<G> ? (unknown extends G[X] ? LoadedPath<X> : G[X])
  : X extends string ? LoadedPath<X>
  : X extends readonly string[] ? readonly string[]
  : unknown;
/** What one input arrives as where paths are wanted: a list or a pattern as several. */
export type Paths<X> = X extends readonly string[] | `${string}*${string}` ? readonly string[] : string;
/** What a step receives as `inputs`. */
export type BoundInputs<I, B extends BindingChoice = "loaded", G = Registry> = [B] extends ["none" | false] ? NoInputs
  : I extends readonly (infer K extends string)[] ? { readonly [X in K]: B extends "paths" ? string : X extends keyof G ? G[X] : unknown }
  : { readonly [X in keyof I]: B extends "paths" ? Paths<I[X]> : Loaded<I[X], G> };
/** Bound inputs, with what cannot be known (`unknown`) taken from the step function's own annotation. */
export type Trusting<Bound, P> = {
  readonly [X in keyof Bound]: unknown extends Bound[X] ? (X extends keyof P ? P[X] : unknown) : Bound[X];
};
/** `unknown` where the step function accepts its inputs; else the function that is wanted, so that the compiler names the difference. */
export type AcceptsInputs<Bound, P> = Trusting<Bound, P> extends P ? unknown : (inputs: Trusting<Bound, P>, step: never) => unknown;

/** A LazyFrame over what an artifact or a path holds. */
export type LazyOf<X> = X extends Artifact<string, infer V> ? (V extends DataFrame ? LazyFrameOf<V> : LazyFrame)
  : LazyFrame;
/** A relation that is also an input. */
export type RelationInput<Row> = InputAs<Relation<Row>> & Relation<Row>;
/** What comes back when a returned value is loaded again. */
export type Stored<V> = V extends FileOutput<infer L> ? L : V extends LazyFrame ? CollectedFrame<V> : V;
