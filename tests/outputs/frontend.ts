/** A frontend as far as outputs go: it sends all cells of a notebook at once, and shows what comes under the cell that it is said to come from. */
import { type Connection, decodeMessage, encodeRequest, type Message, newConnection, newHeader } from "../../src/kernels/wire.ts";
import { Dealer, Sub } from "../../src/kernels/zmtp.ts";

/** How a kernel is started: its words, with the connection file's path to be put in. */
export type KernelCommand = (connectionFile: string) => readonly string[];
/** What was shown under a cell between its request and the word that the kernel is idle again. */
export type Under = readonly Message[];

interface Cell {
  readonly shown: Message[];
  readonly replied: PromiseWithResolvers<void>;
  readonly idle: PromiseWithResolvers<void>;
}

/** A kernel in a process of its own, as a frontend has it. */
export class Frontend implements AsyncDisposable {
  readonly #cells = new Map<string, Cell>();
  readonly #session = crypto.randomUUID();
  readonly #shell: Dealer;
  readonly #published: Sub;
  #heard = Promise.withResolvers<void>();

  private constructor(private readonly process: Deno.ChildProcess, private readonly connection: Connection, private readonly file: string) {
    const at = (port: number, take: (message: Message) => void) => ({
      hostname: connection.ip,
      port,
      identity: this.#session,
      onMessage: (parts: Uint8Array[]) => take(decodeMessage(parts, connection.key)),
    });
    this.#shell = new Dealer(at(connection.shell_port, ({ parent }) => this.#cells.get(parent.msg_id ?? "")?.replied.resolve()));
    this.#published = new Sub(at(connection.iopub_port, (message) => this.#take(message)));
  }

  /** Starts a kernel and waits until what it publishes is heard. */
  static async start(command: KernelCommand): Promise<Frontend> {
    const file = await Deno.makeTempFile({ prefix: "kernel-", suffix: ".json" });
    const connection = newConnection();
    await Deno.writeTextFile(file, JSON.stringify(connection));
    const [program, ...args] = command(file);
    const process = new Deno.Command(program!, { args, stdin: "null", stdout: "null", stderr: "null" }).spawn();
    const frontend = new Frontend(process, connection, file);
    await Promise.all([frontend.#shell.connected(), frontend.#published.connected()]);
    for (let heard = false; !heard;) { // a subscription takes effect a little later
      await frontend.#request("kernel_info_request", {});
      const late = Promise.withResolvers<false>();
      const timer = setTimeout(() => late.resolve(false), 50);
      heard = await Promise.race([frontend.#heard.promise.then(() => true), late.promise]);
      clearTimeout(timer);
    }
    return frontend;
  }

  /** Sends all cells before the first is done, as "Run All" does; gives what is shown under each when all are done. */
  async runAll(cells: readonly string[]): Promise<Under[]> {
    this.#cells.clear(); // what comes for a cell of an earlier round has no place any more
    const rest = { silent: false, store_history: true, user_expressions: {}, allow_stdin: true, stop_on_error: true };
    const sent = cells.map((code) => this.#send("execute_request", { code, ...rest }));
    await Promise.all(sent.map(({ idle, replied }) => Promise.all([idle.promise, replied.promise])));
    return sent.map(({ shown }) => [...shown]);
  }

  #send(type: string, content: Readonly<Record<string, unknown>>): Cell {
    const header = newHeader(type, this.#session);
    const cell = { shown: [], replied: Promise.withResolvers<void>(), idle: Promise.withResolvers<void>() };
    this.#cells.set(header.msg_id, cell);
    void this.#shell.send(encodeRequest(header, content, this.connection.key));
    return cell;
  }

  async #request(type: string, content: Readonly<Record<string, unknown>>): Promise<void> {
    await this.#send(type, content).replied.promise;
  }

  /** After the word that a cell is done, a client listens no longer for it: what comes then is lost. */
  #take(message: Message): void {
    this.#heard.resolve();
    const id = message.parent.msg_id ?? "";
    const cell = this.#cells.get(id);
    if (cell === undefined) return;
    if (message.header.msg_type !== "status") return void cell.shown.push(message);
    if (message.content.execution_state !== "idle") return;
    cell.idle.resolve();
    this.#cells.set(id, { ...cell, shown: [] });
  }

  /** Ends the kernel's process. */
  async [Symbol.asyncDispose](): Promise<void> {
    this.process.kill("SIGTERM");
    const kill = setTimeout(() => this.process.kill("SIGKILL"), 5_000);
    await this.process.status;
    clearTimeout(kill);
    await Promise.all([this.#shell.close(), this.#published.close()]);
    await Deno.remove(this.file).catch(() => {}); // the kernel may remove it
  }
}
