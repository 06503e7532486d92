/** How an input arrives or an output was made, when it is not the usual way: `file`, `lazy`, `value`. */
import { fromFileUrl, resolve } from "@std/path";
import { OptionError } from "../errors.ts";
import { JSON } from "../intrinsics.ts";
import type { Artifact, DataFrame, FileOutput, InputAs, LazyFrame, LazyFrameOf, LoadedPath } from "../types.ts";

/** Marks these values for every copy of the library in a process. */
const BRAND = Symbol.for("consist.input");

/** The type of a source as a LazyFrame: an artifact's columns are kept. */
export type LazyOf<X> = X extends Artifact<string, infer V> ? (V extends DataFrame ? LazyFrameOf<V> : LazyFrame) : LazyFrame;

/** An input that arrives as a LazyFrame. */
export interface LazyInput<out V = unknown> extends InputAs<V> {
  /** A path, a URL or an artifact. */
  readonly source: string | URL | Artifact;
}
/** An input that is a value in memory. */
export interface ValueInput<out V = unknown> extends InputAs<V> {
  /** The value, handed over as it is. */
  readonly value: V;
}

/**
 * A file that the step wrote itself, as a returned value.
 *
 * @param path absolute, or relative to the working directory of the moment
 * @throws {OptionError} `option_invalid` where it is no path of a local file
 */
export function file<const S extends string | URL>(path: S): FileOutput<S extends string ? LoadedPath<S> : unknown> {
  return branded("file", { path: localPath(path, "file") });
}

/** The input as a polars LazyFrame: nothing is read before `collect()`. */
export function lazy<const X extends string | URL | Artifact>(source: X): InputAs<LazyOf<X>> {
  if (typeof source === "object" ? source === null : typeof source !== "string" || source === "") throw notASource("lazy", source);
  return branded("lazy", { source });
}

/** A value in memory as an input: counts by content, and is handed over as it is. */
export function value<V>(value: V): InputAs<V> {
  return branded("value", { value });
}

/** Was this made by `file`? */
export function isFileOutput(candidate: unknown): candidate is FileOutput {
  return brandOf(candidate) === "file";
}

/** Was this made by `lazy`? */
export function isLazyInput(candidate: unknown): candidate is LazyInput {
  return brandOf(candidate) === "lazy";
}

/** Was this made by `value`? */
export function isValueInput(candidate: unknown): candidate is ValueInput {
  return brandOf(candidate) === "value";
}

/** The path of a string or a `file:` URL, absolute. */
function localPath(path: string | URL, name: string): string {
  if (path instanceof URL && path.protocol === "file:") return fromFileUrl(path);
  if (typeof path !== "string" || path === "" || path.includes("\0")) throw notASource(name, path);
  return resolve(path.startsWith("file://") ? fromFileUrl(path) : path);
}

function notASource(name: string, source: unknown): OptionError {
  const found = source instanceof URL ? source.href : typeof source === "string" ? source : typeof source;
  return new OptionError("option_invalid", {
    problem: `Cannot make ${name}(…) of ${JSON.stringify(found)}.`,
    why: name === "file" ? "A path of a local file or a file: URL was wanted." : "A path, a URL or an artifact was wanted.",
    fix: name === "file" ? "Give the path that the step wrote to." : "Give one of these.",
  });
}

/** The type that a wrapper carries exists for the compiler alone. */
function branded<Wrapper>(kind: string, fields: object): Wrapper {
  Object.defineProperty(fields, BRAND, { value: kind });
  return Object.freeze(fields) as Wrapper;
}

function brandOf(candidate: unknown): unknown {
  if (typeof candidate !== "object" || candidate === null) return undefined;
  // Only a plain object: a polars frame is a proxy that takes every name for a column's.
  if (Object.prototype.toString.call(candidate) !== "[object Object]") return undefined;
  return Object.getOwnPropertyDescriptor(candidate, BRAND)?.value;
}
