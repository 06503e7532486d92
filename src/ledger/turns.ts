/**
 * Who waits for a ledger's file says so: by a shared lock on a small empty file beside it. The lock dies with its process, so that nothing is
 * left that could block, and one look tells whoever has the ledger whether somebody waits.
 */
import { statOf } from "./file_size.ts";

/** What lies beside a ledger where somebody has waited for it; its time is the moment at which another program was last seen. */
export const turnsPath = (path: string): string => `${path}.turns`;

/** An answer is good for so many milliseconds: a look takes 5 µs, and hits come every 1.5 ms. */
const GOOD_FOR_MS = 20;
/** Who comes looks so often, and so many times, whether those who waited before have had their turn. */
const LOOK_MS = 15;
const LOOKS = 60;

/** Who waits for one ledger. */
export class Turns {
  readonly #path: string;
  readonly #clock: () => number;
  #asked = -Infinity;
  #isAwaited = false;
  #arePossible: boolean | undefined;
  #seenAt = -Infinity;

  /** Nothing is made before somebody waits, or `arePossible` is asked. */
  constructor(ledger: string, clock: () => number) {
    this.#path = turnsPath(ledger);
    this.#clock = clock;
  }

  /** Does another process say that it waits? The answer may be some milliseconds old. */
  isAwaited(): boolean {
    const now = this.#clock();
    if (now - this.#asked < GOOD_FOR_MS) return this.#isAwaited;
    this.#asked = now;
    return this.#isAwaited = this.isAwaitedNow();
  }

  /** The same, looked at now. */
  isAwaitedNow(): boolean {
    return this.#lock(true, false) === "held";
  }

  /** Waits until all who wait have had their turn: nearly a second, since one of them may be busy with other things. Have they? */
  async taken(waitMs: number): Promise<boolean> {
    this.#asked = -Infinity; // what was known before is not what will be
    for (let look = 0; look * LOOK_MS < waitMs && this.isAwaitedNow(); look++) {
      if (look === LOOKS) return false;
      await new Promise((resolve) => setTimeout(resolve, LOOK_MS));
    }
    return true;
  }

  /** Can others say here that they wait? Whoever `mayMake` it makes the file, so that also those can who may write nothing. */
  arePossible(mayMake: boolean): boolean {
    if (this.#arePossible === undefined && (mayMake || statOf(this.#path) !== undefined)) {
      this.#arePossible = this.#lock(false, mayMake) !== "impossible";
    }
    return this.#arePossible ?? false;
  }

  /** Says that this process waits, until the returned function is called; `undefined` where that cannot be said, or not at this moment. */
  announce(mayMake: boolean): (() => void) | undefined {
    const file = this.#open(mayMake);
    try {
      if (file?.tryLockSync(false)) return () => file.close();
    } catch {
      // a file system without locks: others leave gaps all the same
    }
    file?.close();
    return undefined;
  }

  /** Another program was seen at the ledger, which cannot say that it waits. */
  sawAnother(): void {
    this.#seenAt = Date.now();
  }

  /** When another program was last seen, in milliseconds since 1970, by whichever process: who knows more than the file tells others. */
  lastSeen(): number {
    const told = statOf(this.#path)?.mtime?.getTime();
    if (told !== undefined && this.#seenAt > told + 10) this.#tell();
    return Math.max(this.#seenAt, told ?? -Infinity);
  }

  #tell(): void {
    try {
      Deno.utimeSync(this.#path, new Date(this.#seenAt), new Date(this.#seenAt));
    } catch {
      // another user's file: this process knows it, and others see for themselves
    }
  }

  /** Tries the lock and frees it again. */
  #lock(exclusive: boolean, mayMake: boolean): "free" | "held" | "impossible" {
    const file = this.#open(mayMake);
    try {
      return file === undefined ? "impossible" : file.tryLockSync(exclusive) ? "free" : "held";
    } catch {
      return "impossible"; // a file system without locks
    } finally {
      file?.close();
    }
  }

  #open(mayMake: boolean): Deno.FsFile | undefined {
    try {
      return Deno.openSync(this.#path, { read: true });
    } catch (error) {
      return mayMake && error instanceof Deno.errors.NotFound ? this.#make() : undefined; // else it is not for us
    }
  }

  /** A new file says that no other program was seen. */
  #make(): Deno.FsFile | undefined {
    try {
      const file = Deno.openSync(this.#path, { read: true, write: true, create: true });
      if (file.statSync().mtime!.getTime() > Date.now() - 1_000) file.utimeSync(0, 0);
      return file;
    } catch {
      return undefined; // a folder that cannot be written: others leave gaps all the same
    }
  }
}
