/**
 * The pictures on README's first screen: the step of its first block in JupyterLab, in our kernel, executed for the first time, found again, and
 * executed because of what changed.
 */
import { join } from "@std/path";
import { emptyFolder, writeCells } from "../tests/frontends/folders.ts";
import { Lab, launchBrowser } from "./jupyterlab.ts";
import { LabPage } from "./lab_page.ts";
import { lastingOf, showAll, takeBoth } from "./pictures.ts";

/** As wide as GitHub's column, twice as fine. */
const VIEW = { viewport: { width: 960, height: 900 }, deviceScaleFactor: 1.5 };
const CARD = ".jp-CodeCell:last-child .jp-RenderedHTMLCommon > div";

/** What is changed in the code for the third picture: a setting, and a line of the function. */
const CHANGES = [["threshold: 0.5", "threshold: 0.7"], [".gt(", ".gtEq("]] as const;

/** README's first program, in the two cells that it has in a notebook: what it imports and makes, and the step. */
async function program(): Promise<readonly [before: string, step: string]> {
  const readme = await Deno.readTextFile(join(import.meta.dirname!, "..", "README.md"));
  const [, code] = /^```ts ignore\n([^]*?)^```$/m.exec(readme) ?? [];
  const at = code?.indexOf("const clean") ?? -1;
  if (code === undefined || at < 0) throw new Error("README.md does not begin with a program that defines `clean`.");
  return [code.slice(0, at).trim(), code.slice(at).trim()];
}

/** Takes the pictures. */
export async function firstScreen(): Promise<void> {
  const folder = await emptyFolder(join("screenshot", "readme"));
  await writeCells(join(folder, "first.ipynb"), await program(), "deno-consist");
  await using lab = await Lab.start(folder);
  const browser = await launchBrowser();
  try {
    await using page = await LabPage.open(await browser.newContext(VIEW), lab.urlOf("first.ipynb"), { kernel: true });
    for (const [name, times] of [["readme_first", 1], ["readme_hit", 3], ["readme_changed", 1]] as const) {
      if (name === "readme_changed") await page.edit(1, CHANGES);
      for (let time = 0; time < times; time++) await page.runAll();
      await page.drawn();
      await showAll(page);
      const { source, held } = (await page.cells())[1]!;
      await takeBoth(page, [{ name, selectors: [CARD], shows: [source, lastingOf(held)] }]);
    }
  } finally {
    await browser.close();
  }
}
