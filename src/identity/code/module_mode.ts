/** `codeIdentity: "module"`: the whole file that the function stands in counts, as it is running; what the file imports does not. */
import { types } from "node:util";
import { JSON } from "../../intrinsics.ts";
import { type CodeIdentity, partText, unknownCode } from "../code_parts.ts";
import { sha256 } from "../digest.ts";
import { factsOf } from "./facts.ts";
import { type AnyFunction, givenName, isNative, stepFunction } from "./functions.ts";
import { type Inspector, InspectorRefused, withInspector } from "./inspector.ts";
import { fileName } from "./origins.ts";
import { parseText, treeText } from "./syntax.ts";

/** Where a function stands: its module's url, and its running source where that was asked for. */
export interface FunctionPlace {
  /** The module's url. */
  readonly url: string;
  /** The module's source as the engine runs it, which is JavaScript. */
  readonly source: string;
}

/** The module of a function, or the reason why there is none. */
export async function placeOf(fn: AnyFunction): Promise<FunctionPlace | { readonly why: string }> {
  if (types.isProxy(fn) || isNative(fn)) return { why: "a native or bound function or a Proxy stands in no file" };
  try {
    return await withInspector((inspector) => lookUpPlace(fn, inspector));
  } catch (error) {
    if (error instanceof InspectorRefused) return { why: `its file is not known: ${error.message}` };
    throw error;
  }
}

async function lookUpPlace(fn: AnyFunction, inspector: Inspector): Promise<FunctionPlace | { readonly why: string }> {
  const { scriptId } = await inspector.look(fn);
  if (scriptId === null) return { why: "the engine names no script for it" };
  if (!inspector.knownScript(scriptId)) await inspector.readScripts();
  const { url = "", source = null } = inspector.knownScript(scriptId) ?? {};
  if (url === "") return { why: "it stands in a notebook's cell or in evaluated text, not in a file" };
  if (source === null) return { why: `it stands in ${url}, which is no file of yours` };
  return { url, source };
}

/** The identity of the file that a function stands in, with the function's own name: two steps of one file are two steps. */
export async function moduleIdentity(fn: AnyFunction): Promise<CodeIdentity> {
  const name = types.isProxy(fn) ? "step" : givenName(fn) || "step";
  const place = await placeOf(fn);
  if ("why" in place) return unknownCode("module", name, place.why);
  const tree = parseText(place.source, "module") ?? parseText(place.source, "script");
  const hash = tree ? sha256(treeText(tree.body)) : sha256(place.source);
  const part = { kind: "module", name: fileName(place.url) ?? place.url.slice(0, 80), hash, text: partText(place.source) } as const;
  return { mode: "module", hash: sha256(JSON.stringify([hash, givenName(fn)])), parts: [part], opaque: [], outside: [] };
}

/** The url of the module in which a step's function stands; empty where it stands in none, as in a cell. */
export async function functionModule(fn: AnyFunction): Promise<string> {
  const own = stepFunction(fn);
  const known = factsOf(own);
  if (known?.kind === "user") return known.url;
  const place = await placeOf(own);
  return "url" in place ? place.url : "";
}
