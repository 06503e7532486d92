/** Deno's own kernel behind ours: its process, and our connections to it. */
import type { AskingChannel } from "./kernel_front.ts";
import { KernelChild } from "./kernel_child.ts";
import { type Connection, decodeWhole, encodeWhole, newConnection, newHeader, type WholeMessage } from "./wire.ts";
import { Dealer, Sub } from "./zmtp.ts";

/** A message of the kernel, and as it came. */
export interface Heard {
  /** What it says. */
  readonly message: WholeMessage;
  /** The message as it came, to be passed on. */
  readonly frames: readonly Uint8Array[];
}
/** What is done with what the kernel says. */
export interface BackEvents {
  /** A reply, or a question to the user. */
  readonly onReply: (channel: AskingChannel, heard: Heard) => void;
  /** Something that it published. */
  readonly onPublished: (heard: Heard) => void;
  /** What it published was damaged; the connection was made anew, and something is lost. */
  readonly onDamage: () => void;
}

/** A running Deno kernel. */
export class KernelBack {
  readonly child: KernelChild;
  readonly #connection: Connection;
  readonly #session = crypto.randomUUID();
  readonly #events: BackEvents;
  readonly #dealers: Readonly<Record<AskingChannel, Dealer>>;
  #published: Sub;
  #closed = false;

  private constructor(child: KernelChild, connection: Connection, events: BackEvents) {
    this.child = child;
    this.#connection = connection;
    this.#events = events;
    const dealer = (channel: AskingChannel, port: number) =>
      new Dealer({
        hostname: connection.ip,
        port,
        identity: this.#session,
        onMessage: (frames) => this.#hear(frames, (heard) => events.onReply(channel, heard)),
      });
    this.#dealers = {
      shell: dealer("shell", connection.shell_port),
      control: dealer("control", connection.control_port),
      stdin: dealer("stdin", connection.stdin_port),
    };
    this.#published = this.#subscribe();
  }

  /** Starts the kernel; messages that are sent before it listens wait. They are signed with the key that our own clients use. */
  static async start(
    { key, cwd, env }: { readonly key: string; readonly cwd?: string; readonly env: Readonly<Record<string, string>> },
    events: BackEvents,
  ): Promise<KernelBack> {
    const connection = { ...newConnection(), key };
    const child = await KernelChild.start({ connection, echo: true, env, ...(cwd === undefined ? {} : { cwd }) });
    return new KernelBack(child, connection, events);
  }

  /** Settles when requests reach the kernel and what it publishes reaches us. */
  async connected(): Promise<void> {
    await Promise.all([this.#dealers.shell.connected(), this.#published.connected()]);
  }

  /** Passes on a client's frames. */
  async pass(channel: AskingChannel, frames: readonly Uint8Array[]): Promise<void> {
    await this.#dealers[channel].send(frames).catch(() => {}); // the kernel died: whoever watches its process says so
  }

  /** Passes on a request that we changed. */
  async passWhole(channel: AskingChannel, message: WholeMessage): Promise<void> {
    await this.pass(channel, encodeWhole(message, this.#connection.key));
  }

  /** Executes code that shows nothing; gives the id of the request. */
  executeSilently(code: string): string {
    const rest = { user_expressions: {}, allow_stdin: false, stop_on_error: false };
    return this.#request("shell", "execute_request", { code, silent: true, store_history: false, ...rest });
  }

  /** Stops what computes; gives the id of the request. */
  interrupt(): string {
    return this.#request("control", "interrupt_request", {});
  }

  #request(channel: AskingChannel, type: string, content: Record<string, unknown>): string {
    const header = newHeader(type, this.#session);
    void this.passWhole(channel, { prefix: [], header, parent: {}, metadata: {}, content, buffers: [] });
    return header.msg_id;
  }

  /** Ends the kernel, by force where it does not end soon. */
  async finish(graceMs: number): Promise<void> {
    this.#closed = true;
    await this.child.finish(graceMs);
    await Promise.all([...Object.values(this.#dealers), this.#published].map((socket) => socket.close()));
  }

  /** Deno mixes up its messages where one is larger than some MB: a new connection begins with a whole one. */
  #subscribe(): Sub {
    return new Sub({
      hostname: this.#connection.ip,
      port: this.#connection.iopub_port,
      onMessage: (frames) => this.#hear(frames, this.#events.onPublished),
      onEnd: (damage) => {
        if (damage === undefined || this.#closed) return;
        this.#published = this.#subscribe();
        void this.#published.connected().then(() => this.#events.onDamage(), () => {}); // closed meanwhile
      },
    });
  }

  #hear(frames: readonly Uint8Array[], take: (heard: Heard) => void): void {
    let message: WholeMessage;
    try {
      message = decodeWhole(frames, this.#connection.key);
    } catch {
      return this.#events.onDamage(); // one message is lost, and the next is whole
    }
    take({ message, frames });
  }
}
