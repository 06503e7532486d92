/**
 * A Deno kernel in a process of its own that executes code and gives what it shows.
 *
 * Deno's kernel sends outputs through a queue that is not synchronised with its replies: some come after the cell is done, stamped with the
 * request that runs when they are sent. So after each cell a **fence** is sent, a silent request whose answer comes through that same queue;
 * everything before the answer belongs to the cell.
 */
import { NotebookError } from "../errors.ts";
import { Channels } from "./channels.ts";
import { KernelChild } from "./kernel_child.ts";
import { errorOf, type ErrorOutput, type Output, OutputCollector } from "./outputs.ts";
import { explainRefusal } from "./refusal.ts";
import { type Connection, type Message, newConnection } from "./wire.ts";

/** How a kernel is started. */
export interface KernelOptions {
  /** Working directory of the cells; Deno looks for `deno.json` there and in the folders above. @default the present working directory */
  readonly cwd?: string | undefined;
  /** Environment variables beside those of this process. */
  readonly env?: Readonly<Record<string, string>> | undefined;
  /** How long it may take to answer, in milliseconds. @default 30_000 */
  readonly startTimeout?: number | undefined;
}
/** How some code is executed. */
export interface ExecuteOptions {
  /** How long it may take, in milliseconds. @default no limit */
  readonly timeout?: number | undefined;
}
/** What became of some code. */
export interface Execution {
  /** The number that Jupyter shows beside the cell. */
  readonly executionCount: number | null;
  /** What it showed, in order. */
  readonly outputs: Output[];
  /** What it failed with, which is also the last of its outputs. */
  readonly error?: ErrorOutput;
}

const ANSWER = "consist_answer";
/** How long the answer may take that follows a finished cell. */
const FENCE_MS = 15_000;
/** Another program may take a port between our choice and the kernel's start. */
const START_TRIES = 3;

/** A running kernel. One piece of code is executed at a time, in the order of the calls. */
export class KernelProcess implements AsyncDisposable {
  readonly #child: KernelChild;
  readonly #channels: Channels;
  readonly #collector = new OutputCollector();
  readonly #failure = Promise.withResolvers<never>();
  readonly #answers = new Map<unknown, (value: unknown) => void>();
  #turn: Promise<unknown> = Promise.resolve();
  #published: (message: Message) => void = () => {};
  #ending = false;
  #languageInfo: Readonly<Record<string, unknown>> = {};

