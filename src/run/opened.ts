/** Files that a step's process was seen to open: what the step did not declare is an implicit input of it, as if it had said so. */
import { basename, dirname, extname, fromFileUrl, isAbsolute, join, relative, resolve, toFileUrl } from "@std/path";
import { JSON } from "../intrinsics.ts";
import { isGlob } from "../artifacts/mod.ts";
import { ConsistError } from "../errors.ts";
import { originOf } from "../identity/mod.ts";
import type { ActiveRun } from "./active_run.ts";
import { keyOfName } from "./keys.ts";
import { resolveInputs } from "./resolve_inputs.ts";

/** Something that was opened, or only looked at. */
export interface Opened {
  /** Its path as it was given, or its `file:` URL. */
  readonly path: string;
  /** Was it removed, or put in another one's place? Then nobody opened it. */
  readonly isMoved: boolean;
}

/** How a body is looked at. */
export interface WatchOptions {
  /** When the body began, in milliseconds since 1970. */
  readonly since: number;
  /** Does the user say which files count? Then to look into a folder raises no doubt. */
  readonly tellsFiles: boolean;
}

/** A clock of files may lag behind by so much. */
const LAG_MS = 20;
/** So many files are listed one by one; more of them are one input. */
const MOST_SINGLE = 20;
/** What the machine tells of itself: it is no file of anybody's. */
const OF_THE_SYSTEM = /^\/(?:proc|sys|dev)(?:\/|$)/;

/** Notes what was opened while a body executed: files with their content, everything else as a doubt. */
export async function noteOpened(run: ActiveRun, opened: readonly Opened[], options: WatchOptions): Promise<void> {
  await run.implicit.settled();
  const watch = new Watch(run, options);
  const files: string[] = [];
  for (const { path, isMoved } of opened) {
    const written = path.startsWith("file:") ? fromFileUrl(path) : path;
    if (await watch.isReadFile(written, isMoved)) files.push(written);
  }
  if (files.length > MOST_SINGLE) await noteRead(run, files);
  else for (const file of files) await noteRead(run, file);
}

/** Decides what each of them is. */
class Watch {
  readonly #run: ActiveRun;
  readonly #options: WatchOptions;
  readonly #seen = new Set<string>();
  /** Files and folders that count already. */
  readonly #known = new Set<string>();
  readonly #folders: string[] = [];
  readonly #cwd = Deno.cwd();
  readonly #temp = dirname(tempPath());

  constructor(run: ActiveRun, options: WatchOptions) {
    this.#run = run;
    this.#options = options;
    const { inputs, dependencies } = run.request;
    const read = run.implicit.all.flatMap(({ input, artifact }) => [input, artifact]);
    for (const each of [...inputs, ...dependencies, ...read]) {
      if (each === undefined) continue;
      for (const path of [each.path, ..."files" in each ? each.files ?? [] : []]) if (path !== undefined) this.#known.add(resolve(path));
      if ("kind" in each && each.kind === "folder") this.#folders.push(resolve(each.path!));
    }
  }

