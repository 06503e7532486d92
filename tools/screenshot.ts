/**
 * `deno task screenshot [name...]`: takes the pictures of `docs/images/` in a real JupyterLab with our kernel. Names are `readme`, `quickstart`,
 * `gallery`, those of tutorials, and `tutorials` for all of them; without one all pictures are taken. Pictures of whole tutorials, light and dark,
 * are left in `.cache/pictures/` to be looked at.
 */
import { join, relative } from "@std/path";
import type { BrowserContext } from "playwright-core";
import { copyNotebook, emptyFolder } from "../tests/frontends/folders.ts";
import { firstScreen } from "./first_screen.ts";
import { takeGallery } from "./gallery.ts";
import { fail, installJupyterLab, Lab, launchBrowser } from "./jupyterlab.ts";
import { LabPage } from "./lab_page.ts";
import { prepareTutorial, type TutorialName, TUTORIALS } from "./notebooks.ts";
import { lastingOf, painted, partOf, showAll, takePicture } from "./pictures.ts";

const ROOT = join(import.meta.dirname!, "..");
const WIDTH = 1100;

/** JupyterLab over a folder, and a browser to look at it. */
async function withLab(name: string, env: Readonly<Record<string, string>>, work: (studio: Studio) => Promise<void>): Promise<void> {
  const folder = await emptyFolder(join("screenshot", name));
  await using lab = await Lab.start(folder, env);
  const browser = await launchBrowser();
  try {
    await work({ folder, lab, context: await browser.newContext({ viewport: { width: WIDTH, height: 1000 } }) });
  } finally {
    await browser.close();
  }
}

interface Studio {
  readonly folder: string;
  readonly lab: Lab;
  readonly context: BrowserContext;
}

/** Opens a notebook and runs all its cells. */
async function ran({ folder, lab, context }: Studio, path: string, theme: "light" | "dark"): Promise<LabPage> {
  const page = await LabPage.open(context, lab.urlOf(relative(folder, path)), { kernel: true });
  await page.show(theme);
  await page.runAll();
  await page.drawn();
  await showAll(page);
  return page;
}

/** A picture from the top of one cell to the end of another; cells are found by their first lines. */
async function pictureOf(page: LabPage, name: string, from: string, to: string): Promise<void> {
  const cells = await page.cells();
  const [first, last] = [from, to].map((line) => {
    const at = cells.findIndex(({ source }) => source.startsWith(`${line}\n`));
    return at >= 0 ? at : fail(`There is no cell "${line}".`);
  }) as [number, number];
  const shows = cells.slice(first, last + 1).map(({ source, held }) => [source, lastingOf(held)]);
  await takePicture(page, name, await partOf(page, [first, last].map((at) => `.jp-CodeCell >> nth=${at}`)), shows);
}

async function quickstart(): Promise<void> {
  await withLab("quickstart", {}, async (studio) => {
    const path = await copyNotebook("quickstart", studio.folder, "deno-consist");
    {
      await using page = await ran(studio, path, "light");
      await pictureOf(page, "quickstart-jupyterlab.png", "// Clean the days", "// Chart the months");
      await pictureOf(page, "quickstart-jupyterlab-sweep.png", "// Tabulate the runs", "// Chart the runs");
      await page.endKernel();
    }
    await using page = await ran(studio, path, "dark"); // the same folder in a new kernel: every step is a hit
    await pictureOf(page, "quickstart-jupyterlab-again.png", "// Clean the days", "// Summarise the months");
  });
}

async function tutorial(name: TutorialName): Promise<void> {
  const { env } = await prepareTutorial(name);
  await withLab(name, env, async (studio) => {
    const path = await copyNotebook(name, studio.folder, "deno-consist");
    for (const theme of ["light", "dark"] as const) {
      await using page = await ran(studio, path, theme);
      await wholePicture(page, `${name}-${theme}`);
      const [from, to] = TUTORIALS[name].picture;
      if (theme === "light") await pictureOf(page, `tutorial-${name.replaceAll("_", "-")}.png`, from, to);
      await page.endKernel();
    }
  });
}

const PART = 1_500;

/** The whole notebook, in parts that can be looked at. */
async function wholePicture({ page }: LabPage, name: string): Promise<void> {
  await painted(page);
  const { width, height } = page.viewportSize()!;
  for (let y = 0, part = 1; y < height; y += PART, part++) {
    const path = join(ROOT, ".cache", "pictures", `${name}-${part}.png`);
    await page.screenshot({ path, clip: { x: 0, y, width, height: Math.min(PART, height - y) } });
    console.log(relative(ROOT, path));
  }
}

async function main(wanted: readonly string[]): Promise<void> {
  if (Deno.build.os !== "linux") fail("This task installs and drives JupyterLab and Chromium on Linux only.");
  const tutorials = Object.keys(TUTORIALS) as TutorialName[];
  const takers = new Map<string, () => Promise<void>>([
    ["readme", firstScreen],
    ["quickstart", quickstart],
    ["gallery", () => takeGallery([])],
    ...tutorials.map((name) => [name, () => tutorial(name)] as const),
  ]);
  const named = wanted.flatMap((name) => name === "tutorials" ? tutorials : [name]);
  const unknown = named.find((name) => !takers.has(name));
  if (unknown !== undefined) fail(`There are no pictures "${unknown}"; there are ${[...takers.keys()].join(", ")}.`);
  await installJupyterLab();
  for (const name of named.length > 0 ? named : takers.keys()) await takers.get(name)!();
}

if (import.meta.main) await main(Deno.args);
