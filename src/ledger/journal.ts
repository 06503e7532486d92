/**
 * Runs that are on the disk before the ledger's file has their rows: a transaction takes ten times as long as a small file does. Whoever has
 * the ledger writes what others put there, be it that they were killed in between or that they do without the file.
 */
import { basename, dirname, join } from "@std/path";
import { crypto } from "../intrinsics.ts";
import { statOf } from "./file_size.ts";
import { refuseFullDisk } from "./free_space.ts";
import type { RunRow } from "./runs.ts";
import { beginningText, snapshotPath } from "./snapshot.ts";
import { linkIfPossible, type PreparedFile, removeIfPossible, writeWholeAtOnce } from "./whole_file.ts";

/** How the names of runs end that had only begun. */
const BEGINNING = ".begun.json";

/**
 * The folder beside a ledger with snapshots of runs that its file does not have yet, as this process sees it. Each process has a folder of its
 * own in it: who looks for what others put there does not go through all that is one's own.
 */
export class Journal {
  readonly #path: string;
  readonly #folder: string;
  readonly #home: string;
  /** What this process tried to write for others in vain since the file was opened. */
  readonly #refused = new Set<string>();
  #seen = "";
  #changes = 0;

  constructor(ledgerPath: string) {
    this.#path = ledgerPath;
    this.#folder = `${ledgerPath}.journal`;
    this.#home = join(this.#folder, crypto.randomUUID());
  }

  /** Keeps a run's snapshot; on the disk when it resolves, with the name that it has here. None where it cannot be kept. */
  async keep(snapshot: Promise<PreparedFile>): Promise<string | undefined> {
    try {
      const prepared = await snapshot;
      const entry = join(this.#home, basename(prepared.path));
      return await this.#kept(entry, () => prepared.keepAs(entry));
    } catch {
      return undefined; // the snapshot's own failure is told by whoever made it
    }
  }

  /** Keeps a run that begins, as `keep` does one that has ended. */
  async keepBeginning(run: RunRow): Promise<string | undefined> {
    const entry = this.#beginningOf(run.id);
    return await this.#kept(entry, () => writeWholeAtOnce(entry, beginningText(run)));
  }

  async #kept(entry: string, write: () => Promise<void> | void): Promise<string | undefined> {
    try {
      refuseFullDisk(this.#path);
      if (statOf(this.#home) === undefined) Deno.mkdirSync(this.#home, { recursive: true });
      await write();
      return entry;
    } catch {
      removeIfPossible(entry);
      return undefined; // the ledger takes it, or tells what is wrong with the disk
    }
  }

  #beginningOf(runId: string): string {
    return join(this.#home, basename(snapshotPath("", runId)).replace(/\.json$/, BEGINNING));
  }

  /** Is it still to be written? Another process may have opened the ledger since, and have done it. */
  has(path: string): boolean {
    return statOf(path) !== undefined;
  }

  /** Forgets what the ledger has now. One that stays for any reason is found to be there already by whoever opens the ledger next. */
  forget(paths: readonly string[]): void {
    for (const path of paths) removeIfPossible(path);
    const folders = new Set(paths.map(dirname));
    folders.delete(this.#home);
    for (const folder of folders) removeIfPossible(folder); // where nothing is left in it
  }

  /** Forgets that a run began, which has ended. */
  forgetBeginning(runId: string): void {
    removeIfPossible(this.#beginningOf(runId));
  }

  /** What others put here, but what was refused. */
  ofOthers(): string[] {
    const folders = namesIn(this.#folder).map((name) => join(this.#folder, name)).filter((folder) => folder !== this.#home);
    return folders.flatMap((folder) => {
      const names = namesIn(folder).filter((name) => name.endsWith(".json") && !name.startsWith("."));
      return names.map((name) => join(folder, name)).filter((path) => !this.#refused.has(path)).sort();
    });
  }

  /** The runs of others that have ended: who looks for a run has to find them. */
  endedOfOthers(): string[] {
    return this.ofOthers().filter((path) => !path.endsWith(BEGINNING));
  }

  /** A number that grows whenever others put a run here since it was last asked for, or one of theirs went. */
  changes(): number {
    const seen = this.ofOthers().join("\n");
    if (seen !== this.#seen) this.#changes++;
    this.#seen = seen;
    return this.#changes;
  }

  /** These cannot be written now, and are not tried again before `tryAgain`. */
  refuse(paths: readonly string[]): void {
    for (const path of paths) this.#refused.add(path);
  }

  /** What was refused may be written now. */
  tryAgain(): void {
    this.#refused.clear();
  }

  /**
   * Gives a run's snapshot its name where a kill came before that. Where the folder of runs was moved the ledger has the run all the same, and
   * `consist db snapshot` writes what lacks.
   */
  publish(entry: string, runId: string, runDir: unknown): void {
    if (!entry.endsWith(BEGINNING) && typeof runDir === "string") linkIfPossible(entry, snapshotPath(runDir, runId));
  }

  /** Gives files that cannot be read another name, so that nobody tries again; gives their names. */
  putAside(paths: readonly string[]): string[] {
    return paths.map((path) => {
      const aside = `${path}.unreadable`;
      try {
        Deno.renameSync(path, aside);
        return aside;
      } catch {
        return path; // it is told again the next time
      }
    });
  }

  /** Takes the folders away where nothing is in them. */
  end(): void {
    removeIfPossible(this.#home);
    removeIfPossible(this.#folder);
  }
}

/** What is in a folder; nothing where there is none, or where it is closed to us. */
function namesIn(folder: string): string[] {
  try {
    return [...Deno.readDirSync(folder)].map(({ name }) => name);
  } catch {
    return [];
  }
}

/** Has the ledger at a path runs in its journal? Its file may not have been made yet, where a process has just begun with its first step. */
export const hasJournal = (ledgerPath: string): boolean => new Journal(ledgerPath).ofOthers().length > 0;
