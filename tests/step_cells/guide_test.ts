/** The cells of the guide's chapter: they do what it says, twice. */
import assert from "node:assert/strict";
import { steady } from "../../tools/doc_blocks.ts";
import { Notebook } from "./notebook.ts";

const page = await Deno.readTextFile(new URL("../../docs/guide/step_cells.md", import.meta.url));
const BLOCK = /^```ts ignore\n([^]*?)^```\n(?:\s*^```text\n([^]*?)^```\n)?/gm;
const blocks = [...page.matchAll(BLOCK)].map(({ 1: code, 2: shown }) => ({ code: code!, shown: shown?.trimEnd() }));

Deno.test("the cells of the chapter on step cells show what it says, and hit in another kernel", async () => {
  await using notebook = await Notebook.in();
  for (const { code, shown } of blocks) {
    const { texts: all, error } = await notebook.cell(code);
    const texts = all.filter((text) => !/^(?:… running |\w+: [\d.]+ m?s\s*$)/.test(text)); // a slow machine shows that it works
    assert.equal(error, undefined, `${code}\n${error}`);
    if (shown !== undefined) assert.equal(table(texts.join("\n")).slice(0, table(shown).length), table(shown), code);
  }
  await notebook.restart();
  for (const { code } of blocks) {
    const { became } = await notebook.cell(code);
    assert.equal(became, /^\/\/\| step(?!: counted)/.test(code) ? "hit" : "plain", code);
  }
});

/** Without what differs from machine to machine: ids, hashes, sizes, times, and how columns are filled. */
const table = (text: string): string =>
  steady(text).replaceAll(/[0-9a-f]{8,12}|\d+(?:\.\d+)? (?:k?B|m?s)\b/g, "…").replaceAll(/ +/g, " ").trimEnd();
