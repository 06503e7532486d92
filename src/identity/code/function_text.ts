/** What a function's text says, remembered by text: its hash, its free names, and what in it cannot be followed. */
import { sha256 } from "../digest.ts";
import { BoundedMemo } from "./bounded_memo.ts";
import { FreeNames } from "./free_names.ts";
import type { FunctionText } from "./name_use.ts";
import { type FunctionTree, parseFunction, treeText } from "./syntax.ts";

/** Why a text that no form fits is opaque. */
const UNPARSABLE = "its text cannot be parsed";

const texts = new BoundedMemo<FunctionText>(2_000);

/** Reads a function's text. */
export function functionText(source: string): FunctionText {
  return texts.get(source, () => {
    const tree = parseFunction(source);
    return tree ? parsedText(source, tree) : unparsedText(source);
  });
}

function parsedText(source: string, { top, node }: FunctionTree): FunctionText {
  const { free, imports, notes, hasStaticPrivate, asksTime, usesZone, usesLocale, usesOuterThis } = new FreeNames(node);
  const isClass = /^class\b/.test(source);
  return {
    hash: sha256(treeText(top)),
    source,
    free,
    imports,
    notes,
    isClass,
    hasStaticPrivate,
    hasPrivate: isClass && /#[\w$]/.test(source),
    asksNames: /\bname\b/.test(source),
    selfName: "id" in node && node.id?.type === "Identifier" ? node.id.name : null,
    asksTime,
    usesZone,
    usesLocale,
    usesOuterThis,
  };
}

const unparsedText = (source: string): FunctionText => ({
  hash: sha256(source),
  source,
  free: new Map(),
  imports: [],
  notes: [UNPARSABLE],
  isClass: false,
  hasStaticPrivate: false,
  hasPrivate: false,
  asksNames: true,
  selfName: null,
  asksTime: false,
  usesZone: false,
  usesLocale: false,
  usesOuterThis: false,
});
