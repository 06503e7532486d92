/**
 * The Consist kernel: it stands between Jupyter and Deno's own kernel. It executes one cell at a time and hands over a cell's end only when
 * everything that the cell showed is out, so that each output stands under its own cell; it ends the queue after an error, answers
 * interrupts and shutdowns, and says why where Deno's kernel gives no reason.
 */
import type { MimeBundle } from "../types.ts";
import type { ErrorOutput } from "./outputs.ts";
import { type Asked, type AskingChannel, KernelFront } from "./kernel_front.ts";
import { type Heard, KernelBack } from "./kernel_back.ts";
import { FENCE, fenceCode, OPENED_VARIABLE, preludeCode, TOLD, withCellNote } from "./kernel_prelude.ts";
import { InterruptLine } from "./interrupt_line.ts";
import { OpenedLog } from "./opened_log.ts";
import { OwnRequests } from "./own_requests.ts";
import { reasonOfFailure } from "./refusal.ts";
import { STEP_MESSAGE, StepCells } from "./step_cells.ts";
import type { Connection, WholeMessage } from "./wire.ts";

/** A cell on its way. */
interface Job extends Asked {
  /** Where in the kernel's own print-out it began. */
  printedBefore: number;
  /** What the kernel replied; held back until all that the cell showed is out. */
  reply?: Heard;
  /** The kernel's word that it is idle again; held back likewise. */
  idle?: Heard;
  /** The silent request that follows the cell. */
  fence?: string;
  /** What is shown before all that it shows itself. */
  notes: readonly MimeBundle[];
  /** Its value or its error, which Deno may send before what was shown earlier; held back likewise. */
  readonly last: Heard[];
  /** Does the kernel have it? */
  isPassed: boolean;
  /** Was an error shown? */
  hasError: boolean;
  /** Was an interrupt tried? */
  isInterrupted: boolean;
  /** All that it showed is out. */
  isOut: boolean;
  /** Something that it showed was lost. */
  isDamaged: boolean;
}

/** How long the word that all is out may take after a cell. */
const FENCE_MS = 10_000;
/** After this long the user is told that an interrupt did not help. */
const INTERRUPT_MS = 1_500;
/** How long Deno's kernel may take to end. */
const END_MS = 1_000;
/** What a silent request makes the kernel publish. Whatever else bears its stamp comes from a cell: outputs, widgets' messages, an author's own. */
const OWN = new Set(["status", "execute_input"]);

/** A kernel for one connection file. */
export class KernelProxy {
  readonly #front: KernelFront;
  readonly #back: Promise<KernelBack>;
  readonly #line: InterruptLine;
  readonly #opened = new OpenedLog();
  readonly #clients = new Map<string, Uint8Array>();
  readonly #own: OwnRequests;
  readonly #cells: StepCells;
  readonly #queue: Job[] = [];
  #job: Job | undefined;
  #last: WholeMessage | undefined;
  #count = 0;
  #isReady = false;
  #isEnding = false;
  /** Settles with the exit code when the kernel has ended. */
  readonly ended: Promise<number>;

