import assert from "node:assert/strict";
import { currentKernel, DISPLAY, inKernel, INSPECT, kernelOver } from "./kernel.ts";

Deno.test("inKernel() is false outside a notebook, and currentKernel() gives none", () => {
  assert.equal(inKernel(), false);
  assert.equal(currentKernel(), undefined);
});

Deno.test("DISPLAY and INSPECT are the symbols that Deno looks for", () => {
  assert.equal(DISPLAY, Symbol.for("Jupyter.display"));
  assert.equal(Deno.inspect({ [INSPECT]: () => "shown" }), "shown");
});

Deno.test("kernelOver() displays and updates under an id", async () => {
  const sent: unknown[] = [];
  const kernel = kernelOver(() => ({ broadcast: (type, content) => Promise.resolve(void sent.push([type, content])) }));
  const bundle = { "text/plain": "a" };
  await kernel.display(bundle);
  await kernel.display(bundle, { id: "one" });
  await kernel.update("one", { "text/plain": "b" });
  assert.deepEqual(sent, [
    ["display_data", { data: bundle, metadata: { consist: true }, transient: {} }],
    ["display_data", { data: bundle, metadata: { consist: true }, transient: { display_id: "one" } }],
    ["update_display_data", { data: { "text/plain": "b" }, metadata: { consist: true }, transient: { display_id: "one" } }],
  ]);
});

Deno.test("kernelOver() sends through the broadcaster of the moment, and nowhere when it is gone", async () => {
  const sent: string[] = [];
  let current: string | undefined = "first";
  const kernel = kernelOver(() => {
    const name = current;
    return name === undefined ? undefined : { broadcast: () => Promise.resolve(void sent.push(name)) };
  });
  await kernel.display({});
  current = "wrapped";
  await kernel.display({});
  current = undefined;
  await kernel.display({});
  assert.deepEqual(sent, ["first", "wrapped"]);
});

Deno.test("kernelOver() passes on a broadcast that fails", async () => {
  const kernel = kernelOver(() => ({ broadcast: () => Promise.reject(new Error("channel closed")) }));
  await assert.rejects(kernel.display({}), /channel closed/);
});
