/** One worker process: started, given tasks one after the other, watched, ended. */
import { join } from "@std/path";
import { crypto } from "../intrinsics.ts";
import { childGuard } from "./child_guard.ts";
import type { ExecutorTask, TaskProgress } from "./executor.ts";
import { frame, type Mark, type Order, printed } from "./marks.ts";

/** So many of the last lines are kept for the message of a worker that died. */
const TAIL_LINES = 20;
/** A row that is cancelled has this long to end by itself. */
const GRACE_MS = 2_000;

/** How a worker that died ended. */
export class WorkerDied extends Error {
  /** `signal SIGKILL`, and the last lines that it printed. */
  constructor(readonly end: string, readonly tail: readonly string[], readonly hadBegun: boolean) {
    super(`the worker ended: ${end}`);
  }
}

/** The task that a worker executes. */
interface Current {
  readonly task: ExecutorTask;
  readonly done: PromiseWithResolvers<void>;
  /** Streams on which the task's end was seen. */
  readonly over: Set<string>;
}

/** A worker process. */
export class WorkerProcess {
  readonly #child: Deno.ChildProcess;
  readonly #input: WritableStreamDefaultWriter<Uint8Array>;
  readonly #folder: string;
  readonly #tail: string[] = [];
  #current: Current | undefined;
  #isReady = false;
  #end: string | undefined;
  /** Settles when the process has ended and what it printed is read. */
  readonly ended: Promise<void>;

  private constructor(child: Deno.ChildProcess, folder: string, secret: string) {
    this.#child = child;
    this.#folder = folder;
    this.#input = child.stdin.getWriter();
    this.#input.closed.catch(() => {}); // a worker that died: its status says so
    const streams = [this.#read("stdout", child.stdout, secret), this.#read("stderr", child.stderr, secret)];
    this.ended = this.#watch(streams);
  }

  /** Starts one. `folder` is where it leaves manifests; `secret` is what its marks begin with. */
  static async start(command: readonly string[], folder: string, secret: string): Promise<WorkerProcess> {
    const [program, ...args] = [...await childGuard(), ...command];
    const child = new Deno.Command(program!, { args, stdin: "piped", stdout: "piped", stderr: "piped" }).spawn();
    return new WorkerProcess(child, folder, secret);
  }

  /** Does it execute nothing? */
  get isIdle(): boolean {
    return this.#current === undefined;
  }

  /** Has it ended? */
  get isOver(): boolean {
    return this.#end !== undefined;
  }

  /** Its process's number. */
  get pid(): number {
    return this.#child.pid;
  }

  /** Executes a task and gives its manifest. Rejects with `WorkerDied`, or where the task is cancelled with its reason. */
  async perform(task: ExecutorTask, spec: Uint8Array): Promise<Uint8Array> {
    const manifest = join(this.#folder, `${crypto.randomUUID()}.manifest`);
    const done = Promise.withResolvers<void>();
    this.#current = { task, done, over: new Set() };
    this.#tail.length = 0;
    let kill: ReturnType<typeof setTimeout> | undefined;
    const cancel = (): void => {
      this.#send({ kind: "cancel", id: task.id });
      kill = setTimeout(() => this.kill(), GRACE_MS);
    };
    task.signal.addEventListener("abort", cancel);
    try {
      if (this.#end !== undefined) throw new WorkerDied(this.#end, [], this.#isReady);
      this.#send({ kind: "task", id: task.id, spec, manifest });
      if (task.signal.aborted) cancel();
      await done.promise;
      const bytes = await Deno.readFile(manifest);
      await Deno.remove(manifest);
      return bytes;
    } catch (error) {
      task.signal.throwIfAborted();
      throw error;
    } finally {
      clearTimeout(kill);
      task.signal.removeEventListener("abort", cancel);
      this.#current = undefined;
    }
  }

  /** A process that ends when its input is closed does not keep this program running. */
  unref(): void {
    this.#child.unref();
  }

  /** The opposite. */
  ref(): void {
    this.#child.ref();
  }

  /** Ends it at once. */
  kill(): void {
    try {
      this.#child.kill("SIGKILL");
    } catch {
      // It has ended in the meantime.
    }
  }

  /** Ends it, and waits until it is gone. */
  async close(): Promise<void> {
    this.#child.ref();
    this.kill();
    await this.ended;
  }

  #send(order: Order): void {
    this.#input.write(frame(order)).catch(() => {}); // a worker that died: its status says so
  }

  async #read(name: "stdout" | "stderr", stream: ReadableStream<Uint8Array>, secret: string): Promise<void> {
    for await (const line of printed(stream, secret)) {
      if (typeof line === "string") this.#line(name, line);
      else this.#mark(name, line);
    }
  }

  #line(name: "stdout" | "stderr", line: string): void {
    if (this.#tail.push(line) > TAIL_LINES) this.#tail.shift();
    this.#current?.task.onPrint(name, line);
  }

  #mark(name: string, mark: Mark): void {
    if (mark.kind === "ready") this.#isReady = true;
    const current = this.#current;
    if (current === undefined || mark.kind === "ready" || mark.id !== current.task.id) return;
    if (mark.kind === "progress") return current.task.onProgress(progressOf(mark));
    if (current.over.add(name).size === 2) current.done.resolve();
  }

  async #watch(streams: readonly Promise<void>[]): Promise<void> {
    const { code, signal } = await this.#child.status;
    // A program that the step started, and that still runs, would keep the streams open for ever.
    const late = Promise.withResolvers<void>();
    const timer = setTimeout(late.resolve, 200);
    await Promise.race([Promise.all(streams), late.promise]);
    clearTimeout(timer);
    this.#end = signal === null ? `exit code ${code}` : `signal ${signal}`;
    await this.#input.abort().catch(() => {}); // closed already
    this.#current?.done.reject(new WorkerDied(this.#end, [...this.#tail], this.#isReady));
  }
}

function progressOf({ done, total, note }: TaskProgress): TaskProgress {
  return { done, ...(total === undefined ? {} : { total }), ...(note === undefined ? {} : { note }) };
}
