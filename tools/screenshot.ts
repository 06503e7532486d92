/**
 * `deno task screenshot`: opens the quickstart notebook in a real JupyterLab, runs all cells, checks that cards, tables and charts stand under
 * their cells, and takes the pictures of `docs/images/`. Installs what it needs: JupyterLab from PyPI into `.cache/jupyterlab`, and Chromium
 * from Debian's packages where it is missing and we may. Linux only.
 */
import { dirname, join } from "@std/path";
import { exists } from "@std/fs";
import { chromium, type Page } from "playwright-core";
import { prepareData } from "./quickstart.ts";

const ROOT = join(import.meta.dirname!, "..");
const VENV = join(ROOT, ".cache", "jupyterlab");
/** A folder of its own, below `deno.json`: a fresh ledger, and the notebook in the repository keeps no outputs. */
const WORK = join(ROOT, ".cache", "screenshot");
const IMAGES = join(ROOT, "docs", "images");
const JUPYTERLAB = "jupyterlab==4.6.6";
const CHROMIUM_FLAGS = [
  "--no-sandbox",
  "--disable-gpu",
  "--disable-quic",
  "--no-first-run",
  "--disable-background-networking",
  "--disable-component-update",
  "--disable-sync",
  "--force-color-profile=srgb",
];
const MINUTE = 60_000;

/** Runs a program to its end; rejects with what it printed where it fails or takes too long. */
async function execute(program: string, args: readonly string[], timeout = 10 * MINUTE): Promise<string> {
  const signal = AbortSignal.timeout(timeout);
  const { success, stdout, stderr } = await new Deno.Command(program, {
    args: [...args],
    stdin: "null",
    stdout: "piped",
    stderr: "piped",
    signal,
  }).output();
  const text = new TextDecoder().decode(success ? stdout : stderr).trim();
  if (success) return text;
  throw new Error(`"${[program, ...args].join(" ")}" failed${signal.aborted ? ` after ${timeout / 1000} s` : ""}: ${text.slice(-2_000)}`);
}

async function installJupyterLab(): Promise<void> {
  const mark = join(VENV, `.${JUPYTERLAB}`);
  if (!await exists(mark)) {
    console.log(`installing ${JUPYTERLAB} into .cache/jupyterlab`);
    await execute("python3", ["-m", "venv", VENV]);
    await execute(join(VENV, "bin", "pip"), ["install", "--quiet", JUPYTERLAB]);
    await Deno.writeTextFile(mark, "");
  }
  const kernel = join(VENV, "share", "jupyter", "kernels", "deno");
  const argv = [Deno.execPath(), "jupyter", "--kernel", "--conn", "{connection_file}"];
  await writeJson(join(kernel, "kernel.json"), { argv, display_name: "Deno", language: "typescript", interrupt_mode: "message" });
}

/** Settings of this JupyterLab: every cell is in the page, nothing is announced, nothing is saved behind our back. */
async function writeSettings(theme: string): Promise<void> {
  await writeJson(join(VENV, "share", "jupyter", "lab", "settings", "overrides.json"), {
    "@jupyterlab/notebook-extension:tracker": { windowingMode: "none" },
    "@jupyterlab/apputils-extension:notification": { fetchNews: "false", checkForUpdates: false, doNotDisturbMode: true },
    "@jupyterlab/apputils-extension:themes": { theme },
    "@jupyterlab/docmanager-extension:plugin": { autosave: false },
  });
}

async function writeJson(path: string, value: unknown): Promise<void> {
  await Deno.mkdir(dirname(path), { recursive: true });
  await Deno.writeTextFile(path, JSON.stringify(value, null, 1));
}

async function findChromium(): Promise<string> {
  const names = ["chromium", "chromium-browser", "google-chrome"];
  const places = (Deno.env.get("PATH") ?? "").split(":").flatMap((folder) => names.map((name) => join(folder, name)));
  const found = async () => (await Promise.all(places.map(async (path) => await exists(path) ? path : ""))).find(Boolean);
  const path = await found();
  if (path !== undefined) return path;
  if (Deno.uid() !== 0 || !await exists("/usr/bin/apt-get")) {
    throw new Error("Chromium is not installed, and only root on Debian can install it here: install chromium.");
  }
  console.log("installing chromium");
  await execute("apt-get", ["update", "-qq"]);
  await execute("apt-get", ["install", "-y", "-qq", "--no-install-recommends", "chromium", "fonts-dejavu-core"]);
  return await found() ?? fail("apt-get installed chromium, and it is not on the PATH.");
}

function fail(message: string): never {
  throw new Error(message);
}

/** A copy of the notebook with its data, and no ledger. */
async function prepareFolder(): Promise<void> {
  await Deno.remove(WORK, { recursive: true }).catch(() => {}); // the first time there is none
  await prepareData(join(WORK, "data", "seattle-weather.csv"));
  await Deno.copyFile(join(ROOT, "notebooks", "quickstart.ipynb"), join(WORK, "quickstart.ipynb"));
}

/** JupyterLab in a process group of its own, so that its end is the end of its kernels too. */
class Lab implements AsyncDisposable {
  private constructor(readonly url: string, private readonly process: Deno.ChildProcess, private readonly log: string) {}

