/** Code with its comments, texts, keywords and numbers marked: as much highlighting as a printed page needs. */
import { escapeHtml } from "./escape_html.ts";

const KEYWORDS =
  "as async await break case catch class const continue default delete do else enum export extends false finally for from function " +
  "if implements import in instanceof interface let new null of return satisfies static super switch this throw true try type typeof undefined " +
  "using var void while yield";
const TOKENS = new RegExp(
  [
    String.raw`(?<comment>\/\/[^\n]*|\/\*[\s\S]*?\*\/)`,
    String.raw`(?<text>"(?:\\.|[^"\\\n])*"|'(?:\\.|[^'\\\n])*'|` + "`(?:\\\\.|[^`\\\\])*`)",
    String.raw`(?<keyword>(?<![\w$.])(?:${KEYWORDS.replaceAll(" ", "|")})(?![\w$]))`,
    String.raw`(?<number>(?<![\w$])\d[\d_]*(?:\.\d+)?(?:e[+-]?\d+)?n?)`,
  ].join("|"),
  "g",
);

/** TypeScript as HTML. */
export function highlight(code: string): string {
  let markup = "";
  let at = 0;
  for (const match of code.matchAll(TOKENS)) {
    const kind = Object.entries(match.groups!).find(([, token]) => token !== undefined)![0];
    markup += `${escapeHtml(code.slice(at, match.index))}<span class="${kind}">${escapeHtml(match[0])}</span>`;
    at = match.index + match[0].length;
  }
  return markup + escapeHtml(code.slice(at));
}
