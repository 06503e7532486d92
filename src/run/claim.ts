/**
 * One execution: who computes a signature has a claim on it, and others wait. A claim is one more name, beside the runs, of the file that the
 * process has locked. So it is there at once or not at all, costs no handle, needs no heartbeat, and is free when its process is dead.
 */
import { AsyncLocalStorage } from "node:async_hooks";
import { join } from "@std/path";
import { JSON } from "../intrinsics.ts";
import { ofProcess } from "./of_process.ts";
import { inodeOf, lockState, markOfProcess, Presence, type ProcessMark, removeIfFree, removeIfThere } from "./presence.ts";

/** The right to compute a signature. */
export interface Claim {
  /** Does the work: a run of the same signature inside it does not wait for it. */
  readonly computing: <T>(work: () => Promise<T>) => Promise<T>;
  /** Gives it back. */
  readonly release: () => void;
}

/** Another one is computing the signature. */
export interface Holder {
  /** Its process, where it can be known. */
  readonly pid: number | undefined;
  /** Resolves when it has ended, well or not, or after some seconds: look again then. */
  readonly over: () => Promise<void>;
}

/** A process that says it is alive, as long as it has live runs. */
export interface Alive {
  /** What is written with a run. */
  readonly mark: ProcessMark;
  /** The run has ended. */
  readonly leave: () => void;
}

/** Polling begins soon and becomes slower. */
const FIRST_WAIT_MS = 20;
const LONGEST_WAIT_MS = 250;
/** Then whoever waits looks into the ledger again, in case that somebody claims one signature over and over. */
const LOOK_AGAIN_MS = 5_000;

/** The claims in one folder, shared by all of this process. */
export class Claims {
  readonly folder: string;
  /** Grows whenever somebody of this process gave a claim back. */
  released = 0;
  /** Why a claim was not possible here, where one was not. */
  refused: Error | undefined;
  /** The user was told so. */
  isTold = false;
  readonly #held = new Map<string, Promise<void>>();
  /** Who of this process waits for what, and which claims its own runs have. */
  readonly #waits = new Set<{ readonly held: ReadonlySet<string>; readonly wanted: string }>();
  readonly #computing = new AsyncLocalStorage<ReadonlySet<string>>();
  #presence: Presence | undefined;
  #users = 0;

  /** The claims in a folder; nothing is made before the first. */
  constructor(folder: string) {
    this.folder = folder;
  }

