/** Steps in worker processes: each imports a step's module once and executes one run after another. */
import { ExecutorError } from "../errors.ts";
import { crypto } from "../intrinsics.ts";
import type { Executor, ExecutorTask } from "./executor.ts";
import { WorkerDied, WorkerProcess } from "./worker_process.ts";

/** What a pool is made of. */
export interface WorkerPoolOptions {
  /** How many workers there are at most. */
  readonly workers: number;
  /** How often a run is tried again whose worker died. @default 1 */
  readonly retries?: number;
  /** Idle workers end after this long. @default 10_000 */
  readonly idleMs?: number;
  /** The command of a worker that says its marks with this secret. */
  readonly command: (secret: string) => Promise<readonly string[]>;
}

interface Waiting {
  readonly task: ExecutorTask;
  readonly spec: Uint8Array;
  readonly result: PromiseWithResolvers<Uint8Array>;
  /** How often its worker died. */
  deaths: number;
}

/** Worker processes that execute runs. */
export class WorkerPool implements Executor {
  /** What messages call it. */
  readonly name = "worker";
  /** How many workers there are at most. */
  readonly slots: number;
  readonly #options: WorkerPoolOptions;
  readonly #waiting: Waiting[] = [];
  readonly #workers: Set<WorkerProcess> = new Set();
  #starting = 0;
  #folder: Promise<string> | undefined;
  #idle: ReturnType<typeof setTimeout> | undefined;

  /** Starts nothing before the first task. */
  constructor(options: WorkerPoolOptions) {
    this.#options = options;
    this.slots = options.workers;
  }

