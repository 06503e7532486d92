/** Where an executed notebook is written: seen to be possible before the notebook runs, and never over what somebody saved meanwhile. */
import { exists } from "@std/fs";
import { dirname, join, resolve } from "@std/path";
import { publish } from "../artifacts/mod.ts";
import { NotebookError } from "../errors.ts";
import { type Notebook, readNotebookText, writeNotebook } from "./notebook_file.ts";

/** What became of the writing. */
export interface Written {
  /** Where it was written. */
  readonly path: string;
  /** Why it is not where it was to be. */
  readonly failure?: NotebookError;
}
/** A place for an executed notebook. */
export interface Target {
  /** Where it is to be. */
  readonly path: string;
  /** Is there a file already? */
  readonly isThere: boolean;
  /** Where it is as far as it is executed: in its place, or beside the notebook that is run, which stays as it is until the end. */
  readonly meanwhile: string;
  /** Writes it as far as it is executed. */
  readonly keep: (notebook: Notebook) => Promise<void>;
  /** Writes it as a whole. */
  readonly write: (notebook: Notebook) => Promise<Written>;
}

/**
 * The place for the executed notebook.
 *
 * @param output where it is to be
 * @param source the notebook that is run
 * @param text what the notebook was when it was read
 * @throws {LedgerError} `storage_failed` where nothing can be written there
 */
export async function targetOf(output: string, source: string, text: string): Promise<Target> {
  const path = resolve(output);
  await probe(dirname(await real(path)));
  if (await real(path) === await real(source)) return inPlace(path, source, text);
  const write = async (notebook: Notebook) => (await writeNotebook(path, notebook), { path });
  return { path, isThere: await exists(path), meanwhile: path, keep: async (notebook) => void await write(notebook), write };
}

/** The notebook itself. What was executed before it ended stands beside it, and goes when it is whole. */
function inPlace(path: string, source: string, text: string): Target {
  const meanwhile = source.replace(/(\.ipynb)?$/, ".unfinished.ipynb");
  let isKept = false;
  return {
    path,
    isThere: true,
    meanwhile,
    keep: async (notebook) => {
      await writeNotebook(meanwhile, notebook);
      isKept = true;
    },
    write: async (notebook) => {
      const written = await isSame(source, text) ? (await writeNotebook(path, notebook), { path }) : await aside(source, notebook);
      if (isKept) await Deno.remove(meanwhile).catch(() => {}); // somebody else removed it
      return written;
    },
  };
}

/** Hours of work shall not end with a folder that is read-only. */
async function probe(folder: string): Promise<void> {
  const probed = join(folder, `probe.${crypto.randomUUID().slice(0, 8)}.tmp`);
  await publish(probed, (temporary) => Deno.writeTextFile(temporary, ""));
  await Deno.remove(probed);
}

const real = (path: string) => Deno.realPath(path).catch(() => path); // what is not there yet is where it says

async function isSame(source: string, text: string): Promise<boolean> {
  try {
    return await readNotebookText(source) === text;
  } catch {
    return false; // it was removed or replaced meanwhile: what it is now is left as it is
  }
}

async function aside(source: string, notebook: Notebook): Promise<Written> {
  const path = source.replace(/(\.ipynb)?$/, ".executed.ipynb");
  await writeNotebook(path, notebook);
  const failure = new NotebookError("notebook_failed", {
    problem: `The executed notebook was not written to ${JSON.stringify(source)}.`,
    why: "The file was saved by somebody else while the notebook ran, and that would have been lost.",
    fix: `The executed notebook is ${JSON.stringify(path)}; run the notebook again to have its new cells executed.`,
    path: source,
  });
  return { path, failure };
}
