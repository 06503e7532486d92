/** Which files a piece of work made in a folder: a look before, a look after, the difference. */
import { basename, extname, join, resolve } from "@std/path";
import { OutputError } from "../errors.ts";
import { JSON } from "../intrinsics.ts";
import { digestFile, forEach, isMissing } from "./digest.ts";
import { DigestMemo, type FileStat, sameState, SETTLED_MS } from "./digest_memo.ts";
import { type Glob, readGlob } from "./glob.ts";
import { isAside } from "./publish.ts";
import { storageError } from "./storage_errors.ts";

/** Which files of the folder count. */
export interface CaptureOptions {
  /** Of file names; with a slash in it of paths from the folder. @default "*" */
  readonly pattern?: string;
  /** Also files in folders below. @default false */
  readonly recursive?: boolean;
}

/** A file at one moment. */
export interface FileState extends FileStat {
  /** Its digest, where the file is so fresh that a change might leave no other trace. */
  readonly digest?: string;
}

/** The files of a folder at one moment. */
export interface FolderSnapshot {
  /** The folder, absolute. */
  readonly dir: string;
  /** Absolute path → state. */
  readonly files: ReadonlyMap<string, FileState>;
}

/** A file that was made or changed. */
export interface CapturedFile {
  /** Its name without the last extension. */
  readonly key: string;
  /** Absolute path. */
  readonly path: string;
}

/** Looks at a folder before the work; it is made where it is missing. */
export async function snapshotFolder(dir: string, options: CaptureOptions = {}): Promise<FolderSnapshot> {
  const root = resolve(dir);
  await Deno.mkdir(root, { recursive: true }).catch((error: unknown) => {
    throw storageError(root, error);
  });
  const files = new Map<string, FileState>();
  await forEach([...await statesOf(root, options)], async ([path, state]) => void files.set(path, await remembered(path, state)));
  return { dir: root, files };
}

/** A file before the work; `undefined` where there is none. */
export async function snapshotFile(path: string): Promise<FileState | undefined> {
  const state = await stateOf(path);
  return state === undefined ? undefined : await remembered(path, state);
}

/** Is there a file now that was not there, or was another one, before the work? */
export async function isWritten(path: string, before: FileState | undefined): Promise<boolean> {
  const state = await stateOf(path);
  return state !== undefined && (before === undefined || await isChanged(path, before, state));
}

async function remembered(path: string, state: FileStat): Promise<FileState> {
  const isFresh = Date.now() - Math.max(state.mtimeMs, state.ctimeMs ?? state.mtimeMs) < SETTLED_MS;
  return isFresh ? { ...state, digest: await digestFile(path, new DigestMemo()) } : state;
}

/**
 * The files that are new or changed since the snapshot, sorted by path.
 *
 * @throws {OutputError} `output_mismatch` where two of them have the same key
 */
export async function capturedSince(before: FolderSnapshot, options: CaptureOptions = {}): Promise<CapturedFile[]> {
  const files: CapturedFile[] = [];
  await forEach(await statesOf(before.dir, options), async ([path, state]) => {
    const earlier = before.files.get(path);
    if (!earlier || await isChanged(path, earlier, state)) files.push({ key: keyOf(path), path });
  });
  files.sort((one, other) => one.path < other.path ? -1 : 1);
  refuseCollisions(before.dir, files);
  return files;
}

async function isChanged(path: string, before: FileState, after: FileStat): Promise<boolean> {
  if (!sameState(before, after)) return true;
  return before.digest !== undefined && before.digest !== await digestFile(path, new DigestMemo());
}

/** `results` of `results.csv`, `.env` of `.env`. */
function keyOf(path: string): string {
  return basename(path, extname(path));
}

function refuseCollisions(dir: string, files: readonly CapturedFile[]): void {
  const byKey = Map.groupBy(files, ({ key }) => key);
  const collision = [...byKey].find(([, same]) => same.length > 1);
  if (!collision) return;
  const [key, same] = collision;
  throw new OutputError("output_mismatch", {
    problem: `Cannot capture the outputs in ${JSON.stringify(dir)}.`,
    why: `These files would share the key ${JSON.stringify(key)}: ${same.map(({ path }) => JSON.stringify(path)).join(", ")}.`,
    fix: "Narrow the pattern, or log the files one by one with keys of their own.",
    path: dir,
  });
}

async function statesOf(root: string, { pattern = "*", recursive = false }: CaptureOptions): Promise<Map<string, FileStat>> {
  const states = new Map<string, FileStat>();
  const paths = await Array.fromAsync(filesBelow(root, "", { glob: readGlob(pattern), wholePath: pattern.includes("/"), recursive }));
  await forEach(paths, async (path) => {
    const state = await stateOf(path);
    if (state !== undefined) states.set(path, state);
  });
  return states;
}

async function stateOf(path: string): Promise<FileStat | undefined> {
  const state = await new DigestMemo().stat(path).catch((error: unknown) => {
    if (isMissing(error)) return undefined; // removed meanwhile, or a link to nothing
    throw storageError(path, error);
  });
  return state?.isFile ? state : undefined;
}

interface Selection {
  readonly glob: Glob;
  readonly wholePath: boolean;
  readonly recursive: boolean;
}

async function* filesBelow(folder: string, prefix: string, selection: Selection): AsyncGenerator<string> {
  for (const entry of await Array.fromAsync(Deno.readDir(folder))) {
    const path = join(folder, entry.name);
    if (entry.isDirectory) {
      if (selection.recursive || selection.wholePath) yield* filesBelow(path, `${prefix}${entry.name}/`, selection);
    } else if (!isAside(entry.name) && selection.glob.matches(selection.wholePath ? prefix + entry.name : entry.name)) yield path;
  }
}