  /** The numbers of the processes that run. */
  get pids(): number[] {
    return [...this.#workers].map(({ pid }) => pid);
  }

  /** Executes a task in the next worker that is free. */
  async execute(task: ExecutorTask): Promise<Uint8Array> {
    task.signal.throwIfAborted();
    const spec = await task.spec();
    const waiting: Waiting = { task, spec, result: Promise.withResolvers(), deaths: 0 };
    const cancel = (): void => {
      const at = this.#waiting.indexOf(waiting);
      if (at < 0) return; // a worker has it, and hears of it itself
      this.#waiting.splice(at, 1);
      waiting.result.reject(task.signal.reason);
    };
    task.signal.addEventListener("abort", cancel);
    clearTimeout(this.#idle);
    this.#waiting.push(waiting);
    this.#serve();
    try {
      return await waiting.result.promise;
    } finally {
      task.signal.removeEventListener("abort", cancel);
      this.#rest();
    }
  }

  /** Ends every worker, and rejects what waits. */
  async close(): Promise<void> {
    clearTimeout(this.#idle);
    for (const { result, task } of this.#waiting.splice(0)) result.reject(closed(task));
    await Promise.all([...this.#workers].map((worker) => worker.close()));
    this.#workers.clear();
    const folder = await this.#folder;
    this.#folder = undefined;
    if (folder !== undefined) removeFolder(folder);
  }

  /** Gives tasks to workers that are free, and starts workers where there are too few. */
  #serve(): void {
    for (const worker of this.#workers) {
      if (this.#waiting.length === 0) return;
      if (worker.isIdle && !worker.isOver) void this.#perform(worker, this.#waiting.shift()!);
    }
    const wanted = Math.min(this.#waiting.length, this.slots - this.#workers.size) - this.#starting;
    for (let i = 0; i < wanted; i++) void this.#start();
  }

  async #start(): Promise<void> {
    this.#starting++;
    try {
      this.#folder ??= ownFolder();
      const secret = crypto.randomUUID();
      const worker = await WorkerProcess.start(await this.#options.command(secret), await this.#folder, secret);
      this.#workers.add(worker);
      void worker.ended.then(() => this.#workers.delete(worker));
    } catch (cause) {
      this.#waiting.shift()?.result.reject(notStarted(cause));
    } finally {
      this.#starting--;
    }
    this.#serve();
  }

  async #perform(worker: WorkerProcess, waiting: Waiting): Promise<void> {
    worker.ref();
    try {
      waiting.result.resolve(await worker.perform(waiting.task, waiting.spec));
    } catch (error) {
      if (error instanceof WorkerDied) await this.#died(waiting, error);
      else waiting.result.reject(error);
    }
    this.#serve();
  }

  /** The run is tried again from the start, in an empty folder; after that its failure is told with the last that was printed. */
  async #died(waiting: Waiting, death: WorkerDied): Promise<void> {
    const { task, result } = waiting;
    const isLast = ++waiting.deaths > (this.#options.retries ?? 1) || !death.hadBegun;
    if (isLast) return result.reject(workerFailed(task, death, waiting.deaths));
    try {
      await emptied(task.dir);
    } catch (error) {
      return result.reject(error);
    }
    task.onPrint("stderr", `the worker ended (${death.end}); the run is tried again`);
    this.#waiting.unshift(waiting);
  }

  /** Workers without work do not keep the program running, and end after a while. */
  #rest(): void {
    if (this.#waiting.length > 0 || [...this.#workers].some(({ isIdle }) => !isIdle)) return;
    for (const worker of this.#workers) worker.unref();
    clearTimeout(this.#idle);
    this.#idle = setTimeout(() => void this.close(), this.#options.idleMs ?? 10_000);
    Deno.unrefTimer(this.#idle);
  }
}

/** Folders of pools that are open: a program that ends without closing them leaves none behind. */
const folders = new Set<string>();

async function ownFolder(): Promise<string> {
  const folder = await Deno.makeTempDir({ prefix: "consist-workers-" });
  if (folders.size === 0) addEventListener("unload", removeFolders);
  folders.add(folder);
  return folder;
}

function removeFolder(folder: string): void {
  folders.delete(folder);
  if (folders.size === 0) removeEventListener("unload", removeFolders);
  try {
    Deno.removeSync(folder, { recursive: true });
  } catch (error) {
    if (!(error instanceof Deno.errors.NotFound)) throw error; // somebody has cleared away temporary files
  }
}

function removeFolders(): void {
  for (const folder of [...folders]) removeFolder(folder);
}

async function emptied(dir: string): Promise<void> {
  try {
    await Deno.remove(dir, { recursive: true });
  } catch (error) {
    if (!(error instanceof Deno.errors.NotFound)) throw error;
  }
}

function workerFailed({ name, id }: ExecutorTask, { end, tail, hadBegun }: WorkerDied, times: number): ExecutorError {
  const said = tail.length === 0 ? "It printed nothing." : `The last that it printed:\n${tail.map((line) => `  ${line}`).join("\n")}`;
  return new ExecutorError("worker_failed", {
    problem: hadBegun
      ? `The worker process that executed "${name}" ended (${end})${times > 1 ? `, ${times} times` : ""}.`
      : `A worker process for "${name}" could not begin (${end}).`,
    why: said,
    fix: hadBegun
      ? "Look whether the step ends its process, or needs more memory than there is; fewer workers (concurrency) need less."
      : "Mend what it says; a worker has the permissions and the configuration of this program.",
    run: id,
    step: name,
  });
}

function notStarted(cause: unknown): ExecutorError {
  return new ExecutorError("worker_failed", {
    problem: "A worker process could not be started.",
    why: cause instanceof Error ? cause.message : String(cause),
    fix: "Allow this program to start Deno (--allow-run), or execute in_process.",
    cause,
  });
}

function closed({ name, id }: ExecutorTask): ExecutorError {
  return new ExecutorError("worker_failed", {
    problem: `"${name}" was not executed: the workers were closed.`,
    why: "The tracker was closed, or the sweep ended, before its turn came.",
    fix: "Await the run before the tracker is closed.",
    run: id,
    step: name,
  });
}
