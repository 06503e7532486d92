import assert from "node:assert/strict";

const read = (path: string) => Deno.readTextFile(new URL(`../${path}`, import.meta.url));

Deno.test("docs/troubleshooting.md has an entry for each error code, and for no other", async () => {
  const [, union] = /export type ErrorCode =([^;]+);/.exec(await read("src/errors.ts"))!;
  const codes = [...union!.matchAll(/"(\w+)"/g)].map(([, code]) => code);
  const entries = [...(await read("docs/troubleshooting.md")).matchAll(/^### (\w+)$/gm)].map(([, code]) => code);
  assert.ok(codes.length > 20);
  assert.deepEqual(entries.toSorted(), codes.toSorted());
});

Deno.test("each entry of docs/troubleshooting.md says what to do", async () => {
  const entries = (await read("docs/troubleshooting.md")).split(/^##+ /m).filter((entry) => /^\w+_\w+\n/.test(entry));
  for (const entry of entries) assert.ok(entry.replaceAll(/```[^]*?```/g, "").length > 80, entry);
});
