import assert from "node:assert/strict";
import { renderHtmlPage } from "./html_page.ts";
import { type Notebook, parseNotebook } from "./notebook_file.ts";

const HOSTILE = `</pre></article><script>alert(1)</script><img src=x onerror=alert(2)>&amp;"'`;
let ids = 0;
const cell = (cell_type: string, source: string, rest: object = {}) => ({ cell_type, id: `c${ids++}`, metadata: {}, source, ...rest });
const code = (source: string, ...outputs: object[]) => cell("code", source, { outputs, execution_count: 1 });
const shown = (data: object) => ({ output_type: "display_data", data, metadata: {} });
function notebook(...cells: object[]): Notebook {
  return parseNotebook(JSON.stringify({ nbformat: 4, nbformat_minor: 5, metadata: {}, cells }), "n.ipynb");
}
/** The page between `<main>` and `</main>`. */
async function body(...cells: object[]): Promise<string> {
  return /<main>\n([\s\S]*)\n<\/main>/.exec(await renderHtmlPage(notebook(...cells)))![1]!;
}

Deno.test("renderHtmlPage() makes one page of text, code and outputs", async (t) => {
  const page = await renderHtmlPage(notebook(
    cell(
      "markdown",
      "# Weather & wind\n\nSome *prose* with `code`, a [link](https://example.org) and a table.\n\n| a | b |\n|---|---|\n| 1 | 2 |",
    ),
    code(
      "// Load\nconst rows: number = 1_000; // all\nawait load(`a${rows}`, 'b');",
      { output_type: "stream", name: "stdout", text: "\x1b[33m1\x1b[39m < 2\n" },
      { output_type: "stream", name: "stderr", text: "careful\n" },
      {
        output_type: "execute_result",
        data: { "text/plain": "[card]", "text/html": "<table><tr><td>1</td></tr></table>" },
        metadata: {},
        execution_count: 1,
      },
    ),
    code(
      "chart",
      shown({
        "application/vnd.vegalite.v5+json": {},
        "image/svg+xml": "<svg xmlns='http://www.w3.org/2000/svg'/>",
        "text/plain": "chart",
      }),
    ),
    code("fail()", { output_type: "error", ename: "Error", evalue: "boom", traceback: ["Error: boom", "    at <anonymous>:1:1"] }),
    cell("raw", "raw <text>"),
  ));
  await t.assertSnapshot(page);
});

