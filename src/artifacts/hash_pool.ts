/** Hashes large files on all cores: this thread and workers, for as long as one batch takes. */
import { hashPath } from "./hash_file.ts";
import type { HashAnswer } from "./hash_worker.ts";

/** Smaller files are hashed here: handing them over costs more. */
const LARGE = 1 << 20;
/** So many bytes are worth starting workers for. */
const WORTH = 64 << 20;

/** Threads for a batch of files. */
export class HashPool implements Disposable {
  readonly #workers: Worker[] = [];
  /** `undefined` is this thread. */
  readonly #idle: (Worker | undefined)[] = [undefined];
  readonly #waiting: ((lane: Worker | undefined) => void)[] = [];

  /** Threads for files of these sizes; no worker where they are few or small. */
  constructor(sizes: readonly number[], cores: number = navigator.hardwareConcurrency) {
    const large = sizes.filter((size) => size >= LARGE);
    if (large.reduce((sum, size) => sum + size, 0) < WORTH) return;
    for (let count = 1; count < Math.min(cores, large.length, 16); count++) {
      const worker = new Worker(new URL("./hash_worker.ts", import.meta.url), { type: "module" });
      this.#workers.push(worker);
      this.#idle.unshift(worker);
    }
  }

  /** How many workers there are. */
  get workers(): number {
    return this.#workers.length;
  }

  /** The size and hash of a file. */
  async hash(path: string, size: number): Promise<{ bytes: number; hash: string }> {
    if (size < LARGE || this.#workers.length === 0) return await hashPath(path);
    const lane = this.#idle.length > 0
      ? this.#idle.shift()
      : await new Promise<Worker | undefined>((resolve) => this.#waiting.push(resolve));
    try {
      return (lane && await ask(lane, path)) ?? await hashPath(path);
    } finally {
      const next = this.#waiting.shift();
      if (next) next(lane);
      else this.#idle.unshift(lane);
    }
  }

  /** Ends the workers. */
  [Symbol.dispose](): void {
    for (const worker of this.#workers) worker.terminate();
  }
}

/** A worker's answer; nothing where it could not start or read. */
function ask(worker: Worker, path: string): Promise<HashAnswer> {
  return new Promise((resolve) => {
    worker.onmessage = ({ data }: MessageEvent<HashAnswer>) => resolve(data);
    worker.onerror = (event) => {
      event.preventDefault(); // the file is hashed on this thread instead
      resolve(undefined);
    };
    worker.postMessage(path);
  });
}
