import assert from "node:assert/strict";
import { putSection } from "../../tools/page_section.ts";
import { trustPage } from "../../tools/trust_page.ts";
import { CASES } from "./cases/mod.ts";

Deno.test("docs/trust.md is up to date: deno task trust writes it", async () => {
  const text = await Deno.readTextFile(new URL("../../docs/trust.md", import.meta.url));
  assert.equal(text, await trustPage(text));
});

Deno.test("the cases of the matrix have a name each", () => {
  const names = CASES.map(({ row, name }) => `${row}: ${name}`);
  assert.deepEqual(names.filter((name, index) => names.indexOf(name) !== index), []);
});

Deno.test("putSection() changes its section alone, and refuses a page without one", () => {
  const once = putSection("a <!-- x:begin -->old<!-- x:end --> b", "x", "new");
  assert.match(once, /^a <!-- x:begin -->\n[^]*\n\nnew\n\n[^]*<!-- x:end --> b$/);
  assert.ok(!once.includes("old"));
  assert.equal(putSection(once, "x", "new"), once);
  assert.throws(() => putSection("a", "x", "new"), /no section "x"/);
});
