import assert from "node:assert/strict";
import { Live } from "./live.ts";

Deno.test("Live gives whole lines of each stream with the step's name, and what is left at the end", () => {
  const lines: string[] = [];
  const live = new Live("model", { line: (text) => lines.push(text) });
  live.add("year 1\nye", "stdout", () => "");
  live.add("a warn", "stderr", () => "");
  live.add("ar 2\n", "stdout", () => "");
  live.end();
  assert.deepEqual(lines, ["model | year 1", "model | year 2", "model | a warn"]);
});

Deno.test("Live gives the end of what was printed to whoever shows it, and no lines where nobody reads them", () => {
  const tails: string[] = [];
  const live = new Live("model", { onTail: (tail) => void tails.push(tail()) });
  for (const text of ["year 1\n", "year 2\n"]) live.add(text, "stdout", () => text);
  live.end();
  assert.deepEqual(tails, ["year 1\n", "year 2\n"]);
});
