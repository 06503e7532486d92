/** One ZMTP connection, whichever side opened it: the handshake, whole messages in, whole messages out. */
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

const READ_SIZE = 64 * 1024;

/** Who we are in a handshake, and whom we talk to. */
export interface Role {
  /** Our socket type. */
  readonly type: string;
  /** The identity under which a router knows us; empty for none. */
  readonly identity: string;
  /** The socket types that ours talks to. */
  readonly peers: readonly string[];
}

/** The other side of a connection. */
export class Peer {
  readonly #connection: Deno.TcpConn;
  readonly #reader = new FrameReader();
  readonly #onSubscribe: (topic: Uint8Array) => void;
  #writing: Promise<void> = Promise.resolve();
  #closed = false;

  /** `onSubscribe` is told the topics of version 3.1's SUBSCRIBE command. */
  constructor(connection: Deno.TcpConn, onSubscribe: (topic: Uint8Array) => void = () => {}) {
    this.#connection = connection;
    this.#onSubscribe = onSubscribe;
    connection.setNoDelay(true);
  }

  /** Says who we are and hears who they are. */
  async shakeHands({ type, identity, peers }: Role): Promise<{ identity: Uint8Array }> {
    await this.#write([concat([greeting(), readyCommand(type, identity)])]);
    while (!this.#reader.greeting()) await this.#read();
    const ready = parseReady(await this.#frame());
    const peer = new TextDecoder().decode(ready.get("socket-type") ?? new Uint8Array());
    if (!peers.includes(peer)) throw new ProtocolError(`a ${type} socket cannot talk to a ${peer} socket`);
    return { identity: ready.get("identity") ?? new Uint8Array() };
  }

  /** What the other side sends, message by message; ends by an error. */
  async *messages(): AsyncGenerator<Uint8Array[]> {
    let parts: Uint8Array[] = [];
    while (true) {
      const frame = await this.#frame();
      if (frame.command) {
        this.#obey(frame);
        continue;
      }
      parts.push(frame.body);
      if (frame.more) continue;
      yield parts;
      parts = [];
    }
  }

  /** Sends the parts of one message; messages never mix. Settles when the operating system has it. */
  send(parts: readonly Uint8Array[]): Promise<void> {
    return this.#write(encodeMessage(parts));
  }

  /** Ends the connection. May be called twice. */
  close(): void {
    if (this.#closed) return;
    this.#closed = true;
    this.#connection.close();
  }

  /** A PING of version 3.1 wants its context back. */
  #obey({ body }: Frame): void {
    const length = body[0] ?? 0;
    const name = new TextDecoder().decode(body.subarray(1, 1 + length));
    const rest = body.subarray(1 + length);
    if (name === "SUBSCRIBE") this.#onSubscribe(rest);
    if (name !== "PING") return;
    const pong = concat([Uint8Array.of(4), new TextEncoder().encode("PONG"), rest.subarray(2)]);
    this.#write(encodeFrame({ command: true, more: false, body: pong })).catch(() => {}); // a lost peer shows in the reads
  }

  async #frame(): Promise<Frame> {
    while (true) {
      const frame = this.#reader.next();
      if (frame) return frame;
      await this.#read();
    }
  }

  async #read(): Promise<void> {
    const buffer = new Uint8Array(READ_SIZE);
    const length = await this.#connection.read(buffer);
    if (length === null) throw new Deno.errors.UnexpectedEof("the peer closed the connection");
    this.#reader.push(length < READ_SIZE / 4 ? buffer.slice(0, length) : buffer.subarray(0, length));
  }

  #write(pieces: readonly Uint8Array[]): Promise<void> {
    const written = this.#writing.then(async () => {
      if (this.#closed) throw new Deno.errors.NotConnected("the connection has ended");
      for (const piece of joinSmall(pieces)) {
        for (let at = 0; at < piece.length;) at += await this.#connection.write(piece.subarray(at));
      }
    });
    this.#writing = written.catch(() => {}); // the sender of this message sees it; the next one has its own
    return written;
  }
}

/** One write for what is small together; large messages go piece by piece. */
function joinSmall(pieces: readonly Uint8Array[]): readonly Uint8Array[] {
  return pieces.reduce((sum, piece) => sum + piece.length, 0) < READ_SIZE ? [concat(pieces)] : pieces;
}
