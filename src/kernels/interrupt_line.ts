/** How our kernel tells Deno's of an interrupt while a cell is executed. */

/** What listens answers an interrupt within this time. */
const LISTENS_MS = 150;

/** A line into the kernel that works while it executes a cell: its shell takes one request after the other. */
export class InterruptLine {
  readonly #listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  readonly #open = new Set<Deno.TcpConn>();
  readonly #accepting: Promise<void>;

  constructor() {
    this.#accepting = this.#accept();
  }

  /** Where the kernel connects. */
  get port(): number {
    return this.#listener.addr.port;
  }

  /** Tells of an interrupt; `false` where nobody listens, because something computes. */
  async tell(): Promise<boolean> {
    const late = Promise.withResolvers<boolean>();
    const timer = setTimeout(() => late.resolve(false), LISTENS_MS);
    const told = [...this.#open].map((connection) => this.#tell(connection));
    const isHeard = await Promise.race([late.promise, ...told]);
    clearTimeout(timer);
    return isHeard;
  }

  /** Closes it. */
  async close(): Promise<void> {
    this.#listener.close();
    await this.#accepting;
    for (const connection of this.#open) connection.close();
    this.#open.clear();
  }

  async #tell(connection: Deno.TcpConn): Promise<boolean> {
    try {
      await connection.write(Uint8Array.of(1));
      return await connection.read(new Uint8Array(1)) !== null;
    } catch {
      return false; // the kernel has ended
    }
  }

  async #accept(): Promise<void> {
    for await (const connection of this.#listener) this.#open.add(connection);
  }
}
