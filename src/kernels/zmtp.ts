/**
 * The client side of ZMTP 3.0 over TCP, which is what Jupyter kernels speak: a socket that connects, retries until the other side has bound,
 * shakes hands, and then hands over whole messages. In TypeScript alone, because the native binding of ZeroMQ crashes Deno now and then.
 */
import { Peer } from "./zmtp_peer.ts";
import { ProtocolError } from "./zmtp_frames.ts";

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

class Socket {
  readonly #type: string;
  readonly #identity: string;
  readonly #options: SocketOptions;
  readonly #running: Promise<void>;
  readonly #connected = Promise.withResolvers<void>();
  #peer: Peer | undefined;
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
    if (this.#peer === undefined) throw new Deno.errors.NotConnected("the connection has ended");
    await this.#peer.send(parts);
  }

  async #run(): Promise<void> {
    const peer = await this.#connect();
    if (peer === undefined) return;
    this.#connected.resolve();
    let damage: Error | undefined;
    try {
      for await (const parts of peer.messages()) this.#options.onMessage(parts);
    } catch (error) {
      // Anything but a protocol error is the connection's end, which is how a kernel's death looks from here.
      if (error instanceof ProtocolError) damage = error;
    }
    this.#drop();
    if (!this.#closed) this.#options.onEnd?.(damage);
  }

  /** Tries until a handshake succeeds, or the socket is closed. */
  async #connect(): Promise<Peer | undefined> {
    while (!this.#closed) {
      try {
        const connection = await Deno.connect({ hostname: this.#options.hostname, port: this.#options.port });
        const peer = this.#peer = new Peer(connection);
        if (this.#closed) break;
        refuseItself(connection);
        await peer.shakeHands({ type: this.#type, identity: this.#identity, peers: PEERS[this.#type]! });
        return peer;
      } catch {
        // Not bound yet, or bound by somebody else who is about to go: the caller bounds how long we try.
        this.#drop();
      }
      if (!this.#closed) await this.#pause();
    }
    this.#drop();
    return undefined;
  }

  #drop(): void {
    this.#peer?.close();
    this.#peer = undefined;
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

/** Connecting to a free port of the range that clients get theirs from can meet itself, and then holds the port that the kernel wants. */
function refuseItself({ localAddr, remoteAddr }: Deno.TcpConn): void {
  if (localAddr.port === remoteAddr.port && localAddr.hostname === remoteAddr.hostname) throw new ProtocolError("connected to itself");
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
