/** Functions of the runtime: they count by their name, and by what they reach outside. */
import { types } from "node:util";
import { JSON } from "../../intrinsics.ts";
import { originalPlace, runtimeClassText } from "./builtins.ts";
import type { Facts } from "./facts.ts";
import { type AnyFunction, isFunction, isNative } from "./functions.ts";
import { builtinPaths } from "./known_objects.ts";
import { outsideFunction, outsideNative, unseenCode } from "./outside.ts";
import type { ValueReader } from "./values.ts";

/** The text of a function of the runtime. */
export function runtimeFunctionText(reader: ValueReader, fn: AnyFunction, { url }: Facts, name: string): string {
  const { report } = reader;
  report.part("global", fn.name || name, "");
  const native = outsideNative(fn), why = outsideFunction(url, fn.name);
  if (native) report.outside(...native);
  if (why) report.outside(fn.name || name, why);
  const unseen = unseenCode(fn, url, fn.name);
  if (unseen !== undefined) return report.opaque(name, unseen);
  if (!isNative(fn)) return `runtime(${JSON.stringify([url, fn.name])})${runtimeClassText(reader, fn)}`;
  const paths = builtinPaths(fn) ?? originalPlace(fn);
  return paths === undefined ? report.opaque(name, "native code (WebAssembly, an add-on)") : `runtime(${JSON.stringify([paths])})`;
}

/** Is it a function of the runtime? */
export function isRuntimes(reader: ValueReader, value: unknown): boolean {
  return isFunction(value) && !types.isProxy(value) && (isNative(value) || reader.facts(value)?.kind === "runtime");
}
