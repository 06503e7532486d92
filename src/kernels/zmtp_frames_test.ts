import assert from "node:assert/strict";
import fc from "fast-check";
import { concat, encodeFrame, encodeMessage, FrameReader, greeting, parseReady, ProtocolError, readyCommand } from "./zmtp_frames.ts";

/** Everything that a reader makes of a stream which arrives in the given pieces. */
function readAll(stream: Uint8Array, sizes: readonly number[]): Uint8Array[][] {
  const reader = new FrameReader();
  const messages: Uint8Array[][] = [[]];
  let at = 0;
  for (let turn = 0; at < stream.length; turn++) {
    const size = sizes[turn % sizes.length]!;
    reader.push(stream.slice(at, at + size));
    at += size;
    for (let frame = reader.next(); frame; frame = reader.next()) {
      messages.at(-1)!.push(frame.body);
      if (!frame.more) messages.push([]);
    }
  }
  return messages.slice(0, -1);
}

Deno.test("FrameReader gives the messages that were encoded, however the stream is cut", () => {
  const part = fc.oneof(
    fc.uint8Array({ maxLength: 300 }),
    fc.constantFrom(255, 256, 70_000).map((length) => new Uint8Array(length).fill(7)),
  );
  const messages = fc.array(fc.array(part, { minLength: 1, maxLength: 4 }), { minLength: 1, maxLength: 4 });
  const sizes = fc.array(fc.oneof(fc.integer({ min: 1, max: 12 }), fc.integer({ min: 1, max: 66_000 })), { minLength: 1, maxLength: 6 });
  fc.assert(
    fc.property(messages, sizes, (sent, cut) => {
      const stream = concat(sent.flatMap((parts) => encodeMessage(parts)));
      const wide = stream.length > 2_000 ? cut.map((size) => size + 500) : cut;
      const same = readAll(stream, wide).map((parts) => parts.map((bytes) => bytes.toHex()));
      assert.deepEqual(same, sent.map((parts) => parts.map((bytes) => bytes.toHex())));
    }),
    { numRuns: 60 },
  );
});

Deno.test("FrameReader waits for the rest of a frame", () => {
  const reader = new FrameReader();
  const stream = concat(encodeFrame({ command: false, more: false, body: new Uint8Array(1_000).fill(3) }));
  reader.push(stream.subarray(0, 8)); // not even the whole head
  assert.equal(reader.next(), undefined);
  reader.push(stream.subarray(8, 999));
  assert.equal(reader.next(), undefined);
  reader.push(stream.subarray(999));
  assert.equal(reader.next()?.body.length, 1_000);
  assert.equal(reader.next(), undefined);
});

Deno.test("FrameReader refuses bytes that are no frame", () => {
  const reader = new FrameReader();
  reader.push(new TextEncoder().encode("HTTP/1.1 400 Bad Request"));
  assert.throws(() => reader.next(), ProtocolError);
});

Deno.test("FrameReader refuses a frame of absurd length instead of waiting for it", () => {
  const reader = new FrameReader();
  reader.push(Uint8Array.of(2, 0, 1, 0, 0, 0, 0, 0, 0));
  assert.throws(() => reader.next(), /a frame of 281474976710656 bytes/);
});

Deno.test("FrameReader.greeting() accepts version 3 and refuses another protocol", () => {
  const reader = new FrameReader();
  reader.push(greeting().subarray(0, 63));
  assert.equal(reader.greeting(), false);
  reader.push(greeting().subarray(63));
  assert.equal(reader.greeting(), true);
  const other = new FrameReader();
  other.push(new TextEncoder().encode("HTTP/1.1 400 Bad Request".padEnd(64)));
  assert.throws(() => other.greeting(), /does not speak ZMTP 3/);
});

Deno.test("parseReady() reads what readyCommand() writes", () => {
  const reader = new FrameReader();
  reader.push(readyCommand("DEALER", "größer"));
  const properties = [...parseReady(reader.next()!)].map(([name, value]) => [name, new TextDecoder().decode(value)]);
  assert.deepEqual(properties, [["socket-type", "DEALER"], ["identity", "größer"]]);
});

Deno.test("parseReady() refuses another command and a cut property", () => {
  const body = (text: string) => ({ command: true, more: false, body: new TextEncoder().encode(text) });
  assert.throws(() => parseReady(body("\x05ERROR\x03bad")), /expected the command READY, found "ERROR"/);
  assert.throws(() => parseReady(body("\x05READY\x0bSocket-Type\x00\x00\x00\x09PUB")), /middle of a property/);
  assert.throws(() => parseReady(body("\x05READY\xff")), /middle of a property/);
});
