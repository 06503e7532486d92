/** A module's text without types, comments and formatting, as functions count: for modules that are known only as they are on disk. */
import nodeModule from "node:module";
import { sha256 } from "../digest.ts";
import { BoundedMemo } from "./bounded_memo.ts";
import { parseText, treeText } from "./syntax.ts";

type Strip = (code: string, options: { readonly mode: "strip" | "transform" }) => string;

/** Deno's own, from Node's interface; none in a runtime that lacks it. */
const strip = (nodeModule as unknown as { readonly stripTypeScriptTypes?: Strip }).stripTypeScriptTypes;

const hashes = new BoundedMemo<string>(2_000);

/** The hash of a module's code. Where that is not to be had (JSX, decorators, what is no script) the whole text counts. */
export function moduleHash(url: string, source: string, bytes: Uint8Array): string {
  const [, language] = /\.[cm]?([jt]s)$/.exec(new URL(url).pathname) ?? [];
  if (language === undefined || source.includes("\ufffd")) return sha256(bytes);
  return hashes.get(`${language} ${sha256(bytes)}`, () => {
    const plain = language === "js" ? source : withoutTypes(source);
    const tree = plain === undefined ? null : parseText(plain, "module") ?? parseText(plain, "script");
    return sha256(tree === null ? bytes : treeText(tree));
  });
}

/** Enums, namespaces and parameter properties are more than types: they are compiled, but for `const enum`, which would be left out. */
function withoutTypes(source: string): string | undefined {
  return erased(source, "strip") ?? (/\bconst\s+enum\b/.test(source) ? undefined : erased(source, "transform"));
}

function erased(source: string, mode: "strip" | "transform"): string | undefined {
  try {
    return strip?.(source, { mode });
  } catch {
    return undefined; // what is no plain TypeScript counts as it is written
  }
}
