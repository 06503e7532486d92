/** polars, loaded at first use, and what a frame needs to be written, hashed and shown. */
import type pl from "polars";
import { Buffer } from "node:buffer";
import type { DataFrame, LazyFrame } from "../types.ts";
import { displayFrame } from "./frame_display.ts";
import { describe, kindOf } from "./kinds.ts";

/** The polars library. */
export type Polars = typeof pl;

/** Loads polars; a program that never touches a frame does not pay for it. */
export async function loadPolars(): Promise<Polars> {
  return (await import("polars")).default;
}

let version: Promise<string> | undefined;

/** Version of polars, told without loading it. */
export function polarsVersion(): Promise<string> {
  version ??= import("nodejs-polars/package.json", { with: { type: "json" } }).then((module) =>
    (module.default as { version: string }).version
  );
  return version;
}

/** Is this a DataFrame, a LazyFrame or a Series? */
export function isFrameLike(value: unknown): boolean {
  const kind = kindOf(value);
  return kind === "frame" || kind === "lazyFrame" || kind === "series";
}

/** A DataFrame of what is frame-like, in one piece, so that its bytes do not depend on how it was put together. */
async function asFrame(value: unknown): Promise<DataFrame> {
  const kind = kindOf(value);
  if (!isFrameLike(value)) throw new TypeError(`a DataFrame was wanted, and the value is ${describe(value)}`);
  const frame = kind === "lazyFrame"
    ? await (value as LazyFrame).collect()
    : kind === "series"
    ? (value as pl.Series).toFrame()
    : value as DataFrame;
  return frame.rechunk();
}

/** Writes what is frame-like. The file is made first, because polars ends in a panic where it cannot make one itself. */
export async function writeFrame(value: unknown, path: string, write: (frame: DataFrame) => void): Promise<void> {
  const frame = await asFrame(value);
  await Deno.writeFile(path, new Uint8Array());
  write(frame);
}

/** A file's content as polars takes it. Never a path: polars takes a string for content unless its extension is a known one. */
export async function contentOf(path: string): Promise<Buffer> {
  const content = await Deno.readFile(path);
  return Buffer.from(content.buffer, content.byteOffset, content.byteLength);
}

/** May polars see a pattern in this path? */
export function looksLikePattern(path: string): boolean {
  return /[*?[\]{}]/.test(path);
}

/** Gives a frame a notebook display of its own: polars' one shows nothing in VS Code. */
export function withDisplay<F extends DataFrame>(frame: F): F {
  const value = () => displayFrame(frame);
  Object.defineProperty(frame, Symbol.for("Jupyter.display"), { value, enumerable: false, configurable: true, writable: true });
  return frame;
}
