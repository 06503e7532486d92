/**
 * Makes `docs/gallery.md` and its pictures from the examples: `deno run -A tools/gallery.ts`. With `--text`, the text alone;
 * with names of examples, the pictures of these.
 * Pictures are taken with headless Chromium, which is installed from Debian's packages where that is possible and it is missing.
 */
import type { MimeBundle } from "../src/types.ts";
import { type Example, GALLERY } from "./gallery_examples.ts";

const DOCS = new URL("../docs/", import.meta.url);
const THEMES = {
  light: { page: "#ffffff", text: "#1f2328" },
  dark: { page: "#0d1117", text: "#e6edf3" },
} as const;
type Theme = keyof typeof THEMES;
const WIDTH = 940;
const SCALE = 1.5;
/** Chromium does not paint the whole of a window that is lower. */
const LEAST_HEIGHT = 160;

/** The text of the gallery: a heading for each group, for each example a sentence, its pictures and its text. */
export async function galleryText(examples: readonly Example[]): Promise<string> {
  const groups = Map.groupBy(examples, (example) => example.group);
  const parts = [...groups].map(async ([group, members]) => [`## ${group}`, ...await Promise.all(members.map(entryText))].join("\n\n"));
  return `${[INTRODUCTION, ...await Promise.all(parts)].join("\n\n")}\n`;
}

const INTRODUCTION = `# Gallery

What a notebook cell shows for each kind of result, made by \`deno task gallery\` from the examples in \`tools/gallery_examples.ts\`. Pictures
follow the colours of this page; the links below each lead to both. The text is what a terminal and \`console.log\` show.`;

async function entryText({ name, about, show }: Example): Promise<string> {
  const bundle = await show();
  return [about, pictureText(name, about, bundle), `\`\`\`text\n${bundle["text/plain"]}\n\`\`\``].join("\n\n");
}

function pictureText(name: string, about: string, bundle: MimeBundle): string {
  const alt = about.replaceAll("`", "").replaceAll('"', "'");
  if (bundle["text/html"] === undefined) return `![${alt}](images/${name}.svg)`;
  const [light, dark] = [`images/${name}_light.png`, `images/${name}_dark.png`];
  const picture =
    `<picture><source media="(prefers-color-scheme: dark)" srcset="${dark}"><img src="${light}" alt="${alt}" width="${WIDTH}"></picture>`;
  return `${picture}\n\n[light](${light}) · [dark](${dark})`;
}

/** A page that shows one example on a theme. */
function page(content: string, theme: Theme): string {
  const { page, text } = THEMES[theme];
  const box = `box-sizing:border-box;min-height:${LEAST_HEIGHT}px;display:flex;flex-direction:column;justify-content:center`;
  const style =
    `${box};margin:0;padding:12px 20px;background:${page};color:${text};font:14px/1.5 system-ui,"Noto Sans","DejaVu Sans",sans-serif`;
  return `<!doctype html><meta charset="utf-8"><body style='${style}'><div id="shown" style="display:flow-root">${content}</div>
<script>document.body.dataset.height = Math.ceil(document.getElementById("shown").getBoundingClientRect().height + 24)</script>`;
}

/** Takes the pictures; charts are SVG as they are. */
async function takePictures(examples: readonly Example[], chromium: string): Promise<void> {
  const work = await Deno.makeTempDir();
  try {
    for (const { name, show } of examples) {
      const bundle = await show();
      const html = bundle["text/html"];
      if (typeof html !== "string") await Deno.writeTextFile(new URL(`images/${name}.svg`, DOCS), `${bundle["image/svg+xml"]}\n`);
      else for (const theme of ["light", "dark"] as const) await takePicture(name, html, theme, { chromium, work });
    }
  } finally {
    await Deno.remove(work, { recursive: true });
  }
}

async function takePicture(
  name: string,
  html: string,
  theme: Theme,
  { chromium, work }: { chromium: string; work: string },
): Promise<void> {
  const source = `${work}/${name}_${theme}.html`;
  await Deno.writeTextFile(source, page(html, theme));
  const dom = await browse(chromium, work, ["--dump-dom", `--window-size=${WIDTH},2000`, `file://${source}`]);
  const height = Math.max(LEAST_HEIGHT, Number(/data-height="(\d+)"/.exec(dom)?.[1] ?? 600));
  const picture = new URL(`images/${name}_${theme}.png`, DOCS).pathname;
  const size = [`--window-size=${WIDTH},${height}`, `--force-device-scale-factor=${SCALE}`, "--hide-scrollbars"];
  await browse(chromium, work, [...size, `--screenshot=${picture}`, `file://${source}`]);
}

const QUIET =
  "--headless --no-sandbox --disable-gpu --disable-quic --no-first-run --disable-background-networking --disable-component-update --disable-sync";

async function browse(chromium: string, work: string, args: readonly string[]): Promise<string> {
  const all = [...QUIET.split(" "), `--user-data-dir=${work}/profile`, ...args];
  const { success, stdout, stderr } = await new Deno.Command(chromium, { args: all, stdout: "piped", stderr: "piped" }).output();
  if (!success) throw new Error(`Chromium failed: ${new TextDecoder().decode(stderr).slice(-500)}`);
  return new TextDecoder().decode(stdout);
}

async function runs(command: string, args: readonly string[]): Promise<boolean> {
  try {
    return (await new Deno.Command(command, { args: [...args], stdout: "null", stderr: "null" }).output()).success;
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return false; // no such program
    throw error;
  }
}

/** A Chromium that runs, installed where Debian's package manager may. */
async function findChromium(): Promise<string | undefined> {
  const names = [Deno.env.get("CHROMIUM"), "chromium", "chromium-browser", "google-chrome"].filter((name) => name !== undefined);
  for (const name of names) if (await runs(name, ["--version"])) return name;
  if (Deno.build.os !== "linux" || Deno.uid() !== 0 || !await runs("apt-get", ["--version"])) return undefined;
  const installed = await runs("apt-get", ["update"]) &&
    await runs("apt-get", ["install", "-y", "--no-install-recommends", "chromium", "fonts-noto-core"]);
  return installed ? "chromium" : undefined;
}

/** Writes the gallery. */
async function main(): Promise<void> {
  await Deno.mkdir(new URL("images", DOCS), { recursive: true });
  await Deno.writeTextFile(new URL("gallery.md", DOCS), await galleryText(GALLERY));
  if (Deno.args.includes("--text")) return;
  const chromium = await findChromium();
  if (chromium === undefined) return console.warn("No Chromium was found and none could be installed: the pictures stay as they are.");
  const named = GALLERY.filter(({ name }) => Deno.args.includes(name));
  await takePictures(named.length > 0 ? named : GALLERY, chromium);
}

if (import.meta.main) await main();
