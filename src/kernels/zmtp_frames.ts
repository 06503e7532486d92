/** ZMTP 3.0 on the level of bytes: the greeting, the READY command and frames, with no socket in sight (https://rfc.zeromq.org/spec/23). */

/** One frame as it travels. */
export interface Frame {
  /** A command is for the protocol itself; anything else is a part of a message. */
  readonly command: boolean;
  /** Do more parts of the same message follow? */
  readonly more: boolean;
  /** What it carries. */
  readonly body: Uint8Array;
}

const MORE = 1;
const LONG = 2;
const COMMAND = 4;
/** Larger frames are taken for a damaged stream: no notebook output comes near. */
const LARGEST_FRAME = 2 ** 30;
const GREETING_LENGTH = 64;

const encoder = new TextEncoder();
const decoder = new TextDecoder();

/** The peer said something that is not ZMTP, or the stream between us was damaged. */
export class ProtocolError extends Error {
  /** The class's name, also where the code is minified. */
  override name = "ProtocolError";
}

/** What a client sends first: version 3.0, no encryption, "I am not the server of the security handshake". */
export function greeting(): Uint8Array {
  const bytes = new Uint8Array(GREETING_LENGTH);
  bytes[0] = 0xff;
  bytes[9] = 0x7f;
  bytes[10] = 3;
  bytes.set(encoder.encode("NULL"), 12);
  return bytes;
}

/** The command that names our socket type, and the identity under which a router knows us. */
export function readyCommand(socketType: string, identity: string): Uint8Array {
  const body = concat([
    Uint8Array.of(5),
    encoder.encode("READY"),
    property("Socket-Type", encoder.encode(socketType)),
    property("Identity", encoder.encode(identity)),
  ]);
  return concat(encodeFrame({ command: true, more: false, body }));
}

function property(name: string, value: Uint8Array): Uint8Array {
  const length = new Uint8Array(4);
  new DataView(length.buffer).setUint32(0, value.length);
  return concat([Uint8Array.of(name.length), encoder.encode(name), length, value]);
}

/** The properties of a READY command, with names in lower case. */
export function parseReady({ command, body }: Frame): ReadonlyMap<string, Uint8Array> {
  const name = decoder.decode(body.subarray(1, 1 + (body[0] ?? 0)));
  if (!command || name !== "READY") throw new ProtocolError(`expected the command READY, found ${JSON.stringify(name)}`);
  const view = new DataView(body.buffer, body.byteOffset, body.byteLength);
  const properties = new Map<string, Uint8Array>();
  let at = 6;
  const take = (length: number) => {
    if (at + length > body.length) throw new ProtocolError("the READY command ends in the middle of a property");
    return body.slice(at, at += length);
  };
  while (at < body.length) {
    const key = decoder.decode(take(body[at++]!)).toLowerCase();
    if (at + 4 > body.length) throw new ProtocolError("the READY command ends in the middle of a property");
    const length = view.getUint32(at);
    at += 4;
    properties.set(key, take(length));
  }
  return properties;
}

/** A message's parts as they are written to the wire; large bodies are not copied. */
export function encodeMessage(parts: readonly Uint8Array[]): Uint8Array[] {
  return parts.flatMap((body, index) => encodeFrame({ command: false, more: index < parts.length - 1, body }));
}

/** One frame as it is written to the wire: its head and its body. */
export function encodeFrame({ command, more, body }: Frame): Uint8Array[] {
  const flags = (command ? COMMAND : 0) | (more ? MORE : 0);
  if (body.length < 256) return [Uint8Array.of(flags, body.length), body];
  const head = new Uint8Array(9);
  head[0] = flags | LONG;
  new DataView(head.buffer).setBigUint64(1, BigInt(body.length));
  return [head, body];
}

/** Byte arrays as one. */
export function concat(parts: readonly Uint8Array[]): Uint8Array<ArrayBuffer> {
  const whole = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0));
  let at = 0;
  for (const part of parts) {
    whole.set(part, at);
    at += part.length;
  }
  return whole;
}

/** Takes the stream in pieces of any size and gives the greeting and the frames that are complete. */
export class FrameReader {
  #pieces: Uint8Array[] = [];
  #waiting = 0;

  /** More bytes from the peer; the array is kept, not copied. */
  push(piece: Uint8Array): void {
    if (piece.length === 0) return;
    this.#pieces.push(piece);
    this.#waiting += piece.length;
  }

  /** Has the peer's greeting come, and does it speak version 3 or later? */
  greeting(): boolean {
    if (this.#waiting < GREETING_LENGTH) return false;
    const bytes = this.#take(GREETING_LENGTH);
    if (bytes[0] !== 0xff || bytes[10]! < 3) throw new ProtocolError("the peer does not speak ZMTP 3");
    return true;
  }

  /** The next complete frame, or none yet. */
  next(): Frame | undefined {
    const head = this.#peek(9);
    const flags = head[0];
    if (flags === undefined) return undefined;
    if (flags > (MORE | LONG | COMMAND)) throw new ProtocolError(`a frame begins with ${flags}, which no frame does`);
    const headLength = flags & LONG ? 9 : 2;
    if (head.length < headLength) return undefined;
    const length = flags & LONG ? Number(new DataView(head.buffer, head.byteOffset).getBigUint64(1)) : head[1]!;
    if (length > LARGEST_FRAME) throw new ProtocolError(`a frame of ${length} bytes was announced, which is more than ${LARGEST_FRAME}`);
    if (this.#waiting < headLength + length) return undefined;
    this.#take(headLength);
    return { command: (flags & COMMAND) !== 0, more: (flags & MORE) !== 0, body: this.#take(length) };
  }

  /** The first bytes, up to `length`, left where they are. */
  #peek(length: number): Uint8Array {
    const first = this.#pieces[0];
    if (first === undefined || first.length >= length) return first?.subarray(0, length) ?? new Uint8Array();
    const start: Uint8Array[] = [];
    for (let index = 0, missing = length; index < this.#pieces.length && missing > 0; index++) {
      const part = this.#pieces[index]!.subarray(0, missing);
      start.push(part);
      missing -= part.length;
    }
    return concat(start);
  }

  /** Removes `length` bytes, which must be there. */
  #take(length: number): Uint8Array {
    const taken: Uint8Array[] = [];
    let used = 0;
    let missing = length;
    while (missing > 0) {
      const piece = this.#pieces[used]!;
      if (piece.length > missing) {
        taken.push(piece.subarray(0, missing));
        this.#pieces[used] = piece.subarray(missing);
        missing = 0;
      } else {
        taken.push(piece);
        missing -= piece.length;
        used++;
      }
    }
    this.#pieces.splice(0, used);
    this.#waiting -= length;
    return taken.length === 1 ? taken[0]! : concat(taken);
  }
}