Deno.test("renderHtmlPage() forbids every script and every request", async () => {
  const page = await renderHtmlPage(notebook(code("1")));
  assert.match(page, /<meta http-equiv="Content-Security-Policy" content="default-src 'none'; img-src data:; style-src 'unsafe-inline';/);
  assert.doesNotMatch(page, /<script|<link|src="http/);
});

Deno.test("renderHtmlPage() shows hostile code, text, names and errors as text", async () => {
  const page = await renderHtmlPage(
    notebook(
      cell("markdown", `# ${HOSTILE}\n\n${HOSTILE}\n\n<script>alert(3)</script>\n`),
      cell("raw", HOSTILE),
      code(
        `const a = "${HOSTILE.replaceAll('"', "")}"; // ${HOSTILE}`,
        { output_type: "stream", name: "stdout", text: HOSTILE },
        { output_type: "error", ename: HOSTILE, evalue: HOSTILE, traceback: [HOSTILE] },
        shown({ "text/plain": HOSTILE }),
        shown({ "application/json": { [HOSTILE]: HOSTILE } }),
        shown({ [HOSTILE]: 1 }),
        shown({ "text/markdown": HOSTILE }),
        shown({ "image/png": `"><script>alert(4)</script>` }),
      ),
    ),
    { title: `</title><script>alert(5)</script>` },
  );
  assert.doesNotMatch(page, /<script|<img src=x|<\/pre><\/article><scr/i);
  assert.match(page, /&#60;script&#62;alert\(1\)/);
});

Deno.test("renderHtmlPage() shows what an HTML output must not hold as text, and nothing of it reaches beyond its place", async () => {
  const hostile =
    `<b>kept</b><SCRIPT src=//x></SCRIPT><iframe srcdoc="x"></iframe><!-- </article> --><meta http-equiv=refresh><base href=//x>` +
    `<form action=//x></form></template></div></article></main></body><style>body{display:none}<!--<textarea><plaintext>`;
  const page = await body(code("1", shown({ "text/html": hostile })), cell("markdown", "The end."));
  const [whole, inside] =
    /<article class="output page"><div><template shadowrootmode="open"><style>[^<]*<\/style>([^]*)<\/template><\/div><\/article>/.exec(
      page,
    )!;
  assert.match(inside!, /^<b>kept<\/b>&lt;SCRIPT/);
  assert.doesNotMatch(page.replace(whole, inside!), /<\/?(script|iframe|meta|base|form|textarea|plaintext|style|template|!)/i);
  assert.equal(page.match(/<article/g)?.length, page.match(/<\/article>/g)?.length);
  assert.match(page, /<p>The end\.<\/p>/);
});

Deno.test("renderHtmlPage() takes the best representation: HTML, then a picture, then text", async () => {
  const page = await body(
    code("1", shown({ "text/plain": "no", "text/html": "<b>yes</b>", "image/png": "AAAA" })),
    code("2", shown({ "text/plain": "no", "image/svg+xml": "<svg>ü</svg>" })),
    code("3", shown({ "text/plain": "no", "image/png": "AA\nAA" })),
    code("4", shown({ "application/x-unknown": "?" })),
  );
  const svg = new TextEncoder().encode("<svg>ü</svg>").toBase64();
  assert.doesNotMatch(page, />no</);
  for (
    const part of ["<b>yes</b>", `src="data:image/svg+xml;base64,${svg}"`, `src="data:image/png;base64,AAAA"`, "[application/x-unknown]"]
  ) {
    assert.ok(page.includes(part), part);
  }
});

Deno.test("renderHtmlPage() makes links only of harmless addresses, and shows only pictures that the notebook holds", async () => {
  const attachments = { "my plot.png": { "image/png": "QUJD" } };
  const page = await body(cell(
    "markdown",
    "[a](https://example.org/?q=<b>) [b](other.ipynb) [c](#part) [d](javascript:alert(1)) [e](<java\tscript:alert(1)>) [f](data:text/html,x)\n\n" +
      "![g](https://example.org/p.png) ![h](attachment:my%20plot.png) ![i](data:image/png;base64,QUJD) ![j](javascript:x)",
    { attachments },
  ));
  assert.match(page, /href="https:\/\/example\.org\/\?q=/);
  assert.match(page, /href="other\.ipynb"/);
  assert.match(page, /href="#part"/);
  assert.doesNotMatch(page, /href="(java|data)/);
  assert.match(page, /<a href="https:\/\/example\.org\/p\.png">g<\/a>/);
  assert.match(page, /<img src="data:image\/png;base64,QUJD" alt="h">/);
  assert.match(page, /<img src="data:image\/png;base64,QUJD" alt="i">/);
  assert.match(page, />?d /);
});

Deno.test("renderHtmlPage() takes the first heading as its title", async () => {
  assert.match(await renderHtmlPage(notebook(code("1"), cell("markdown", "text\n## A <b>heading</b>"))), /<title>A &#60;b&#62;heading/);
  assert.match(await renderHtmlPage(notebook(code("1"))), /<title>Notebook</);
});

Deno.test("renderHtmlPage() draws formulas as MathML, and shows what is none as it was written", async () => {
  const page = await body(
    cell(
      "markdown",
      "Of $a_1 < b$ and \n\n$$\\frac{1}{2}$$\n\n\\begin{align}x &= 1\\end{align}\n\nIt costs $5 or $6, or `$x$`.\n\n$\\nocommand{<b>}$",
    ),
    code("1", shown({ "text/latex": "$\\displaystyle x^2$", "text/plain": "x**2" })),
  );
  assert.equal(page.match(/<math /g)?.length, 4);
  assert.equal(page.match(/display="block"/g)?.length, 3);
  assert.match(page, /It costs \$5 or \$6, or <code>\$x\$<\/code>\./);
  assert.match(page, /<code class="formula">\\nocommand\{&#60;b&#62;\}<\/code>/);
});

Deno.test("renderHtmlPage() trusts no formula", async () => {
  const hostile = [
    "\\href{javascript:alert(1)}{x}",
    "\\htmlData{a=b}{x}",
    "\\includegraphics{http://x/y.png}",
    "</math><script>alert(1)</script>",
    "\\def\\a{\\a\\a}\\a",
  ];
  const page = await body(...hostile.map((tex) => cell("markdown", `$${tex}$`)));
  assert.doesNotMatch(page, /<script|href=|src=|data-a/);
});

Deno.test("renderHtmlPage() lists the headings of a notebook that has several, each with an address of its own", async () => {
  const page = await renderHtmlPage(notebook(
    cell("markdown", "# A <b>study</b>\n\n[to the end](#The-end)"),
    cell("markdown", "## Step $x$ & `y`\n\n#### small"),
    cell("markdown", "## The end\n\n## The end"),
  ));
  const [, nav] = /<nav aria-label="Contents">([^]*)<\/nav>/.exec(page)!;
  assert.deepEqual([...nav!.matchAll(/<li class="(\w+)"><a href="([^"]*)">(.*)<\/a>/g)].map(([, ...parts]) => parts), [
    ["level1", "#A-%3Cb%3Estudy%3C%2Fb%3E", "A &#60;b&#62;study&#60;/b&#62;"],
    ["level2", "#Step-x-%26-y", "Step x &#38; y"],
    ["level2", "#The-end", "The end"],
    ["level2", "#The-end-2", "The end"],
  ]);
  assert.match(page, /<h2 id="The-end-2">The end<\/h2>/);
  assert.doesNotMatch(await renderHtmlPage(notebook(cell("markdown", "# One\n\n## Two"))), /<nav/);
});

Deno.test("renderHtmlPage() highlights code in Markdown where it is TypeScript", async () => {
  const page = await body(cell("markdown", "```ts\nconst a = 1;\n```\n\n```sh\nconst <b>\n```"));
  assert.match(page, /<pre><code><span class="keyword">const<\/span> a/);
  assert.match(page, /<pre><code>const &#60;b&#62;<\/code>/);
});
