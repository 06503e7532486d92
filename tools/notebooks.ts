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
}

/** The tutorials by file name, in the order in which they are to be read. */
export const TUTORIALS = {
  multi_year_loop: {
    data: ["population.json"],
    picture: ["// A fifth fewer births from 2030 on", "// Trace the population of 2050 back"],
  },
  scenario_views: {
    data: ["seattle-weather.csv"],
    picture: ["// Count what is shared", "// Chart the months"],
  },
} as const satisfies { readonly [name: string]: NotebookEntry };

/** The name of a tutorial. */
export type TutorialName = keyof typeof TUTORIALS;

/** Where a notebook is. */
export function notebookPath(name: string): string {
  return join(NOTEBOOKS_FOLDER, `${name}.ipynb`);
}

/** Puts a tutorial's data where it reads it; gives the tutorial's path. */
export async function prepareTutorial(name: TutorialName): Promise<string> {
  for (const dataset of TUTORIALS[name].data) await prepareData(dataset);
  return notebookPath(name);
}
