/**
 * `deno task screenshot [tutorial...]`: opens a notebook in a real JupyterLab, runs all cells, checks that cards, tables and charts stand under
 * their cells, and takes the pictures of `docs/images/`: of the quickstart, or of the tutorials that are named (`tutorials` for all of them).
 * Pictures of whole notebooks, light and dark, are left in `.cache/pictures/` to be looked at.
 */
import { join } from "@std/path";
import { chromium, type Page } from "playwright-core";
import { type DatasetName, prepareData } from "./datasets.ts";
import { CHROMIUM_FLAGS, fail, findChromium, installJupyterLab, Lab, MINUTE, writeSettings } from "./jupyterlab.ts";
import { notebookPath, NOTEBOOKS_FOLDER, prepareTutorial, type TutorialName, TUTORIALS } from "./notebooks.ts";

const ROOT = join(import.meta.dirname!, "..");
/** A folder of its own, below `deno.json`: a fresh ledger, and the notebook in the repository keeps no outputs. */
const WORK = join(ROOT, ".cache", "screenshot");
const IMAGES = join(ROOT, "docs", "images");

/** What stands under a cell, and how it is found within the cell's outputs. */
const SELECTORS = {
  card: ".jp-RenderedHTMLCommon details",
  table: ".jp-RenderedHTMLCommon table",
  chart: ".vega-embed :is(svg, canvas)",
  lineage: ".jp-RenderedHTMLCommon img",
  text: ".jp-RenderedMarkdown",
} as const;
type Expected = readonly (readonly [cell: string, what: keyof typeof SELECTORS])[];

const QUICKSTART: Expected = [
  ["// Clean the days", "card"],
  ["// Summarise the months", "card"],
  ["// Read the months", "table"],
  ["// Chart the months", "chart"],
  ["// Score fourteen settings", "table"],
  ["// Tabulate the runs", "table"],
  ["// Chart the runs", "chart"],
  ["// Ask all runs", "table"],
  ["// Trace the months back", "lineage"],
  ["// State the finding", "text"],
];

/** A copy of a notebook with its data, and no ledger. */
async function prepareFolder(name: string, data: readonly DatasetName[]): Promise<void> {
  await Deno.remove(WORK, { recursive: true }).catch(() => {}); // the first time there is none
  await Deno.mkdir(WORK, { recursive: true });
  for (const dataset of data) await prepareData(dataset, join(WORK, "data"));
  await Deno.copyFile(notebookPath(name), join(WORK, `${name}.ipynb`));
  await Deno.mkdir(join(WORK, "programs"));
  for await (const { name: file } of Deno.readDir(join(NOTEBOOKS_FOLDER, "programs"))) {
    await Deno.copyFile(join(NOTEBOOKS_FOLDER, "programs", file), join(WORK, "programs", file));
  }
}

/** What a tutorial's cells have to show, as far as their code says it. */
async function expectedOf(name: string): Promise<Expected> {
  const { cells } = JSON.parse(await Deno.readTextFile(notebookPath(name))) as { cells: { cell_type: string; source: string[] }[] };
  return cells.filter(({ cell_type }) => cell_type === "code").flatMap(({ source }) => {
    const what = shownBy(source.join("").trimEnd());
    return what === undefined ? [] : [[source[0]!.trimEnd(), what] as const];
  });
}

