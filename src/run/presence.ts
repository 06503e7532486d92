/** Is a process alive? While it has live runs it holds an OS lock on a file; whatever ends the process frees the lock. */
import process from "node:process";
import { join } from "@std/path";
import { crypto, JSON, TextEncoder } from "../intrinsics.ts";

/** What is written beside what a live process does: a run that it executes, a signature that it computes. */
export interface ProcessMark {
  /** Name of the file that it has locked; none where the file system has no locks. */
  readonly id?: string;
  /** The operating system's number of the process. */
  readonly pid: number;
  /** The machine, where this program may know it. */
  readonly host?: string;
}

/** What a lock on a file says: another one has it, nobody has it, there is no such file, or it is not ours to ask. */
export type LockState = "held" | "free" | "gone" | "unknown";

/** Runs of another machine are dead only where their lock is free, and after this time. */
const FOREIGN_MS = 24 * 3600 * 1000;

/** This process without a lock. */
export function markOfProcess(): ProcessMark {
  const host = hostname();
  return { pid: Deno.pid, ...(host === undefined ? {} : { host }) };
}

/** Where the lock of a process is. */
const lockPath = (folder: string, id: string): string => join(folder, `process-${id}.lock`);

/** This process's lock in one folder of claims. */
export class Presence {
  readonly mark: ProcessMark;
  readonly path: string;
  readonly inode: number | null;
  readonly #file: Deno.FsFile;

  private constructor(mark: ProcessMark, path: string, file: Deno.FsFile) {
    this.mark = mark;
    this.path = path;
    this.inode = file.statSync().ino;
    this.#file = file;
  }

  /** Takes the lock; throws where the folder cannot be written or its file system has no locks. */
  static begin(folder: string): Presence {
    Deno.mkdirSync(folder, { recursive: true });
    for (;;) {
      const id = crypto.randomUUID();
      const path = lockPath(folder, id);
      const file = Deno.openSync(path, { createNew: true, write: true });
      try {
        // Windows lets nobody read what is locked: the words come first.
        file.writeSync(new TextEncoder().encode(JSON.stringify(markOfProcess())));
        if (file.tryLockSync(true) && isSame(file, path)) return new Presence({ id, ...markOfProcess() }, path, file);
        file.close(); // who sweeps up took it for a dead one's in this very moment
      } catch (error) {
        file.close();
        Deno.removeSync(path);
        throw error;
      }
    }
  }

  /** Frees the lock and removes its file. */
  end(): void {
    removeIfThere(this.path);
    this.#file.close();
  }
}

/** What the lock on a file says. */
export function lockState(path: string): LockState {
  return withLock(path, () => {});
}

/** Removes a file whose lock nobody has. Whoever has the lock on a dead process's file is the only one to remove its names. */
export function removeIfFree(path: string): LockState {
  return withLock(path, (file) => isSame(file, path) && removeIfThere(path));
}

function withLock(path: string, work: (file: Deno.FsFile) => void): LockState {
  let file: Deno.FsFile | undefined;
  try {
    file = openShared(path);
    if (!file.tryLockSync(true)) return "held";
    work(file);
    return "free";
  } catch (error) {
    // Another user's file, no handle left, a disk that fails: whoever asked decides what is safe.
    return error instanceof Deno.errors.NotFound ? "gone" : "unknown";
  } finally {
    file?.close();
  }
}

/** Another user's file can often be read only, which is enough for a lock on most file systems. */
function openShared(path: string): Deno.FsFile {
  try {
    return Deno.openSync(path, { read: true, write: true });
  } catch (error) {
    if (!(error instanceof Deno.errors.PermissionDenied)) throw error;
    return Deno.openSync(path, { read: true });
  }
}

/** Is this open file still the one at the path? */
function isSame(file: Deno.FsFile, path: string): boolean {
  return inodeOf(path) === file.statSync().ino;
}

/** Number of the file at a path; `undefined` where there is none. */
export function inodeOf(path: string): number | null | undefined {
  try {
    return Deno.statSync(path).ino;
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return undefined;
    throw error;
  }
}

/** Removes a file; one that is gone already is as good. */
export function removeIfThere(path: string): void {
  try {
    Deno.removeSync(path);
  } catch (error) {
    if (!(error instanceof Deno.errors.NotFound)) throw error;
  }
}

/** Is the process that wrote this mark surely dead? In doubt it lives. */
export function isDead(folders: readonly string[], mark: ProcessMark, startedAt: Date, now: number): boolean {
  const here = hostname();
  const isForeign = mark.host !== undefined && here !== undefined && mark.host !== here;
  const states = mark.id === undefined ? [] : folders.map((folder) => lockState(lockPath(folder, mark.id!)));
  if (states.includes("held") || states.includes("unknown")) return false;
  if (states.includes("free")) return !isForeign || now - startedAt.getTime() > FOREIGN_MS;
  return mark.host !== undefined && mark.host === here && !mayLive(mark.pid);
}

/** Asks the operating system; where this program may not ask, the process may live. */
function mayLive(pid: number): boolean {
  if (Deno.permissions.querySync({ name: "run" }).state !== "granted") return true;
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    // Only "no such process" says that it is dead; others say that it is somebody else's.
    return (error as { code?: unknown }).code !== "ESRCH";
  }
}

/** Asking for a permission in the middle of a run would be a surprise. */
function hostname(): string | undefined {
  return Deno.permissions.querySync({ name: "sys", kind: "hostname" }).state === "granted" ? Deno.hostname() : undefined;
}