  private constructor(child: KernelChild, connection: Connection) {
    this.#child = child;
    this.#failure.promise.catch(() => {}); // whoever waits for something sees it
    this.#channels = new Channels(connection, {
      onPublished: (message) => message.header.msg_type === ANSWER ? this.#answered(message) : this.#published(message),
      onDamage: (error) => this.#failure.reject(damaged(error)),
    });
    void child.ended.then(() => this.#failure.reject(this.#ending ? closed() : died(child)));
  }

  /** Starts a kernel and waits until it answers. */
  static async start(options: KernelOptions = {}): Promise<KernelProcess> {
    for (let tries = 1;; tries++) {
      const connection = newConnection();
      const child = await KernelChild.start({ connection, cwd: options.cwd, env: options.env });
      const kernel = new KernelProcess(child, connection);
      try {
        await kernel.#greet(options.startTimeout ?? 30_000);
        await child.removeFile();
        return kernel;
      } catch (error) {
        await kernel.shutdown();
        if (tries < START_TRIES && /AddrInUse/.test(child.printed)) continue;
        throw error;
      }
    }
  }

  /** What the kernel says about its language, for a notebook's metadata. */
  get languageInfo(): Readonly<Record<string, unknown>> {
    return this.#languageInfo;
  }

  /** What was shown so far by the code that is being executed, or that was executed last. */
  get outputs(): Output[] {
    return this.#collector.outputs;
  }

  /** Executes code as a cell; failing code is a result. Rejects where the kernel died, did not finish in time, or cannot be understood. */
  execute(code: string, options: ExecuteOptions = {}): Promise<Execution> {
    return this.#inTurn(() => this.#execute(code, options));
  }

  /** The JSON value of an expression, evaluated between cells: it shows nothing and is not counted. */
  ask(expression: string, options: ExecuteOptions = {}): Promise<unknown> {
    return this.#inTurn(() =>
      this.#bounded(this.#ask(expression), options.timeout ?? FENCE_MS, () => tooSlow(options.timeout ?? FENCE_MS))
    );
  }

  /** Ends the kernel, by force where it does not end by itself. May be called twice. */
  async shutdown(): Promise<void> {
    this.#ending = true;
    if (this.#child.status === undefined) {
      // Deno may end before its reply is out: the end of the process is waited for, not the reply.
      this.#channels.request("control", "shutdown_request", { restart: false }).catch(() => {});
    }
    await this.#child.finish();
    await this.#channels.close();
  }

  /** Ends the kernel. */
  async [Symbol.asyncDispose](): Promise<void> {
    await this.shutdown();
  }

  /** Asks for the kernel's description until both its reply and something published arrive: the subscription takes effect a little later. */
  async #greet(timeout: number): Promise<void> {
    const heard = Promise.withResolvers<void>();
    this.#published = () => heard.resolve();
    const greeted = async () => {
      await this.#channels.connected();
      for (let subscribed = false; !subscribed;) {
        const { content } = await this.#channels.request("shell", "kernel_info_request", {});
        this.#languageInfo = content.language_info as Readonly<Record<string, unknown>> ?? {};
        subscribed = await settlesWithin(heard.promise, 50);
      }
    };
    await this.#bounded(greeted(), timeout, () => notStarted(this.#child, timeout));
    this.#published = () => {};
  }

  async #execute(code: string, { timeout }: ExecuteOptions): Promise<Execution> {
    this.#collector.begin();
    const printedBefore = this.#child.printedLength;
    this.#published = (message) => this.#collector.take(message);
    const { content } = await this.#bounded(this.#request(code, true), timeout, () => tooSlow(timeout!));
    await this.#bounded(this.#ask("null"), FENCE_MS, lostOutputs);
    if (content.status !== "ok") await this.#explain(code, content, printedBefore);
    const error = this.outputs.find((output) => output.output_type === "error");
    const executionCount = typeof content.execution_count === "number" ? content.execution_count : null;
    return { executionCount, outputs: this.outputs, ...(error ? { error } : {}) };
  }

  #request(code: string, visible: boolean): Promise<Message> {
    const rest = { user_expressions: {}, allow_stdin: false, stop_on_error: visible };
    return this.#channels.request("shell", "execute_request", { code, silent: !visible, store_history: visible, ...rest });
  }

  async #ask(expression: string): Promise<unknown> {
    const marker = crypto.randomUUID();
    const { promise, resolve } = Promise.withResolvers<unknown>();
    this.#answers.set(marker, resolve);
    try {
      // `globalThis`, because a cell may have a `Deno` of its own.
      const message = `{ marker: ${JSON.stringify(marker)}, value: await (${expression}) ?? null }`;
      const { content } = await this.#request(`await globalThis.Deno.jupyter.broadcast(${JSON.stringify(ANSWER)}, ${message});`, false);
      if (content.status !== "ok" && !await settlesWithin(promise, 500)) throw notAnswered(errorOf(content));
      return await promise;
    } finally {
      this.#answers.delete(marker);
    }
  }

  #answered({ content }: Message): void {
    this.#answers.get(content.marker)?.(content.value);
  }

  #inTurn<T>(work: () => Promise<T>): Promise<T> {
    const done = this.#turn.then(work);
    this.#turn = done.catch(() => {}); // the caller sees it; the next one has a turn all the same
    return done;
  }

  /** Where the kernel could not evaluate a cell it says "Execution failed", and publishes nothing. */
  async #explain(code: string, content: Message["content"], printedBefore: number): Promise<void> {
    if (this.outputs.some((output) => output.output_type === "error")) return;
    const given = errorOf(content);
    await new Promise((resolve) => setTimeout(resolve, 50)); // what the process printed comes another way
    const reason = given.traceback.length > 0 ? given : await explainRefusal(code, this.#child.printedSince(printedBefore));
    if (reason === undefined) return;
    const traceback = given.traceback.length > 0 ? given.traceback : [`${reason.ename}: ${reason.evalue}`];
    const header = { msg_id: "", msg_type: "error", session: "" };
    this.#collector.take({ header, parent: {}, content: { ...reason, traceback } });
  }

  /** Waits for something that a dead, hung or damaged kernel would never give. */
  async #bounded<T>(wanted: Promise<T>, timeout: number | undefined, late: () => Error): Promise<T> {
    const overdue = Promise.withResolvers<never>();
    const timer = timeout === undefined ? undefined : setTimeout(() => overdue.reject(late()), timeout);
    wanted.catch(() => {}); // it may fail after another of the three has won
    try {
      return await Promise.race([wanted, this.#failure.promise, overdue.promise]);
    } finally {
      clearTimeout(timer);
    }
  }
}