function shownBy(code: string): keyof typeof SELECTORS | undefined {
  const last = code.split("\n").at(-1)!;
  if (/^\s*\.plot\(|^\w+\.plot\(/m.test(code)) return "chart";
  if (last.startsWith("await lineage(")) return "lineage";
  if (code.includes("Deno.jupyter.md`")) return "text";
  return /^\w+;$/.test(last) ? "table" : undefined;
}

/** A cell of JupyterLab's page, by its first line of code. */
const cellOf = (page: Page, line: string) =>
  page.locator(".jp-CodeCell", { has: page.locator(".cm-line").first().getByText(line, { exact: true }) });

/** Opens the notebook, with nothing else on the page. */
async function open(page: Page, url: string): Promise<void> {
  await page.goto(url);
  await page.waitForSelector(".jp-Notebook .jp-CodeCell", { timeout: MINUTE });
  // Only then is a kernel chosen; a command that comes earlier has JupyterLab ask for one.
  await page.evaluate("window.jupyterapp.shell.currentWidget.sessionContext.ready");
  await page.waitForFunction("window.jupyterapp.shell.currentWidget.sessionContext.session?.kernel?.status === 'idle'", null, {
    timeout: MINUTE,
  });
  await command(page, "application:toggle-mode");
  await command(page, "application:toggle-left-area");
}

async function command(page: Page, name: string): Promise<void> {
  await page.evaluate(`void window.jupyterapp.commands.execute(${JSON.stringify(name)})`);
}

/** Runs all cells as a user does, and waits until each has a number; a failing cell ends the wait at once. */
async function runAll(page: Page): Promise<void> {
  await command(page, "notebook:run-all-cells");
  for (const deadline = Date.now() + 3 * MINUTE; Date.now() < deadline;) {
    const failed = await page.locator('.jp-OutputArea-output[data-mime-type="application/vnd.jupyter.error"]').allTextContents();
    if (failed.length > 0) fail(`A cell failed: ${failed[0]}`);
    const prompts = await page.locator(".jp-CodeCell .jp-InputPrompt").allTextContents();
    if (prompts.every((prompt) => /\[\d+\]/.test(prompt))) return;
    await page.waitForTimeout(200);
  }
  fail("The cells were not done within three minutes.");
}

/** Every expected output is there. */
async function check(page: Page, expected: Expected): Promise<void> {
  for (const [line, what] of expected) {
    const cell = cellOf(page, line);
    if (await cell.count() !== 1) fail(`There is no cell "${line}".`);
    await cell.locator(`.jp-OutputArea ${SELECTORS[what]}`).first().waitFor({ timeout: 20_000 })
      .catch(async () =>
        fail(`The cell "${line}" shows no ${what} in JupyterLab, but: ${(await cell.locator(".jp-OutputArea").innerText()).slice(0, 500)}`)
      );
    console.log(`seen: ${what} under "${line}"`);
  }
}

/** The card under a cell says "executed" or "hit". */
async function checkState(page: Page, line: string, state: "executed" | "hit"): Promise<void> {
  const said = await cellOf(page, line).locator(".jp-OutputArea").getByText(state, { exact: true }).count();
  if (said === 0) fail(`The card under "${line}" was to say "${state}", and it does not.`);
}

/** A picture of the page from the top of one cell to the end of another. */
async function picture(page: Page, name: string, from: string, to: string): Promise<void> {
  const [first, last] = [await box(page, from), await box(page, to)];
  const clip = { x: first.x - 8, y: first.y - 8, width: first.width + 16, height: last.y + last.height - first.y + 16 };
  await page.screenshot({ path: join(IMAGES, name), clip });
  console.log(`docs/images/${name}: ${clip.width} x ${Math.round(clip.height)}`);
}

async function box(page: Page, line: string) {
  return await cellOf(page, line).boundingBox() ?? fail(`The cell "${line}" is not on the page.`);
}

/** Makes the window as high as the notebook, so that a picture can show any part of it. */
async function showAll(page: Page): Promise<void> {
  const height = await page.evaluate("[...document.querySelectorAll('.jp-Cell')].reduce((sum, cell) => sum + cell.offsetHeight + 10, 300)");
  await page.setViewportSize({ width: 1100, height: Math.min(16_000, Number(height)) });
  await page.evaluate("document.querySelector('.jp-WindowedPanel-outer').scrollTop = 0");
  await page.waitForTimeout(1_000); // charts are drawn again
}

const PART = 1_500;

/** The whole notebook, in parts that can be looked at. */
async function wholePicture(page: Page, name: string): Promise<void> {
  const { width, height } = page.viewportSize()!;
  for (let y = 0, part = 1; y < height; y += PART, part++) {
    const path = join(ROOT, ".cache", "pictures", `${name}-${part}.png`);
    await page.screenshot({ path, clip: { x: 0, y, width, height: Math.min(PART, height - y) } });
    console.log(path);
  }
}

/** JupyterLab with a notebook, from its start to its end: all cells run, looked at, and photographed. */
async function session(theme: string, name: string, expected: Expected, look: (page: Page) => Promise<void>): Promise<void> {
  await writeSettings(theme);
  await using lab = await Lab.start(WORK);
  const browser = await chromium.launch({ executablePath: await findChromium(), args: CHROMIUM_FLAGS });
  try {
    const page = await browser.newPage({ viewport: { width: 1100, height: 1000 } });
    await open(page, lab.urlOf(`${name}.ipynb`));
    await runAll(page);
    await check(page, expected);
    await showAll(page);
    await look(page);
  } finally {
    await browser.close();
  }
}

async function quickstart(): Promise<void> {
  await prepareFolder("quickstart", ["seattle-weather.csv"]);
  await session("JupyterLab Light", "quickstart", QUICKSTART, async (page) => {
    await checkState(page, "// Clean the days", "executed");
    await picture(page, "quickstart-jupyterlab.png", "// Clean the days", "// Chart the months");
    await picture(page, "quickstart-jupyterlab-sweep.png", "// Tabulate the runs", "// Chart the runs");
  });
  // The same folder in a new kernel: every step is a hit.
  await session("JupyterLab Dark", "quickstart", QUICKSTART, async (page) => {
    await checkState(page, "// Clean the days", "hit");
    await picture(page, "quickstart-jupyterlab-again.png", "// Clean the days", "// Summarise the months");
  });
}

async function tutorial(name: TutorialName): Promise<void> {
  const { data, picture: [from, to] } = TUTORIALS[name];
  const { env } = await prepareTutorial(name);
  for (const [variable, value] of Object.entries(env)) Deno.env.set(variable, value); // JupyterLab and its kernel inherit them
  await prepareFolder(name, data);
  const expected = await expectedOf(name);
  await session("JupyterLab Light", name, expected, async (page) => {
    await wholePicture(page, `${name}-light`);
    await picture(page, `tutorial-${name.replaceAll("_", "-")}.png`, from, to);
  });
  await session("JupyterLab Dark", name, expected, (page) => wholePicture(page, `${name}-dark`));
}

async function main(wanted: readonly string[]): Promise<void> {
  if (Deno.build.os !== "linux") fail("This task installs and drives JupyterLab and Chromium on Linux only.");
  const all = Object.keys(TUTORIALS) as TutorialName[];
  const names = wanted.flatMap((name) => (name === "tutorials" ? all : [name as TutorialName]));
  const unknown = names.find((name) => !all.includes(name));
  if (unknown !== undefined) fail(`There is no tutorial "${unknown}"; there are ${all.join(", ")}.`);
  await findChromium();
  await installJupyterLab();
  await Deno.mkdir(IMAGES, { recursive: true });
  if (names.length === 0) await quickstart();
  for (const name of names) await tutorial(name);
}

if (import.meta.main) await main(Deno.args);
