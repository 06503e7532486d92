import assert from "node:assert/strict";
import { galleryText } from "./gallery.ts";
import { EXAMPLES, GALLERY } from "./gallery_examples.ts";

const DOCS = new URL("../docs/", import.meta.url);

Deno.test("docs/gallery.md is what `deno task gallery` makes", async () => {
  assert.equal(await Deno.readTextFile(new URL("gallery.md", DOCS)), await galleryText(GALLERY));
});

Deno.test("docs/gallery.md shows pictures that are there, and no other is", async () => {
  const text = await Deno.readTextFile(new URL("gallery.md", DOCS));
  const named = new Set([...text.matchAll(/images\/([\w.]+)/g)].map((match) => match[1]));
  const there = [...Deno.readDirSync(new URL("images/", DOCS))].map(({ name }) => name).filter((name) =>
    !name.startsWith("readme_") && /_(light|dark)\.png$|^chart_/.test(name)
  );
  assert.deepEqual(there.sort(), [...named].sort());
});

Deno.test("examples have names of their own", () => {
  const names = EXAMPLES.map(({ name }) => name);
  assert.deepEqual([...new Set(names)], names);
});
