/** The real data of the notebooks in `notebooks/`, from the npm package `vega-datasets` (BSD-3-Clause), fetched when it is wanted. */
import { createRequire } from "node:module";
import { join } from "@std/path";
import { publish } from "../src/artifacts/mod.ts";

/** The package that ships the files, and where: beside the folder of its main module. */
const PACKAGE = { name: "vega-datasets", version: "3.2.1", folder: "../data" } as const;

/** Where the notebooks read their data. */
export const DATA_FOLDER: string = join(import.meta.dirname!, "..", "notebooks", "data");

/** A file of the package, with the SHA-256 of its content. */
interface Dataset {
  readonly about: string;
  readonly sha256: string;
}

/** The files by name. */
export const DATASETS = {
  "seattle-weather.csv": {
    about: "daily weather in Seattle, 2012 to 2015, observed by NOAA",
    sha256: "0845078a290b48e3149ab8639966824110a251db4e06fc144c06ebb534af23be",
  },
  "weather.csv": {
    about: "daily weather in Seattle and New York, 2012 to 2015, observed by NOAA",
    sha256: "27219f1ca8dbd94c9b6f4b9f4f52ab2f1eb33dfdcf719cd9fc6481ed50b74549",
  },
  "population.json": {
    about: "people in the United States by age and sex, censuses of 1850 to 2000, sampled by IPUMS",
    sha256: "6fb13672c09b115c6b76322b13f43ab0a92a2813621370c355f15808be402597",
  },
  "co2-concentration.csv": {
    about: "carbon dioxide over Mauna Loa by month, 1958 to 2020, measured by the Scripps Institution of Oceanography",
    sha256: "c1a4a970864145940a28225cae288618b156cb32f9a2a1b6606ba7124134febb",
  },
} as const satisfies { readonly [file: string]: Dataset };

/** The name of a file. */
export type DatasetName = keyof typeof DATASETS;

/** Puts a file where the notebooks read it, unless it is there already and intact. */
export async function prepareData(name: DatasetName, folder: string = DATA_FOLDER): Promise<"kept" | "fetched"> {
  const { sha256 } = DATASETS[name];
  const target = join(folder, name);
  if (await hashOf(target) === sha256) return "kept";
  await import("vega-datasets"); // has Deno fetch the package, or find it in its cache
  const main = createRequire(import.meta.url).resolve(PACKAGE.name);
  const { hash } = await publish(target, (temporary) => Deno.copyFile(join(main, "..", PACKAGE.folder, name), temporary));
  if (hash !== sha256) throw new Error(`${PACKAGE.name} ${PACKAGE.version} holds another ${name} than expected: its SHA-256 is ${hash}.`);
  return "fetched";
}

/** Where a file comes from, in a line. */
export function sourceOf(name: DatasetName): string {
  return `${DATASETS[name].about}, from ${PACKAGE.name} ${PACKAGE.version}`;
}

async function hashOf(path: string): Promise<string | undefined> {
  try {
    return new Uint8Array(await crypto.subtle.digest("SHA-256", await Deno.readFile(path))).toHex();
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return undefined;
    throw error;
  }
}
