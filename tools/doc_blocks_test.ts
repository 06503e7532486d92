import assert from "node:assert/strict";
import { dirname } from "@std/path";
import { COMMAND_PAGES, commandsOf, runCommands, withPrinted } from "./doc_commands.ts";
import { type Block, blocksOf, pages, readPage, runBlocks, runnable, steady, typeErrors, withOutcomes, writeBlocks } from "./doc_blocks.ts";

const texts = new Map(await Promise.all(pages().map(async (page) => [page, await readPage(page)] as const)));

for (const [page, text] of texts) {
  const blocks = runnable(page, blocksOf(text));
  if (blocks.length === 0) continue;
  Deno.test(`the blocks of ${page} run, and print what the page says`, async () => {
    const printed = new Map(blocks.map((block) => [block.line, block.printed]));
    for (const outcome of await runBlocks(page, blocks)) {
      assert.equal(outcome.failure, undefined, `${page}:${outcome.line}: ${outcome.failure}`);
      const said = printed.get(outcome.line);
      if (said === undefined) continue;
      assert.equal(steady(outcome.printed), steady(said), `${page}:${outcome.line} prints something else: run "deno task docs".`);
    }
  });
}

for (const [page, notebook] of Object.entries(COMMAND_PAGES)) {
  Deno.test(`the commands of ${page} print what the page says`, async () => {
    const blocks = commandsOf(texts.get(page)!);
    assert.ok(blocks.length >= 4);
    const printed = await runCommands(notebook, blocks);
    for (const { line, printed: said } of blocks) {
      assert.equal(steady(printed.get(line)!), steady(said ?? ""), `${page}:${line} prints something else: run "deno task docs".`);
    }
  });
}

Deno.test("withPrinted() writes what commands printed, and leaves alone what differs in times only", () => {
  const page = "```sh\nconsist a b\nconsist c\n```\n\n```text\nin 12 ms\n```\n\n```sh\nother\n```\n";
  assert.deepEqual(commandsOf(page), [{ line: 2, commands: ["a b", "c"], printed: "in 12 ms" }]);
  assert.equal(withPrinted(page, new Map([[2, "in 3.4 s"]]), steady), page);
  assert.match(withPrinted(page, new Map([[2, "no"]]), steady), /```text\nno\n```\n\n```sh\nother/);
});

Deno.test("the blocks of the documents have no type errors", async () => {
  const folder = await Deno.makeTempDir();
  const paths = await Promise.all([...texts].map(([page, text]) => writeBlocks(folder, page, blocksOf(text))));
  assert.equal(await typeErrors(paths.flat()), "");
  await Deno.remove(folder, { recursive: true });
});

Deno.test("links between the documents lead to files and headings that are there", async () => {
  for (const [page, text] of texts) {
    const prose = text.replaceAll(/```[^]*?```/g, "").replaceAll(/`[^`\n]*`/g, "");
    for (const [, target] of prose.matchAll(/\]\((?!https?:)([^)\s]+)\)/g)) {
      const [path, heading] = target!.split("#");
      const file = path === "" ? page : new URL(path!, `file:///${dirname(page)}/`).pathname.slice(1);
      const there = await readPage(file!).catch(() => undefined);
      assert.ok(there !== undefined || await isFolder(file!), `${page} links to ${target}, which is not there.`);
      if (heading === undefined || there === undefined) continue;
      assert.ok(headings(there).includes(heading), `${page} links to ${target}; the headings are ${headings(there).join(", ")}.`);
    }
  }
});

Deno.test("blocksOf() reads programs with their lines and what follows them", () => {
  const page =
    "# a\n\n```ts\nconsole.log(1);\n```\n\n```text\n1\n```\n\n```ts ignore\nx\n```\n\n```ts ignore\nimport 'x';\n```\n\n```ts\n2;\n```\n\nb\n\n```text\nno\n```\n";
  assert.deepEqual(
    blocksOf(page),
    [{ line: 4, code: "console.log(1);\n", printed: "1" }, { line: 16, code: "import 'x';\n", ignored: true }, {
      line: 20,
      code: "2;\n",
    }] satisfies Block[],
  );
  assert.deepEqual(runnable("docs/a.md", blocksOf(page)).map(({ line }) => line), [4, 20]);
});

Deno.test("withOutcomes() writes what was printed, and leaves alone what differs in times and ids only", () => {
  const page = "```ts\n1;\n```\n\n```text\nran a_0123456789ab in 12 ms\n```\n";
  assert.equal(withOutcomes(page, [{ line: 2, printed: "ran a_ba9876543210 in 1.5 s" }]), page);
  assert.match(withOutcomes(page, [{ line: 2, printed: "ran b" }]), /```text\nran b\n```\n$/);
});

Deno.test("runBlocks() gives each program an empty folder, and says how one failed", async () => {
  const code = 'await Deno.writeTextFile("a", "1"); console.log([...Deno.readDirSync(".")].length);';
  const outcomes = await runBlocks("x.md", [{ line: 1, code }, { line: 2, code: 'throw new Error("no")' }, { line: 3, code }]);
  assert.deepEqual(outcomes.map(({ printed }) => printed), ["1", "", "1"]);
  assert.match(outcomes[1]!.failure ?? "", /no/);
});

const headings = (text: string): string[] =>
  [...text.matchAll(/^#+ (.+)$/gm)].map(([, heading]) => heading!.toLowerCase().replaceAll(/[^\p{L}\p{N} _-]/gu, "").replaceAll(" ", "-"));

async function isFolder(path: string): Promise<boolean> {
  const found = await Deno.stat(new URL(`../${path}`, import.meta.url)).catch(() => undefined);
  return found?.isDirectory ?? found?.isFile ?? false;
}
