/** The notebooks of `notebooks/`: what each needs to run, and what of it stands in the documents. */
import { fromFileUrl, join } from "@std/path";
import { type DatasetName, prepareData } from "./datasets.ts";

/** The folder of the notebooks. */
export const NOTEBOOKS_FOLDER: string = fromFileUrl(new URL("../notebooks/", import.meta.url));

/** What is known of a notebook beside what stands in it. */
export interface NotebookEntry {
  /** The data that it reads. */
  readonly data: readonly DatasetName[];
  /** The cells between which the picture in the documents is taken, by their first lines. */
  readonly picture: readonly [from: string, to: string];
  /** Does it run containers? Then it needs an engine, and the image of `tools/tiny_image.sh`. */
  readonly containers?: boolean;
}

/** The tutorials by file name, in the order in which they are to be read. */
export const TUTORIALS = {
  multi_year_loop: {
    data: ["population.json"],
    picture: ["// A fifth fewer births from 2030 on", "// Trace the population of 2050 back"],
  },
  scenario_views: {
    data: ["seattle-weather.csv"],
    picture: ["// Add the emissions", "// Chart the months"],
  },
  monte_carlo: {
    data: ["weather.csv"],
    picture: ["// Chart the estimates", "// State the finding"],
  },
  step_cells: {
    data: ["co2-concentration.csv"],
    picture: ["//| step: errors", "//| step: figure"],
  },
  container: {
    data: ["seattle-weather.csv"],
    picture: ["// Simulate the weather as it was", "// Warm the weather"],
    containers: true,
  },
} as const satisfies { readonly [name: string]: NotebookEntry };

/** The name of a tutorial. */
export type TutorialName = keyof typeof TUTORIALS;

/** Where a notebook is. */
export function notebookPath(name: string): string {
  return join(NOTEBOOKS_FOLDER, `${name}.ipynb`);
}

/** A tutorial that can be run. */
export interface PreparedTutorial {
  /** Where it is. */
  readonly path: string;
  /** Variables of its kernel. */
  readonly env: { readonly [name: string]: string };
}

/** Puts a tutorial's data where it reads it, and builds the image that it needs; rejects where podman is not to be had. */
export async function prepareTutorial(name: TutorialName): Promise<PreparedTutorial> {
  const { data, containers = false }: NotebookEntry = TUTORIALS[name];
  for (const dataset of data) await prepareData(dataset);
  return { path: notebookPath(name), env: containers ? await prepareImage() : {} };
}

/** Builds the image; gives the settings under which podman finds it. */
async function prepareImage(): Promise<{ readonly [name: string]: string }> {
  const script = fromFileUrl(new URL("./tiny_image.sh", import.meta.url));
  let printed = "";
  for (const verb of ["install", "build"]) {
    const { success, stdout, stderr } = await new Deno.Command("bash", { args: [script, verb] }).output();
    if (!success) throw new Error(new TextDecoder().decode(stderr).trim());
    printed = new TextDecoder().decode(stdout);
  }
  return JSON.parse(printed.trim().split("\n").at(-1)!);
}
