/** The three channels of a kernel that a program needs: requests, urgent requests, and what the kernel publishes. */
import { type Connection, decodeMessage, encodeRequest, type Message, newHeader } from "./wire.ts";
import { Dealer, Sub } from "./zmtp.ts";

/** What a client does with what it is not waiting for. */
export interface ChannelEvents {
  /** Something that the kernel published: an output, a status. */
  readonly onPublished: (message: Message) => void;
  /** What comes from the kernel cannot be read any more. */
  readonly onDamage: (error: Error) => void;
}

/** A client's connection to one kernel. */
export class Channels {
  readonly #session = crypto.randomUUID();
  readonly #key: string;
  readonly #shell: Dealer;
  readonly #control: Dealer;
  readonly #published: Sub;
  readonly #waiting = new Map<string, (reply: Message) => void>();

  /** Connects to each port as soon as the kernel has bound it. */
  constructor(connection: Connection, { onPublished, onDamage }: ChannelEvents) {
    this.#key = connection.key;
    const socket = (port: number, take: (message: Message) => void) => ({
      hostname: connection.ip,
      port,
      identity: this.#session,
      onMessage: (parts: Uint8Array[]) => {
        try {
          take(decodeMessage(parts, this.#key));
        } catch (error) {
          onDamage(error as Error);
        }
      },
      onEnd: (error?: Error) => error && onDamage(error),
    });
    this.#shell = new Dealer(socket(connection.shell_port, (message) => this.#reply(message)));
    this.#control = new Dealer(socket(connection.control_port, (message) => this.#reply(message)));
    this.#published = new Sub(socket(connection.iopub_port, onPublished));
  }

  /** Settles when all three are connected. */
  async connected(): Promise<void> {
    await Promise.all([this.#shell.connected(), this.#control.connected(), this.#published.connected()]);
  }

  /** Sends a request and waits for its reply, which never comes where the kernel dies: race it. */
  request(
    channel: "shell" | "control",
    type: string,
    content: Readonly<Record<string, unknown>>,
    metadata: Readonly<Record<string, unknown>> = {},
  ): Promise<Message> {
    const header = newHeader(type, this.#session);
    const socket = channel === "shell" ? this.#shell : this.#control;
    return new Promise((resolve, reject) => {
      this.#waiting.set(header.msg_id, resolve);
      socket.send(encodeRequest(header, content, this.#key, metadata)).catch(reject);
    });
  }

  /** Closes all three. */
  async close(): Promise<void> {
    await Promise.all([this.#shell.close(), this.#control.close(), this.#published.close()]);
  }

  #reply(message: Message): void {
    const id = message.parent.msg_id ?? "";
    const resolve = this.#waiting.get(id);
    this.#waiting.delete(id);
    resolve?.(message);
  }
}
