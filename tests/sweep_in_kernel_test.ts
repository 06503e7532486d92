/** A sweep in a notebook's cell: one display that is updated in place, and an interrupt that cancels what has not begun. */
import assert from "node:assert/strict";
import { Channels } from "../src/kernels/channels.ts";
import { KernelProxy } from "../src/kernels/kernel_proxy.ts";
import { type Message, newConnection } from "../src/kernels/wire.ts";

Deno.test("a sweep in a cell shows itself in one display, and an interrupt cancels what has not begun", async () => {
  const dir = await Deno.makeTempDir();
  const connection = newConnection();
  const proxy = new KernelProxy(connection);
  const shown: Message[] = [];
  const begun = Promise.withResolvers<void>();
  const onPublished = (message: Message): void => {
    shown.push(message);
    if (message.header.msg_type === "update_display_data") begun.resolve();
  };
  const channels = new Channels(connection, { onPublished, onDamage: (error) => assert.fail(error) });
  await channels.connected();
  const code = `
    const { mapRuns, Tracker, useTracker } = await import("consist");
    useTracker(new Tracker({ dbPath: ${JSON.stringify(`${dir}/p.duckdb`)} }));
    const sweep = await mapRuns({
      rows: Array.from({ length: 200 }, (_, i) => ({ i })),
      nameTemplate: "row_{i}",
      model: "slow",
      fn: async (_, { config, signal }) => {
        await new Promise((resolve, reject) => { setTimeout(resolve, 60); signal.addEventListener("abort", () => reject(signal.reason)); });
        return config.i;
      },
      outputs: ["n"],
    });
    "ended " + sweep.failures.at(-1).error.code + " " + (sweep.successes.length + sweep.failures.length)`;
  try {
    const executed = channels.request("shell", "execute_request", {
      ...{ code, silent: false, store_history: true, user_expressions: {}, allow_stdin: false, stop_on_error: true },
    });
    await begun.promise;
    await proxy.interrupt();
    assert.equal((await executed).content.status, "ok", JSON.stringify((await executed).content));
    await new Promise((resolve) => setTimeout(resolve, 300));
    const displays = shown.filter(({ header }) => /^(?:update_)?display_data$/.test(header.msg_type));
    const ids = new Set(displays.map(({ content }) => (content.transient as { display_id: string }).display_id));
    assert.equal(ids.size, 1);
    assert.deepEqual(displays.map(({ header }) => header.msg_type === "display_data"), displays.map((_, index) => index === 0));
    const texts = displays.map(({ content }) => String((content.data as Record<string, unknown>)["text/plain"]));
    assert.match(texts[0]!, /^slow: \d+ of 200, 0 hits, 1 running/);
    assert.match(texts.at(-1)!, /^slow: \d+ of 200, .*\d+ cancelled/);
    const result = shown.find(({ header }) => header.msg_type === "execute_result");
    assert.match(JSON.stringify(result?.content.data ?? ""), /ended cancelled 200/);
  } finally {
    await proxy.shutdown();
    await proxy.ended;
    await channels.close();
    await Deno.remove(dir, { recursive: true });
  }
});
