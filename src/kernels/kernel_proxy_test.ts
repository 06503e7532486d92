import assert from "node:assert/strict";
import { Client } from "./kernel_client_test.ts";

/** One kernel for several things that leave it as it was. */
const inKernel = (body: (client: Client) => Promise<void>) => async () => {
  await using client = await Client.start();
  await body(client);
};

Deno.test(
  "each output stands under its own cell, whatever their number, when all cells are sent at once",
  inKernel(async (client) => {
    const cells = Array.from({ length: 20 }, (_, cell) =>
      client.execute(
        `for (let n = 0; n < 60; n++) await Deno.jupyter.broadcast("display_data", { data: { "text/plain": "${cell}/" + n }, metadata: {}, transient: {} });
console.log("end ${cell}");
${cell}`,
      ));
    for (const [cell, { reply, texts }] of (await Promise.all(cells)).entries()) {
      assert.equal(reply.status, "ok");
      const displayed = texts.filter((text) => text.includes("/"));
      assert.deepEqual(displayed, Array.from({ length: 60 }, (_, n) => `${cell}/${n}`));
      assert.ok(texts.includes(`end ${cell}\n`), texts.at(-2));
    }
    assert.deepEqual(client.stray.filter(({ header }) => header.msg_type !== "status"), []);
  }),
);

Deno.test(
  "messages of other kinds, such as widgets', are passed on whenever a cell sends them",
  inKernel(async (client) => {
    const sending = (n: number, ms: number) =>
      `void (async () => {
  ${ms < 0 ? "" : `await new Promise((resolve) => setTimeout(resolve, ${ms}));`}
  await Deno.jupyter.broadcast("comm_msg", { comm_id: "${n}", data: {} });
})();`;
    // at once, while we ask whether all is out, and when we have asked
    const delays = [-1, 0, 0, 0, 1, 1, 2, 3, 5, 100];
    const cells = await Promise.all(delays.map((ms, n) => client.execute(sending(n, ms))));
    await new Promise((resolve) => setTimeout(resolve, 300));
    await client.execute("1");
    const late = client.stray.filter(({ header }) => header.msg_type === "comm_msg");
    const heard = [...cells.flatMap(({ messages }) => messages), ...late].map(({ content }) => content.comm_id);
    assert.deepEqual(heard.map(Number).sort((a, b) => a - b), delays.map((_, n) => n));
  }),
);

Deno.test(
  "after an error the cells that wait are aborted, and the kernel goes on",
  inKernel(async (client) => {
    const [bad, next, other] = await Promise.all([
      client.execute("await new Promise((resolve) => setTimeout(resolve, 30)); throw new RangeError('no')"),
      client.execute("globalThis.ran = true"),
      client.execute("2"),
    ]);
    assert.match(bad.error!, /RangeError/);
    assert.deepEqual([bad.reply.status, next.reply.status, other.reply.status], ["error", "aborted", "aborted"]);
    assert.deepEqual((await client.execute("typeof globalThis.ran")).texts, ["'undefined'"].map((text) => text.replaceAll("'", '"')));
    const [lenient, after] = await Promise.all([client.execute("throw 1", { stop_on_error: false }), client.execute("3")]);
    assert.deepEqual([lenient.reply.status, after.texts], ["error", ["3"]]);
  }),
);

Deno.test(
  "a cell that cannot be parsed gets the reason, and keeps its lines' numbers",
  inKernel(async (client) => {
    assert.match((await client.execute("const a = 1;\nconst = 2;")).error!, /SyntaxError: .*line 2/);
    assert.match((await client.execute("const fine = 1;\nthrow new Error('here')")).error!, /here/);
  }),
);

Deno.test(
  "an interrupt ends a busy loop and keeps the variables; what listens to the signal is told",
  inKernel(async (client) => {
    await client.execute("const kept = 42;");
    const busy = client.execute("for (;;);");
    await new Promise((resolve) => setTimeout(resolve, 200));
    assert.equal((await client.request("control", "interrupt_request", {})).content.status, "ok");
    assert.equal((await busy).reply.status, "error");
    assert.deepEqual((await client.execute("kept")).texts, ["42"]);

    const listening = client.execute(`await new Promise((_, reject) => {
  const { signal } = globalThis[Symbol.for("consist.kernel")].interrupted;
  signal.addEventListener("abort", () => reject(signal.reason));
})`);
    await new Promise((resolve) => setTimeout(resolve, 200));
    await client.request("control", "interrupt_request", {});
    assert.match((await listening).error!, /interrupted/);
    assert.deepEqual((await client.execute("kept")).texts, ["42"]);
  }),
);

