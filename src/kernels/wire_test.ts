import assert from "node:assert/strict";
import { decodeMessage, encodeRequest, newConnection, newHeader } from "./wire.ts";

const frame = (text: string) => new TextEncoder().encode(text);

Deno.test("decodeMessage() reads what encodeRequest() writes, whatever stands before and after it", () => {
  const header = newHeader("execute_request", "session");
  const frames = encodeRequest(header, { code: "`ü\n\u2028`" }, "key");
  const message = decodeMessage([frame("identity"), ...frames, frame("a buffer")], "key");
  assert.equal(message.header.msg_id, header.msg_id);
  assert.equal(message.header.msg_type, "execute_request");
  assert.deepEqual(message.content, { code: "`ü\n\u2028`" });
  assert.deepEqual(message.parent, {});
});

Deno.test("decodeMessage() refuses a wrong signature, a wrong key and frames that are no message", () => {
  const frames = encodeRequest(newHeader("stream", "session"), { text: "a" }, "key");
  const edited = frames.with(-1, frame('{"text":"b"}'));
  assert.throws(() => decodeMessage(edited, "key"), /signature/);
  assert.throws(() => decodeMessage(frames, "other key"), /signature/);
  assert.throws(() => decodeMessage(frames.slice(0, 4), "key"), /no Jupyter message/);
  assert.throws(() => decodeMessage([frame("hello")], "key"), /no Jupyter message/);
});

Deno.test("newConnection() gives five different ports and a key of its own", () => {
  const [a, b] = [newConnection(), newConnection()];
  const ports = [a.shell_port, a.iopub_port, a.stdin_port, a.control_port, a.hb_port];
  assert.equal(new Set(ports).size, 5);
  assert.ok(ports.every((port) => port > 0));
  assert.notEqual(a.key, b.key);
});
