/**
 * A real JupyterLab with Deno's kernel and ours, and a browser to look at it. Installs what it needs: JupyterLab from PyPI into
 * `.cache/jupyterlab`, and Chromium from Debian's packages where it is missing and we may. Linux only.
 */
import { dirname, join } from "@std/path";
import { exists } from "@std/fs";
import { type Browser, chromium } from "playwright-core";
import { installKernel } from "../src/jupyter/mod.ts";

const ROOT = join(import.meta.dirname!, "..");
const VENV = join(ROOT, ".cache", "jupyterlab");
const JUPYTERLAB = "jupyterlab==4.6.6";
/** What Chromium needs to draw the same everywhere, and to ask nothing of the network. */
const CHROMIUM_FLAGS: string[] = [
  "--no-sandbox",
  "--disable-gpu",
  "--disable-quic",
  "--no-first-run",
  "--disable-background-networking",
  "--disable-component-update",
  "--disable-sync",
  "--force-color-profile=srgb",
];
/** In milliseconds. */
export const MINUTE = 60_000;

/** The kernels that notebooks can ask for, by the names that Jupyter knows them by. */
export const KERNELS = { "deno": "Deno", "deno-consist": "Deno (Consist)" } as const;
/** The name of a kernel. */
export type KernelName = keyof typeof KERNELS;

/** Runs a program to its end; rejects with what it printed where it fails or takes too long. */
export async function execute(
  program: string,
  args: readonly string[],
  { timeout = 10 * MINUTE, ...options }: { timeout?: number; cwd?: string; env?: Record<string, string> } = {},
): Promise<string> {
  const signal = AbortSignal.timeout(timeout);
  const { success, stdout, stderr } = await new Deno.Command(program, {
    ...options,
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

/** A program of the virtual environment. */
export function jupyterProgram(name: string): string {
  return join(VENV, "bin", name);
}

/** JupyterLab in a virtual environment of its own, with both kernels for this Deno. */
export async function installJupyterLab(): Promise<void> {
  const mark = join(VENV, `.${JUPYTERLAB}`);
  if (!await exists(mark)) {
    console.log(`installing ${JUPYTERLAB} into .cache/jupyterlab`);
    await execute("python3", ["-m", "venv", VENV]);
    await execute(join(VENV, "bin", "pip"), ["install", "--quiet", JUPYTERLAB]);
    await Deno.writeTextFile(mark, "");
  }
  const kernel = join(VENV, "share", "jupyter", "kernels", "deno");
  const argv = [Deno.execPath(), "jupyter", "--kernel", "--conn", "{connection_file}"];
  await writeJson(join(kernel, "kernel.json"), { argv, display_name: KERNELS.deno, language: "typescript", interrupt_mode: "message" });
  await installKernel({ kind: "prefix", prefix: VENV });
  await writeSettings();
}

/** Settings of this JupyterLab: every cell is in the page, nothing is announced, nothing is saved behind our back. */
async function writeSettings(): Promise<void> {
  await writeJson(join(VENV, "share", "jupyter", "lab", "settings", "overrides.json"), {
    "@jupyterlab/notebook-extension:tracker": { windowingMode: "none" },
    "@jupyterlab/apputils-extension:notification": { fetchNews: "false", checkForUpdates: false, doNotDisturbMode: true },
    "@jupyterlab/apputils-extension:themes": { theme: "JupyterLab Light", "adaptive-theme": false },
    "@jupyterlab/docmanager-extension:plugin": { autosave: false },
  });
}

async function writeJson(path: string, value: unknown): Promise<void> {
  await Deno.mkdir(dirname(path), { recursive: true });
  await Deno.writeTextFile(path, JSON.stringify(value, null, 1));
}

/** The path of Chromium, which is installed where it is missing and we may. */
export async function findChromium(): Promise<string> {
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

/** A browser without a window, for one user after the other. */
export async function launchBrowser(): Promise<Browser> {
  return await chromium.launch({ executablePath: await findChromium(), args: CHROMIUM_FLAGS });
}

/** Where Jupyter's programs keep what is theirs: nothing of the user's own is read or written. */
export function jupyterEnv(folder: string): Record<string, string> {
  const own = join(folder, ".jupyter");
  return {
    JUPYTER_CONFIG_DIR: join(own, "config"),
    JUPYTER_DATA_DIR: join(own, "data"), // also the user's signatures, which make a notebook trusted
    JUPYTER_RUNTIME_DIR: join(own, "runtime"),
    JUPYTERLAB_SETTINGS_DIR: join(own, "settings"),
    JUPYTERLAB_WORKSPACES_DIR: join(own, "workspaces"),
  };
}

/** Ends the task. */
export function fail(message: string): never {
  throw new Error(message);
}

/** JupyterLab in a process group of its own, so that its end is the end of its kernels too. */
export class Lab implements AsyncDisposable {
  private constructor(
    private readonly port: number,
    private readonly token: string,
    private readonly process: Deno.ChildProcess,
    private readonly log: string,
  ) {}

  /** Starts it over a folder; its kernels have the variables too. */
  static async start(folder: string, variables: Readonly<Record<string, string>> = {}): Promise<Lab> {
    using probe = Deno.listen({ hostname: "127.0.0.1", port: 0 });
    const port = probe.addr.port;
    probe.close();
    const token = crypto.randomUUID();
    const log = join(folder, "jupyterlab.log");
    const env = { ...variables, ...jupyterEnv(folder), JUPYTER_TOKEN: token };
    const words = [
      "--no-browser",
      "--allow-root",
      "--expose-app-in-browser",
      `--ServerApp.port=${port}`,
      "--ServerApp.port_retries=0",
      `--ServerApp.root_dir=${folder}`,
    ];
    const line = [jupyterProgram("jupyter"), "lab", ...words].map((word) => `'${word}'`).join(" ");
    const args = ["--pdeathsig", "TERM", "sh", "-c", `exec ${line} > '${log}' 2>&1`];
    const process = new Deno.Command("setpriv", { args, env, cwd: folder, stdin: "null" }).spawn();
    const lab = new Lab(port, token, process, log);
    await lab.answers(`http://127.0.0.1:${port}/api/status?token=${token}`).catch(async (error) => {
      await lab[Symbol.asyncDispose]();
      throw error;
    });
    return lab;
  }

  /** Where a notebook of its folder opens, with nothing else on the page. */
  urlOf(notebook: string): string {
    return `http://127.0.0.1:${this.port}/lab/tree/${encodeURI(notebook)}?token=${this.token}&reset`;
  }

  private async answers(url: string): Promise<void> {
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
