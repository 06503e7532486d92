/** A notebook that is open in JupyterLab: run as a user does, and looked at as a user sees it. */
import type { BrowserContext, Page } from "playwright-core";
import type { Output } from "../src/jupyter/mod.ts";
import { illegibleTexts, overflowing, shownCells, undrawn } from "./in_page.js";
import { MINUTE } from "./jupyterlab.ts";

/** The themes of JupyterLab. */
export type Theme = "light" | "dark";
/** A code cell on the page. */
export interface ShownCell {
  /** Its id in the notebook. */
  readonly id: string;
  /** Its code. */
  readonly source: string;
  /** Does JupyterLab trust its outputs? */
  readonly isTrusted: boolean;
  /** The outputs that the notebook holds for it. */
  readonly held: readonly Output[];
  /** The kinds of the outputs that stand under it, in order. */
  readonly kinds: readonly string[];
}

const WIDGET = "window.jupyterapp.shell.currentWidget";

/** A notebook's page. */
export class LabPage implements AsyncDisposable {
  private constructor(readonly page: Page) {}

  /** Opens a notebook alone on a page of its own, and waits for its kernel where it is to be run. */
  static async open(context: BrowserContext, url: string, { kernel }: { kernel: boolean }): Promise<LabPage> {
    const page = await context.newPage();
    page.setDefaultTimeout(MINUTE);
    await page.goto(url);
    await page.waitForSelector(".jp-Notebook .jp-CodeCell");
    await page.waitForFunction(`${WIDGET}?.context?.isReady && ${WIDGET}.content.widgets.length > 0`);
    const shown = new LabPage(page);
    if (kernel) await shown.#kernelIsThere();
    await shown.#command("application:toggle-mode");
    await shown.#command("application:toggle-left-area");
    return shown;
  }

  async #kernelIsThere(): Promise<void> {
    // Only then is a kernel chosen; a command that comes earlier has JupyterLab ask for one.
    await this.page.evaluate(`${WIDGET}.sessionContext.ready`);
    await this.page.waitForFunction(`${WIDGET}.sessionContext.session?.kernel?.status === "idle"`);
  }

  /** The name of the kernel that it has. */
  async kernelName(): Promise<string> {
    return await this.page.evaluate(`${WIDGET}.sessionContext.session.kernel.name`);
  }

  /** Shows the page in a theme. */
  async show(theme: Theme): Promise<void> {
    const isLight = theme === "light";
    if (await this.page.evaluate(`document.body.dataset.jpThemeLight === "${isLight}"`)) return;
    await this.#command("apputils:change-theme", { theme: isLight ? "JupyterLab Light" : "JupyterLab Dark" });
    // JupyterLab hides the page behind its logo meanwhile.
    await this.page.waitForFunction(
      `document.body.dataset.jpThemeLight === "${isLight}" && document.getElementById("jupyterlab-splash") === null`,
    );
  }

  /** Runs all cells; rejects with the first error that a cell shows. */
  async runAll(timeout: number = 3 * MINUTE): Promise<void> {
    const done = this.page.evaluate(`window.jupyterapp.commands.execute("notebook:run-all-cells").then(() => true)`);
    const late = Promise.withResolvers<never>();
    const timer = setTimeout(() => late.reject(new Error(`The cells were not done within ${timeout / 1000} s.`)), timeout);
    await Promise.race([done, late.promise]).finally(() => clearTimeout(timer));
    for (const { held } of await this.cells()) {
      for (const output of held) if (output.output_type === "error") throw new Error(`A cell failed: ${output.traceback.join("\n")}`);
    }
  }

  /** Waits until all that the notebook holds is drawn. */
  async drawn(timeout = 20_000): Promise<void> {
    await this.page.waitForFunction(`(${undrawn})().length === 0`, null, { timeout }).catch(async (cause) => {
      throw new Error(`Not drawn within ${timeout / 1000} s: ${(await this.page.evaluate<string[]>(`(${undrawn})()`)).join("; ")}.`, {
        cause,
      });
    });
  }

  /** What stands under the code cells. */
  async cells(): Promise<ShownCell[]> {
    return await this.page.evaluate<ShownCell[]>(`(${shownCells})()`);
  }

  /** The text of all outputs under each code cell. */
  async outputTexts(): Promise<string[]> {
    return await this.page.evaluate(
      `[...document.querySelectorAll(".jp-CodeCell")].map((cell) => cell.querySelector(".jp-Cell-outputWrapper").textContent)`,
    );
  }

  /** Texts that are hard to read: their contrast is below the bound of text, or of text in charts. */
  async illegible(
    bounds: { readonly text: number; readonly chart: number },
  ): Promise<{ readonly text: string; readonly contrast: number }[]> {
    return await this.page.evaluate(`(${illegibleTexts})(${JSON.stringify(bounds)})`);
  }

  /** Outputs that are wider than their place. */
  async overflowing(): Promise<string[]> {
    return await this.page.evaluate(`(${overflowing})()`);
  }

  /** Replaces texts in the code of one of the code cells. */
  async edit(at: number, changes: readonly (readonly [from: string, to: string])[]): Promise<void> {
    const { source } = (await this.cells())[at]!;
    const edited = changes.reduce((code, [from, to]) => {
      if (!code.includes(from)) throw new Error(`There is no "${from}" in the cell: ${code}`);
      return code.replace(from, to);
    }, source);
    const cell = `${WIDGET}.content.widgets.filter(({ model }) => model.type === "code")[${at}]`;
    await this.page.evaluate(`${cell}.model.sharedModel.setSource(${JSON.stringify(edited)})`);
  }

  /** Writes the notebook with its outputs into its file. */
  async save(): Promise<void> {
    await this.page.evaluate(`window.jupyterapp.commands.execute("docmanager:save").then(() => true)`);
    await this.page.waitForFunction(`!${WIDGET}.context.model.dirty`);
  }

  /** Ends its kernel, so that the next one does not wait for it. */
  async endKernel(): Promise<void> {
    await this.page.evaluate(`${WIDGET}.sessionContext.shutdown()`);
  }

  async #command(name: string, args: Record<string, string> = {}): Promise<void> {
    await this.page.evaluate(`window.jupyterapp.commands.execute(${JSON.stringify(name)}, ${JSON.stringify(args)}).then(() => true)`);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.page.close();
  }
}
