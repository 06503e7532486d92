/**
 * The client side of ZMTP 3.0 over TCP, which is what Jupyter kernels speak: a socket that connects, retries until the other side has bound,
 * shakes hands, and then hands over whole messages. In TypeScript alone, because the native binding of ZeroMQ crashes Deno now and then.
 */
import {
  concat,
  encodeFrame,
  encodeMessage,
  type Frame,
  FrameReader,
  greeting,
  parseReady,
  ProtocolError,
  readyCommand,
} from "./zmtp_frames.ts";

/** Where a socket connects, and what it does with what comes. */
export interface SocketOptions {
  /** Host name or address. */
  readonly hostname: string;
  /** TCP port. */
  readonly port: number;
  /** Called with the parts of each message, in order. */
  readonly onMessage: (parts: Uint8Array[]) => void;
  /** Called once, where an established connection ends and nobody closed it: with the error where the stream was damaged. */
  readonly onEnd?: (error?: Error) => void;
}

/** The types of peers that each of our types talks to. */
const PEERS: Readonly<Record<string, readonly string[]>> = { DEALER: ["ROUTER", "DEALER", "REP"], SUB: ["PUB", "XPUB"] };
const RETRY_MS = 15;
const READ_SIZE = 64 * 1024;

class Socket {
  readonly #type: string;
  readonly #identity: string;
  readonly #options: SocketOptions;
  readonly #running: Promise<void>;
  readonly #connected = Promise.withResolvers<void>();
  #connection: Deno.TcpConn | undefined;
  #reader = new FrameReader();
  #writing: Promise<void> = Promise.resolve();
  #closed = false;
  #stopWaiting: () => void = () => {};

  constructor(type: string, identity: string, options: SocketOptions) {
    this.#type = type;
    this.#identity = identity;
    this.#options = options;
    this.#connected.promise.catch(() => {}); // whoever sends or waits sees it; nobody has to
    this.#running = this.#run();
  }

  /** Settles when the first handshake is done; rejects where the socket is closed before. */
  connected(): Promise<void> {
    return this.#connected.promise;
  }

  /** Closes the connection, ends the retries, and waits until nothing is left running. May be called twice. */
  async close(): Promise<void> {
    this.#closed = true;
    this.#stopWaiting();
    this.#connected.reject(new Error(`the socket to port ${this.#options.port} was closed`));
    this.#drop();
    await this.#running;
  }

  /** Sends the parts of one message, once connected; messages never mix. */
  protected async sendParts(parts: readonly Uint8Array[]): Promise<void> {
    await this.#connected.promise;
    await this.#write(encodeMessage(parts));
  }

