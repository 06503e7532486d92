import assert from "node:assert/strict";
import fc from "fast-check";
import { Html, type HtmlValue, markup } from "./html.ts";

const anyText = fc.oneof(
  fc.string({ unit: "binary" }),
  fc.string({
    unit: fc.constantFrom("<", ">", '"', "'", "`", "&", "=", "/", " ", "\n", "\0", "s", "script", "onload", "\ud800", "-->", "]]>"),
  }),
);
const decode = (text: string) =>
  text.replace(
    /&(amp|lt|gt|quot|#39|#96);/g,
    (_, name: string) => ({ amp: "&", lt: "<", gt: ">", quot: '"', "#39": "'", "#96": "`" })[name]!,
  );
// deno-lint-ignore no-control-regex
const allowed = (text: string) => text.toWellFormed().replace(/[\0-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\ufffe\uffff]/g, "\ufffd");

Deno.test("markup lets no value introduce a tag or leave an attribute, and loses none", () => {
  fc.assert(fc.property(anyText, anyText, (attribute, content) => {
    const out = markup`<p title="${attribute}">${content}</p>`.toString();
    const match = /^<p title="([^"<>]*)">([^<>]*)<\/p>$/.exec(out);
    assert.ok(match, out);
    assert.equal(decode(match[1]!), allowed(attribute));
    assert.equal(decode(match[2]!), allowed(content));
    assert.doesNotMatch(out, /&(?!amp;|lt;|gt;|quot;|#39;|#96;)/);
  }));
});

Deno.test("markup escapes text in lists at any depth, and takes nested markup as it is", () => {
  fc.assert(fc.property(fc.array(anyText), (texts) => {
    const items = texts.map((text) => markup`<li>${text}</li>`);
    const out = markup`<ul>${[items, [texts, [null, undefined, false, true]]]}</ul>`.toString();
    assert.equal((out.match(/</g) ?? []).length, 2 + 2 * texts.length);
  }));
});

Deno.test("markup shows numbers and bigints, and nothing for null, undefined and truth values", () => {
  assert.equal(markup`<i>${1.5}${2n}${null}${undefined}${true}${false}</i>`.toString(), "<i>1.52</i>");
});

Deno.test("markup takes pictures as data, and no other source", () => {
  assert.equal(markup`<img src="${"data:image/png;base64,AA=="}">`.toString(), '<img src="data:image/png;base64,AA==">');
  for (const source of ["javascript:alert(1)", "https://example.org/x.png", "data:text/html;base64,AA==", "data:image/svg+xml,<svg>", ""]) {
    assert.throws(() => markup`<img src="${source}">`, /picture/, source);
  }
});

Deno.test("markup takes plain declarations as a style, and nothing that loads or escapes", () => {
  assert.equal(
    markup`<b style="${"color:rgba(1, 2, 3, 0.5);width:50%"}">x</b>`.toString(),
    '<b style="color:rgba(1, 2, 3, 0.5);width:50%">x</b>',
  );
  for (
    const style of ["background:url(x)", "background:URL (x)", 'color:red"', "a{b}", "color:red</style>", "@import x", "color:\\75rl(x)"]
  ) {
    assert.throws(() => markup`<b style="${style}">x</b>`, /plain declarations/, style);
  }
});

Deno.test("markup refuses a value where escaping does not help", () => {
  assert.throws(() => markup`<${"b"}>x</b>`, /between tags or in a double-quoted attribute/);
  assert.throws(() => markup`<b ${"onclick"}="x">x</b>`, TypeError);
  assert.throws(() => markup`<b title=${"x"}>x</b>`, TypeError);
  assert.throws(() => markup`<b title='${"x"}'>x</b>`, TypeError);
  assert.throws(() => markup`<a href="${"x"}">x</a>`, /href/);
  assert.throws(() => markup`<b onclick="${"x"}">x</b>`, /onclick/);
  assert.throws(() => markup`<b id="${"x"}">x</b>`, /id/);
  assert.throws(() => markup`<script>${"x"}</script>`, /must not hold/);
  assert.throws(() => markup`<style>${"x"}</style>`, /must not hold/);
  assert.throws(() => markup`<!-- ${"x"} -->`, /must not hold/);
  assert.throws(() => markup`<b title="${"x"}`, /ends inside a tag/);
  assert.throws(() => markup`<b title="${markup`<i></i>`}">x</b>`, /takes text/);
});

Deno.test("markup is made by its template only: no string and no call slips in", () => {
  const call = markup as unknown as (strings: readonly string[], ...values: HtmlValue[]) => Html;
  assert.throws(() => call(["<script>alert(1)</script>"]), /template tag/);
  assert.throws(() => call(Object.assign(["<b>"], { raw: ["<b>"] })), /template tag/);
  assert.throws(() => new Html(Symbol("html"), "<script>"), /markup template only/);
  const forged = { toString: () => "<script>" } as unknown as Html;
  assert.equal(markup`${forged}`.toString(), "&lt;script&gt;");
});
