import assert from "node:assert/strict";
import * as drawing from "../notebook/render/mod.ts";
import type { MimeBundle } from "../types.ts";
import { StepProgress, WaitProgress } from "./progress.ts";

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
    sent: () => Promise.resolve(),
  };
  const terminal = {
    show: (_: object, text: string) => void written.push(text),
    end: (_: object, last?: string) => void written.push(`end ${last}`),
  };
  return { shown, written, at, kernel, terminal, drawing, clock: () => at.now };
}
const run = { id: "simulate_1", step: "simulate", startedAt: new Date(0) };

Deno.test("StepProgress shows nothing of a quick step", async () => {
  const here = place();
  const progress = new StepProgress(run, 100, here);
  progress.begin();
  for (here.at.now = 0; here.at.now < 300; here.at.now += 10) progress.update({ done: here.at.now, total: 300 });
  await progress.end("done");
  assert.deepEqual([here.shown, here.written], [[], []]);
});

Deno.test("StepProgress keeps one display, at most five pictures a second, and leaves the last state", async () => {
  const here = place();
  const progress = new StepProgress(run, undefined, here);
  for (here.at.now = 0; here.at.now <= 2000; here.at.now += 10) progress.update({ done: here.at.now, total: 2000, note: "relaxing" });
  here.at.now = 2000;
  await progress.end("done");
  assert.equal(here.shown[0]?.[0], "display");
  assert.ok(here.shown.slice(1).every(([how, id]) => how === "update" && id === "simulate_1"));
  assert.ok(here.shown.length <= 11, `${here.shown.length} pictures in two seconds`);
  assert.match(here.shown[3]![2], /900 of 2,000, relaxing, 1,000\/s, about 1\.1 s left/);
  assert.equal(here.shown.at(-1)![2], "simulate: 2000 of 2000, relaxing, 2 s");
});

Deno.test("StepProgress is one line on a terminal, and none at the end", async () => {
  const { kernel: _, ...here } = place();
  const progress = new StepProgress(run, undefined, here);
  here.at.now = 1000;
  progress.update({ done: 3 });
  await progress.end("done");
  assert.deepEqual(here.written, ["simulate: 3, 1 s, 3.0/s", "end undefined"]);
});

Deno.test("StepProgress shows the clock of a step that says nothing of itself, and what is left if it takes as long as the last time", async () => {
  const here = place();
  const progress = new StepProgress(run, 10, here);
  progress.begin(); // its timer looks at a clock that stands still
  for (const now of [900, 1000, 4000, 12_000]) {
    here.at.now = now;
    progress.tick();
  }
  await progress.end("failed");
  assert.deepEqual(here.written, [
    "simulate: 1 s, about 9 s left",
    "simulate: 4 s, about 6 s left",
    "simulate: 12 s",
    "end undefined",
  ]);
  assert.equal(here.shown.at(-1)![2], "simulate: failed, 12 s");
});

Deno.test("StepProgress shows what a program prints, and how far a run inside is", async () => {
  const here = place();
  const progress = new StepProgress(run, undefined, here);
  here.at.now = 400;
  progress.printed(() => "year 1\nyear 2");
  here.at.now = 800;
  progress.inner("inner", { done: 1, total: 4 });
  here.at.now = 1200;
  progress.inner("inner", undefined);
  await progress.end("done");
  assert.match(here.shown[0]![2], /year 2/);
  assert.deepEqual(here.written.slice(1), ["simulate: 800 ms, inner 1 of 4", "simulate: 1.2 s", "end undefined"]);
});

Deno.test("StepProgress does not fail where a notebook is gone", async () => {
  const here = place();
  const gone = () => Promise.reject(new Error("channel closed"));
  const progress = new StepProgress(run, undefined, { ...here, kernel: { display: gone, update: gone, sent: () => Promise.resolve() } });
  here.at.now = 1000;
  progress.update({ done: 1 });
  await progress.end("done");
});

Deno.test("WaitProgress says for whom a step waits, and at the end for how long it waited", async () => {
  const here = place();
  const waiting = new WaitProgress("slow", "process 7", here);
  for (here.at.now of [500, 1500, 3000]) waiting.tick();
  await waiting.end();
  assert.deepEqual(here.shown.map(([how, , text]) => `${how} ${text}`), [
    'display waiting for step "slow", which process 7 is computing, 1.5 s',
    'update waiting for step "slow", which process 7 is computing, 3 s',
    'update waited 3 s for step "slow", which process 7 computed',
  ]);
});