  /** Listens at once, and starts Deno's kernel meanwhile; `cwd` is where the cells' relative paths begin. */
  constructor(connection: Connection, { cwd }: { readonly cwd?: string } = {}) {
    this.#line = new InterruptLine();
    this.#front = new KernelFront(connection, (channel, asked) => this.#asked(channel, asked));
    this.#back = KernelBack.start({ key: connection.key, ...(cwd === undefined ? {} : { cwd }), env: this.#opened.env }, {
      onReply: (channel, heard) => this.#replied(channel, heard),
      onPublished: (heard) => this.#heard(heard),
      onDamage: () => this.#damaged(),
    });
    this.#own = new OwnRequests(this.#back);
    this.#cells = new StepCells(this.#own);
    this.ended = this.#run();
  }

  /** Ends the kernel as if Jupyter had asked for it. */
  async shutdown(): Promise<void> {
    this.#isEnding = true;
    await this.#endCells();
    await (await this.#back).finish(END_MS);
  }

  /** Interrupts the cell that runs, as if Jupyter had asked for it. */
  async interrupt(): Promise<void> {
    const job = this.#job;
    this.#abort(this.#queue.splice(0));
    if (job === undefined) return;
    if (job.isInterrupted) return await this.#kill(job); // asked twice: the user wants it
    job.isInterrupted = true;
    // What listens is told by a signal. What computes is stopped by Deno; where nothing computes that would stop the next thing that does.
    if (!await this.#line.tell() && this.#job === job && job.reply === undefined) {
      this.#own.note((await this.#back).interrupt());
    }
    setTimeout(() => this.#stillRunning(job), INTERRUPT_MS);
  }

  async #run(): Promise<number> {
    const back = await this.#back;
    void back.connected().then(() => this.#prepare(), () => {}); // it died before: that is seen below
    await back.child.ended;
    if (!this.#isEnding) await this.#tellDeath(back.child.end);
    await back.finish(0);
    await new Promise((resolve) => setTimeout(resolve, 50)); // the last words reach the clients
    await Promise.all([this.#front.close(), this.#line.close(), this.#opened.remove()]);
    return this.#isEnding ? 0 : back.child.status?.code || 1;
  }

  async #prepare(): Promise<void> {
    const { path: opened, isOwn } = this.#opened;
    const told = { opened, ...(isOwn ? { variable: OPENED_VARIABLE } : {}) };
    await this.#own.execute(preludeCode({ port: this.#line.port, notebook: Deno.env.get("JPY_SESSION_NAME"), ...told }));
    this.#isReady = true;
    await this.#next();
  }

  // ── what clients ask ──────────────────────────────────────────────────────────────────────────────────────────────────────

  #asked(channel: AskingChannel, asked: Asked): void {
    const { header } = asked.message;
    this.#clients.set(header.msg_id, asked.client);
    if (header.msg_type === "execute_request" && channel === "shell") {
      this.#queue.push({
        ...asked,
        printedBefore: 0,
        notes: [],
        last: [],
        isPassed: false,
        hasError: false,
        isInterrupted: false,
        isOut: false,
        isDamaged: false,
      });
      void this.#next();
    } else if (header.msg_type === "interrupt_request") void this.#interrupt(asked);
    else if (header.msg_type === "shutdown_request") void this.#shutdown(asked);
    else void this.#back.then((back) => back.pass(channel, asked.frames));
  }

  async #interrupt({ client, message }: Asked): Promise<void> {
    await this.#front.reply("control", client, message.header, "interrupt_reply", { status: "ok" });
    await this.interrupt();
  }

  #stillRunning(job: Job): void {
    if (this.#job !== job || job.reply !== undefined) return;
    const text =
      "consist: the cell awaits something that cannot be interrupted. Interrupt again to end the kernel; its variables are then lost.\n";
    void this.#front.publish(job.message.header, "stream", { name: "stderr", text });
  }

  async #kill(job: Job): Promise<void> {
    const why = "The cell awaited something that could not be interrupted, and the kernel was ended at the second interrupt.";
    await this.#fail(job, "Interrupted", why);
    this.#job = undefined;
    await (await this.#back).finish(0);
  }

  async #shutdown({ client, message, frames }: Asked): Promise<void> {
    this.#isEnding = true;
    // Deno often ends before its own reply is out.
    const content = { status: "ok", restart: message.content.restart === true };
    await this.#front.reply("control", client, message.header, "shutdown_reply", content);
    const back = await this.#back;
    await this.#endCells();
    await Promise.race([back.pass("control", frames), new Promise((resolve) => setTimeout(resolve, END_MS))]);
    await back.finish(END_MS);
  }

  /** What step cells opened ends with the kernel, unless a cell still runs. */
  async #endCells(): Promise<void> {
    if (this.#job !== undefined) return;
    const { promise, resolve } = Promise.withResolvers<void>();
    const timer = setTimeout(resolve, END_MS);
    await Promise.race([this.#cells.end().finally(resolve), promise]);
    clearTimeout(timer);
  }

  // ── one cell after the other ──────────────────────────────────────────────────────────────────────────────────────────────

  async #next(): Promise<void> {
    if (!this.#isReady || this.#job !== undefined || this.#queue.length === 0) return;
    const job = this.#job = this.#queue.shift()!;
    this.#last = job.message;
    const back = await this.#back;
    job.printedBefore = back.child.printedLength;
    await this.#opened.shorten();
    const prepared = await this.#cells.prepare({ code: String(job.message.content.code ?? ""), id: cellIdOf(job), count: this.#count + 1 });
    if (this.#job !== job) return; // it was ended meanwhile
    job.notes = prepared.notes;
    if ("refused" in prepared) return await this.#refuse(job, prepared.refused);
    const code = this.#noted(job, prepared.code);
    job.isPassed = true;
    await back.passWhole("shell", { ...job.message, prefix: [], content: { ...job.message.content, code } });
  }

  /** Shows something of our own under a cell. */
  async #show(job: Job, data: MimeBundle): Promise<void> {
    await this.#front.publish(job.message.header, "display_data", { data, metadata: {}, transient: {} });
  }

  /** A cell that is not executed, for a reason of ours. */
  async #refuse(job: Job, { ename, evalue, traceback }: ErrorOutput): Promise<void> {
    this.#job = undefined;
    await this.#front.publish(job.message.header, "status", { execution_state: "busy" });
    for (const note of job.notes) await this.#show(job, note);
    await this.#fail(job, ename, evalue, traceback.length > 0 ? traceback : undefined);
    this.#clients.delete(job.message.header.msg_id);
    if (job.message.content.stop_on_error !== false) this.#abort(this.#queue.splice(0));
    await this.#next();
  }

  /** The cell with the note of which cell it is. */
  #noted(job: Job, code: string): string {
    if (job.message.content.silent === true) return code;
    const id = cellIdOf(job);
    return withCellNote({ ...(id === undefined ? {} : { id }), count: this.#count + 1 }, code);
  }

  #replied(channel: AskingChannel, heard: Heard): void {
    const id = heard.message.parent.msg_id ?? "";
    if (this.#own.replied(id, heard)) return;
    if (this.#job !== undefined && id === this.#job.message.header.msg_id && heard.message.header.msg_type === "execute_reply") {
      this.#job.reply = heard;
      return void (this.#job.fence ?? this.#fence(this.#job));
    }
    const client = this.#clients.get(id);
    if (client === undefined) return;
    void this.#front.pass(channel, client, heard.frames);
    if (heard.message.header.msg_type !== "input_request") this.#clients.delete(id);
  }

  /** Asks for a word through the same way that outputs take: what comes before it belongs to the cell. */
  async #fence(job: Job): Promise<void> {
    job.fence = ""; // it is on its way
    const back = await this.#back;
    const id = job.fence = back.executeSilently(fenceCode(job.message.header.msg_id));
    const isOver = () => {
      if (this.#job !== job || job.fence !== id) return;
      job.isOut = true;
      void this.#finish(job);
    };
    const timer = setTimeout(isOver, FENCE_MS);
    this.#own.note(id, ({ status }) => {
      clearTimeout(timer);
      if (status !== "ok") setTimeout(isOver, 200); // a cell replaced `Deno.jupyter`: there is no word to wait for
      else setTimeout(isOver, FENCE_MS);
    });
  }

  #heard(heard: Heard): void {
    const { message, frames } = heard;
    const [type, parent, job] = [message.header.msg_type, message.parent.msg_id, this.#job];
    if (type === FENCE) {
      if (job !== undefined && message.content.marker === job.message.header.msg_id) {
        job.isOut = true;
        void this.#finish(job);
      }
      return;
    }
    if (type === TOLD) return this.#own.told(message.content);
    if (type === STEP_MESSAGE) return this.#cells.heard(message.content);
    const isOwn = this.#own.has(parent);
    if (isOwn && type === "status" && message.content.execution_state === "idle") this.#own.idle(parent!);
    if (isOwn && (OWN.has(type) || (type === "error" && job?.isPassed !== true))) return; // the reply has it too
    if (job !== undefined && (isOwn || parent === job.message.header.msg_id)) return this.#heardOf(job, heard);
    if (isOwn && this.#last !== undefined) return void this.#front.publishWhole({ ...message, parent: this.#last.header });
    void this.#front.passOn(frames);
  }

  /** Deno stamps an output with the request that runs when it is sent, which may be the fence. */
  #heardOf(job: Job, { message, frames }: Heard): void {
    const type = message.header.msg_type;
    if (type === "error") job.hasError = true;
    if (type === "status" && message.content.execution_state === "idle") {
      job.idle = { message, frames };
      // Deno sends its reply in pieces, the later ones when we have acknowledged the first: the next request does so at once, else it takes 40 ms.
      if (job.fence === undefined) void this.#fence(job);
      return void this.#finish(job);
    }
    if (type === "execute_input") {
      if (typeof message.content.execution_count === "number") this.#count = message.content.execution_count;
      void this.#front.publishWhole({ ...message, content: { ...message.content, code: job.message.content.code } });
      for (const note of job.notes) void this.#show(job, note);
      return;
    }
    if (type === "error" || type === "execute_result") return void job.last.push({ message, frames });
    void this.#place(job, { message, frames });
  }

  /** Shows an output under its cell, whatever request it was stamped with. */
  async #place(job: Job, { message, frames }: Heard): Promise<void> {
    if (message.parent.msg_id === job.message.header.msg_id) await this.#front.passOn(frames);
    else await this.#front.publishWhole({ ...message, parent: job.message.header });
  }

  async #finish(job: Job): Promise<void> {
    if (this.#job !== job || !job.isOut || job.reply === undefined || (job.idle === undefined && !job.isDamaged)) return;
    this.#job = undefined;
    this.#isReady = false; // the next cell waits for all that this one leaves
    for (const heard of job.last.splice(0)) await this.#place(job, heard);
    const { content } = job.reply.message;
    if (content.status === "error") await this.#explain(job, content);
    for (const note of this.#cells.notesAfter(content)) await this.#show(job, note);
    if (job.idle === undefined) await this.#front.publish(job.message.header, "status", { execution_state: "idle" });
    else await this.#front.passOn(job.idle.frames);
    const id = job.message.header.msg_id;
    await this.#front.pass("shell", this.#clients.get(id) ?? job.client, job.reply.frames);
    this.#clients.delete(id);
    if (content.status === "error" && job.message.content.stop_on_error !== false) this.#abort(this.#queue.splice(0));
    await this.#cells.settle(content);
    this.#isReady = true;
    await this.#next();
  }

  /** Where Deno's kernel could not evaluate a cell it shows nothing. */
  async #explain(job: Job, content: WholeMessage["content"]): Promise<void> {
    if (job.hasError || job.message.content.silent === true) return;
    const { child } = await this.#back;
    const reason = await reasonOfFailure(String(job.message.content.code ?? ""), content, () => child.printedSince(job.printedBefore));
    if (reason === undefined) return;
    const { ename, evalue, traceback } = reason;
    await this.#front.publish(job.message.header, "error", { ename, evalue, traceback });
  }

  /** Cells that were queued behind one that failed. */
  #abort(jobs: readonly Job[]): void {
    for (const { client, message } of jobs) {
      void this.#front.publish(message.header, "status", { execution_state: "busy" });
      void this.#front.reply("shell", client, message.header, "execute_reply", { status: "aborted", execution_count: this.#count });
      void this.#front.publish(message.header, "status", { execution_state: "idle" });
    }
  }

  // ── what goes wrong ───────────────────────────────────────────────────────────────────────────────────────────────────────

  #damaged(): void {
    const job = this.#job;
    if (job === undefined) return;
    job.isDamaged = true;
    const text =
      "consist: an output of this cell was too large for Deno's kernel, and is lost. Show less in one output: write large results to a file.\n";
    void this.#front.publish(job.message.header, "stream", { name: "stderr", text });
    if (job.reply !== undefined) void this.#fence(job); // the word may have been lost as well
  }

  async #tellDeath(end: string): Promise<void> {
    const why = `Deno's kernel ended (${end}). What its cells had defined is lost.`;
    for (const job of [...this.#job === undefined ? [] : [this.#job], ...this.#queue.splice(0)]) await this.#fail(job, "KernelDied", why);
  }

  async #fail(job: Job, ename: string, evalue: string, traceback: readonly string[] = [`${ename}: ${evalue}`]) {
    const { client, message } = job;
    for (const heard of job.last.splice(0)) await this.#place(job, heard);
    const error = { ename, evalue, traceback };
    await this.#front.publish(message.header, "error", error);
    await this.#front.reply("shell", client, message.header, "execute_reply", { status: "error", execution_count: this.#count, ...error });
    await this.#front.publish(message.header, "status", { execution_state: "idle" });
  }
}

/** The cell's id, where the frontend tells it. */
function cellIdOf({ message }: Asked): string | undefined {
  const id = message.metadata.cellId;
  return typeof id === "string" ? id : undefined;
}
