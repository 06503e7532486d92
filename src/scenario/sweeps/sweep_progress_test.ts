import assert from "node:assert/strict";
import * as drawing from "../../notebook/render/mod.ts";
import type { MimeBundle } from "../../types.ts";
import { SweepProgress } from "./sweep_progress.ts";

/** A sweep of `total` rows on a clock of its own, with all that a terminal and a kernel were given. */
function shown(total: number, concurrency = 1) {
  const at = { now: 0 };
  const lines: string[] = [];
  const cards: { id: string; text: string; html: string; isNew: boolean }[] = [];
  const keep = (id: string | undefined, bundle: MimeBundle, isNew: boolean) =>
    cards.push({ id: id ?? "", text: String(bundle["text/plain"]), html: String(bundle["text/html"]), isNew });
  const progress = new SweepProgress("model", total, concurrency, {
    clock: () => at.now,
    drawing,
    terminal: { show: (_, text) => void lines.push(text), end: (_, last) => void lines.push(`end ${last}`) },
    kernel: {
      display: (bundle, options) => Promise.resolve(void keep(options?.id, bundle, true)),
      update: (id, bundle) => Promise.resolve(void keep(id, bundle, false)),
      sent: () => Promise.resolve(),
    },
  });
  const row = (index: number, how: "executed" | "hit" | "failed", ms: number) => {
    progress.started(index, `case_${index}`);
    at.now += ms;
    progress.ended(index, how, ms / 1000);
    progress.tick();
  };
  return { at, lines, cards, progress, row };
}

Deno.test("SweepProgress shows nothing of a sweep that is quick", async () => {
  const { lines, cards, progress, row } = shown(10);
  for (let i = 0; i < 10; i++) row(i, "hit", 29);
  await progress.end("done");
  assert.deepEqual([lines, cards], [[], []]);
});

Deno.test("SweepProgress has one display that is updated at most five times a second, and leaves the final state", async () => {
  const { lines, cards, progress, row } = shown(100);
  for (let i = 0; i < 100; i++) row(i, i < 10 ? "hit" : i === 50 ? "failed" : "executed", 50);
  await progress.end("done");
  assert.ok(cards.length <= 5 * 5 + 1 && cards.length > 10, String(cards.length));
  assert.equal(new Set(cards.map(({ id }) => id)).size, 1);
  assert.deepEqual(cards.map(({ isNew }) => isNew), [true, ...cards.slice(1).map(() => false)]);
  assert.equal(cards.at(-1)!.text, "model: 100 of 100, 10 hits, 1 failed, 20 rows/s, 5 s");
  assert.equal(lines.at(-1), "end model: 100 of 100, 10 hits, 1 failed, 20 rows/s, 5 s");
});

Deno.test("SweepProgress tells what runs and how much time is left", () => {
  const { at, lines, progress, row } = shown(20, 2);
  for (let i = 0; i < 4; i++) row(i, "executed", 1000);
  progress.started(4, "case_4");
  progress.progress(4, { done: 3, total: 10, note: "year 2030" });
  at.now += 1000;
  progress.tick();
  assert.equal(lines.at(-1), "model: 4 of 20, 0 hits, 1 running, 48 rows/min, 8 s left");
});

Deno.test("SweepProgress says that a sweep was cancelled", async () => {
  const { cards, progress, row } = shown(3);
  row(0, "executed", 1000);
  for (const index of [1, 2]) progress.ended(index, "cancelled", 0);
  await progress.end("cancelled");
  assert.equal(cards.at(-1)!.text, "model: 1 of 3, 0 hits, 2 cancelled, 1.0 rows/s, 1 s");
});

Deno.test("SweepProgress tells what hits saved, and for whom a row waits", () => {
  const { at, lines, cards, progress, row } = shown(4);
  row(0, "executed", 400);
  progress.ended(1, "hit", 0.001, 90);
  progress.started(2, "case_2");
  progress.waits(2, "process 7");
  at.now += 1000;
  progress.tick();
  assert.equal(lines.at(-1), "model: 2 of 4, 1 hit, 1 running, 1.4 rows/s, 800 ms left, 1 min 30 s saved");
  assert.match(cards.at(-1)!.html, /case_2: waiting for process 7/);
  progress.waits(2, undefined);
  at.now += 1000;
  progress.tick();
  assert.doesNotMatch(cards.at(-1)!.html, /waiting/);
});
