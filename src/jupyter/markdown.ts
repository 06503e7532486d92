/** Markdown cells as HTML: what is HTML in them is shown as text, and only harmless links are links. */
import type { Marked } from "marked";
import { escapeHtml } from "./escape_html.ts";
import type { MimeData } from "../kernels/mod.ts";

let loaded: Promise<typeof import("marked")> | undefined;

/** Renders Markdown; `attachments` are the cell's own pictures. */
export async function renderMarkdown(source: string, attachments: { readonly [name: string]: MimeData } = {}): Promise<string> {
  const { Marked } = await (loaded ??= import("marked"));
  return safeMarked(new Marked(), attachments).parse(source, { async: false });
}

function safeMarked(marked: Marked, attachments: { readonly [name: string]: MimeData }): Marked {
  return marked.use({
    renderer: {
      html: ({ text }) => escapeHtml(text),
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
