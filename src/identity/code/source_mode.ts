/** `codeIdentity: "source"`: the function's own text counts, and nothing that it calls or captures. */
import { types } from "node:util";
import { type CodeIdentity, partText, unknownCode } from "../code_parts.ts";
import { type AnyFunction, givenName, isNative, sourceOf } from "./functions.ts";
import { functionHash } from "./syntax.ts";

/** The identity of a function's text. */
export function sourceIdentity(fn: AnyFunction): CodeIdentity {
  const name = types.isProxy(fn) ? "step" : givenName(fn) || "step";
  if (types.isProxy(fn)) return unknownCode("source", name, "a Proxy has no text of its own");
  if (isNative(fn)) return unknownCode("source", name, "a native or bound function has no text of its own");
  const source = sourceOf(fn);
  const hash = functionHash(source);
  if (hash === null) return unknownCode("source", name, "its text cannot be parsed");
  const kind = /^class\b/.test(source) ? "class" : "function";
  return { mode: "source", hash, parts: [{ kind, name, hash, text: partText(source) }], opaque: [], outside: [] };
}