  static async start(): Promise<Lab> {
    using probe = Deno.listen({ hostname: "127.0.0.1", port: 0 });
    const port = probe.addr.port;
    probe.close();
    const token = crypto.randomUUID();
    const folder = join(WORK, ".jupyter");
    const log = join(WORK, "jupyterlab.log");
    const env = {
      JUPYTER_CONFIG_DIR: join(folder, "config"),
      JUPYTER_RUNTIME_DIR: join(folder, "runtime"),
      JUPYTERLAB_SETTINGS_DIR: join(folder, "settings"),
      JUPYTERLAB_WORKSPACES_DIR: join(folder, "workspaces"),
      JUPYTER_TOKEN: token,
    };
    const words = [
      "--no-browser",
      "--allow-root",
      "--expose-app-in-browser",
      `--ServerApp.port=${port}`,
      "--ServerApp.port_retries=0",
      `--ServerApp.root_dir=${WORK}`,
    ];
    const line = [join(VENV, "bin", "jupyter"), "lab", ...words].map((word) => `'${word}'`).join(" ");
    const args = ["--pdeathsig", "TERM", "sh", "-c", `exec ${line} > '${log}' 2>&1`];
    const process = new Deno.Command("setpriv", { args, env, cwd: WORK, stdin: "null" }).spawn();
    const lab = new Lab(`http://127.0.0.1:${port}/lab/tree/quickstart.ipynb?token=${token}&reset`, process, log);
    await lab.answers(`http://127.0.0.1:${port}/api/status?token=${token}`).catch(async (error) => {
      await lab[Symbol.asyncDispose]();
      throw error;
    });
    return lab;
  }

  async answers(url: string): Promise<void> {
    for (const deadline = Date.now() + MINUTE; Date.now() < deadline;) {
      try {
        const response = await fetch(url);
        await response.body?.cancel();
        if (response.ok) return;
      } catch {
        // It does not listen yet.
      }
      await new Promise((resolve) => setTimeout(resolve, 200));
    }
    fail(`JupyterLab did not answer within a minute: ${(await Deno.readTextFile(this.log)).slice(-2_000)}`);
  }

  /** Asked to end, JupyterLab ends its kernels; where it does not end, it is killed. */
  async [Symbol.asyncDispose](): Promise<void> {
    this.process.kill("SIGTERM");
    const kill = setTimeout(() => this.process.kill("SIGKILL"), 15_000);
    await this.process.status;
    clearTimeout(kill);
  }
}

/** What must stand under which cell: the cell's first line, and a selector within its outputs. */
const EXPECTED: readonly (readonly [cell: string, what: string, selector: string])[] = [
  ["// Clean the days", "card", ".jp-RenderedHTMLCommon details"],
  ["// Summarise the months", "card", ".jp-RenderedHTMLCommon details"],
  ["// Read the months", "table", ".jp-RenderedHTMLCommon table"],
  ["// Chart the months", "chart", ".vega-embed :is(svg, canvas)"],
  ["// Score fourteen settings", "card", ".jp-RenderedHTMLCommon table"],
  ["// Tabulate the runs", "table", ".jp-RenderedHTMLCommon table"],
  ["// Chart the runs", "chart", ".vega-embed :is(svg, canvas)"],
  ["// Ask all runs", "table", ".jp-RenderedHTMLCommon table"],
  ["// Trace the months back", "lineage", ".jp-RenderedHTMLCommon img"],
];
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

/** Every expected output is there, and the first card says what it should. */
async function check(page: Page, state: "executed" | "hit"): Promise<void> {
  for (const [line, what, selector] of EXPECTED) {
    const cell = cellOf(page, line);
    if (await cell.count() !== 1) fail(`There is no cell "${line}".`);
    await cell.locator(`.jp-OutputArea ${selector}`).first().waitFor({ timeout: 20_000 })
      .catch(async () =>
        fail(`The cell "${line}" shows no ${what} in JupyterLab, but: ${(await cell.locator(".jp-OutputArea").innerText()).slice(0, 500)}`)
      );
    console.log(`seen: ${what} under "${line}"`);
  }
  const said = await cellOf(page, "// Clean the days").locator(".jp-OutputArea").getByText(state, { exact: true }).count();
  if (said === 0) fail(`The card under "// Clean the days" was to say "${state}", and it does not.`);
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

/** JupyterLab with the notebook, from its start to its end: all cells run, looked at, and photographed. */
async function session(theme: string, state: "executed" | "hit", pictures: (page: Page) => Promise<void>): Promise<void> {
  await writeSettings(theme);
  await using lab = await Lab.start();
  const browser = await chromium.launch({ executablePath: await findChromium(), args: CHROMIUM_FLAGS });
  try {
    const page = await browser.newPage({ viewport: { width: 1100, height: 1000 } });
    await open(page, lab.url);
    await runAll(page);
    await check(page, state);
    await showAll(page);
    await pictures(page);
  } finally {
    await browser.close();
  }
}

async function main(): Promise<void> {
  if (Deno.build.os !== "linux") fail("This task installs and drives JupyterLab and Chromium on Linux only.");
  await findChromium();
  await installJupyterLab();
  await prepareFolder();
  await Deno.mkdir(IMAGES, { recursive: true });
  await session("JupyterLab Light", "executed", async (page) => {
    await picture(page, "quickstart-jupyterlab.png", "// Clean the days", "// Chart the months");
    await picture(page, "quickstart-jupyterlab-sweep.png", "// Tabulate the runs", "// Chart the runs");
  });
  // The same folder in a new kernel: every step is a hit.
  await session("JupyterLab Dark", "hit", async (page) => {
    await picture(page, "quickstart-jupyterlab-again.png", "// Clean the days", "// Summarise the months");
  });
}

if (import.meta.main) await main();