  async #run(): Promise<void> {
    const connection = await this.#connect();
    if (connection === undefined) return;
    this.#connected.resolve();
    let damage: Error | undefined;
    try {
      for await (const parts of this.#messages(connection)) this.#options.onMessage(parts);
    } catch (error) {
      // Anything but a protocol error is the connection's end, which is how a kernel's death looks from here.
      if (error instanceof ProtocolError) damage = error;
    }
    this.#drop();
    if (!this.#closed) this.#options.onEnd?.(damage);
  }

  /** Tries until a handshake succeeds, or the socket is closed. */
  async #connect(): Promise<Deno.TcpConn | undefined> {
    while (!this.#closed) {
      try {
        const connection = await Deno.connect({ hostname: this.#options.hostname, port: this.#options.port });
        this.#connection = connection;
        if (this.#closed) break;
        connection.setNoDelay(true);
        await this.#shakeHands(connection);
        return connection;
      } catch {
        // Not bound yet, or bound by somebody else who is about to go: the caller bounds how long we try.
        this.#drop();
      }
      if (!this.#closed) await this.#pause();
    }
    this.#drop();
    return undefined;
  }

  async #shakeHands(connection: Deno.TcpConn): Promise<void> {
    // Connecting to a free port of the range that clients get theirs from can meet itself, and then holds the port that the kernel wants.
    const { localAddr, remoteAddr } = connection;
    if (localAddr.port === remoteAddr.port && localAddr.hostname === remoteAddr.hostname) throw new ProtocolError("connected to itself");
    this.#reader = new FrameReader();
    await this.#write([concat([greeting(), readyCommand(this.#type, this.#identity)])]);
    while (!this.#reader.greeting()) await this.#read(connection);
    const peer = parseReady(await this.#frame(connection)).get("socket-type") ?? "";
    if (!PEERS[this.#type]!.includes(peer)) throw new ProtocolError(`a ${this.#type} socket cannot talk to a ${peer} socket`);
  }

  async *#messages(connection: Deno.TcpConn): AsyncGenerator<Uint8Array[]> {
    let parts: Uint8Array[] = [];
    while (true) {
      const frame = await this.#frame(connection);
      if (frame.command) {
        this.#answer(frame);
        continue;
      }
      parts.push(frame.body);
      if (frame.more) continue;
      yield parts;
      parts = [];
    }
  }

  /** A PING of version 3.1 wants its context back; no other command concerns a client. */
  #answer({ body }: Frame): void {
    const name = new TextDecoder().decode(body.subarray(1, 5));
    if (name !== "PING") return;
    const pong = concat([Uint8Array.of(4), new TextEncoder().encode("PONG"), body.subarray(7)]);
    this.#write(encodeFrame({ command: true, more: false, body: pong })).catch(() => {}); // a lost peer shows in the reads
  }

  async #frame(connection: Deno.TcpConn): Promise<Frame> {
    while (true) {
      const frame = this.#reader.next();
      if (frame) return frame;
      await this.#read(connection);
    }
  }

  async #read(connection: Deno.TcpConn): Promise<void> {
    const buffer = new Uint8Array(READ_SIZE);
    const length = await connection.read(buffer);
    if (length === null) throw new Deno.errors.UnexpectedEof("the peer closed the connection");
    this.#reader.push(length < READ_SIZE / 4 ? buffer.slice(0, length) : buffer.subarray(0, length));
  }

  #write(pieces: readonly Uint8Array[]): Promise<void> {
    const connection = this.#connection;
    const written = this.#writing.then(async () => {
      if (connection === undefined) throw new Deno.errors.NotConnected("the connection has ended");
      for (const piece of joinSmall(pieces)) {
        for (let at = 0; at < piece.length;) at += await connection.write(piece.subarray(at));
      }
    });
    this.#writing = written.catch(() => {}); // the sender of this message sees it; the next one has its own
    return written;
  }

  #drop(): void {
    this.#connection?.close();
    this.#connection = undefined;
  }

  #pause(): Promise<void> {
    return new Promise((resolve) => {
      const timer = setTimeout(resolve, RETRY_MS);
      this.#stopWaiting = () => {
        clearTimeout(timer);
        resolve();
      };
    });
  }
}

/** One write for what is small together; large messages go piece by piece. */
function joinSmall(pieces: readonly Uint8Array[]): readonly Uint8Array[] {
  return pieces.reduce((sum, piece) => sum + piece.length, 0) < READ_SIZE ? [concat(pieces)] : pieces;
}

/** Sends requests to a router and gets its replies. */
export class Dealer extends Socket {
  /** Connects under the identity by which the router sends its replies. */
  constructor(options: SocketOptions & { readonly identity: string }) {
    super("DEALER", options.identity, options);
  }

  /** Sends one message; settles when the operating system has it. */
  send(parts: readonly Uint8Array[]): Promise<void> {
    return this.sendParts(parts);
  }
}

/** Gets everything that a publisher sends from the moment its subscription arrives there. */
export class Sub extends Socket {
  /** Connects and subscribes to every topic. */
  constructor(options: SocketOptions) {
    super("SUB", "", options);
    this.sendParts([Uint8Array.of(1)]).catch(() => {}); // closed before it connected: `connected()` says so
  }
}