Deno.test("an await that nothing can interrupt is said to be one, and the second interrupt ends the kernel", async () => {
  const client = await Client.start();
  const hanging = client.execute("await new Promise((resolve) => setTimeout(resolve, 60_000))");
  await new Promise((resolve) => setTimeout(resolve, 200));
  await client.request("control", "interrupt_request", {});
  await new Promise((resolve) => setTimeout(resolve, 1_700));
  await client.request("control", "interrupt_request", {});
  const { texts, error } = await hanging;
  assert.match(texts.join(), /Interrupt again to end the kernel/);
  assert.match(error!, /Interrupted: .*second interrupt/);
  assert.notEqual(await client.proxy.ended, 0);
  await client[Symbol.asyncDispose]();
});

Deno.test("a cell that ends the kernel's process is told how, and what waits too", async () => {
  const client = await Client.start();
  const [dead, next] = await Promise.all([client.execute("Deno.exit(7)"), client.execute("1")]);
  for (const { error } of [dead, next]) assert.match(error!, /KernelDied: Deno's kernel ended \(exit code 7\)/);
  assert.equal(await client.proxy.ended, 7);
  await client[Symbol.asyncDispose]();
});

Deno.test(
  "outputs that are too large are cut or left out with a notice, and what follows is whole",
  inKernel(async (client) => {
    const printed = (await client.execute(`console.log("x".repeat(9_000_000)); console.log("after")`)).texts.join("");
    assert.match(printed, /9\.0 MB are too much for one output/);
    assert.match(printed, /after\n$/);
    const shown = await client.execute(
      `await Deno.jupyter.broadcast("display_data", { data: { "text/plain": "small", "text/html": "y".repeat(9e6) }, metadata: {}, transient: {} })`,
    );
    assert.deepEqual(shown.texts, ["small"]);
    const left = await client.execute(
      `await Deno.jupyter.broadcast("display_data", { data: { "text/html": "y".repeat(9e6) }, metadata: {}, transient: {} })`,
    );
    assert.match(left.texts.join(), /left out: text\/html: 9\.0 MB/);
    assert.deepEqual((await client.execute("console.log.name + console.error.name")).texts.map((text) => text.replaceAll('"', "")), [
      "logerror",
    ]);
    // the value of a cell passes nothing that we could put in between
    for (let n = 0; n < 3; n++) await client.execute(`console.log("a"); ({ big: "z".repeat(30_000_000) })`);
    assert.deepEqual((await client.execute("1 + 1")).texts, ["2"]);
  }),
);

Deno.test(
  "completion, inspection and the kernel's description are passed on while no cell runs",
  inKernel(async (client) => {
    await client.execute("const remarkable = { alpha: 1 };");
    const { content } = await client.request("shell", "complete_request", { code: "remar", cursor_pos: 5 });
    assert.deepEqual(content.matches, ["remarkable"]);
    assert.equal((await client.request("shell", "kernel_info_request", {})).content.status, "ok");
    assert.equal((await client.request("shell", "is_complete_request", { code: "1" })).header.msg_type, "is_complete_reply");
  }),
);

Deno.test(
  "the library is told which cell runs, unless it begins with a brace; the author's own values stay",
  inKernel(async (client) => {
    const notes = `globalThis[Symbol.for("consist.kernel")].cell`;
    assert.deepEqual((await client.execute(`${notes}.count`)).texts, ["1"]);
    assert.deepEqual((await client.execute("const x = 1;")).texts, []);
    assert.deepEqual((await client.execute(`${notes}.count`)).texts, ["3"]);
    assert.deepEqual((await client.execute("{ a: 1 }")).texts.map((text) => text.replace(/\s+/g, " ")), ["{ a: 1 }"]);
  }),
);

Deno.test("a step cell is a plain cell that says why where the library cannot be loaded, and one with damaged options is refused", async () => {
  const dir = await Deno.makeTempDir(); // no import map: the library lacks its packages
  const client = await Client.start({ cwd: dir });
  const [step, bad, next] = await Promise.all([
    client.execute("//| step: a\nconst a = 1;\na"),
    client.execute("//| step: [b\nconst b = 1;"),
    client.execute("2"),
  ]);
  assert.match(step.texts[0]!, /^Consist: this cell runs as a plain cell, and is not cached: the library cannot be loaded \(.*\)\.$/);
  assert.equal(step.texts[1], "1");
  assert.match(bad.error!, /^OptionError: The options of this cell cannot be read\.\nWhy: They are no YAML/);
  assert.deepEqual([bad.reply.status, next.reply.status], ["error", "aborted"]);
  await client[Symbol.asyncDispose]();
  await Deno.remove(dir, { recursive: true });
});
