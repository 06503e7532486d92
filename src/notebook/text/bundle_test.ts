import assert from "node:assert/strict";
import { BUNDLE_LIMIT, capBundle } from "./bundle.ts";

const sizeOf = (value: unknown) => new TextEncoder().encode(JSON.stringify(value)).length;

Deno.test("capBundle() leaves a small bundle as it is", () => {
  const bundle = { "text/html": "<p>a</p>", "text/plain": "a" };
  assert.deepEqual(capBundle(bundle), bundle);
});

Deno.test("capBundle() replaces html that is too large by a notice and keeps the text", () => {
  const capped = capBundle({ "text/html": "<p>".repeat(500_000), "text/plain": "a table" });
  assert.match(String(capped["text/html"]), /takes 1\.5 MB, more than the 1 MB/);
  assert.match(String(capped["text/plain"]), /^a table\nThis display takes/);
  assert.ok(sizeOf(capped) <= BUNDLE_LIMIT);
});

Deno.test("capBundle() drops the largest representation of a chart and keeps the other, without html", () => {
  const capped = capBundle({
    "application/vnd.vegalite.v5+json": { data: "x".repeat(900_000) },
    "image/svg+xml": "s".repeat(200_000),
    "text/plain": "chart",
  });
  assert.deepEqual(Object.keys(capped).sort(), ["image/svg+xml", "text/plain"]);
  assert.match(String(capped["text/plain"]), /was cut/);
});

Deno.test("capBundle() cuts long text at a whole character", () => {
  for (const character of ["日", "👩", "é", '"']) {
    const capped = capBundle({ "text/plain": character.repeat(700_000) });
    const text = String(capped["text/plain"]);
    assert.ok(sizeOf(capped) <= BUNDLE_LIMIT, character);
    assert.ok(text.isWellFormed());
    assert.match(text, /…\nThis display takes/);
  }
});

Deno.test("capBundle() keeps to a limit that not even a notice in html fits in", () => {
  assert.deepEqual(Object.keys(capBundle({ "text/html": "x".repeat(5000), "text/plain": "" }, 200)), ["text/plain"]);
});
