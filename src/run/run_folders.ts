/** The folders of runs on the disk: what they take, and how they are removed. No link is ever followed. */
import { join } from "@std/path";
import { safeName } from "../artifacts/mod.ts";

/** What a folder has. */
export interface FolderSize {
  /** Bytes of its files. */
  readonly bytes: number;
  /** How many files there are. */
  readonly files: number;
}

/** The folders below `outputs`. */
export interface RunFolders {
  /** `<step>/<run>` → what it has. */
  readonly sizes: ReadonlyMap<string, FolderSize>;
  /** What lies beside the folders of runs, as `<step>/<name>` or `<name>`. Links are named and not looked into. */
  readonly others: ReadonlyMap<string, FolderSize>;
}

/** Work gives way to others after so many milliseconds. */
const STRETCH_MS = 30;

/** Name of the folder of a run, below `outputs`. */
export function folderOfRun({ step, id }: { readonly step: string; readonly id: string }): string {
  return `${safeName(step)}/${safeName(id)}`;
}

/** The folder of one run, which no other run has. */
export function runFolder({ runDir }: { readonly runDir: string }, { name }: { readonly name: string }, id: string): string {
  return join(outputsOf(runDir), folderOfRun({ step: name, id }));
}

const outputsOf = (runDir: string): string => join(runDir, "outputs");

/** Looks at all folders of runs. */
export async function runFolders(runDir: string): Promise<RunFolders> {
  const [sizes, others] = [new Map<string, FolderSize>(), new Map<string, FolderSize>()];
  const root = outputsOf(runDir);
  if (!isFolder(root)) return { sizes, others };
  let since = performance.now();
  for (const step of entriesOf(root)) {
    if (!step.isDirectory) {
      others.set(step.name, sizeOf(join(root, step.name)));
      continue;
    }
    for (const run of entriesOf(join(root, step.name))) {
      (run.isDirectory ? sizes : others).set(`${step.name}/${run.name}`, sizeOf(join(root, step.name, run.name)));
      if (performance.now() - since > STRETCH_MS) {
        await new Promise((resolve) => setTimeout(resolve));
        since = performance.now();
      }
    }
  }
  return { sizes, others };
}

/** A folder that another process removes at this moment is empty. */
function entriesOf(path: string): Deno.DirEntry[] {
  try {
    return [...Deno.readDirSync(path)];
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return [];
    throw error;
  }
}

function sizeOf(path: string): FolderSize {
  const stat = statOf(path);
  if (stat === undefined) return { bytes: 0, files: 0 };
  if (!stat.isDirectory) return { bytes: stat.size, files: 1 };
  const inside = entriesOf(path).map(({ name }) => sizeOf(join(path, name)));
  return { bytes: inside.reduce((sum, { bytes }) => sum + bytes, 0), files: inside.reduce((sum, { files }) => sum + files, 0) };
}

function statOf(path: string): Deno.FileInfo | undefined {
  try {
    return Deno.lstatSync(path);
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return undefined;
    throw error;
  }
}

/** Is there a folder itself, not a link to one? */
const isFolder = (path: string): boolean => statOf(path)?.isDirectory === true;

/**
 * Removes the folder of a run with all that is in it. Links inside are removed, not what they lead to; where a link leads to the folder nothing
 * is removed.
 *
 * @throws {Error} where the system refuses
 */
export function removeRunFolder(runDir: string, folder: string): void {
  const [step, run, ...more] = folder.split("/") as [string, string];
  if (!run || more.length > 0) throw new TypeError(`"${folder}" is no folder of a run`);
  const [root, above] = [outputsOf(runDir), join(outputsOf(runDir), step)];
  if (![root, above, join(above, run)].every(isFolder)) return;
  try {
    Deno.removeSync(join(above, run), { recursive: true });
  } catch (error) {
    if (!(error instanceof Deno.errors.NotFound)) throw error; // somebody else removes it at the same time
  }
}

/** Removes the folders of the steps of these runs where nothing is left in them: once for many runs, since the system looks for it each time. */
export function removeEmptySteps(runDir: string, folders: readonly string[]): void {
  const root = outputsOf(runDir);
  if (!isFolder(root)) return;
  for (const step of new Set(folders.map((folder) => folder.split("/")[0]!))) {
    if (!isFolder(join(root, step))) continue; // a link, or a file of that name
    try {
      Deno.removeSync(join(root, step));
    } catch {
      // other runs of the step have their folders there, or somebody has just removed it
    }
  }
}
