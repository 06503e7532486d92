/**
 * A Deno kernel in a process of its own that executes code and gives what it shows.
 *
 * Deno's kernel sends outputs through a queue that is not synchronised with its replies: some come after the cell is done, stamped with the
 * request that runs when they are sent. So after each cell a **fence** is sent, a silent request whose answer comes through that same queue;
 * everything before the answer belongs to the cell.
 */
import { Channels } from "./channels.ts";
import { KernelChild } from "./kernel_child.ts";
import { closed, damaged, died, lostOutputs, notAnswered, notStarted, portsTaken, tooSlow } from "./kernel_errors.ts";
import { preludeCode, type StepNotes, TAKE_STEPS, withCellNote } from "./kernel_prelude.ts";
import { errorOf, type ErrorOutput, type Output, OutputCollector } from "./outputs.ts";
import { reasonOfFailure } from "./refusal.ts";
import { type Connection, type Message, newConnection } from "./wire.ts";

/** How a kernel is started. */
export interface KernelOptions {
  /** Working directory of the cells; Deno looks for `deno.json` there and in the folders above. @default the present working directory */
  readonly cwd?: string | undefined;
  /** Environment variables beside those of this process. */
  readonly env?: Readonly<Record<string, string>> | undefined;
  /** How long it may take to answer, in milliseconds. @default 30_000 */
  readonly startTimeout?: number | undefined;
  /** The words that start it, with `{connection_file}` among them, as in a kernelspec. @default Deno's own kernel, taught by ours */
  readonly command?: readonly string[] | undefined;
}
/** How some code is executed. */
export interface ExecuteOptions {
  /** How long it may take, in milliseconds. @default no limit */
  readonly timeout?: number | undefined;
  /** The cell's id in its notebook. */
  readonly cellId?: string | undefined;
}
/** What became of some code. */
export interface Execution {
  /** The number that Jupyter shows beside the cell. */
  readonly executionCount: number | null;
  /** What it showed, in order. */
  readonly outputs: Output[];
  /** What it failed with, which is also the last of its outputs. */
  readonly error?: ErrorOutput;
  /** How the steps ended that it ran, where it uses our library. */
  readonly steps?: StepNotes;
}

const ANSWER = "consist_answer";
/** How long the answer may take that follows a finished cell. */
const FENCE_MS = 15_000;
/** Another program may take a port between our choice and the kernel's start. */
const START_TRIES = 3;

/** A running kernel. One piece of code is executed at a time, in the order of the calls. */
export class KernelProcess implements AsyncDisposable {
  readonly #child: KernelChild;
  readonly #isBare: boolean;
  readonly #channels: Channels;
  readonly #collector = new OutputCollector();
  readonly #failure = Promise.withResolvers<never>();
  readonly #answers = new Map<unknown, (value: unknown) => void>();
  #turn: Promise<unknown> = Promise.resolve();
  #published: (message: Message) => void = () => {};
  #ending = false;
  #count = 0;
  #languageInfo: Readonly<Record<string, unknown>> = {};

  private constructor(child: KernelChild, connection: Connection, isBare: boolean) {
    this.#child = child;
    this.#isBare = isBare;
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
      const child = await KernelChild.start({ connection, cwd: options.cwd, env: options.env, command: options.command });
      const kernel = new KernelProcess(child, connection, options.command === undefined);
      try {
        await kernel.#greet(options.startTimeout ?? 30_000);
        if (kernel.#isBare) await kernel.#teach(options.env?.JPY_SESSION_NAME);
        await child.removeFile();
        return kernel;
      } catch (error) {
        await kernel.shutdown();
        if (!/AddrInUse|address already in use/i.test(child.printed)) throw error;
        if (tries >= START_TRIES) throw portsTaken(tries, child);
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

  /** What our kernel does before the first cell, for Deno's own. */
  async #teach(notebook: string | undefined): Promise<void> {
    await this.#bounded(this.#request(preludeCode({ notebook }), false), FENCE_MS, () => tooSlow(FENCE_MS));
  }

  async #execute(code: string, { timeout, cellId }: ExecuteOptions): Promise<Execution> {
    this.#collector.begin();
    const printedBefore = this.#child.printedLength;
    this.#published = (message) => this.#collector.take(message);
    const noted = this.#isBare ? withCellNote({ ...(cellId === undefined ? {} : { id: cellId }), count: this.#count + 1 }, code) : code;
    const { content } = await this.#bounded(this.#request(noted, true, cellId), timeout, () => tooSlow(timeout!));
    const steps = await this.#bounded(this.#ask(TAKE_STEPS), FENCE_MS, () => lostOutputs(FENCE_MS)) as StepNotes | null;
    if (content.status !== "ok") await this.#explain(code, content, printedBefore);
    const error = this.outputs.find((output) => output.output_type === "error");
    const executionCount = typeof content.execution_count === "number" ? content.execution_count : null;
    this.#count = executionCount ?? this.#count;
    return { executionCount, outputs: this.outputs, ...(error ? { error } : {}), ...(steps ? { steps } : {}) };
  }

  #request(code: string, visible: boolean, cellId?: string): Promise<Message> {
    const rest = { user_expressions: {}, allow_stdin: false, stop_on_error: visible };
    const content = { code, silent: !visible, store_history: visible, ...rest };
    return this.#channels.request("shell", "execute_request", content, cellId === undefined ? {} : { cellId });
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

  /** Where the kernel could not evaluate a cell it publishes nothing. */
  async #explain(code: string, content: Message["content"], printedBefore: number): Promise<void> {
    if (this.outputs.some((output) => output.output_type === "error")) return;
    const reason = await reasonOfFailure(code, content, () => this.#child.printedSince(printedBefore));
    const header = { msg_id: "", msg_type: "error", session: "" };
    if (reason !== undefined) this.#collector.take({ header, parent: {}, content: { ...reason } });
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
