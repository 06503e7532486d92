import assert from "node:assert/strict";
import { outputDifference } from "./compare_outputs.ts";
import type { Output } from "../kernels/mod.ts";

const printed = (text: string): Output => ({ output_type: "stream", name: "stdout", text });
const shown = (text: string): Output => ({ output_type: "execute_result", execution_count: 1, data: { "text/plain": text }, metadata: {} });

const SAME: readonly (readonly [what: string, saved: Output, found: Output])[] = [
  ["colours", shown("\x1b[33m7\x1b[39m"), shown("7")],
  [
    "a run that executed and is now a hit",
    shown("● executed  clean  241 ms\n  No earlier run."),
    shown("✓ hit  clean  8 ms, saved 2 s\n  Same."),
  ],
  ["a scenario's card", shown("scenario rain memory  completed  1.4 s\n  a"), shown("scenario rain memory  completed  3 ms\n  b")],
  ["times and durations", printed("at 2026-11-22 18:09, took 1.5 s"), printed("at 2027-01-01T00:00:00.5Z, took 20 ms")],
  [
    "ids",
    printed("score_0aeb10f6ce2c 01938f7e-0000-7000-8000-000000000000"),
    printed("score_ffffffffffff 01938f7e-0000-7000-8000-00000000000f"),
  ],
  ["folders", printed("read /home/one/data/raw.csv"), printed("read C:\\Users\\two\\data\\raw.csv")],
  [
    "the order of rows that are sorted by run",
    shown("id  n\nscore_0aeb10f6ce2c  1\nscore_fff5bc66d7b2  2"),
    shown("id  n\nscore_0bbb10f6ce2c  2\nscore_fff5bc66d7b2  1"),
  ],
];
Deno.test("outputDifference() does not count the mark before what a hit replays", () => {
  const mark: Output = { output_type: "display_data", data: { "text/plain": "↻ replayed" }, metadata: { consist: true } };
  assert.equal(outputDifference([printed("a\nb\n")], [printed("a\n"), mark, printed("b\n")]), undefined);
});

for (const [what, saved, found] of SAME) {
  Deno.test(`outputDifference() does not count ${what}`, () => assert.equal(outputDifference([saved], [found]), undefined));
}

const OTHER: readonly (readonly [what: string, saved: Output[], found: Output[], expected: RegExp])[] = [
  ["another number", [shown("7")], [shown("8")], /Line 1: saved "7", found "8"/],
  ["another line", [printed("a\nb\n")], [printed("a\nc\n")], /Line 2: saved "b", found "c"/],
  ["an output that is missing", [printed("a"), shown("b")], [printed("a")], /Line 2: saved "b", found nothing more/],
  ["an output that is new", [printed("a")], [printed("a"), shown("b")], /found "b"/],
  ["another step", [shown("✓ hit  clean  1 ms")], [shown("✓ hit  tidy  1 ms")], /saved "run clean done", found "run tidy done"/],
  ["a step that fails now", [shown("✓ hit  clean  1 ms")], [shown("✗ failed  clean  1 ms")], /run clean failed/],
  ["the order of rows without ids", [shown("a\nb")], [shown("b\na")], /Line 1/],
  ["another error", [{ output_type: "error", ename: "E", evalue: "a", traceback: [] }], [{
    output_type: "error",
    ename: "E",
    evalue: "b",
    traceback: ["x"],
  }], /"E: a"/],
];
for (const [what, saved, found, expected] of OTHER) {
  Deno.test(`outputDifference() finds ${what}`, () => assert.match(outputDifference(saved, found) ?? "", expected));
}
