/**
 * Runs that are on the disk before the ledger's file has their rows: a transaction takes ten times as long as a small file does. Whoever opens
 * the ledger next writes what a process left that was killed in between.
 */
import { basename, join } from "@std/path";
import { statOf } from "./file_size.ts";
import { snapshotPath } from "./snapshot.ts";
import { linkIfPossible, type PreparedFile, removeIfPossible } from "./whole_file.ts";

/** The folder beside a ledger with snapshots of runs that its file does not have yet. */
export class Journal {
  readonly #folder: string;

  constructor(ledgerPath: string) {
    this.#folder = `${ledgerPath}.journal`;
  }

  /** Where a run's snapshot is in the journal. */
  entryFor(snapshot: PreparedFile): string {
    return join(this.#folder, basename(snapshot.path));
  }

  /** Keeps a run's snapshot; on the disk when it resolves. */
  async keep(snapshot: PreparedFile, entry: string): Promise<void> {
    Deno.mkdirSync(this.#folder, { recursive: true });
    await snapshot.keepAs(entry);
  }

  /** Is it still to be written? Another process may have opened the ledger since, and have done it. */
  has(path: string): boolean {
    return statOf(path) !== undefined;
  }

  /** Forgets what the ledger has now. One that stays for any reason is found to be there already by whoever opens the ledger next. */
  forget(paths: readonly string[]): void {
    for (const path of paths) removeIfPossible(path);
  }

  /** What others left. */
  left(own: ReadonlySet<string>): string[] {
    try {
      const names = [...Deno.readDirSync(this.#folder)].filter(({ name, isFile }) => isFile && name.endsWith(".json"));
      return names.map(({ name }) => join(this.#folder, name)).filter((path) => !own.has(path)).sort();
    } catch {
      return []; // no folder: nobody left anything; or it is closed to us
    }
  }

  /**
   * Gives a run's snapshot its name where a kill came before that. Where the folder of runs was moved the ledger has the run all the same, and
   * `consist db snapshot` writes what lacks.
   */
  publish(entry: string, runId: string, runDir: unknown): void {
    if (typeof runDir === "string") linkIfPossible(entry, snapshotPath(runDir, runId));
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

  /** Takes the folder away where nothing is in it. */
  end(): void {
    removeIfPossible(this.#folder);
  }
}
