/** Digests of files that have not changed since they were read. */

/** What tells one state of a file from another without reading it. */
export interface FileStat {
  /** Size in bytes. */
  readonly size: number;
  /** When the content changed last, in milliseconds. */
  readonly mtimeMs: number;
  /** When content or attributes changed last, in milliseconds (whole seconds on most systems). */
  readonly ctimeMs: number | null;
  /** Number of the file on its disk. */
  readonly inode: string | null;
  /** Is it an ordinary file, and neither a folder nor a device? */
  readonly isFile: boolean;
  /** Is it a folder? */
  readonly isDirectory: boolean;
}

/** A digest as it is kept, named like the columns of the ledger's table `deno_digest`. */
export interface StoredDigest {
  /** Absolute path. */
  readonly path: string;
  /** Size in bytes. */
  readonly size: number;
  /** Modification time in milliseconds. */
  readonly mtime_ms: number;
  /** Change time in milliseconds. */
  readonly ctime_ms: number;
  /** Number of the file on its disk. */
  readonly inode: string | null;
  /** SHA-256 in hex. */
  readonly digest: string;
  /** When reading began. */
  readonly taken_at: Date;
}

/** Where digests outlive the process: the ledger. */
export interface DigestStore {
  /** Those that are kept for these paths. */
  get(paths: string[]): Promise<Map<string, StoredDigest>>;
  /** Keeps digests; it need not be at once. */
  put(rows: StoredDigest[]): void;
}

/** What a `DigestMemo` works with; tests give their own clock and file system. */
export interface DigestMemoOptions {
  /** Where digests outlive the process. */
  readonly store?: DigestStore | undefined;
  /** The present, in milliseconds. @default Date.now */
  readonly clock?: () => number;
  /** The state of a file; links are followed. @default Deno.stat */
  readonly stat?: (path: string) => Promise<FileStat>;
  /** How many digests are held in memory. @default 10_000 */
  readonly capacity?: number;
}

/**
 * A file that was modified less than this before it was read may change again without a visible trace: change times come in whole seconds,
 * and some file systems keep modification times in steps of two.
 */
export const SETTLED_MS = 2000;

/** Remembers digests by path, size, modification time, change time and inode. */
export class DigestMemo {
  /** The present, in milliseconds. */
  readonly clock: () => number;
  /** The state of a file. */
  readonly stat: (path: string) => Promise<FileStat>;
  /** The same for a few files: at once, since the way to another thread and back takes ten times as long as the question itself. */
  readonly statFew: (path: string) => Promise<FileStat>;
  readonly #store: DigestStore | undefined;
  readonly #capacity: number;
  readonly #held = new Map<string, StoredDigest>();

  /** A memo with nothing in it; what its store has is found when it is asked for. */
  constructor({ store, clock = Date.now, stat, capacity = 10_000 }: DigestMemoOptions = {}) {
    this.clock = clock;
    this.stat = stat ?? (async (path) => stateIn(await Deno.stat(path)));
    // deno-lint-ignore require-await -- what it throws is a rejection, as of the other one
    this.statFew = stat ?? (async (path) => stateIn(Deno.statSync(path)));
    this.#store = store;
    this.#capacity = capacity;
  }

  /** The digests that still hold for files in these states, by path. For files that are read at once the store is not asked: that would take longer. */
  async recall(
    states: ReadonlyMap<string, FileStat>,
    isReadAtOnce: (state: FileStat) => boolean = () => false,
  ): Promise<Map<string, string>> {
    const known = new Map<string, string>();
    const unheld: string[] = [];
    for (const [path, stat] of states) {
      const held = this.#held.get(path);
      if (held && holds(held, stat)) known.set(path, this.#touch(held).digest);
      else if (this.#mayBeStored(stat) && !isReadAtOnce(stat)) unheld.push(path);
    }
    if (!this.#store || unheld.length === 0) return known;
    for (const [path, stored] of await this.#store.get(unheld)) {
      const stat = states.get(path);
      if (stat && holds(stored, stat)) known.set(path, this.#touch(stored).digest);
    }
    return known;
  }

  /** Keeps a digest of a file that was in this state while it was read from `takenAt` on, unless the state is too fresh to be told from the next one; in the store where asking it is quicker than reading the file again. */
  remember(path: string, stat: FileStat, digest: string, takenAt: number, inStore = true): void {
    const { size, mtimeMs, ctimeMs, inode } = stat;
    if (ctimeMs === null || !isSettled(mtimeMs, ctimeMs, takenAt)) return;
    const row = { path, size, mtime_ms: mtimeMs, ctime_ms: ctimeMs, inode, digest, taken_at: new Date(takenAt) };
    this.#touch(row);
    if (inStore) this.#store?.put([row]);
  }

  /** Of a state as fresh as this no digest was ever kept: the store need not be asked, and what it would say would not hold. */
  #mayBeStored({ mtimeMs, ctimeMs }: FileStat): boolean {
    return isSettled(mtimeMs, ctimeMs, this.clock());
  }

  #touch(row: StoredDigest): StoredDigest {
    this.#held.delete(row.path);
    this.#held.set(row.path, row);
    if (this.#held.size > this.#capacity) this.#held.delete(this.#held.keys().next().value!);
    return row;
  }
}

/** Was a file in this state left alone for long enough, at this time, that its next change will show? */
function isSettled(mtimeMs: number, ctimeMs: number | null, at: number): boolean {
  return ctimeMs !== null && at - Math.max(mtimeMs, ctimeMs) >= SETTLED_MS;
}

function holds(stored: StoredDigest, { size, mtimeMs, ctimeMs, inode }: FileStat): boolean {
  return stored.size === size && stored.mtime_ms === mtimeMs && stored.ctime_ms === ctimeMs && stored.inode === inode;
}

/** Are these two the same state of one file, as far as a file system tells? */
export function sameState(one: FileStat, other: FileStat): boolean {
  return one.size === other.size && one.mtimeMs === other.mtimeMs && one.ctimeMs === other.ctimeMs && one.inode === other.inode;
}

function stateIn({ size, mtime, ctime, ino, isFile, isDirectory }: Deno.FileInfo): FileStat {
  return {
    size,
    mtimeMs: mtime?.getTime() ?? Number.MAX_SAFE_INTEGER, // an unknown time is never settled
    ctimeMs: ctime?.getTime() ?? null,
    inode: ino === null ? null : String(ino),
    isFile,
    isDirectory,
  };
}