  /** Is it a file that was read and does not count so far? */
  async isReadFile(written: string, isMoved: boolean): Promise<boolean> {
    const path = resolve(this.#cwd, written);
    if (this.#seen.has(path) || this.#isNobodys(path)) return false;
    this.#seen.add(path);
    const found = await statOf(path);
    if (isBelow(path, this.#run.services.runDir)) return this.#isOfAnotherRun(path, found);
    if (isMoved && !this.#isTemporary(path)) this.#doubt(`it removes or renames ${JSON.stringify(written)}, which a hit would not do`);
    if (found === undefined) return !isMoved && !this.#isTemporary(path); // that nothing is there is an answer too
    if (found.isDirectory) return this.#isFolder(path, written);
    if (this.#isChanged(found)) {
      if (!this.#isTemporary(path) || !isSince(found.birthtime, this.#options.since)) {
        this.#doubt(`it writes ${JSON.stringify(written)}, or that changed while it ran: a hit would not do that`);
      }
      return false;
    }
    return !this.#known.has(path);
  }

  /** A file of another run that the step read by its path. What our own code does there meanwhile is none of the step's. */
  #isOfAnotherRun(path: string, found: Deno.FileInfo | undefined): boolean {
    const own = ["claims", "fetched"].some((folder) => isBelow(path, join(this.#run.services.runDir, folder)));
    return !own && found?.isFile === true && !this.#isChanged(found) && !this.#known.has(path) && !isBelow(path, this.#run.dir);
  }

  #isFolder(path: string, written: string): false {
    if (!this.#options.tellsFiles && path !== this.#temp && !this.#known.has(path) && !this.#isTemporary(path)) {
      this.#doubt(
        `it looks into the folder ${JSON.stringify(written)}, and nothing tells which of its files count: list them (//| inputs: …)`,
      );
    }
    return false;
  }

  #doubt(words: string): void {
    this.#run.implicit.doubts.add(words);
  }

  /** Ours, a package's, or the machine's. */
  #isNobodys(path: string): boolean {
    const { ledger } = this.#run.services;
    if (
      OF_THE_SYSTEM.test(path) || path === ledger.path || path.startsWith(`${ledger.path}.`) ||
      isBelow(path, join(dirname(ledger.path), "consist_runs"))
    ) return true;
    if (this.#folders.some((folder) => isBelow(path, folder))) return true;
    return originOf(toFileUrl(path).href).kind !== "user";
  }

  #isTemporary(path: string): boolean {
    return isBelow(path, this.#temp) && !isBelow(path, this.#cwd);
  }

  #isChanged({ mtime, ctime }: Deno.FileInfo): boolean {
    return isSince(mtime, this.#options.since) || isSince(ctime, this.#options.since, true);
  }
}

/** Is a time stamp of this moment or later? One without milliseconds may be as much later as they would say. One of the future tells nothing. */
function isSince(time: Date | null, since: number, isCoarse = false): boolean {
  if (time === null || time.getTime() > Date.now() + LAG_MS) return false;
  const wholeSeconds = time.getTime() % 1000 === 0;
  if (isCoarse && wholeSeconds) return time.getTime() >= since; // Deno gives whole seconds: only what is surely later counts
  return time.getTime() + (wholeSeconds ? 999 : 0) >= since - LAG_MS;
}

function isBelow(path: string, folder: string): boolean {
  const below = relative(folder, path);
  return below === "" || (!/^\.\.(?:[/\\]|$)/.test(below) && !isAbsolute(below));
}

/** A path as a temporary file's is. */
function tempPath(): string {
  const folder = Deno.build.os === "windows" ? Deno.env.get("TEMP") ?? Deno.env.get("TMP") : Deno.env.get("TMPDIR");
  return join(resolve(folder === undefined || folder === "" ? "/tmp" : folder), "file");
}

async function statOf(path: string): Promise<Deno.FileInfo | undefined> {
  try {
    return await Deno.stat(path);
  } catch {
    return undefined; // not there, or nothing that can be looked at: the step could not read it either
  }
}

/** Notes a file, or a list of them, with its present content. */
async function noteRead(run: ActiveRun, path: string | readonly string[]): Promise<void> {
  const first = typeof path === "string" ? path : path[0]!;
  const key = keyOfName(basename(first, extname(first)));
  try {
    const [input] = await resolveInputs({ [key]: path }, "loaded", run.request.name, {}, run.services);
    run.implicit.path(path, input!);
  } catch (error) {
    if (!(error instanceof ConsistError)) throw error;
    if (error.code === "input_missing" && !isGlob(first)) run.implicit.nothingAt(path, key);
    else run.implicit.doubts.add(`it reads ${JSON.stringify(first)}, whose content cannot be told (${error.problem})`);
  }
}
