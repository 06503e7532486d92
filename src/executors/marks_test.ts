import assert from "node:assert/strict";
import fc from "fast-check";
import { frame, type Mark, markLine, type Order, orders, printed } from "./marks.ts";

/** The bytes in pieces of any length. */
function inPieces(bytes: Uint8Array, cuts: readonly number[]): AsyncIterable<Uint8Array> {
  const at = [...new Set(cuts.map((cut) => cut % (bytes.length + 1)))].sort((a, b) => a - b);
  const pieces = [0, ...at].map((start, i) => bytes.slice(start, at[i] ?? bytes.length));
  return (async function* () {
    yield* pieces;
  })();
}

function joined(parts: readonly Uint8Array[]): Uint8Array {
  return new Uint8Array(parts.flatMap((part) => [...part]));
}

Deno.test("orders() gives back what frame() was given, however the stream is cut", async () => {
  const order = fc.record({ kind: fc.constant("task" as const), id: fc.string(), spec: fc.uint8Array(), manifest: fc.string() });
  await fc.assert(fc.asyncProperty(fc.array(order, { maxLength: 5 }), fc.array(fc.nat(500)), async (given, cuts) => {
    const found: Order[] = [];
    for await (const each of orders(inPieces(joined(given.map(frame)), cuts))) found.push(each);
    assert.deepEqual(
      found.map((each) => ({ ...each, spec: [...(each as { spec: Uint8Array }).spec] })),
      given.map((each) => ({ ...each, spec: [...each.spec] })),
    );
  }));
});

Deno.test("printed() tells marks from lines, also behind an unfinished line and in pieces, and takes no look-alike for one", async () => {
  const secret = "s3cret";
  const mark: Mark = { kind: "progress", id: "a\nb", done: 1, total: 2, note: 'x "y" \u{1F600}' };
  const bytes = joined([
    new TextEncoder().encode("one\ntwö"),
    markLine(secret, mark),
    new TextEncoder().encode("\x1eother{}\n"),
    markLine(secret, { kind: "done", id: "a" }),
    new TextEncoder().encode("end"),
  ]);
  await fc.assert(fc.asyncProperty(fc.array(fc.nat(200)), async (cuts) => {
    const found: (string | Mark)[] = [];
    for await (const each of printed(inPieces(bytes, cuts), secret)) found.push(each);
    assert.deepEqual(found, ["one", "twö", mark, "\x1eother{}", { kind: "done", id: "a" }, "end"]);
  }));
});
