import assert from "node:assert/strict";
import { join } from "@std/path";
import { tempFolder } from "./temp_folder.ts";
import { writeContent } from "./content.ts";

Deno.test("writeContent() writes all of a content, of whatever size and kind", async () => {
  await using folder = await tempFolder();
  const path = join(folder.path, "x");
  for (const length of [0, 1, 65_535, 65_536, 65_537, 300_000]) {
    const bytes = new Uint8Array(length).map((_, index) => index % 251);
    await writeContent(path, bytes);
    assert.deepEqual(await Deno.readFile(path), bytes);
    const text = "é".repeat(length);
    await writeContent(path, text);
    assert.equal(await Deno.readTextFile(path), text);
  }
});

Deno.test("writeContent() rejects where it cannot write, whatever the size", async () => {
  await using folder = await tempFolder();
  for (const length of [1, 100_000]) {
    await assert.rejects(writeContent(join(folder.path, "none", "x"), new Uint8Array(length)), Deno.errors.NotFound);
  }
});
