/**
 * Notebooks through nbconvert, as servers and sites do it: executed in both kernels, and exported to a page without scripts and to Markdown.
 * Run by `deno task test:frontends`.
 */
import assert from "node:assert/strict";
import { dirname, join, toFileUrl } from "@std/path";
import type { Locator } from "playwright-core";
import { type CodeCell, type Notebook, readNotebook } from "../../src/jupyter/mod.ts";
import { illegibleTexts, overflowing } from "../../tools/in_page.js";
import { execute, installJupyterLab, jupyterEnv, jupyterProgram, type KernelName, KERNELS, launchBrowser } from "../../tools/jupyterlab.ts";
import { assertShownEverywhere, isProgress, kindOf, kindsOf, misplacement, type Shown, shownBy } from "./expected.ts";
import { copyNotebook, emptyFolder, runTwice } from "./folders.ts";

const NAMES = ["quickstart", "multi_year_loop", "step_cells"];
let folder: string;
const expected = new Map<string, Shown>();
/** The same in Deno's own kernel, where that is something else. */
const plainly = new Map<string, Shown>();
const executed = new Map<string, string>();

Deno.test.beforeAll(async () => {
  await installJupyterLab();
  folder = await emptyFolder("nbconvert");
});

const codeCells = ({ cells }: Notebook) => cells.filter((cell): cell is CodeCell => cell.cell_type === "code");
const shownIn = (notebook: Notebook): Shown => new Map(codeCells(notebook).map(({ id, outputs }) => [id, kindsOf(outputs)]));

async function nbconvert(path: string, ...args: readonly string[]): Promise<void> {
  await execute(jupyterProgram("jupyter-nbconvert"), [...args, path], { cwd: dirname(path), env: jupyterEnv(folder) });
}

for (const name of NAMES) {
  Deno.test(`nbconvert, ${name}: our own runner runs it`, async () => {
    const [first] = await runTwice(name, join(folder, "runner", name), { kernel: "deno-consist" });
    expected.set(name, shownBy(first));
    for (const { id, outputs } of first.cells) for (const output of outputs) assertShownEverywhere(id, output);
    if (name !== "step_cells") return;
    const [plain] = await runTwice(name, join(folder, "runner", "deno", name), { kernel: "deno" });
    plainly.set(name, shownBy(plain)); // without cards: there its cells are no steps
  });

  for (const kernel of Object.keys(KERNELS) as KernelName[]) {
    Deno.test(`nbconvert --execute, ${name} in ${KERNELS[kernel]}`, async () => {
      const path = await copyNotebook(name, join(folder, kernel, name), kernel);
      const output = path.replace(".ipynb", "-executed.ipynb");
      await nbconvert(path, "--execute", "--to", "notebook", "--output", output);
      const notebook = await readNotebook(output);
      const wanted = kernel === "deno" ? plainly.get(name) ?? expected.get(name)! : expected.get(name)!;
      const found = misplacement(wanted, shownIn(notebook));
      console.log(`${found.expected} outputs, ${found.lost} lost, ${found.misplaced} misplaced`);
      for (const { id, outputs } of codeCells(notebook)) for (const each of outputs) assertShownEverywhere(id, each);
      if (kernel !== "deno-consist") return assert.ok(2 * (found.lost + found.misplaced) <= found.expected);
      assert.deepEqual([...shownIn(notebook)], [...expected.get(name)!]);
      executed.set(name, output);
    });
  }

  Deno.test(`nbconvert --to html, ${name}: cards and charts are there, and can be read, where no script runs`, async () => {
    await nbconvert(executed.get(name)!, "--to", "html");
    const browser = await launchBrowser();
    try {
      const context = await browser.newContext({ javaScriptEnabled: false, viewport: { width: 1100, height: 1000 } });
      const page = await context.newPage();
      await page.goto(toFileUrl(executed.get(name)!.replace(".ipynb", ".html")).href, { waitUntil: "domcontentloaded" });
      const cells = page.locator(".jp-CodeCell");
      const wanted = codeCells(await readNotebook(executed.get(name)!));
      assert.equal(await cells.count(), wanted.length);
      for (const [at, { outputs: held }] of wanted.entries()) {
        const outputs = cells.nth(at).locator(".jp-OutputArea-output");
        assert.equal(await outputs.count(), held.length);
        for (const [n, output] of held.entries()) if (!isProgress(output)) await assertVisible(outputs.nth(n), kindOf(output));
      }
      assert.deepEqual(await page.evaluate(`(${illegibleTexts})({ text: 4.5, chart: 3 })`), []);
      assert.deepEqual(await page.evaluate(`(${overflowing})()`), []);
    } finally {
      await browser.close();
    }
  });

  Deno.test(`nbconvert --to markdown, ${name}: charts are pictures beside the text`, async () => {
    const path = executed.get(name)!;
    await nbconvert(path, "--to", "markdown");
    const text = await Deno.readTextFile(path.replace(".ipynb", ".md"));
    const charts = [...expected.get(name)!.values()].flat().filter((kind) => kind.includes("vegalite")).length;
    const pictures = [...text.matchAll(/!\[\w+\]\(([^)]+\.(?:png|svg))\)/g)].map(([, picture]) => picture!);
    assert.equal(pictures.length, charts);
    for (const picture of pictures) assert.ok((await Deno.stat(join(dirname(path), decodeURI(picture)))).size > 1_000, picture);
    const cards = [...expected.get(name)!.values()].flat().filter((kind) => kind === "text/html").length;
    assert.ok(text.split("<div").length > cards);
  });
}

/** A page's element with the height of what it shows; a chart is a picture. */
async function assertVisible(output: Locator, kind: string): Promise<void> {
  const element = kind.includes("vegalite") ? output.locator("img, svg").first() : output;
  const box = await element.boundingBox();
  assert.ok(box !== null && box.height > 10 && box.width > 10, `${kind}: ${JSON.stringify(box)}`);
}
