import assert from "node:assert/strict";
import fc from "fast-check";
import { escapeHtml } from "./escape_html.ts";
import { highlight } from "./highlight.ts";

Deno.test("highlight() marks comments, texts, keywords and numbers", () => {
  assert.equal(
    highlight("const a = b.await + 1e3; // `no` 5"),
    '<span class="keyword">const</span> a = b.await + <span class="number">1e3</span>; <span class="comment">// &#96;no&#96; 5</span>',
  );
});

Deno.test("highlight() changes nothing but the markup, whatever the code", () => {
  const pieces = fc.array(fc.constantFrom("//", "/*", "*/", '"', "'", "`", "\\", "\n", "<b>", "&", "if", "1.5", "${", "}", " ", "ü"), {
    maxLength: 20,
  });
  fc.assert(fc.property(pieces, (parts) => {
    const code = parts.join("");
    assert.equal(highlight(code).replace(/<\/?span[^>]*>/g, ""), escapeHtml(code));
  }));
});
