import assert from "node:assert/strict";
import type { MimeBundle } from "../types.ts";
import { StepProgress } from "./progress.ts";

/** A notebook, a terminal and a clock that record and obey. */
function place() {
  const shown: [how: string, id: string, text: string][] = [];
  const written: string[] = [];
  const at = { now: 0 };
  const note =
    (how: string) => (id: string, bundle: MimeBundle) => (shown.push([how, id, String(bundle["text/plain"])]), Promise.resolve());
  const kernel = {
    display: (bundle: MimeBundle, options?: { id?: string }) => note("display")(options?.id ?? "", bundle),
    update: note("update"),
  };
  return { shown, written, at, kernel, terminal: (text: string) => void written.push(text), clock: () => at.now };
}
const run = { id: "simulate_1", step: "simulate", startedAt: new Date(0) };

Deno.test("StepProgress shows nothing of a quick step", async () => {
  const here = place();
  const progress = new StepProgress(run, here);
  for (here.at.now = 0; here.at.now < 300; here.at.now += 10) progress.update({ done: here.at.now, total: 300 });
  await progress.end();
  assert.deepEqual([here.shown, here.written], [[], []]);
});

Deno.test("StepProgress keeps one display, at most five pictures a second, and leaves the last state", async () => {
  const here = place();
  const progress = new StepProgress(run, here);
  for (here.at.now = 0; here.at.now <= 2000; here.at.now += 10) {
    progress.update({ done: here.at.now, total: 2000, note: "relaxing" });
    await Promise.resolve();
  }
  await progress.end();
  assert.equal(here.shown[0]?.[0], "display");
  assert.ok(here.shown.slice(1).every(([how, id]) => how === "update" && id === "simulate_1"));
  assert.ok(here.shown.length <= 11, `${here.shown.length} pictures in two seconds`);
  assert.match(here.shown.at(-1)![2], /simulate: 2000 of 2000, relaxing, 2 s/);
});

Deno.test("StepProgress is one line on a terminal, cleared at the end", async () => {
  const { kernel: _, ...here } = place();
  const progress = new StepProgress(run, here);
  here.at.now = 1000;
  progress.update({ done: 3 });
  await progress.end();
  assert.ok(here.written[0]!.startsWith("\r\x1b[Ksimulate: 3, "), here.written[0]);
  assert.equal(here.written.at(-1), "\r\x1b[K");
});