async function settlesWithin(promise: Promise<unknown>, ms: number): Promise<boolean> {
  const late = Promise.withResolvers<boolean>();
  const timer = setTimeout(() => late.resolve(false), ms);
  const settled = await Promise.race([promise.then(() => true), late.promise]);
  clearTimeout(timer);
  return settled;
}

const printedBy = (child: KernelChild) => child.printed === "" ? "It printed nothing." : `It printed: ${child.printed.slice(-2_000)}`;

function died(child: KernelChild): NotebookError {
  return new NotebookError("notebook_failed", {
    problem: "The kernel died.",
    why: `Its process ended with ${child.end}. ${printedBy(child)}`,
    fix: "Look for Deno.exit(), for a native library that crashes, and for memory that runs out, in the cell that was being executed.",
  });
}

function notStarted(child: KernelChild, timeout: number): NotebookError {
  return new NotebookError("notebook_failed", {
    problem: `The kernel did not start within ${timeout} ms.`,
    why: `It does not answer. ${printedBy(child)}`,
    fix: "Give it more time with `startTimeout`, or try `deno jupyter --kernel` by hand.",
  });
}

function tooSlow(timeout: number): NotebookError {
  return new NotebookError("notebook_failed", {
    problem: `A cell did not finish within ${timeout} ms.`,
    why: "It computes for longer, or awaits something that does not come; an error thrown in a timer stops a Deno kernel as well.",
    fix: "Give a larger `timeout`, or find out in JupyterLab where the cell stands.",
  });
}

function lostOutputs(): NotebookError {
  return new NotebookError("notebook_failed", {
    problem: "The outputs of a cell did not all arrive.",
    why:
      `The cell was done, and the marker that follows its outputs did not come within ${FENCE_MS} ms; code that it left running may block the kernel.`,
    fix: "Await what the cell starts, and show less than 1 MB in one output.",
  });
}

function notAnswered({ ename, evalue }: ErrorOutput): NotebookError {
  return new NotebookError("notebook_failed", {
    problem: "The kernel could not be asked something between two cells.",
    why: `It answered with ${ename}: ${evalue}.`,
    fix: "Leave `globalThis.Deno` and `Deno.jupyter` as they are.",
  });
}

function damaged(cause: Error): NotebookError {
  return new NotebookError("notebook_failed", {
    problem: "The messages of the kernel cannot be read.",
    why: `${cause.message}. Deno's kernel mixes up its messages where one output is larger than about 3 MB.`,
    fix: "Show less in one output: write large results to a file.",
    cause,
  });
}

function closed(): NotebookError {
  return new NotebookError("notebook_failed", {
    problem: "The kernel was shut down.",
    why: "`shutdown` was called while code was being executed, or before.",
    fix: "Start another kernel.",
  });
}
