/** Where step functions run: the interface that every executor has. */

/** How far a task is. */
export interface TaskProgress {
  /** How much is done. */
  readonly done: number;
  /** How much there is. */
  readonly total?: number;
  /** What is being done. */
  readonly note?: string;
}

/**
 * One execution of a step, as an executor sees it. Its identity is known, no earlier run can be served, and its run is on record: what is left
 * is to call the function. An executor either calls `here`, or has another process do it, which takes `spec` and leaves a manifest.
 */
export interface ExecutorTask {
  /** The run's id: no two tasks have one, and a task that is tried again keeps it. */
  readonly id: string;
  /** What messages call it: the run's name. */
  readonly name: string;
  /** Absolute path of the run's own folder, which may not be there yet. All that the task makes goes there. */
  readonly dir: string;
  /** Executes the task in this process; there is no manifest then. */
  here(): Promise<undefined>;
  /**
   * All that another process needs, as bytes that may lie in a file or go through a pipe.
   *
   * @throws {ExecutorError} `not_importable`, where the function or a value cannot be had in another process.
   */
  spec(): Promise<Uint8Array>;
  /** The command that executes a spec and leaves a manifest; it is whole as soon as it is there. It takes the paths of two files. */
  argv(spec: string, manifest: string): Promise<readonly string[]>;
  /** Aborted when nobody wants the result any more: end the task as soon as can be, and reject with the signal's reason. */
  readonly signal: AbortSignal;
  /** Takes how far the task is. */
  onProgress(progress: TaskProgress): void;
  /** Takes a line that the task printed. */
  onPrint(stream: "stdout" | "stderr", line: string): void;
}

/**
 * Runs step functions somewhere. The caller alone resolves, identifies, looks up, and writes the ledger; an executor only executes.
 *
 * **The manifest decides.** A task that has one was executed, whether its step failed or not, and however the process ended that wrote it. A
 * task without one was not: `execute` rejects, and what is left in its folder is never served.
 *
 * A backend that submits, polls and cancels does so inside `execute`: write the spec into a file that the other machine sees, submit `argv`,
 * poll for the manifest, and read it. Tasks that come in at one moment may be submitted together. `testExecutor` of `consist/testing` says
 * whether an executor keeps to this.
 *
 * @example An executor that starts a process for each run
 * ```ts
 * import { type Executor, ExecutorError } from "consist";
 *
 * const processes: Executor = {
 *   name: "processes",
 *   slots: 2,
 *   async execute(task) {
 *     const dir = await Deno.makeTempDir();
 *     const [spec, manifest] = [`${dir}/spec`, `${dir}/manifest`];
 *     await Deno.writeFile(spec, await task.spec());
 *     const [program, ...args] = await task.argv(spec, manifest);
 *     const { stderr } = await new Deno.Command(program!, { args, signal: task.signal }).output();
 *     task.signal.throwIfAborted();
 *     return await Deno.readFile(manifest).catch((cause) => {
 *       const why = new TextDecoder().decode(stderr).trim().split("\n").at(-1) ?? "";
 *       throw new ExecutorError("worker_failed", { problem: `${task.name} left no manifest.`, why, fix: "Run it again.", cause });
 *     });
 *   },
 *   close: () => Promise.resolve(),
 * };
 * ```
 */
export interface Executor {
  /** What messages call it. */
  readonly name: string;
  /** How many tasks it executes at once, where that is limited: a sweep prepares some more than that. */
  readonly slots?: number;
  /** Executes a task, and gives its manifest; nothing where it was executed in this process. */
  execute(task: ExecutorTask): Promise<Uint8Array | undefined>;
  /** Ends what is running and frees what it holds. May be called twice; an executor that is used again afterwards begins anew. */
  close(): Promise<void>;
}
