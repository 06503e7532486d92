/** Notebooks in folders of their own, with their data, and no ledger; and what they have to show. */
import { dirname, join } from "@std/path";
import { type NotebookRun, readNotebook, runNotebook, writeNotebook } from "../../src/jupyter/mod.ts";
import { type DatasetName, DATASETS, prepareData } from "../../tools/datasets.ts";
import { type KernelName, KERNELS, MINUTE } from "../../tools/jupyterlab.ts";
import { NOTEBOOKS_FOLDER } from "../../tools/notebooks.ts";

const ROOT = join(import.meta.dirname!, "..", "..");

/** The cells of the guide's chapter on step cells, as a notebook. */
const STEP_CELLS = "step_cells_chapter";
/** The names of all notebooks. */
export const NOTEBOOKS: readonly string[] = [
  ...[...Deno.readDirSync(NOTEBOOKS_FOLDER)].map(({ name }) => name).filter((name) => name.endsWith(".ipynb")).map((name) =>
    name.slice(0, -".ipynb".length)
  ),
  STEP_CELLS,
].sort();

/** An empty folder below `deno.json`, so that notebooks in it find the library. */
export async function emptyFolder(name: string): Promise<string> {
  const folder = join(ROOT, ".cache", name);
  await Deno.remove(folder, { recursive: true }).catch(() => {}); // the first time there is none
  await Deno.mkdir(folder, { recursive: true });
  return folder;
}

/** Copies a notebook and all that it reads into a folder, for a kernel; gives its path. */
export async function copyNotebook(name: string, folder: string, kernel: KernelName): Promise<string> {
  const path = join(folder, `${name}.ipynb`);
  for (const dataset of Object.keys(DATASETS) as DatasetName[]) await prepareData(dataset, join(folder, "data"));
  await Deno.mkdir(join(folder, "programs"), { recursive: true });
  for await (const { name } of Deno.readDir(join(NOTEBOOKS_FOLDER, "programs"))) {
    await Deno.copyFile(join(NOTEBOOKS_FOLDER, "programs", name), join(folder, "programs", name));
  }
  if (name === STEP_CELLS) {
    await writeCells(path, await chapterCells(), kernel);
    return path;
  }
  const notebook = await readNotebook(join(NOTEBOOKS_FOLDER, `${name}.ipynb`));
  notebook.metadata.kernelspec = { name: kernel, display_name: KERNELS[kernel], language: "typescript" };
  await writeNotebook(path, notebook);
  return path;
}

async function chapterCells(): Promise<string[]> {
  const page = await Deno.readTextFile(join(ROOT, "docs", "guide", "step_cells.md"));
  return [...page.matchAll(/^```ts ignore\n([^]*?)\n```$/gm)].map(([, code]) => code!);
}

/** Writes a notebook of code cells for a kernel. */
export async function writeCells(path: string, sources: readonly string[], kernel: KernelName): Promise<void> {
  const cells = sources.map((source, at) => ({
    cell_type: "code" as const,
    id: `cell-${at}`,
    metadata: {},
    source,
    outputs: [],
    execution_count: null,
  }));
  const kernelspec = { name: kernel, display_name: KERNELS[kernel], language: "typescript" };
  await writeNotebook(path, { nbformat: 4, nbformat_minor: 5, metadata: { kernelspec }, cells });
}

/** A copy that no signature vouches for. */
export async function untrustedCopy(path: string): Promise<string> {
  const notebook = await readNotebook(path);
  const copy = path.replace(/\.ipynb$/, "-untrusted.ipynb");
  await writeNotebook(copy, { ...notebook, metadata: { ...notebook.metadata, copied: true } });
  return copy;
}

/** The notebook run twice by our own runner, in the kernel that it asks for: first with an empty ledger, then all hits. */
export async function runTwice(
  name: string,
  folder: string,
  { kernel, env = {} }: { readonly kernel: KernelName; readonly env?: Readonly<Record<string, string>> },
): Promise<readonly [first: NotebookRun, again: NotebookRun]> {
  const path = await copyNotebook(name, folder, kernel);
  const run = async () => {
    const report = await runNotebook(path, { env, cwd: dirname(path), timeout: 2 * MINUTE });
    if (report.failure !== undefined) throw report.failure;
    return report;
  };
  return [await run(), await run()];
}
