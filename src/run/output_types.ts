/** What a step's outputs may be, and the types of the values that they hold. */
import type { DataFrame, Facet, FileOutput, KeyOf, LazyFrame, Meta, Registry, ZodObject } from "../types.ts";
import type { OnlyMember, Stored } from "./input_types.ts";

/** How one output is kept. */
export interface OutputOptions {
  /** How it is written. @default the driver for the value's type, or for the file's extension */
  readonly driver?: "csv" | "tsv" | "ndjson" | "parquet" | "arrow" | "ipc" | "json" | "txt" | "bytes" | (string & Record<never, never>);
  /** A zod object schema that the table has to fit. */
  readonly schema?: ZodObject;
  /** Also keep the rows in the ledger, so that they load where the file is gone. @default false */
  readonly ingest?: boolean;
  /** Keep its columns and types in the ledger, as its first rows show them. @default false */
  readonly profileFileSchema?: boolean;
  /** What it is. */
  readonly description?: string;
  /** Its queryable values. */
  readonly facet?: Facet;
  /** Notes. */
  readonly meta?: Meta;
}
/** Keys, or keys with options. */
export type OutputsDeclaration<Keys extends string = string> = readonly Keys[] | { readonly [K in Keys]?: OutputOptions };
/** The declared keys. */
export type OutputKey<O> = O extends readonly (infer K extends string)[] ? K : KeyOf<O>;
/** `true` where nothing is declared. */
export type IsOpen<O> = [OutputKey<O>] extends [never] ? true : false;
/** The only declared key. */
export type OneKey<O> = O extends readonly [infer K extends string] ? K : O extends readonly unknown[] ? never : OnlyMember<KeyOf<O>>;
/** What to do where an output is missing or does not match: fail, warn, or say nothing. */
export type MissingPolicy = "error" | "warn" | "ignore";

/** A mapping by output key, as against a value that happens to be an object. */
export type ByKey<R, K extends string> = R extends DataFrame | LazyFrame | FileOutput | readonly unknown[] | Uint8Array ? never
  : R extends { readonly [X in K]?: unknown } ? (K extends keyof R ? R[K] : never)
  : never;
/** What was returned for one key. */
export type ReturnedAt<R, O, K extends string> = [ByKey<R, K>] extends [never] ? (K extends OneKey<O> ? R : unknown) : ByKey<R, K>;
/** What one output loads as. */
export type ValueAt<R, O, K extends string> = R extends void | undefined | null ? unknown : Stored<Exclude<ReturnedAt<R, O, K>, undefined>>;
/** Output key → value type: what `RunResult` is made of. Open (`unknown` by any key) where nothing is declared. */
export type OutputValues<O, R, M extends MissingPolicy = "error"> = IsOpen<O> extends true ? Registry
  : M extends "error" ? { readonly [K in OutputKey<O>]: ValueAt<R, O, K> }
  : { readonly [K in OutputKey<O>]?: ValueAt<R, O, K> };
