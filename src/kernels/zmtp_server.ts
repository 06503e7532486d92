/** The server side of ZMTP 3.0 over TCP: the three sockets that a kernel binds, and its clients connect to. */
import { Peer } from "./zmtp_peer.ts";

/** Where a socket listens. */
export interface BindOptions {
  /** Host name or address. */
  readonly hostname: string;
  /** TCP port. @default a free one */
  readonly port?: number;
}

const PEERS: Readonly<Record<string, readonly string[]>> = {
  ROUTER: ["DEALER", "REQ", "ROUTER"],
  PUB: ["SUB", "XSUB"],
  REP: ["REQ", "DEALER"],
};

abstract class BoundSocket {
  readonly #type: string;
  readonly #listener: Deno.TcpListener;
  readonly #serving = new Set<Promise<void>>();
  readonly #open = new Set<Peer>();

  constructor(type: string, { hostname, port = 0 }: BindOptions) {
    this.#type = type;
    this.#listener = Deno.listen({ hostname, port });
    this.#track(this.#accept());
  }

  /** The port that it listens on. */
  get port(): number {
    return this.#listener.addr.port;
  }

  /** Ends all connections, and waits until nothing is left running. */
  async close(): Promise<void> {
    this.#listener.close();
    for (const peer of this.#open) peer.close();
    await Promise.all(this.#serving);
  }

  /** A client's connection from its handshake to its end. */
  protected abstract serve(peer: Peer, identity: Uint8Array): Promise<void>;
  /** The peer subscribes to a topic by a command. */
  protected subscribed(_peer: Peer, _topic: Uint8Array): void {}

  async #accept(): Promise<void> {
    for await (const connection of this.#listener) this.#track(this.#handle(connection));
  }

  #track(work: Promise<void>): void {
    // A client that leaves, or that speaks something else, ends its own connection and nothing more.
    const done = work.catch(() => {}).finally(() => this.#serving.delete(done));
    this.#serving.add(done);
  }

  async #handle(connection: Deno.TcpConn): Promise<void> {
    const peer = new Peer(connection, (topic) => this.subscribed(peer, topic));
    this.#open.add(peer);
    try {
      const { identity } = await peer.shakeHands({ type: this.#type, identity: "", peers: PEERS[this.#type]! });
      await this.serve(peer, identity);
    } finally {
      this.#open.delete(peer);
      peer.close();
    }
  }
}

/** Takes requests from many clients and answers each under its identity. */
export class Router extends BoundSocket {
  readonly #onMessage: (identity: Uint8Array, parts: Uint8Array[]) => void;
  readonly #peers = new Map<string, Peer>();
  #unnamed = 0;

  /** Listens; `onMessage` is called with each message and who sent it. */
  constructor(options: BindOptions, onMessage: (identity: Uint8Array, parts: Uint8Array[]) => void) {
    super("ROUTER", options);
    this.#onMessage = onMessage;
  }

  /** Sends a message to a client; one that has left misses it. */
  async send(identity: Uint8Array, parts: readonly Uint8Array[]): Promise<void> {
    await this.#peers.get(nameOf(identity))?.send(parts).catch(() => {}); // it left just now
  }

  protected override async serve(peer: Peer, given: Uint8Array): Promise<void> {
    const identity = given.length > 0 ? given : this.#newIdentity();
    const name = nameOf(identity);
    this.#peers.get(name)?.close(); // the same client again: its earlier connection is dead
    this.#peers.set(name, peer);
    try {
      for await (const parts of peer.messages()) this.#onMessage(identity, parts);
    } finally {
      if (this.#peers.get(name) === peer) this.#peers.delete(name);
    }
  }

  /** Like ZeroMQ's own: a zero byte, which no given identity begins with, and a number. */
  #newIdentity(): Uint8Array {
    const identity = new Uint8Array(5);
    new DataView(identity.buffer).setUint32(1, ++this.#unnamed);
    return identity;
  }
}

const nameOf = (identity: Uint8Array): string => Array.from(identity, (byte) => String.fromCharCode(byte)).join("");

/** Sends to all who subscribed. */
export class Pub extends BoundSocket {
  readonly #topics = new Map<Peer, Uint8Array[]>();

  /** Listens. */
  constructor(options: BindOptions) {
    super("PUB", options);
  }

  /** Sends a message whose first part begins with what a client subscribed to. */
  async send(parts: readonly Uint8Array[]): Promise<void> {
    const wanted = [...this.#topics].filter(([, topics]) => topics.some((topic) => beginsWith(parts[0]!, topic)));
    await Promise.all(wanted.map(([peer]) => peer.send(parts).catch(() => {}))); // it left just now
  }

  protected override subscribed(peer: Peer, topic: Uint8Array): void {
    this.#topics.set(peer, [...this.#topics.get(peer) ?? [], topic]);
  }

  protected override async serve(peer: Peer): Promise<void> {
    try {
      for await (const [first] of peer.messages()) {
        const topic = first!.subarray(1);
        if (first![0] === 1) this.subscribed(peer, topic);
        else if (first![0] === 0) this.#topics.set(peer, (this.#topics.get(peer) ?? []).filter((known) => nameOf(known) !== nameOf(topic)));
      }
    } finally {
      this.#topics.delete(peer);
    }
  }
}

const beginsWith = (text: Uint8Array, start: Uint8Array): boolean => start.every((byte, index) => text[index] === byte);

/** Sends back whatever comes: a heartbeat. */
export class Echo extends BoundSocket {
  /** Listens. */
  constructor(options: BindOptions) {
    super("REP", options);
  }

  protected override async serve(peer: Peer): Promise<void> {
    for await (const parts of peer.messages()) await peer.send(parts);
  }
}
