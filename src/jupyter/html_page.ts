/**
 * An executed notebook as one HTML page that needs nothing else: no script, no network. Text and code are escaped. Outputs that are HTML
 * themselves are shown as such, whoever made the notebook: the page's policy forbids every script and every request, each such output has a
 * shadow root of its own so that its styles end there, its box contains what it draws, and what could break out of its place is text.
 */
import { escapeHtml } from "./escape_html.ts";
import { highlight } from "./highlight.ts";
import { type Heading, renderMarkdown } from "./markdown.ts";
import { mathFor } from "./math.ts";
import type { Cell, CodeCell, Notebook } from "./notebook_file.ts";
import { type MimeData, type Output, withoutColours } from "../kernels/mod.ts";
import { PAGE_STYLE } from "./page_style.ts";

/** How a page is made. */
export interface HtmlPageOptions {
  /** The page's title. @default the notebook's first heading */
  readonly title?: string | undefined;
}

const POLICY = "default-src 'none'; img-src data:; style-src 'unsafe-inline'; form-action 'none'; base-uri 'none'";

/** The page as text. */
export async function renderHtmlPage(notebook: Notebook, options: HtmlPageOptions = {}): Promise<string> {
  const headings: Heading[] = [];
  const cells: string[] = [];
  for (const cell of notebook.cells) cells.push(await renderCell(cell, headings)); // one after the other: ids of headings are unique
  return [
    "<!doctype html>",
    '<html lang="en">',
    "<head>",
    '<meta charset="utf-8">',
    `<meta http-equiv="Content-Security-Policy" content="${POLICY}">`,
    '<meta name="referrer" content="no-referrer">',
    '<meta name="viewport" content="width=device-width, initial-scale=1">',
    `<title>${escapeHtml(options.title ?? firstHeading(notebook) ?? "Notebook")}</title>`,
    `<style>${PAGE_STYLE}</style>`,
    "</head>",
    "<body>",
    ...contents(headings),
    "<main>",
    ...cells,
    "</main>",
    "</body>",
    "</html>",
    "",
  ].join("\n");
}

/** A page with few headings needs no table of contents. */
const CONTENTS_FROM = 3;

function contents(headings: readonly Heading[]): string[] {
  const listed = headings.filter(({ level, text }) => level <= 3 && text !== "");
  if (listed.length < CONTENTS_FROM) return [];
  const links = listed.map(({ level, text, id }) =>
    `<li class="level${level}"><a href="#${escapeHtml(encodeURIComponent(id))}">${escapeHtml(text)}</a></li>`
  );
  return ['<nav aria-label="Contents">', "<ul>", ...links, "</ul>", "</nav>"];
}

function firstHeading({ cells }: Notebook): string | undefined {
  const texts = cells.filter((cell) => cell.cell_type === "markdown").map((cell) => /^#+\s+(.+)$/m.exec(cell.source)?.[1]);
  return texts.find((heading) => heading !== undefined);
}

async function renderCell(cell: Cell, headings: Heading[]): Promise<string> {
  switch (cell.cell_type) {
    case "markdown":
      return article("prose", await renderMarkdown(cell.source, { attachments: cell.attachments, headings }));
    case "raw":
      return article("raw", `<pre>${escapeHtml(cell.source)}</pre>`);
    case "code":
      return renderCode(cell);
  }
}

async function renderCode(cell: CodeCell): Promise<string> {
  const label = `<span class="count">[${cell.execution_count ?? " "}]</span>`;
  const code = article("code", `${label}<pre><code>${highlight(cell.source)}</code></pre>`);
  const outputs = await Promise.all(cell.outputs.map(renderOutput));
  return [code, ...outputs].join("\n");
}

function renderOutput(output: Output): string | Promise<string> {
  switch (output.output_type) {
    case "stream":
      return article(`output ${output.name}`, pre(output.text));
    case "error":
      return article("output error", pre(output.traceback.join("\n").trim() || `${output.ename}: ${output.evalue}`));
    default:
      return renderBundle(output.data);
  }
}

/** The best of what an output offers: a page first, then a picture, then text. */
async function renderBundle(data: MimeData): Promise<string> {
  for (const [mime, render] of RENDERERS) {
    const value = data[mime];
    if (value !== undefined) return await render(value, mime);
  }
  return article("output", pre(`[${Object.keys(data).join(", ") || "nothing"}]`));
}

const RENDERERS: readonly (readonly [mime: string, render: (value: unknown, mime: string) => string | Promise<string>])[] = [
  [
    "text/html",
    (value) => article("output page", `<div><template shadowrootmode="open">${SHADOW_STYLE}${tamed(String(value))}</template></div>`),
  ],
  ["image/svg+xml", (value) => picture("image/svg+xml", base64(String(value)))],
  ["image/png", (value, mime) => picture(mime, String(value))],
  ["image/jpeg", (value, mime) => picture(mime, String(value))],
  ["image/gif", (value, mime) => picture(mime, String(value))],
  ["text/latex", async (value) => article("output prose", await formula(String(value)))],
  ["text/markdown", async (value) => article("output prose", await renderMarkdown(String(value)))],
  ["text/plain", (value) => article("output", pre(String(value)))],
  ["application/json", (value) => article("output", pre(JSON.stringify(value, null, 2)))],
];

/** What an output that is HTML finds in its shadow root; the page's own rules end before it. */
const SHADOW_STYLE = "<style>table{border-collapse:collapse}th,td{padding:.15rem .6rem;text-align:left}img,svg{max-width:100%}</style>";

async function formula(tex: string): Promise<string> {
  const inner = tex.trim().replace(/^(\$\$?)([\s\S]*)\1$/, "$2");
  const draw = await mathFor("$");
  return draw!(inner, true);
}

const article = (kind: string, markup: string) => `<article class="${kind}">${markup}</article>`;
const pre = (text: string) => `<pre>${escapeHtml(withoutColours(text))}</pre>`;

function picture(mime: string, base64: string): string {
  return article("output picture", `<img alt="Output of the cell above" src="data:${mime};base64,${base64.replace(/[^\w+/=]/g, "")}">`);
}

function base64(text: string): string {
  return new TextEncoder().encode(text).toBase64();
}

/** Elements that run, load, or reach beyond their place in the page. */
const FORBIDDEN =
  /<(?=\/?(?:script|iframe|frame|frameset|object|embed|applet|portal|base|meta|link|form|html|head|body|main|article|template|title|textarea|plaintext|xmp|noscript|noembed|noframes)\b)/gi;

/** HTML from an output, with comments removed and forbidden elements shown as text. Handlers and `javascript:` links stay, dead under the page's policy. */
function tamed(markup: string): string {
  return markup
    .replace(/<!--[\s\S]*?-->/g, "")
    .replace(/<(?=!)/g, "&lt;")
    .replace(FORBIDDEN, "&lt;")
    .replace(/<(?=style\b(?![\s\S]*<\/style))/gi, "&lt;");
}
