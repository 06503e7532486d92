import assert from "node:assert/strict";
import type { MimeBundle } from "../types.ts";
import { Live } from "./live.ts";

Deno.test("a program's live view in a notebook is one display, and nothing is left of it when the program has ended", async () => {
  const shown: [how: string, id: string | undefined, text: string][] = [];
  const note = (how: string, id: string | undefined, bundle: MimeBundle) => {
    shown.push([how, id, String(bundle["text/plain"])]);
    return Promise.resolve();
  };
  const kernel = {
    display: (bundle: MimeBundle, options?: { readonly id?: string }) => note("display", options?.id, bundle),
    update: (id: string, bundle: MimeBundle) => note("update", id, bundle),
  };
  let now = 0;
  const live = new Live({ id: "r", step: "model" }, { kernel, clock: () => now });
  for (const line of ["year 1\n", "year 2\n", "year 3\n"]) {
    now += 400;
    live.add(line, "stdout", () => line);
  }
  await live.end();
  assert.deepEqual(shown.map(([how, id]) => `${how} ${id}`), [
    "display r.printed",
    "update r.printed",
    "update r.printed",
    "update r.printed",
  ]);
  assert.match(shown[2]![2], /year 3/);
  assert.equal(shown[3]![2], "");
});

Deno.test("a program that is done at once shows nothing in a notebook", async () => {
  const fail = () => Promise.reject(new Error("nothing is to be shown"));
  const live = new Live({ id: "r", step: "model" }, { kernel: { display: fail, update: fail }, clock: () => 0 });
  live.add("quick\n", "stdout", () => "quick");
  await live.end();
});
