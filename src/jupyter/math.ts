/** Formulas of Markdown, as MathML: browsers draw it without script, style sheet or font of ours. */
import type { MarkedExtension, Tokens } from "marked";
import { escapeHtml } from "./escape_html.ts";

type Katex = typeof import("katex").default;
let loaded: Promise<Katex> | undefined;

/** Draws a formula. */
export type DrawMath = (tex: string, isDisplay: boolean) => string;

/** Loads what draws formulas, where a text may have some. */
export async function mathFor(text: string): Promise<DrawMath | undefined> {
  if (!/\$|\\begin\{|\\\(|\\\[/.test(text)) return undefined;
  const katex = await (loaded ??= import("katex").then((module) => module.default));
  return (tex, isDisplay) => draw(katex, tex, isDisplay);
}

/** What cannot be drawn is shown as it was written. Nothing in it is trusted: no links, no HTML, bounded sizes and expansions. */
function draw(katex: Katex, tex: string, isDisplay: boolean): string {
  try {
    return katex.renderToString(tex, {
      output: "mathml",
      displayMode: isDisplay,
      strict: "ignore",
      trust: false,
      maxSize: 50,
      maxExpand: 500,
    });
  } catch {
    return `<code class="formula">${escapeHtml(tex)}</code>`; // no TeX, or a command that KaTeX does not know: a reader sees which
  }
}

interface Formula extends Tokens.Generic {
  readonly tex: string;
  readonly isDisplay: boolean;
}

/** Formulas as Jupyter knows them: `$…$`, `$$…$$` and environments. A dollar before a space, or before a digit at the end, is one of money. */
const PATTERNS: readonly (readonly [pattern: RegExp, isDisplay: boolean])[] = [
  [/^\$\$([^$]+)\$\$/, true],
  [/^(\\begin\{([a-z]+\*?)\}[\s\S]*?\\end\{\2\})/, true],
  [/^\$(?!\s)((?:\\.|[^$\\`])+?)(?<!\s)\$(?!\d)/, false],
];

/** Teaches Markdown formulas. */
export function mathExtension(draw: DrawMath): MarkedExtension {
  const formula = (source: string): Formula | undefined => {
    for (const [pattern, isDisplay] of PATTERNS) {
      const [raw, tex] = pattern.exec(source) ?? [];
      if (raw !== undefined) return { type: "formula", raw, tex: tex!, isDisplay };
    }
    return undefined;
  };
  const renderer = (token: Tokens.Generic) => draw((token as Formula).tex, (token as Formula).isDisplay);
  const begins = /\$|\\begin\{/;
  return {
    extensions: [
      {
        name: "formulaBlock",
        level: "block",
        start: (source) => source.match(/^(?:\$\$|\\begin\{)/m)?.index,
        tokenizer: (source) => blockOf(formula(source)),
        renderer,
      },
      { name: "formula", level: "inline", start: (source) => source.match(begins)?.index, tokenizer: formula, renderer },
    ],
  };
}

function blockOf(formula: Formula | undefined): Formula | undefined {
  return formula?.isDisplay ? { ...formula, type: "formulaBlock" } : undefined;
}
