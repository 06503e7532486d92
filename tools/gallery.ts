/**
 * Makes `docs/gallery.md` and its pictures from the examples: `deno task gallery`. With `--text`, the text alone; with names of examples, the
 * pictures of these. The pictures are taken in JupyterLab, with our kernel.
 */
import { join } from "@std/path";
import type { MimeBundle } from "../src/types.ts";
import { emptyFolder, writeCells } from "../tests/frontends/folders.ts";
import type { Example } from "./gallery_example.ts";
import { GALLERY } from "./gallery_examples.ts";
import { installJupyterLab, Lab, launchBrowser } from "./jupyterlab.ts";
import { LabPage } from "./lab_page.ts";
import { lastingOf, type Motif, showAll, takeBoth } from "./pictures.ts";

const DOCS = new URL("../docs/", import.meta.url);
/** How wide the outputs are in the pictures. */
const WIDTH = 940;
const VIEW = { viewport: { width: WIDTH + 130, height: 900 }, deviceScaleFactor: 1.5 };
/** What of an output is in its picture. */
const OUTPUT = ".jp-OutputArea-output";

/** The text of the gallery: a heading for each group, for each example a sentence, its pictures and its text. */
export async function galleryText(examples: readonly Example[]): Promise<string> {
  const groups = Map.groupBy(examples, (example) => example.group);
  const parts = [...groups].map(async ([group, members]) => [`## ${group}`, ...await Promise.all(members.map(entryText))].join("\n\n"));
  return `${[INTRODUCTION, ...await Promise.all(parts)].join("\n\n")}\n`;
}

const INTRODUCTION = `# Gallery

What a notebook cell shows for each kind of result, in JupyterLab: made by \`deno task gallery\` from the examples in \`tools/gallery_*.ts\`.
Pictures follow the colours of this page; the links below each lead to both, and to what of a chart is shown where nothing draws charts. The
text is what a terminal and \`console.log\` show.`;

async function entryText({ name, about, show }: Example): Promise<string> {
  const bundle = await show();
  return [about, pictureText(name, about, bundle), `\`\`\`text\n${bundle["text/plain"]}\n\`\`\``].join("\n\n");
}

function pictureText(name: string, about: string, bundle: MimeBundle): string {
  const alt = about.replaceAll("`", "").replaceAll('"', "'");
  const [light, dark] = [`images/${name}_light.png`, `images/${name}_dark.png`];
  const picture =
    `<picture><source media="(prefers-color-scheme: dark)" srcset="${dark}"><img src="${light}" alt="${alt}" width="${WIDTH}"></picture>`;
  const still = bundle["image/svg+xml"] === undefined ? [] : [`[still picture](images/${name}.svg)`];
  return `${picture}\n\n${[`[light](${light})`, `[dark](${dark})`, ...still].join(" · ")}`;
}

/** Takes the pictures of examples in JupyterLab, in our kernel: a cell for each. Of charts the drawn pictures are written too. */
export async function takeGallery(examples: readonly Example[]): Promise<void> {
  const shown = examples.length > 0 ? examples : GALLERY;
  await installJupyterLab();
  const folder = await emptyFolder(join("screenshot", "gallery"));
  await writeCells(join(folder, "gallery.ipynb"), shown.map(cellOf), "deno-consist");
  await using lab = await Lab.start(folder);
  const browser = await launchBrowser();
  try {
    await using page = await LabPage.open(await browser.newContext(VIEW), lab.urlOf("gallery.ipynb"), { kernel: true });
    await page.runAll();
    await page.drawn();
    await showAll(page);
    const cells = await page.cells();
    const motifs: Motif[] = [];
    for (const [at, { name, show }] of shown.entries()) {
      const { "image/svg+xml": svg } = await show();
      if (svg !== undefined) await Deno.writeTextFile(new URL(`images/${name}.svg`, DOCS), `${svg}\n`);
      motifs.push({ name, selectors: [`.jp-CodeCell >> nth=${at} >> ${OUTPUT}`], shows: lastingOf(cells[at]!.held) });
    }
    await takeBoth(page, motifs);
  } finally {
    await browser.close();
  }
}

/** A cell that shows an example. */
export function cellOf({ name }: Example): string {
  const module = new URL("gallery_examples.ts", import.meta.url).href;
  return `const { EXAMPLES } = await import(${JSON.stringify(module)});
({ [Symbol.for("Jupyter.display")]: () => EXAMPLES.find(({ name }) => name === ${JSON.stringify(name)}).show() })`;
}

/** Writes the gallery. */
async function main(): Promise<void> {
  await Deno.mkdir(new URL("images", DOCS), { recursive: true });
  await Deno.writeTextFile(new URL("gallery.md", DOCS), await galleryText(GALLERY));
  if (Deno.args.includes("--text")) return;
  await takeGallery(GALLERY.filter(({ name }) => Deno.args.includes(name)));
}

if (import.meta.main) await main();
