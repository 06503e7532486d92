import assert from "node:assert/strict";
import { Dealer, Sub } from "./zmtp.ts";
import { concat, encodeFrame, encodeMessage, FrameReader, greeting, readyCommand } from "./zmtp_frames.ts";

const HOST = "127.0.0.1";
const utf8 = (text: string) => new TextEncoder().encode(text);
const plain = (parts: readonly Uint8Array[]) => parts.map((part) => new TextDecoder().decode(part));

function freePort(): number {
  using listener = Deno.listen({ hostname: HOST, port: 0 });
  return listener.addr.port;
}

/** The other side of one connection, in a few lines: greets, says READY, and gives the frames that come. */
class Server implements Disposable {
  readonly #listener: Deno.TcpListener;
  readonly #reader = new FrameReader();
  connection!: Deno.TcpConn;

  constructor(port = 0) {
    this.#listener = Deno.listen({ hostname: HOST, port });
  }
  get port(): number {
    return this.#listener.addr.port;
  }
  async accept(socketType: string): Promise<void> {
    this.connection = await this.#listener.accept();
    await this.write(concat([greeting(), readyCommand(socketType, "")]));
    while (!this.#reader.greeting()) await this.#read();
    assert.equal((await this.frame()).command, true);
  }
  async write(bytes: Uint8Array): Promise<void> {
    for (let at = 0; at < bytes.length;) at += await this.connection.write(bytes.subarray(at));
  }
  async frame() {
    for (let frame = this.#reader.next();; frame = this.#reader.next()) {
      if (frame) return frame;
      await this.#read();
    }
  }
  async #read() {
    const buffer = new Uint8Array(100_000);
    const length = await this.connection.read(buffer);
    assert.notEqual(length, null, "the client closed the connection");
    this.#reader.push(buffer.subarray(0, length!));
  }
  [Symbol.dispose]() {
    this.#listener.close();
    try {
      this.connection.close();
    } catch {
      // No connection came, or the test closed it.
    }
  }
}

/** Collects messages, and settles when the wanted number has come. */
function inbox(wanted: number) {
  const messages: string[][] = [];
  const { promise, resolve } = Promise.withResolvers<string[][]>();
  const onMessage = (parts: Uint8Array[]) => messages.push(plain(parts)) === wanted && resolve(messages);
  return { onMessage, all: promise };
}

Deno.test("Dealer connects to a port that is bound later", async () => {
  const port = freePort();
  const dealer = new Dealer({ hostname: HOST, port, identity: "me", onMessage: () => {} });
  await new Promise((resolve) => setTimeout(resolve, 60)); // a few refused tries
  using server = new Server(port);
  const sent = dealer.send([utf8("a"), utf8(""), utf8("ü".repeat(200))]);
  await server.accept("ROUTER");
  await sent;
  const frames = [await server.frame(), await server.frame(), await server.frame()];
  assert.deepEqual(plain(frames.map(({ body }) => body)), ["a", "", "ü".repeat(200)]);
  assert.deepEqual(frames.map(({ more }) => more), [true, true, false]);
  await dealer.close();
});

Deno.test("Dealer sends messages one after the other, also large ones at once", async () => {
  using server = new Server();
  const dealer = new Dealer({ hostname: HOST, port: server.port, identity: "me", onMessage: () => {} });
  const sent = Promise.all(["x", "y", "z"].map((letter) => dealer.send([utf8(letter.repeat(700_000)), utf8(letter)])));
  await server.accept("ROUTER");
  for (const letter of ["x", "y", "z"]) {
    const [large, small] = [await server.frame(), await server.frame()];
    assert.equal(large.body.length, 700_000);
    assert.deepEqual([large.body[0], large.body.at(-1)], [letter.charCodeAt(0), letter.charCodeAt(0)]);
    assert.deepEqual(plain([small.body]), [letter]);
  }
  await sent;
  await dealer.close();
});

Deno.test("Sub subscribes to everything and gives messages that arrive in pieces", async () => {
  using server = new Server();
  const { onMessage, all } = inbox(2);
  const sub = new Sub({ hostname: HOST, port: server.port, onMessage });
  await server.accept("PUB");
  assert.deepEqual([...(await server.frame()).body], [1]); // 1: subscribe, to the empty topic
  const stream = concat([...encodeMessage([utf8("topic"), utf8("b".repeat(300))]), ...encodeMessage([utf8("second")])]);
  for (let at = 0; at < stream.length; at += 7) await server.write(stream.subarray(at, at + 7));
  assert.deepEqual(await all, [["topic", "b".repeat(300)], ["second"]]);
  await sub.close();
});

Deno.test("Sub answers a PING with its context", async () => {
  using server = new Server();
  const sub = new Sub({ hostname: HOST, port: server.port, onMessage: () => {} });
  await server.accept("PUB");
  await server.frame();
  await server.write(
    concat(encodeFrame({ command: true, more: false, body: concat([Uint8Array.of(4), utf8("PING"), Uint8Array.of(0, 10), utf8("ctx")]) })),
  );
  const pong = await server.frame();
  assert.equal(pong.command, true);
  assert.deepEqual(plain([pong.body]), ["\x04PONGctx"]);
  await sub.close();
});

Deno.test("Sub tells of a damaged stream, and of an end without damage", async () => {
  for (const damage of [true, false]) {
    using server = new Server();
    const { promise, resolve } = Promise.withResolvers<Error | undefined>();
    const sub = new Sub({ hostname: HOST, port: server.port, onMessage: () => {}, onEnd: resolve });
    await server.accept("PUB");
    await server.frame();
    if (damage) await server.write(utf8("not a frame"));
    else server.connection.close();
    assert.equal((await promise)?.name, damage ? "ProtocolError" : undefined);
    await sub.close();
  }
});

Deno.test("Dealer refuses a peer of the wrong type, and keeps trying until it is closed", async () => {
  using server = new Server();
  const dealer = new Dealer({ hostname: HOST, port: server.port, identity: "me", onMessage: () => {} });
  await server.accept("PUB");
  const first = server.connection;
  await server.accept("PUB"); // it came again
  first.close();
  await dealer.close();
});

Deno.test("close() ends the retries to a port that nobody binds, and may be called twice", async () => {
  const dealer = new Dealer({ hostname: HOST, port: freePort(), identity: "me", onMessage: () => {} });
  const sent = dealer.send([utf8("never")]);
  const refused = assert.rejects(sent, /was closed/);
  await dealer.close();
  await dealer.close();
  await refused;
  await assert.rejects(dealer.connected(), /was closed/);
});