  /** Says that this process is alive, until `leave` is called. */
  enter(): Alive {
    this.#presence ??= this.#begin();
    if (this.#presence === undefined) return { mark: markOfProcess(), leave: () => {} };
    this.#users++;
    let isOver = false;
    const leave = (): void => {
      if (isOver) return;
      isOver = true;
      if (--this.#users === 0) this.#end();
    };
    return { mark: this.#presence.mark, leave };
  }

  /** The claims of the runs around the caller. Contexts outlive their work: a claim that was given back is none. */
  #around(): ReadonlySet<string> {
    return new Set([...this.#computing.getStore() ?? []].filter((signature) => this.#held.has(signature)));
  }

  /** Takes the claim, or says who has it; `undefined` where there can be none, or where the caller's own run has it. */
  take(signature: string): Claim | Holder | undefined {
    if (this.#around().has(signature)) return undefined;
    const own = this.#held.get(signature);
    if (own !== undefined) return this.#isCircular(signature) ? undefined : { pid: Deno.pid, over: () => this.#wait(signature, own) };
    const alive = this.enter();
    if (alive.mark.id === undefined) return undefined;
    const path = this.#pathOf(signature);
    const name = this.#name(path);
    if (name === "mine") return this.#claim(signature, path, alive);
    alive.leave();
    return name === "taken" && this.#mayWait(signature) ? this.#holder(path) : undefined;
  }

  /** Who has the claim, where somebody has. */
  holder(signature: string): Holder | undefined {
    if (this.#around().has(signature)) return undefined;
    const own = this.#held.get(signature);
    if (own !== undefined) return this.#isCircular(signature) ? undefined : { pid: Deno.pid, over: () => this.#wait(signature, own) };
    const path = this.#pathOf(signature);
    return lockState(path) === "held" && this.#mayWait(signature) ? this.#holder(path) : undefined;
  }

  /**
   * Would whoever has the claim wait for one that the caller's own runs have? Then waiting would never end. Runs inside of others ask for
   * claims while they have some, so that two of them can want each other's.
   */
  #isCircular(signature: string): boolean {
    const mine = this.#around();
    if (mine.size === 0) return false;
    const reached = new Set([signature]);
    for (const wanted of reached) {
      if (mine.has(wanted)) return true;
      for (const wait of this.#waits) if (wait.held.has(wanted)) reached.add(wait.wanted);
    }
    return false;
  }

  async #wait(signature: string, over: Promise<void>): Promise<void> {
    if (this.#isCircular(signature)) return; // another one began to wait in the meantime: the next look finds out
    const wait = { held: this.#around(), wanted: signature };
    this.#waits.add(wait);
    try {
      await over;
    } finally {
      this.#waits.delete(wait);
    }
  }

  /** What another process waits for is not known here: a run inside of others waits for greater signatures only, so that no circle closes. */
  #mayWait(signature: string): boolean {
    return [...this.#around()].every((held) => held < signature);
  }

  /** Removes what dead processes left. */
  sweep(): void {
    try {
      for (const { name, isFile } of Deno.readDirSync(this.folder)) {
        if (isFile && /\.(?:claim|lock)$/.test(name)) removeIfFree(join(this.folder, name));
      }
    } catch {
      // a folder that is not there, or closed to us, has nothing that we could remove
    }
  }

  #pathOf(signature: string): string {
    return join(this.folder, `${signature}.claim`);
  }

  #begin(): Presence | undefined {
    try {
      return Presence.begin(this.folder);
    } catch (error) {
      this.#refuse(error);
      return undefined;
    }
  }

  #end(): void {
    const presence = this.#presence;
    this.#presence = undefined;
    try {
      presence?.end();
    } catch (error) {
      this.#refuse(error);
    }
  }

  /** A claim spares work and decides nothing: where there can be none, steps execute as if alone, and the user is told once. */
  #refuse(error: unknown): void {
    this.refused = error instanceof Error ? error : new Error(String(error));
  }

  /** Gives the process's file one more name: it is made once, whoever comes at the same moment. */
  #name(path: string): "mine" | "taken" | "impossible" {
    for (let attempt = 0; attempt < 3; attempt++) {
      try {
        Deno.linkSync(this.#presence!.path, path);
        return "mine";
      } catch (error) {
        if (!(error instanceof Deno.errors.AlreadyExists)) {
          this.#refuse(error);
          return "impossible";
        }
      }
      const found = removeIfFree(path);
      if (found === "held") return "taken";
      if (found === "unknown") {
        this.#refuse(new Error(`${path} cannot be opened`));
        return "impossible";
      }
    }
    return "taken"; // others are as fast: the next look tells
  }

  #claim(signature: string, path: string, alive: Alive): Claim {
    const { promise, resolve } = Promise.withResolvers<void>();
    const { inode } = this.#presence!;
    this.#held.set(signature, promise);
    const release = (): void => {
      this.#held.delete(signature);
      this.released++;
      try {
        if (inodeOf(path) === inode) removeIfThere(path);
      } catch (error) {
        this.#refuse(error); // the name stays, and is free as soon as this process has no live run
      }
      alive.leave();
      resolve();
    };
    const within = new Set([...this.#around(), signature]);
    return { computing: (work) => this.#computing.run(within, work), release };
  }

  #holder(path: string): Holder {
    const inode = inodeOf(path);
    const over = async (): Promise<void> => {
      const end = performance.now() + LOOK_AGAIN_MS;
      for (let wait = FIRST_WAIT_MS; performance.now() < end; wait = Math.min(wait * 1.5, LONGEST_WAIT_MS)) {
        await new Promise((resolve) => setTimeout(resolve, wait));
        if (inodeOf(path) !== inode || lockState(path) !== "held") return;
      }
    };
    return { pid: pidIn(path), over };
  }
}

/** The number of the process that made a claim, for the user. */
function pidIn(path: string): number | undefined {
  try {
    const mark = JSON.parse(Deno.readTextFileSync(path)) as Partial<ProcessMark>;
    return typeof mark.pid === "number" ? mark.pid : undefined;
  } catch {
    return undefined; // it ended in this moment, or the system lets nobody read what is locked: the number is only for the message
  }
}

const KEY = Symbol.for("consist.claims");

/** Where the claims of a folder of runs are. */
export function claimsFolder(runDir: string): string {
  return join(runDir, "claims");
}

/** The claims beside the runs of a folder: the process has them once, whatever copy of the library asks. */
export function claimsOf(runDir: string): Claims {
  const folder = claimsFolder(runDir);
  return ofProcess(KEY, folder, () => new Claims(folder));
}
