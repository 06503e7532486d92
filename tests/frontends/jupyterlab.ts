/**
 * Every notebook in JupyterLab, in Deno's kernel and in ours, light and dark, run and then opened again by somebody who does not trust it: what
 * stands under which cell, whether it is drawn, and whether it can be read. Run by `deno task test:frontends`.
 */
import assert from "node:assert/strict";
import { basename, join, relative } from "@std/path";
import type { Browser, BrowserContext } from "playwright-core";
import { installJupyterLab, type KernelName, KERNELS, Lab, launchBrowser } from "../../tools/jupyterlab.ts";
import { LabPage, type ShownCell, type Theme } from "../../tools/lab_page.ts";
import { cellOf } from "../../tools/gallery.ts";
import { EXAMPLES } from "../../tools/gallery_examples.ts";
import { prepareTutorial } from "../../tools/notebooks.ts";
import { assertShownEverywhere, isProgress, kindOf, type Misplacement, misplacement, type Shown, shownBy } from "./expected.ts";
import { cellsOf, MARK } from "../outputs/rounds.ts";
import { copyNotebook, emptyFolder, NOTEBOOKS, runTwice, untrustedCopy, writeCells } from "./folders.ts";

/** What WCAG wants of text, and of what is drawn: text in charts is of one grey that has to do on white and on black. */
const CONTRAST = { text: 4.5, chart: 3 };

let folder: string;
let env: Readonly<Record<string, string>>;
let lab: Lab;
let browser: Browser;
let context: BrowserContext;
const figures: string[] = [];
/** What has to be seen the first time and again, by the path of the notebook. */
const expected = new Map<string, readonly Shown[]>();

Deno.test.beforeAll(async () => {
  await installJupyterLab();
  ({ env } = await prepareTutorial("container")); // installs what runs containers
  folder = await emptyFolder("frontends");
  lab = await Lab.start(folder, env);
  browser = await launchBrowser();
  context = await browser.newContext({ viewport: { width: 1100, height: 1000 } });
});

Deno.test.afterAll(async () => {
  console.log(["", "notebook in kernel: outputs, lost, misplaced, seconds", ...figures].join("\n"));
  await browser?.close();
  await lab?.[Symbol.asyncDispose]();
});

/** A test that uses the one JupyterLab and the one browser: they live longer than the test, so that their handles are not its leaks. */
function test(name: string, body: () => Promise<void>): void {
  Deno.test({ name, sanitizeOps: false, sanitizeResources: false, fn: body });
}

for (const name of NOTEBOOKS) {
  for (const kernel of Object.keys(KERNELS) as KernelName[]) {
    const title = `${name} in ${KERNELS[kernel]}`;
    const path = () => join(folder, kernel, name, `${name}.ipynb`);
    test(`${title}, run twice by our own runner`, async () => {
      const runs = await runTwice(name, join(folder, "runner", kernel, name), { kernel, env });
      expected.set(path(), runs.map(shownBy));
      assert.ok(runs[0].cells.some(({ outputs }) => outputs.length > 0));
    });
    test(`${title}, light, run for the first time`, async () => {
      await copyNotebook(name, join(folder, kernel, name), kernel);
      await runAndLook(kernel, path(), "light");
    });
    test(`${title}, dark, run again`, () => runAndLook(kernel, path(), "dark"));
    test(`${title}, opened again without trust`, () => reopen(path()));
  }
}

for (const kernel of Object.keys(KERNELS) as KernelName[]) {
  test(`300 outputs of ten cells, in ${KERNELS[kernel]}, stand on the page`, () => runMany(kernel));
}

test("everything that the gallery shows, and hostile names, can be read in JupyterLab, light and dark, trusted or not", async () => {
  const path = join(folder, "gallery.ipynb");
  await writeCells(path, EXAMPLES.map(cellOf), "deno-consist");
  await using page = await LabPage.open(context, lab.urlOf(relative(folder, path)), { kernel: true });
  await page.runAll();
  await page.drawn();
  for (const theme of ["light", "dark"] as const) {
    await page.show(theme);
    await assertLegible(page);
  }
  await page.save();
  await page.endKernel();
  await reopen(path);
});

