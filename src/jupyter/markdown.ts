/** Markdown cells as HTML: what is HTML in them is shown as text, and only harmless links are links. */
import type { Marked } from "marked";
import { escapeHtml } from "./escape_html.ts";
import { highlight } from "./highlight.ts";
import { mathExtension, mathFor } from "./math.ts";
import type { MimeData } from "../kernels/mod.ts";

let loaded: Promise<typeof import("marked")> | undefined;

/** A heading of a page. */
export interface Heading {
  /** From 1 to 6. */
  readonly level: number;
  /** What it says. */
  readonly text: string;
  /** Where links lead to. */
  readonly id: string;
}

/** What a text is rendered with. */
export interface MarkdownOptions {
  /** The cell's own pictures. */
  readonly attachments?: { readonly [name: string]: MimeData } | undefined;
  /** The page's headings so far; those of the text are added, and get ids that no other has. */
  readonly headings?: Heading[] | undefined;
}

/** Renders Markdown. */
export async function renderMarkdown(source: string, { attachments = {}, headings }: MarkdownOptions = {}): Promise<string> {
  const { Marked } = await (loaded ??= import("marked"));
  const draw = await mathFor(source);
  const marked = safeMarked(new Marked(), attachments, headings);
  return (draw === undefined ? marked : marked.use(mathExtension(draw))).parse(source, { async: false });
}

function safeMarked(marked: Marked, attachments: { readonly [name: string]: MimeData }, headings: Heading[] | undefined): Marked {
  return marked.use({
    renderer: {
      html: ({ text }) => escapeHtml(text),
      code: ({ text, lang = "" }) =>
        `<pre><code>${/^(ts|tsx|typescript|js|jsx|javascript)\b/i.test(lang) ? highlight(text) : escapeHtml(text)}</code></pre>\n`,
      heading({ depth, tokens }) {
        const markup = this.parser.parseInline(tokens);
        const id = headings === undefined ? "" : ` id="${escapeHtml(addHeading(headings, depth, textOf(markup)))}"`;
        return `<h${depth}${id}>${markup}</h${depth}>\n`;
      },
      link({ href, tokens }) {
        return linked(href, this.parser.parseInline(tokens));
      },
      image({ href, text }) {
        const source = pictureSource(href, attachments);
        return source === undefined
          ? linked(href, escapeHtml(text || href))
          : `<img src="${escapeHtml(source)}" alt="${escapeHtml(text)}">`;
      },
    },
  });
}

/** The id that Jupyter gives a heading, so that links to it lead somewhere; a second one with the same words gets a number. */
function addHeading(headings: Heading[], level: number, text: string): string {
  const plain = text.trim().replace(/\s+/g, "-");
  let id = plain;
  for (let number = 2; headings.some((heading) => heading.id === id); number++) id = `${plain}-${number}`;
  headings.push({ level, text: text.trim(), id });
  return id;
}

/** The text of our own markup: of formulas their TeX. */
function textOf(markup: string): string {
  return markup
    .replace(/<math[\s\S]*?<annotation[^>]*>([\s\S]*?)<\/annotation>[\s\S]*?<\/math>/g, "$1")
    .replace(/<[^>]*>/g, "")
    .replace(/&#(\d+);/g, (_, code) => String.fromCodePoint(Number(code)))
    .replace(/&lt;/g, "<").replace(/&gt;/g, ">").replace(/&quot;/g, '"').replace(/&amp;/g, "&");
}

/** A link, where it leads to a page, a mail address or a place of this site; else its text alone. */
function linked(href: string, markup: string): string {
  const plain = href.replace(/[\s\p{Cc}]/gu, ""); // as a browser reads it
  const harmless = /^(https?:|mailto:)/i.test(plain) || !/^[^/?#]*:/.test(plain);
  return harmless ? `<a href="${escapeHtml(href)}">${markup}</a>` : markup;
}

/** Where a picture is in the page itself; one from elsewhere is not loaded, so that the page needs nothing else. */
function pictureSource(href: string, attachments: { readonly [name: string]: MimeData }): string | undefined {
  if (/^data:image\/(png|jpeg|gif|webp|svg\+xml);base64,[\w+/=]+$/i.test(href)) return href;
  const attached = Object.entries(attachments[decodeURI(href.replace(/^attachment:/, ""))] ?? {});
  const [mime, data] = attached.find(([mime]) => /^image\/(png|jpeg|gif|webp)$/.test(mime)) ?? [];
  return typeof data === "string" ? `data:${mime};base64,${data.replace(/\s/g, "")}` : undefined;
}
