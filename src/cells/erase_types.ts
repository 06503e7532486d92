/** TypeScript without its types, every character in its place: what is erased becomes blank, so that lines and columns stay the user's. */
import nodeModule from "node:module";

type Strip = (code: string, options: { readonly mode: "strip" | "transform" }) => string;

/** Deno's own, from Node's interface; none in a runtime that lacks it. */
const strip = (nodeModule as unknown as { readonly stripTypeScriptTypes?: Strip }).stripTypeScriptTypes;

/** More enums than this in one cell are none that somebody wrote. */
const MOST_ENUMS = 100;

/**
 * The JavaScript of a cell. An enum is written as its object, in its place.
 *
 * @returns what cannot be erased, in words, where there is such a thing: a namespace, a parameter property, JSX, a syntax error
 */
export function eraseTypes(code: string): { readonly text: string } | { readonly flaw: string } {
  if (strip === undefined) return { text: code };
  let text = code;
  for (let enums = 0; enums <= MOST_ENUMS; enums++) {
    try {
      return { text: strip(text, { mode: "strip" }) };
    } catch (error) {
      const message = error instanceof Error ? error.message : String(error);
      const without = /\benum is not supported/.test(message) ? withoutEnumAt(text, placeIn(message, text), strip) : undefined;
      if (without === undefined) return { flaw: sentence(message) };
      text = without;
    }
  }
  return { flaw: "it has too many enums" };
}

/** `… at file:///x.ts:2:10` as a place in the text. */
function placeIn(message: string, text: string): number {
  const [, line, column] = /:(\d+):(\d+)\s*$/.exec(message) ?? [];
  const before = text.split("\n").slice(0, Number(line) - 1);
  return before.reduce((sum, each) => sum + each.length + 1, 0) + Number(column) - 1;
}

const ENUM = /(?:const\s+)?enum\s+[\p{ID_Start}$_][\p{ID_Continue}$]*\s*\{/uy;

function withoutEnumAt(text: string, place: number, transform: Strip): string | undefined {
  ENUM.lastIndex = place;
  const head = ENUM.exec(text);
  if (head === null) return undefined;
  const end = closingBrace(text, place + head[0].length);
  if (end === undefined) return undefined;
  const written = text.slice(place, end);
  let object: string;
  try {
    object = transform(written.replace(/^const\s+/, ""), { mode: "transform" });
  } catch {
    return undefined; // not an enum after all, or a damaged one: the whole is given back as it is, and Deno says what is wrong
  }
  const lines = written.split("\n").length - 1;
  return `${text.slice(0, place)}${object.trim().replaceAll(/\s*\n\s*/g, " ")}${"\n".repeat(lines)}${text.slice(end)}`;
}

/** The place behind the brace that closes an enum; texts and comments inside are passed over. */
function closingBrace(text: string, from: number): number | undefined {
  const token = /\/\/[^\n]*|\/\*[^]*?\*\/|"(?:\\[^]|[^"\\])*"|'(?:\\[^]|[^'\\])*'|`(?:\\[^]|[^`\\])*`|[{}]/g;
  token.lastIndex = from;
  for (let depth = 1, found = token.exec(text); found !== null; found = token.exec(text)) {
    if (found[0] === "{") depth++;
    else if (found[0] === "}" && --depth === 0) return token.lastIndex;
  }
  return undefined;
}

/** The message in words of somebody who wrote a cell: without the place, and without how it is read. */
function sentence(message: string): string {
  const text = message.replace(/ at file:.*$/, "").replace(/^\[\w+\]\s*/, "");
  const kind = /^TypeScript (.+?)(?: declaration)? is not supported/.exec(text)?.[1];
  if (kind !== undefined) return `a TypeScript ${kind} is more than a type, and cannot be left out`;
  // Where this is shown Deno has executed the cell, so that it is right as TypeScript.
  if (text === "Syntax error") return "it has JSX, a decorator, or another thing that is no plain TypeScript";
  return text.replace(/ in (?:type )?strip(?:-only)? mode/, "").replace(/\.$/, "");
}
