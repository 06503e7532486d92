import assert from "node:assert/strict";
import { Channels } from "./channels.ts";
import { KernelChild } from "./kernel_child.ts";
import { type Message, newConnection } from "./wire.ts";

Deno.test("Channels reads only messages that the kernel signed with its key", async () => {
  const connection = newConnection();
  const child = await KernelChild.start({ connection });
  const heard = Promise.withResolvers<Message>();
  const damage = Promise.withResolvers<Error>();
  const trusted = new Channels(connection, { onPublished: heard.resolve, onDamage: (error) => assert.fail(error) });
  const stranger = new Channels({ ...connection, key: "another key" }, {
    onPublished: () => assert.fail("a message with a wrong signature was taken"),
    onDamage: damage.resolve,
  });
  await Promise.all([trusted.connected(), stranger.connected()]);
  const { content } = await trusted.request("shell", "kernel_info_request", {});
  assert.equal((content.language_info as { name: string }).name, "typescript");
  while (!(await Promise.race([Promise.all([heard.promise, damage.promise]), new Promise((resolve) => setTimeout(resolve, 50))]))) {
    await trusted.request("shell", "kernel_info_request", {}); // a subscription takes effect a little later
  }
  assert.equal((await heard.promise).header.msg_type, "status");
  assert.match((await damage.promise).message, /signature/);
  void trusted.request("control", "shutdown_request", { restart: false });
  await child.finish();
  await Promise.all([trusted.close(), stranger.close()]);
  assert.equal(child.status?.success, true);
});
