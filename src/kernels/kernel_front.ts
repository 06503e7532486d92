/** What Jupyter sees of a kernel: five ports that its clients connect to. */
import { type Connection, decodeWhole, encodeWhole, type Header, newHeader, type WholeMessage } from "./wire.ts";
import { Echo, Pub, Router } from "./zmtp_server.ts";

/** The channels on which clients ask. */
export type AskingChannel = "shell" | "control" | "stdin";
/** A message of a client. */
export interface Asked {
  /** Under which identity the client waits for the reply. */
  readonly client: Uint8Array;
  /** What it asks. */
  readonly message: WholeMessage;
  /** The message as it came, to be passed on. */
  readonly frames: readonly Uint8Array[];
}

/** The ports of a kernel. */
export class KernelFront {
  readonly #key: string;
  readonly #session = crypto.randomUUID();
  readonly #routers: Readonly<Record<AskingChannel, Router>>;
  readonly #published: Pub;
  readonly #heart: Echo;

  /** Listens where the connection file says; a message with a wrong signature is dropped. */
  constructor(connection: Connection, onMessage: (channel: AskingChannel, asked: Asked) => void) {
    this.#key = connection.key;
    const hostname = connection.ip;
    const router = (channel: AskingChannel, port: number) =>
      new Router({ hostname, port }, (client, frames) => {
        const message = this.#decoded(frames);
        if (message !== undefined) onMessage(channel, { client, message, frames });
      });
    this.#published = new Pub({ hostname, port: connection.iopub_port });
    this.#routers = {
      shell: router("shell", connection.shell_port),
      control: router("control", connection.control_port),
      stdin: router("stdin", connection.stdin_port),
    };
    this.#heart = new Echo({ hostname, port: connection.hb_port });
  }

  /** Passes on frames that the kernel sent for a client. */
  async pass(channel: AskingChannel, client: Uint8Array, frames: readonly Uint8Array[]): Promise<void> {
    await this.#routers[channel].send(client, frames);
  }

  /** Replies to a client by ourselves. */
  async reply(channel: AskingChannel, client: Uint8Array, parent: Header, type: string, content: Record<string, unknown>): Promise<void> {
    await this.pass(channel, client, this.#encoded(type, parent, content));
  }

  /** Passes on what the kernel published. */
  async passOn(frames: readonly Uint8Array[]): Promise<void> {
    await this.#published.send(frames);
  }

  /** Publishes a message that we changed. */
  async publishWhole(message: WholeMessage): Promise<void> {
    await this.#published.send(encodeWhole(message, this.#key));
  }

  /** Publishes something of our own, as an answer to a request. */
  async publish(parent: Header, type: string, content: Record<string, unknown>): Promise<void> {
    await this.#published.send([new TextEncoder().encode(`kernel.${type}`), ...this.#encoded(type, parent, content)]);
  }

  /** Closes all ports. */
  async close(): Promise<void> {
    await Promise.all([...Object.values(this.#routers), this.#published, this.#heart].map((socket) => socket.close()));
  }

  #encoded(type: string, parent: Header, content: Record<string, unknown>): Uint8Array[] {
    const header = newHeader(type, this.#session);
    return encodeWhole({ prefix: [], header, parent, metadata: {}, content, buffers: [] }, this.#key);
  }

  #decoded(frames: readonly Uint8Array[]): WholeMessage | undefined {
    try {
      return decodeWhole(frames, this.#key);
    } catch {
      return undefined; // somebody who does not know the key: not a client of ours
    }
  }
}