/** Runs all of a notebook with many outputs: in our kernel each is under its own cell. */
async function runMany(kernel: KernelName): Promise<void> {
  const path = join(folder, kernel, "many.ipynb");
  await writeCells(path, cellsOf(0, { failing: false }), kernel);
  await using page = await LabPage.open(context, lab.urlOf(relative(folder, path)), { kernel: true });
  await page.runAll();
  if (kernel === "deno-consist") await page.drawn();
  const texts = await page.outputTexts();
  const marks = texts.map((text) => [...text.matchAll(MARK)].map(([mark]) => mark));
  const right = marks.map((found, cell) => new Set(found.filter((mark) => mark.startsWith(`‹0/${cell}/`))).size);
  const [there, inPlace] = [marks.flat().length, right.reduce((sum, each) => sum + each, 0)];
  figures.push(figuresOf(`300 outputs in ${KERNELS[kernel]}`, { expected: 300, lost: 300 - there, misplaced: there - inPlace }, 0));
  if (kernel === "deno-consist") assert.deepEqual(right, texts.map(() => 30));
  await page.endKernel();
}

/** Opens a notebook, runs all its cells, looks at what they show, and saves it. */
async function runAndLook(kernel: KernelName, path: string, theme: Theme): Promise<void> {
  const began = performance.now();
  await using page = await LabPage.open(context, lab.urlOf(relative(folder, path)), { kernel: true });
  assert.equal(await page.kernelName(), kernel);
  await page.show(theme);
  await page.runAll();
  await page.drawn();
  const cells = await page.cells();
  const wanted = expected.get(path)![theme === "light" ? 0 : 1]!;
  const found = misplacement(wanted, shownIn(cells));
  figures.push(figuresOf(`${basename(path, ".ipynb")} in ${KERNELS[kernel]}, ${theme}`, found, (performance.now() - began) / 1000));
  // Deno's kernel is known to lose outputs and to show some under another cell: in it nothing more is promised than that most are right.
  if (kernel === "deno-consist") assert.deepEqual([...shownIn(cells)], [...wanted]);
  else assert.ok(2 * (found.lost + found.misplaced) <= found.expected, JSON.stringify(found));
  for (const { id, held, kinds } of cells) {
    assert.deepEqual(kinds, held.map(kindOf), `${id}: what stands there is what the notebook holds`);
    for (const output of held) assertShownEverywhere(id, output);
  }
  await assertLegible(page);
  await page.save();
  await page.endKernel();
}

/** Opens what was saved as somebody does who has not run it. */
async function reopen(path: string): Promise<void> {
  const copy = await untrustedCopy(path);
  await using page = await LabPage.open(context, lab.urlOf(relative(folder, copy)), { kernel: true });
  await page.drawn();
  const cells = await page.cells();
  assert.ok(cells.some(({ held }) => held.length > 0));
  for (const { id, held, kinds, isTrusted } of cells) {
    assert.deepEqual(kinds, held.map(kindOf), id);
    if (held.length > 0) assert.equal(isTrusted, false, id);
  }
  for (const theme of ["light", "dark"] as const) {
    await page.show(theme);
    await assertLegible(page);
  }
  await page.endKernel();
}

/** Everything can be read where it stands, and nothing is cut off. */
async function assertLegible(page: LabPage): Promise<void> {
  assert.deepEqual(await page.illegible(CONTRAST), []);
  assert.deepEqual(await page.overflowing(), []);
}

/** What stands under the cells, without what depends on how long the work took. */
function shownIn(cells: readonly ShownCell[]): Shown {
  return new Map(cells.map(({ id, held, kinds }) => [id, kinds.filter((_, at) => held[at] === undefined || !isProgress(held[at]))]));
}

function figuresOf(what: string, { expected, lost, misplaced }: Misplacement, seconds: number): string {
  return `${what.padEnd(50)}${[expected, lost, misplaced].map((figure) => String(figure).padStart(5)).join("")}${
    seconds.toFixed(1).padStart(8)
  }`;
}
