/** Jupyter's wire protocol 5.3: messages as frames, signed; and the connection file that tells a kernel where to listen. */
import { createHmac, timingSafeEqual } from "node:crypto";

/** The header of a message. */
export interface Header {
  /** Unique among the messages of a session. */
  readonly msg_id: string;
  /** What the message is: `execute_request`, `stream`, … */
  readonly msg_type: string;
  /** One client's dealings with one kernel. */
  readonly session: string;
}
/** A message that came from a kernel. */
export interface Message {
  /** The message's own header. */
  readonly header: Header;
  /** The header of the request that it answers; empty where there is none. */
  readonly parent: Partial<Header>;
  /** What it says; its shape depends on the type. */
  readonly content: Readonly<Record<string, unknown>>;
}
/** What a connection file says. */
export interface Connection {
  /** Address the kernel listens on. */
  readonly ip: string;
  /** Always `tcp` here. */
  readonly transport: "tcp";
  /** Secret that signs the messages. */
  readonly key: string;
  /** Always HMAC with SHA-256 here. */
  readonly signature_scheme: "hmac-sha256";
  /** Name of the kernelspec. */
  readonly kernel_name: string;
  /** Requests that take their turn. */
  readonly shell_port: number;
  /** What the kernel publishes. */
  readonly iopub_port: number;
  /** The kernel's questions to the user. */
  readonly stdin_port: number;
  /** Requests that do not take their turn. */
  readonly control_port: number;
  /** Echo, to see that it lives. */
  readonly hb_port: number;
}

const DELIMITER = "<IDS|MSG>";
const VERSION = "5.3";
const encoder = new TextEncoder();
const decoder = new TextDecoder();

/** Frames that are no Jupyter message, or whose signature does not fit. */
export class WireError extends Error {
  /** The class's name, also where the code is minified. */
  override name = "WireError";
}

/** A new header. */
export function newHeader(type: string, session: string): Header & Readonly<Record<string, string>> {
  return { msg_id: crypto.randomUUID(), msg_type: type, session, username: "consist", date: new Date().toISOString(), version: VERSION };
}

/** A request as signed frames. */
export function encodeRequest(
  header: Header,
  content: Readonly<Record<string, unknown>>,
  key: string,
  metadata: Readonly<Record<string, unknown>> = {},
): Uint8Array[] {
  const parts = [header, {}, metadata, content].map((part) => encoder.encode(JSON.stringify(part)));
  return [encoder.encode(DELIMITER), encoder.encode(sign(parts, key)), ...parts];
}

/** The message in some frames, where their signature is right. */
export function decodeMessage(frames: readonly Uint8Array[], key: string): Message {
  return decodeWhole(frames, key);
}

/** A message with all that it carries, so that it can be passed on. */
export interface WholeMessage extends Message {
  /** What stands before the message: a topic, where it is published. */
  readonly prefix: readonly Uint8Array[];
  /** Notes on the message. */
  readonly metadata: Readonly<Record<string, unknown>>;
  /** Bytes beside the JSON parts. */
  readonly buffers: readonly Uint8Array[];
}

/** The message in some frames with all that it carries, where their signature is right. */
export function decodeWhole(frames: readonly Uint8Array[], key: string): WholeMessage {
  const at = frames.findIndex((frame) => frame.length === DELIMITER.length && decoder.decode(frame) === DELIMITER);
  const [signature, ...parts] = frames.slice(at + 1, at + 6);
  if (at < 0 || signature === undefined || parts.length < 4) throw new WireError("the frames are no Jupyter message");
  if (!equal(encoder.encode(sign(parts, key)), signature)) throw new WireError("the signature of a message is wrong");
  const [header, parent, metadata, content] = parts.map((part) => objectIn(part));
  return {
    prefix: frames.slice(0, at),
    header: header as unknown as Header,
    parent: parent as Partial<Header>,
    metadata: metadata!,
    content: content!,
    buffers: frames.slice(at + 6),
  };
}

/** A message as signed frames. */
export function encodeWhole({ prefix, header, parent, metadata, content, buffers }: WholeMessage, key: string): Uint8Array[] {
  const parts = [header, parent, metadata, content].map((part) => encoder.encode(JSON.stringify(part)));
  return [...prefix, encoder.encode(DELIMITER), encoder.encode(sign(parts, key)), ...parts, ...buffers];
}

function objectIn(part: Uint8Array): Readonly<Record<string, unknown>> {
  const value: unknown = JSON.parse(decoder.decode(part) || "{}");
  if (typeof value !== "object" || value === null) throw new WireError("a part of a message is no JSON object");
  return value as Readonly<Record<string, unknown>>;
}

/** A connection without a key has messages without signatures. */
function sign(parts: readonly Uint8Array[], key: string): string {
  if (key === "") return "";
  const hmac = createHmac("sha256", key);
  for (const part of parts) hmac.update(part);
  return hmac.digest("hex");
}

function equal(a: Uint8Array, b: Uint8Array): boolean {
  return a.length === b.length && timingSafeEqual(a, b);
}

/** The connection that a file of Jupyter's describes. */
export async function readConnection(path: string): Promise<Connection> {
  const told = objectIn(await Deno.readFile(path));
  const { transport = "tcp", signature_scheme = "hmac-sha256", key = "", ip = "127.0.0.1", kernel_name = "" } = told;
  const ports = ["shell_port", "iopub_port", "stdin_port", "control_port", "hb_port"].map((name) => [name, told[name]] as const);
  const wrong = ports.find(([, port]) => !Number.isInteger(port));
  if (wrong !== undefined) throw new WireError(`the connection file ${path} has no ${wrong[0]}`);
  if (transport !== "tcp") throw new WireError(`the transport is "${transport}", and Deno's kernel knows tcp alone`);
  if (signature_scheme !== "hmac-sha256") {
    throw new WireError(`the signature scheme is "${signature_scheme}", and hmac-sha256 is the only one known`);
  }
  return { ...Object.fromEntries(ports), ip, transport, key, signature_scheme, kernel_name } as Connection;
}

/** A connection on free ports of this machine, with a key of its own. Another program may take one before the kernel binds. */
export function newConnection(): Connection {
  const [shell_port, iopub_port, stdin_port, control_port, hb_port] = freePorts();
  return {
    ip: "127.0.0.1",
    transport: "tcp",
    key: crypto.randomUUID(),
    signature_scheme: "hmac-sha256",
    kernel_name: "deno",
    shell_port,
    iopub_port,
    stdin_port,
    control_port,
    hb_port,
  };
}

/** Where free ports are looked for: below those that systems give to connections, one of which would else take a port between our look and its use. */
const PORTS = { from: 10_000, below: 32_000 };

/** Five ports that nobody listens on: all are held until the last is found, so that they differ. */
function freePorts(): [number, number, number, number, number] {
  const held: Deno.TcpListener[] = [];
  for (let attempt = 0; held.length < 5; attempt++) {
    const port = attempt < 100 ? PORTS.from + Math.floor(Math.random() * (PORTS.below - PORTS.from)) : 0; // then whatever there is
    try {
      held.push(Deno.listen({ hostname: "127.0.0.1", port }));
    } catch (error) {
      if (port === 0) throw error; // another one was taken, or the system keeps it for itself
    }
  }
  const ports = held.map((listener) => listener.addr.port);
  for (const listener of held) listener.close();
  return ports as [number, number, number, number, number];
}
