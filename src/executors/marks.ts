/** What a worker process and its coordinator say to each other: frames on stdin, marked lines among what the worker prints. */
import { deserialize, serialize } from "node:v8";
import { JSON, TextDecoder, TextEncoder } from "../intrinsics.ts";
import type { TaskProgress } from "./executor.ts";

/** What a worker is told. */
export type Order =
  | { readonly kind: "task"; readonly id: string; readonly spec: Uint8Array; readonly manifest: string }
  | { readonly kind: "cancel"; readonly id: string };

/** What a worker says. `done` comes on both streams, so that all that was printed before belongs to the task. */
export type Mark =
  | { readonly kind: "ready" }
  | ({ readonly kind: "progress"; readonly id: string } & TaskProgress)
  | { readonly kind: "done"; readonly id: string };

/** An order as bytes: its length, then itself. */
export function frame(order: Order): Uint8Array {
  const body = serialize(order);
  const bytes = new Uint8Array(4 + body.length);
  new DataView(bytes.buffer).setUint32(0, body.length, true);
  bytes.set(body, 4);
  return bytes;
}

/** The orders in a stream of bytes. */
export async function* orders(stream: AsyncIterable<Uint8Array>): AsyncGenerator<Order> {
  let rest = new Uint8Array();
  for await (const chunk of stream) {
    const joined = new Uint8Array(rest.length + chunk.length);
    joined.set(rest);
    joined.set(chunk, rest.length);
    rest = joined;
    for (let length = lengthIn(rest); length !== undefined; length = lengthIn(rest)) {
      yield deserialize(rest.slice(4, 4 + length)) as Order;
      rest = rest.slice(4 + length);
    }
  }
}

/** The length of the first order, where the whole of it is there. */
function lengthIn(bytes: Uint8Array): number | undefined {
  if (bytes.length < 4) return undefined;
  const length = new DataView(bytes.buffer, bytes.byteOffset).getUint32(0, true);
  return bytes.length < 4 + length ? undefined : length;
}

const START = "\x1e";

/** A mark as a line. `secret` keeps it apart from whatever a step may print. It is written at once, so that nothing comes in between. */
export function markLine(secret: string, mark: Mark): Uint8Array {
  return new TextEncoder().encode(`${START}${secret}${JSON.stringify(mark)}\n`);
}

/** The lines and marks in what a worker prints, also where a mark stands behind an unfinished line. */
export async function* printed(stream: AsyncIterable<Uint8Array>, secret: string): AsyncGenerator<string | Mark> {
  const decoder = new TextDecoder();
  let rest = "";
  for await (const chunk of stream) {
    rest += decoder.decode(chunk, { stream: true });
    const lines = rest.split("\n");
    rest = lines.pop()!;
    for (const line of lines) yield* ofLine(line, secret);
  }
  if (rest !== "") yield* ofLine(rest, secret);
}

function* ofLine(line: string, secret: string): Generator<string | Mark> {
  const at = line.indexOf(START + secret);
  if (at < 0) return void (yield line);
  if (at > 0) yield line.slice(0, at);
  yield JSON.parse(line.slice(at + 1 + secret.length)) as Mark;
}
